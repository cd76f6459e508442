/**
 * Where a file stands: the kernel tree it belongs to and its path inside it.
 */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { KernelTree } from './kernel_tree.js';

export interface PlaceInTree {
	/** Root of the tree, or null. */
	readonly tree: string | null;
	/** Path inside the tree with forward slashes, or the file as given. */
	readonly path: string;
}

/** Folders above a file that are looked at for a tree. */
const DEPTH_MAX = 64;

/** A folder that holds both `mm/` and `include/linux/`. */
export function isKernelTree(folder: string): boolean {
	return existsSync(join(folder, 'mm')) && existsSync(join(folder, 'include', 'linux'));
}

/** The tree a file or folder lies in: the nearest folder above that is one. */
export function findTreeRoot(file: string): string | null {
	let folder = resolve(file);
	for (let depth = 0; depth < DEPTH_MAX; depth++) {
		const parent = dirname(folder);
		if (isKernelTree(folder)) return folder;
		if (parent === folder) return null;
		folder = parent;
	}
	return null;
}

/** Resolves `--tree` and `--as` against the file; `-` is standard input. */
export function placeOf(
	file: string,
	options: { readonly tree: string | null; readonly as: string | null },
): PlaceInTree {
	const real = file === '-' ? null : realPath(file);
	const tree =
		options.tree !== null
			? realPath(options.tree)
			: real === null
				? null
				: findTreeRoot(dirname(real));
	if (options.as !== null) return { tree, path: options.as.replace(/^\.?\/+/, '') };
	if (real === null) return { tree, path: 'stdin.c' };
	if (tree !== null && real.startsWith(tree + sep)) {
		return { tree, path: relative(tree, real).split(sep).join('/') };
	}
	return { tree, path: file };
}

function realPath(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		return resolve(path);
	}
}

/** Reads a tree on disk. Paths that lead out of it are not there. */
export function openTree(root: string): KernelTree {
	const inside = (path: string): string | null => {
		const full = resolve(root, path);
		return full.startsWith(root + sep) ? full : null;
	};
	return {
		root,
		read(path) {
			const full = inside(path);
			if (full === null) return null;
			try {
				return readFileSync(full, 'utf8');
			} catch {
				return null;
			}
		},
		list(folder) {
			const full = inside(folder);
			if (full === null) return [];
			try {
				return readdirSync(full).map((name) => `${folder}/${name}`);
			} catch {
				return [];
			}
		},
	};
}
