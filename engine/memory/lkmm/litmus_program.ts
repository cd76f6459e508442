/**
 * The program of a litmus test: structured, because control dependencies in LKMM are structured (herd7 gives an `if`
 * no power over what follows its join), and small. Its only shared effects are accesses, read-modify-writes, locks,
 * fences and read-side sections, each with its ordering under LKMM's names.
 *
 * Invariant: plain data; nothing here knows C or the text of a .litmus file.
 */
import type { BinaryOperator, UnaryOperator } from '../../program/op.js';

/** Index in `LitmusProgram.locations`. */
export type LocationIndex = number & { readonly brand: 'LocationIndex' };

/** Where a statement comes from: 1-based line and column of the .litmus file. */
export interface LitmusSite {
	readonly line: number;
	readonly column: number;
}

export type AccessOrder = 'plain' | 'once' | 'acquire' | 'release';
/** `mb`: full when it succeeds; `noreturn`: relaxed, and its read is not ordered by smp_rmb(). */
export type RmwOrder = 'once' | 'acquire' | 'release' | 'mb' | 'noreturn';

/** Fences that are not events of the relations, and `before-atomic` … which order around other events. */
export const FENCES = [
	'mb',
	'rmb',
	'wmb',
	'barrier',
	'before-atomic',
	'after-atomic',
	'after-spinlock',
	'after-unlock-lock',
	'after-srcu-read-unlock',
] as const;
export type Fence = (typeof FENCES)[number];

/** Operations without an address that stay events: RCU's. */
export type RcuMark = 'rcu-lock' | 'rcu-unlock' | 'sync-rcu';

export type LitmusUnary = UnaryOperator;
export type LitmusBinary = BinaryOperator | '&&' | '||';

/** What a read-modify-write stores, given the old value. `xchg` stores the operand. */
export type RmwUpdate = '+' | '-' | '&' | '|' | '^' | 'andnot' | 'xchg';
/** What it evaluates to. `success` is 1 when it stored. */
export type RmwReturns = 'old' | 'new' | 'success';

export type Expression =
	| { readonly kind: 'constant'; readonly value: number }
	| { readonly kind: 'address'; readonly location: LocationIndex }
	| { readonly kind: 'register'; readonly name: string }
	| { readonly kind: 'unary'; readonly operator: LitmusUnary; readonly operand: Expression }
	| {
			readonly kind: 'binary';
			readonly operator: LitmusBinary;
			readonly left: Expression;
			readonly right: Expression;
	  }
	| {
			readonly kind: 'conditional';
			readonly condition: Expression;
			readonly whenTrue: Expression;
			readonly whenFalse: Expression;
	  }
	/** `r = value` as an expression; evaluates to the value. */
	| { readonly kind: 'assign'; readonly register: string; readonly value: Expression }
	| {
			readonly kind: 'load';
			readonly order: AccessOrder;
			readonly address: Expression;
			readonly site: LitmusSite;
	  }
	| {
			readonly kind: 'rmw';
			readonly update: RmwUpdate;
			readonly order: RmwOrder;
			readonly address: Expression;
			readonly operand: Expression;
			readonly returns: RmwReturns;
			/** Stores only if the old value equals (`==`) or differs from (`!=`) this; otherwise it is a mere read. */
			readonly unless: { readonly operator: '==' | '!='; readonly value: Expression } | null;
			readonly site: LitmusSite;
	  }
	| { readonly kind: 'trylock'; readonly address: Expression; readonly site: LitmusSite }
	| { readonly kind: 'is-locked'; readonly address: Expression; readonly site: LitmusSite }
	| { readonly kind: 'srcu-lock'; readonly address: Expression; readonly site: LitmusSite }
	/** A body inlined from a helper function; `return` ends it and gives its value (0 without one). */
	| { readonly kind: 'call'; readonly body: Statement };

