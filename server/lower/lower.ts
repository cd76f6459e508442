/**
 * The façade of the front end: kernel C in, a Program out.
 */
import type { FunctionIndex } from '../../engine/program/op.js';
import type { Program } from '../../engine/program/program.js';

export interface LowerRequest {
	/** Path the text stands for inside the tree (`mm/gup.c`). */
	readonly path: string;
	readonly text: string;
	/** Root folder of a kernel tree, or null: header bodies come from racewalk's assumed definitions, each listed. */
	readonly tree: KernelTree | null;
	readonly arch: string;
	/** CONFIG_ symbols that are set (to y, m or a value). */
	readonly config: ReadonlyMap<string, string>;
	/** The adversaries' C, racewalk's own and the workspace's. */
	readonly actors: readonly { readonly path: string; readonly text: string }[];
}

/** Read access to a kernel tree (or to the editor's overlay of it). */
export interface KernelTree {
	readonly root: string;
	/** Text of a file by its path in the tree, or null. */
	read(path: string): string | null;
	/** Paths below a folder of the tree, not recursive; empty when there is none. */
	list(folder: string): readonly string[];
}

/** A lockless walk of the file: its root and the functions of the file it reaches. */
export interface Walk {
	readonly root: FunctionIndex;
	readonly functions: readonly FunctionIndex[];
}

export interface Lowered {
	readonly program: Program;
	readonly walks: readonly Walk[];
	/** Naming generation recognised: `gup_fast` (6.10+), `lockless_pages_from_mm` (5.11–6.9), …, or `unknown`. */
	readonly dialect: string;
}

/** Never throws on any text: what is not understood is `unsupported` in the program. */
export declare function lower(request: LowerRequest): Lowered;
