/** What is protected at a place of a function, along its control flow. */
import type { Span } from '../syntax/ast.js';
import type { Kind, LockCall, LookKind } from './look_words.js';

/** A load, relative to the definition's text. */
export interface Look extends Span {
	readonly kind: LookKind;
}

/** Where a function is left. */
export interface LookExit {
	readonly isZero: boolean;
	readonly held: ReadonlySet<Kind>;
	/** What was asserted to be protected on every way to it. */
	readonly asserted: ReadonlySet<Kind>;
}

/** What going through a function showed. */
export interface Seen {
	/** Loads that nothing protects on some way to them. */
	readonly looks: readonly Look[];
	/** Calls of the file's functions, with what is protected there. */
	readonly calls: readonly { readonly name: string; readonly held: ReadonlySet<Kind> }[];
	/** Functions of the file that are named without being called. */
	readonly named: ReadonlySet<string>;
	/** What was given back that the function never took. */
	readonly gave: ReadonlySet<Kind>;
	/** What is protected where the function is left, by what it returns. */
	readonly exits: readonly LookExit[];
	/** It names the tables of the kernel itself. */
	readonly isOfKernel: boolean;
}

export interface Reached {
	readonly held: ReadonlySet<Kind>;
	/** What was protected on some way to it. */
	readonly ever: ReadonlySet<Kind>;
	readonly asserted: ReadonlySet<Kind>;
	/** Variables that say whether what a lock protects is protected: their value is what it returned. */
	readonly pending: ReadonlyMap<string, LockCall>;
}

/** null: the place is not reached. */
export type LookState = Reached | null;

/** What holds where a condition is true, and where it is not. */
export interface Either {
	readonly yes: LookState;
	readonly no: LookState;
}

export function holding(kinds: Iterable<Kind>): Reached {
	const held = new Set(kinds);
	return { held, ever: held, asserted: new Set(), pending: new Map() };
}

/** What holds whichever way a place was come to. */
export function joined(a: LookState, b: LookState): LookState {
	if (a === null || b === null) return a ?? b;
	const pending = new Map([...a.pending].filter(([name, p]) => b.pending.get(name) === p));
	return {
		held: common(a.held, b.held),
		ever: new Set([...a.ever, ...b.ever]),
		asserted: common(a.asserted, b.asserted),
		pending,
	};
}

function common(a: ReadonlySet<Kind>, b: ReadonlySet<Kind>): ReadonlySet<Kind> {
	return new Set([...a].filter((kind) => b.has(kind)));
}

export function sameState(a: LookState, b: LookState): boolean {
	if (a === null || b === null) return a === b;
	return (
		a.held.size === b.held.size &&
		a.ever.size === b.ever.size &&
		a.asserted.size === b.asserted.size &&
		a.pending.size === b.pending.size &&
		[...a.held].every((kind) => b.held.has(kind)) &&
		[...a.asserted].every((kind) => b.asserted.has(kind)) &&
		[...a.pending].every(([name, p]) => b.pending.get(name) === p)
	);
}

export function taken(state: LookState, kinds: Iterable<Kind>): LookState {
	if (state === null) return null;
	const all = [...kinds];
	return {
		...state,
		held: new Set([...state.held, ...all]),
		ever: new Set([...state.ever, ...all]),
	};
}

/** It is asserted that they are protected. */
export function assertedIn(state: LookState, kinds: readonly Kind[]): LookState {
	const at = taken(state, kinds);
	return at === null ? null : { ...at, asserted: new Set([...at.asserted, ...kinds]) };
}

export function given(state: LookState, kinds: readonly Kind[]): LookState {
	if (state === null) return null;
	return { ...state, held: new Set([...state.held].filter((kind) => !kinds.includes(kind))) };
}

/** What holds behind a call, by what it returned. */
export function called(state: LookState, { kinds, when }: LockCall): Either {
	const has = taken(state, kinds);
	switch (when) {
		case 'always':
			return { yes: has, no: has };
		case 'gives': {
			const gone = given(state, kinds);
			return { yes: gone, no: gone };
		}
		case 'nonzero':
			return { yes: has, no: state };
		case 'zero':
			return { yes: state, no: has };
	}
}

/** What holds where a variable is not 0, and where it is. */
export function asked(state: LookState, name: string): Either {
	const lock = state?.pending.get(name);
	return lock === undefined ? { yes: state, no: state } : called(state, lock);
}

/** A variable is written to: with what a call returned that takes a lock, or with anything. */
export function assigned(state: LookState, name: string, lock: LockCall | null): LookState {
	if (state === null) return null;
	const pending = new Map(state.pending);
	pending.delete(name);
	if (lock !== null && (lock.when === 'nonzero' || lock.when === 'zero')) pending.set(name, lock);
	return { ...state, pending };
}
