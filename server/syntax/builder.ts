/** What the builders of expressions, statements and types out of the concrete tree share. */
import type { Expression, Statement, TypeSpecifier } from './ast.js';
import type { CleanupMark } from './cleanup.js';
import type { RawNode } from './parser.js';

/** What building needs besides the node: the text, and how to read what the grammar cannot (`typeof`). */
export interface Builder {
	/** The text that was parsed. */
	readonly text: string;
	/** Cleanup attributes of the text that no declaration has taken yet. */
	readonly cleanups: Set<CleanupMark>;
	/** Types hold expressions (lengths), expressions hold types (casts) and statements (`({ … })`). */
	expression(node: RawNode): Expression;
	statement(node: RawNode): Statement;
	/** The expression that stands at this place, read anew; null: there is none. */
	expressionAt(start: number, end: number): Expression | null;
	/** The type a `typeof(…)` at this place of the original text means. */
	typeofAt(start: number, end: number): TypeSpecifier;
}
