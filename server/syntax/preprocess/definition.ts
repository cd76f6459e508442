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

/** A header's macro: read when it is asked for, as most never are. Null when there is no name. */
export function macroOfHeader(
	rest: string,
	place: { readonly offset: number; readonly path: string },
): Macro | null {
	const [name] = /^[A-Za-z_$]\w*/.exec(rest) ?? [];
	return name === undefined ? macroOf(rest, place) : new UnreadMacro(name, rest, place);
}

class UnreadMacro implements Macro {
	readonly name: string;
	readonly offset: number;
	readonly path: string;
	readonly #rest: string;
	#read: Pick<Macro, 'parameters' | 'body'> | null = null;

	constructor(
		name: string,
		rest: string,
		{ offset, path }: { readonly offset: number; readonly path: string },
	) {
		this.name = name;
		this.#rest = rest;
		this.offset = offset;
		this.path = path;
	}

	get parameters(): readonly string[] | null {
		return this.#whole().parameters;
	}

	get body(): string {
		return this.#whole().body;
	}

	#whole(): Pick<Macro, 'parameters' | 'body'> {
		const rest = this.#rest;
		this.#read ??= macroOf(rest, this) ?? { parameters: null, body: rest.slice(this.name.length) };
		return this.#read;
	}
}
