/** A kernel tree as the front end reads it. */

/** Read access to a kernel tree. */
export interface KernelTree {
	readonly root: string;
	/** Text of a file by its path in the tree, or null. */
	read(path: string): string | null;
	/** Paths below a folder of the tree, not recursive; empty when there is none. */
	list(folder: string): readonly string[];
	/** What stands there and was not read, in sentences: links that lead out, devices, what is too large. */
	problems?(): readonly string[];
	/** Changes whenever the file does; null: there is none; empty, or left out: texts are read again every time. */
	stamp?(path: string): string | null;
	/** Whether anything stands there that may be a folder; left out: it is not known. */
	hasFolder?(folder: string): boolean;
	/** Where it is another tree with some files changed (changed_tree.ts): that one's root, and the files. */
	readonly changed?: { readonly root: string; readonly files: ReadonlyMap<string, string | null> };
}
