/**
 * Macros at work: their tokens, and which of them was in force where: a history that is written once, in the order in which the
 * directives are met, and asked by the number of a directive.
 */
import type { Macro } from './definition.js';
import { isPunctuator, type Token, tokenise } from './token.js';

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

	/** All that the name was, in order; null: undefined. */
	all(name: string): readonly (Macro | null)[] {
		const own = this.#changes.get(name)?.map(({ macro }) => macro) ?? [];
		return this.#base === null ? own : [...this.#base.all(name), ...own];
	}

	/** Names this history (not what it goes on from) changes. */
	names(): Iterable<string> {
		return this.#changes.keys();
	}

	/** What it goes on from, and all that it changed since, but for where: histories that agree on both end with the same macros. */
	sinceBase(): { readonly base: MacroHistory | null; readonly changes: string } {
		const changed = [...this.#changes].map(([name, changes]) => [
			name,
			changes.map(({ macro }) => macro && [macro.name, macro.parameters, macro.body, macro.path]),
		]);
		return { base: this.#base, changes: JSON.stringify(changed) };
	}
}
