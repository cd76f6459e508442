/**
 * Where a file stands: the kernel tree it belongs to and its path inside it; and a tree, opened for reading.
 *
 * Invariant: a search upward from a file of the editor's workspace ends at the workspace's folder.
 */
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type Asking, ask, DISK, type Disk, later, now } from '../reading/disk.js';
import {
	isInside,
	listNow,
	readNow,
	resolvedRoot,
	stampNow,
	TREE_BYTES_MAX,
} from '../reading/file.js';
import { noteAsked } from './asked_files.js';
import type { KernelTree } from './kernel_tree.js';

export interface PlaceInTree {
	/** Root of the tree, links resolved, or null. */
	readonly tree: string | null;
	/** Path inside the tree with forward slashes, or the file as given. */
	readonly path: string;
	/** The folder of the workspace that the file lies in, links resolved; null: in none, or none was given. */
	readonly within: string | null;
}

export interface Placing {
	/** The tree that was named, or null: it is looked for. */
	readonly tree: string | null;
	/** Path in the tree that the file stands for. */
	readonly as: string | null;
	/** Folders at which a search upward from a file in them ends; left out: it ends at the top. */
	readonly folders?: readonly string[];
}

/** Folders above a file that are looked at for a tree. */
const DEPTH_MAX = 64;

/** A folder that holds both `mm/` and `include/linux/`. */
export function isKernelTree(folder: string): boolean {
	return now(isTree(DISK, folder));
}

function* isTree(disk: Disk, folder: string): Asking<boolean> {
	if ((yield* resolvedRoot(disk, join(folder, 'mm'))) === null) return false;
	return (yield* resolvedRoot(disk, join(folder, 'include', 'linux'))) !== null;
}

/** The tree a file or folder lies in: the nearest folder above that is one. */
export function findTreeRoot(file: string): string | null {
	return now(searching(DISK, resolve(file), null));
}

/** Resolves `--tree` and `--as` against the file; `-` is standard input. */
export function placeOf(file: string, options: Placing): PlaceInTree {
	return now(placing(DISK, file, options));
}

/** The same without blocking the thread. */
export function placeLater(file: string, options: Placing): Promise<PlaceInTree> {
	return later(placing(DISK, file, options));
}

function* placing(disk: Disk, file: string, options: Placing): Asking<PlaceInTree> {
	const named = file === '-' ? null : resolve(file);
	const real = named === null ? null : yield* realPath(disk, named);
	const home =
		named === null || real === null ? null : yield* homeOf(disk, { named, real }, options);
	// a file of the workspace stands where the workspace says, wherever a link takes its text from
	const at = home?.at ?? real;
	const tree =
		options.tree !== null
			? yield* realPath(disk, options.tree)
			: at === null
				? null
				: yield* searching(disk, dirname(at), home?.folder ?? null);
	const within = home?.folder ?? null;
	if (options.as !== null) return { tree, path: options.as.replace(/^\.?\/+/, ''), within };
	if (at === null) return { tree, path: 'stdin.c', within };
	if (tree !== null && at !== tree && isInside(tree, at))
		return { tree, path: relative(tree, at).split(sep).join('/'), within };
	return { tree, path: file, within };
}

/** The folder of the workspace that a file lies in, and the file's path below it. */
function* homeOf(
	disk: Disk,
	{ named, real }: { readonly named: string; readonly real: string },
	{ folders = [] }: Placing,
): Asking<{ readonly folder: string; readonly at: string } | null> {
	const candidates: { readonly folder: string; readonly at: string }[] = [];
	for (const folder of folders) {
		const root = yield* realPath(disk, folder);
		if (isInside(root, real)) candidates.push({ folder: root, at: real });
		else if (isInside(resolve(folder), named))
			candidates.push({ folder: root, at: join(root, relative(resolve(folder), named)) });
	}
	const [innermost] = candidates.sort((a, b) => b.folder.length - a.folder.length);
	return innermost ?? null;
}

function* searching(disk: Disk, from: string, end: string | null): Asking<string | null> {
	let folder = from;
	for (let depth = 0; depth < DEPTH_MAX; depth++) {
		const parent = dirname(folder);
		if (yield* isTree(disk, folder)) return folder;
		if (parent === folder || folder === end) return null;
		folder = parent;
	}
	return null;
}

function* realPath(disk: Disk, path: string): Asking<string> {
	try {
		return yield* ask(disk.real(path));
	} catch {
		return resolve(path);
	}
}

/** What of a tree could not be read, by root and path: who asks again may have what it found from memory. */
const problemsOf = new Map<string, Map<string, string>>();
const rootsMax = 16;
const problemsMax = 1000;

/** Opens a tree on disk for reading; blocks, for workers and the command line. */
export function openTree(root: string, disk: Disk = DISK): KernelTree {
	const real = now(resolvedRoot(disk, root));
	const problems = problemsIn(root);
	const note = (path: string, problem: string | null): void => {
		if (problem === null) problems.delete(path);
		else if (problems.size < problemsMax) problems.set(path, problem);
	};
	return {
		root,
		read(path) {
			if (real === null) return null;
			noteAsked(root, path);
			const read = readNow({ root: real, path, bytesMax: TREE_BYTES_MAX }, disk);
			note(path, read.kind === 'problem' ? read.problem : null);
			return read.kind === 'text' ? read.text : null;
		},
		stamp(path) {
			if (real === null) return null;
			noteAsked(root, path);
			return stampNow(disk, { root: real, path });
		},
		hasFolder(folder) {
			if (real === null) return false;
			noteAsked(root, folder);
			return stampNow(disk, { root: real, path: folder }) !== null;
		},
		list(folder) {
			if (real === null) return [];
			noteAsked(root, folder);
			const { names, problem } = listNow({ root: real, path: folder }, disk);
			note(folder, problem);
			return names.map((name) => `${folder}/${name}`);
		},
		problems: () => [...problems.values()].sort(),
	};
}

function problemsIn(root: string): Map<string, string> {
	const known = problemsOf.get(root);
	if (known !== undefined) return known;
	if (problemsOf.size >= rootsMax) problemsOf.clear();
	const made = new Map<string, string>();
	problemsOf.set(root, made);
	return made;
}