export type Statement =
	| { readonly kind: 'expression'; readonly expression: Expression }
	| { readonly kind: 'assign'; readonly register: string; readonly value: Expression }
	| {
			readonly kind: 'store';
			readonly order: AccessOrder;
			readonly address: Expression;
			readonly value: Expression;
			readonly site: LitmusSite;
	  }
	| { readonly kind: 'fence'; readonly fence: Fence; readonly site: LitmusSite }
	| { readonly kind: 'rcu'; readonly mark: RcuMark; readonly site: LitmusSite }
	| {
			readonly kind: 'lock' | 'unlock' | 'sync-srcu';
			readonly address: Expression;
			readonly site: LitmusSite;
	  }
	| {
			readonly kind: 'srcu-unlock';
			readonly address: Expression;
			readonly value: Expression;
			readonly site: LitmusSite;
	  }
	/** Waits until the word is not blocked, then makes an attempt at it that succeeds (a non-zero value). */
	| {
			readonly kind: 'await';
			readonly address: Expression;
			readonly blocked: Blockage;
			readonly attempt: Expression;
			readonly site: LitmusSite;
	  }
	/** Runs that make it false are no executions. */
	| { readonly kind: 'assume'; readonly condition: Expression }
	| {
			readonly kind: 'if';
			readonly condition: Expression;
			readonly then: Statement;
			readonly otherwise: Statement | null;
			readonly escapes: boolean;
	  }
	| {
			readonly kind: 'loop';
			readonly condition: Expression;
			readonly body: Statement;
			readonly step: Statement | null;
			readonly testFirst: boolean;
			readonly site: LitmusSite;
	  }
	| { readonly kind: 'switch'; readonly value: Expression; readonly cases: readonly SwitchCase[] }
	| { readonly kind: 'block'; readonly statements: readonly Statement[] }
	| { readonly kind: 'label' | 'goto'; readonly label: string }
	| { readonly kind: 'break' | 'continue' }
	| { readonly kind: 'return'; readonly value: Expression | null };

/** Values of a word that keep a thread waiting: those equal to one, or all others. */
export interface Blockage {
	readonly operator: '==' | '!=';
	readonly value: number;
}

/** `values` null: the default case. */
export interface SwitchCase {
	readonly values: readonly number[] | null;
	readonly statements: readonly Statement[];
}

export interface LitmusLocation {
	readonly name: string;
	/** The object that begins here, when its name is another (`s` of `s.first`). */
	readonly object?: string;
	/** Initial value: a number, or the address of a location. */
	readonly initial: number;
}

export interface LitmusThread {
	readonly name: string;
	/** Registers that hold a value at the start: parameters (addresses) and those of the init block. */
	readonly registers: ReadonlyMap<string, number>;
	readonly body: Statement;
}

export type Observable =
	| { readonly kind: 'register'; readonly thread: number; readonly name: string }
	| { readonly kind: 'location'; readonly location: LocationIndex };

export type Condition =
	| {
			readonly kind: 'atom';
			readonly left: Observable;
			readonly right: Observable | number;
			readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>=';
	  }
	| { readonly kind: 'true' | 'false' }
	| { readonly kind: 'not'; readonly operand: Condition }
	| {
			readonly kind: 'and' | 'or' | 'implies';
			readonly left: Condition;
			readonly right: Condition;
	  };

export type Quantifier = 'exists' | '~exists' | 'forall';

export interface LitmusProgram {
	readonly name: string;
	readonly locations: readonly LitmusLocation[];
	readonly threads: readonly LitmusThread[];
	readonly filter: Condition | null;
	/** The part of `filter` that also holds where threads wait for ever: what was called for has run. */
	readonly settled?: Condition | null;
	readonly quantifier: Quantifier;
	readonly condition: Condition;
	/** Observed besides what the condition names. */
	readonly observed: readonly Observable[];
}

/** A litmus test that is attached to a walk: its first thread stands for the walk. */
export interface AttachedLitmus {
	/** As shown in messages. */
	readonly file: string;
	readonly program: LitmusProgram;
	/** Lines of its comments: the scenario, and what locations and numbers stand for. */
	readonly comments: readonly string[];
}

/** Bytes between the addresses of two locations. */
export const LOCATION_STRIDE = 0x1_0000;
/** Address of location 0; no small integer is an address. */
const LOCATION_BASE = 0x3000_0000;

export function locationAddress(location: LocationIndex): number {
	return LOCATION_BASE + location * LOCATION_STRIDE;
}

/** The location at an address, or null when the value is none's. */
export function locationAt(program: LitmusProgram, address: number): LocationIndex | null {
	const index = (address - LOCATION_BASE) / LOCATION_STRIDE;
	return Number.isInteger(index) && index >= 0 && index < program.locations.length
		? (index as LocationIndex)
		: null;
}
