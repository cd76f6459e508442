/**
 * What a call in a litmus test comes to, and what it is made from.
 */
import type { Expression, LitmusSite, Statement } from '../../engine/memory/lkmm/litmus_program.js';

/** What a call can be lowered from: its arguments as values, or as the object they denote (`READ_ONCE(*x)`). */
export interface CallSite {
	readonly site: LitmusSite;
	readonly count: number;
	value(argument: number): Expression;
	/** Address of the lvalue an argument is. */
	object(argument: number): Expression;
	/** Name of the register whose address an argument is (`&old`), or null. */
	registerOf(argument: number): string | null;
	/** A register of the function by its name in the source. */
	register(name: string): string;
	/** A fresh register. */
	temporary(): string;
}

export type Meaning =
	| { readonly kind: 'expression'; readonly expression: Expression }
	| { readonly kind: 'statement'; readonly statement: Statement };

/** A call with a value. */
export function expression(made: Expression): Meaning {
	return { kind: 'expression', expression: made };
}

/** A call without one. */
export function statement(made: Statement): Meaning {
	return { kind: 'statement', statement: made };
}
