/** A macro's definition, read out of its directive. */

export interface Macro {
	readonly name: string;
	/** Parameter names of a function-like macro (`...` last when variadic, `args...` in GNU's form), null for an object-like one. */
	readonly parameters: readonly string[] | null;
	/** Replacement, comments blanked and continuation lines joined. */
	readonly body: string;
	/** Where the directive starts in its file. */
	readonly offset: number;
	/** File it stands in; empty: predefined, or given on the command line. */
	readonly path: string;
}

const header = /^([A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)(?:\(([^)]*)\))?/;

/** `NAME(a, b) replacement` out of a `#define`; null when it is none. */
export function macroOf(
	rest: string,
	place: { readonly offset: number; readonly path: string },
): Macro | null {
	const match = header.exec(rest);
	if (match?.[1] === undefined) return null;
	const list = match[2];
	const parameters = list === undefined ? null : list.split(',').map((p) => p.trim());
	if (parameters?.length === 1 && parameters[0] === '') parameters.pop();
	const behind = rest.slice(match[0].length);
	if (list === undefined && behind.startsWith('(')) return null;
	if (parameters?.some((p) => !/^(?:[A-Za-z_$]\w*)?(?:\s*\.\.\.)?$/.test(p) || p === '') === true)
		return null;
	return {
		name: match[1],
		parameters: parameters?.map((p) => p.replace(/\s+/g, '')) ?? null,
		body: behind.trim(),
		...place,
	};
}
