/** What names stand for where a skeleton is made. */
import type { Citation } from '../../../engine/program/program.js';
import type { FunctionDefinition } from '../../syntax/ast.js';
import type { OutlineItem } from '../../syntax/outline.js';
import type { Macro } from '../../syntax/preprocess.js';
import type { Source } from '../../syntax/source.js';

/** A function or a macro that a name stands for. */
export type Defined =
	| {
			readonly kind: 'function';
			readonly source: Source;
			readonly item: OutlineItem;
			readonly syntax: FunctionDefinition;
	  }
	| { readonly kind: 'macro'; readonly source: Source; readonly macro: Macro };

/** What names mean around a text. */
export interface Around {
	/** Null: nothing is known of it, and it has no effect. */
	resolve(name: string, from: Source): Defined | null;
	citation(source: Source, offset: number): Citation | null;
	/** A function that was found far from who calls it: nothing is looked for from there in the same way. */
	isFar(defined: Defined): boolean;
	/** Asked for each function, statement and expression; throws once the budget is over. */
	readonly spend: () => void;
	/** Whether bodies of what changes an entry are looked into for what they wait for. */
	readonly isTree: boolean;
	/** A TLB flush is an IPI that every CPU has to answer: x86 where page tables are not freed by RCU. */
	readonly flushWaits: boolean;
}
