/**
 * What the lowering of one function of a litmus test needs to know around it.
 */
import type { LitmusSite, Statement } from '../../engine/memory/lkmm/litmus_program.js';
import type * as ast from '../syntax/ast.js';
import type { LocalMemory } from './local_memory.js';
import type { TypeTable } from './types.js';

export interface LoweringContext {
	readonly types: TypeTable;
	/** Whether the function is one of definitions.ts, which may say what no test may. */
	readonly isDefinition: boolean;
	readonly callbacks: Callbacks;
	/** Where the thread's locals that are memory lie. */
	readonly memory: LocalMemory;
	/** Offset in the file of an offset in the function's parsed text. */
	offset(inText: number): number;
	site(inText: number): LitmusSite;
	/** A helper function of the file by name, to be inlined. */
	helper(name: string): Helper | null;
	/** Elements of the object whose address a parameter is at the start; null for all other names. */
	lengthOf(name: string): number | null;
	/** A number not used before. */
	fresh(): number;
}

export interface Helper {
	readonly definition: ast.FunctionDefinition;
	readonly context: LoweringContext;
}

/** A call of call_rcu(). */
export interface Callback {
	readonly helper: Helper;
	readonly site: LitmusSite;
	/** Address of the word that is 0 until the call and then passes the callback its argument. */
	readonly word: number;
	/** Address of the word that becomes 1 when the callback has run. */
	readonly done: number;
}

/** Register of a callback's thread that holds its argument once it was called. */
export const CALLED = '<head>';

/** The calls of call_rcu() so far. */
export interface Callbacks {
	any(): boolean;
	/** Notes a call; the address of the word that passes the callback its argument. */
	add(callback: Helper, site: LitmusSite): number;
	/** What rcu_barrier() does, for all calls of the test. */
	barrier(site: LitmusSite): Statement;
}
