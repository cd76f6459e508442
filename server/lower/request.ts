/** What the front end is asked for and what it gives: plain data. */
import type { Budget } from '../../engine/base/budget.js';
import type { FunctionIndex, SiteIndex } from '../../engine/program/op.js';
import type { Program } from '../../engine/program/program.js';
import type { Fact } from '../tree/facts/fact.js';
import type { KernelTree } from '../tree/kernel_tree.js';
import type { SourceText } from './primitive_sources.js';
import type { Untold } from './untold.js';

export interface LowerRequest {
	/** Path the text stands for inside the tree (`mm/gup.c`). */
	readonly path: string;
	readonly text: string;
	/** Root folder of a kernel tree, or null: header bodies come from racewalk's assumed definitions, each listed. */
	readonly tree: KernelTree | null;
	readonly arch: string;
	/** CONFIG_ symbols that are set (to y, m or a value). */
	readonly config: ReadonlyMap<string, string>;
	/** The adversaries' C: racewalk's own (`racewalk:actors/…`) and the workspace's. */
	readonly actors: readonly SourceText[];
	/** A workspace's adversary takes the place of racewalk's of that name; absent: it does. */
	readonly replacing?: boolean;
	/** Entries are read in one piece even where the architecture reads them in halves. */
	readonly wholeEntries?: boolean;
	/**
	 * `known`: adversaries follow the tree only where it was read for that before; `nothing`: they never do; `doubting`: they do, and
	 * wait for nothing that is not known to be waited for; left out: they do.
	 */
	readonly following?: 'known' | 'nothing' | 'doubting';
	/** `known`: primitives are compared with the tree's definitions only where they were before; left out: they are. */
	readonly comparing?: 'known';
	/** Looked at all along; left out: none. `lower` throws `OutOfBudget` once it is over. */
	readonly budget?: Budget;
	/** The table of primitives; left out: racewalk's own. */
	readonly primitives?: readonly SourceText[];
	/** Functions to lower as roots beside the walks found by role (`simulate FILE:FUNCTION`). */
	readonly also?: readonly string[];
}

/** A lockless walk of the file: its root and the functions of the file it reaches. */
export interface Walk {
	readonly root: FunctionIndex;
	readonly functions: readonly FunctionIndex[];
	/** A reader outside the lockless walk (roles_readers.ts), and whether it asserts the folio's lock; absent for walks. */
	readonly reader?: 'locked' | 'open';
	/** A caller in the file that calls the reader before it enters the RCU section which it enters itself, and where. */
	readonly outside?: { readonly caller: string; readonly site: SiteIndex };
}

/** A reader that no world is modelled for: recognised, not lowered. */
export interface UndecidedReader {
	readonly name: string;
	/** Where its name stands, and the access that makes it a reader. */
	readonly site: SiteIndex;
	readonly access: SiteIndex;
	readonly why: string;
}

/** An adversary that a workspace brings. */
export interface WorkspaceActor {
	readonly name: string;
	readonly path: string;
	/** Racewalk has one of that name itself. */
	readonly replaces: boolean;
	/** It is the one that acts; false where racewalk's own was left in its place. */
	readonly acts: boolean;
}

export interface Lowered {
	readonly program: Program;
	readonly walks: readonly Walk[];
	/** Readers without a verdict, in the order of the file. */
	readonly undecided: readonly UndecidedReader[];
	/** Adversaries that the workspace brings. */
	readonly workspaceActors: readonly WorkspaceActor[];
	/** What the adversaries rest on that the tree does not do, or are without because it does not. */
	readonly untold: readonly Untold[];
	/** Whether the adversaries, and helpers in other files of C, were held against the tree, if there is one. */
	readonly isFollowing: boolean;
	/** Whether the tree's definitions of primitives were compared with those that are known, if it is whole. */
	readonly isCompared: boolean;
	/** What the tree, the architecture and the configuration decide. */
	readonly facts: readonly Fact[];
	/** Functions of the file of which a part does not parse: the first token that does not. */
	readonly unparsed: readonly { readonly function: string; readonly site: SiteIndex }[];
	/** Naming generation recognised: `gup_fast` (6.10+), `lockless_pages_from_mm` (5.11–6.9), …, or `unknown`. */
	readonly dialect: string;
}
