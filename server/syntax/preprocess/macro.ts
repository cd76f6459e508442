/**
 * Macro definitions, and which of them was in force where: a history that is written once, in the order in which the
 * directives are met, and asked by the number of a directive.
 */
import { isPunctuator, type Token, tokenise } from './token.js';

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

const bodies = new WeakMap<Macro, readonly Token[]>();

/** The replacement's tokens; positions are those of the body. */
export function bodyTokens(macro: Macro): readonly Token[] {
	let tokens = bodies.get(macro);
	if (tokens === undefined) {
		tokens = tokenise(macro.body);
		bodies.set(macro, tokens);
	}
	return tokens;
}

/** Where `#` would make a difference: outside of function-like macros it is a token like others. */
export function hasOperators(macro: Macro): boolean {
	return bodyTokens(macro).some((t) => isPunctuator(t, '#') || isPunctuator(t, '##'));
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

interface Change {
	/** Number of the directive that made it. */
	readonly at: number;
	/** null: undefined from here on. */
	readonly macro: Macro | null;
}

/** What was defined when. A history may go on from another one, which must not change any more. */
export class MacroHistory {
	readonly #base: MacroHistory | null;
	readonly #changes = new Map<string, Change[]>();
	#now: number;

	constructor(base: MacroHistory | null = null) {
		this.#base = base;
		this.#now = base?.now ?? 0;
	}

	/** Number of the last directive. */
	get now(): number {
		return this.#now;
	}

	/** A directive that changes no macro. */
	tick(): number {
		return ++this.#now;
	}

	set(name: string, macro: Macro | null): void {
		const change = { at: ++this.#now, macro };
		const changes = this.#changes.get(name);
		if (changes === undefined) this.#changes.set(name, [change]);
		else changes.push(change);
	}

	/** What the name is behind the directive of that number: a macro, null once it was undefined, undefined when never met. */
	at(name: string, time: number): Macro | null | undefined {
		const changes = this.#changes.get(name);
		for (let i = (changes?.length ?? 0) - 1; i >= 0; i--) {
			const change = changes?.[i];
			if (change !== undefined && change.at <= time) return change.macro;
		}
		return this.#base?.at(name, time);
	}

	/** Names this history (not what it goes on from) changes. */
	names(): Iterable<string> {
		return this.#changes.keys();
	}
}
