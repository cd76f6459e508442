/**
 * A tree in which some files stand otherwise: a kernel after a patch that nobody applied. Everything else is read where it is.
 *
 * Invariant: two changed trees with one root have the same texts: what is remembered of a tree is remembered by its root.
 */
import { createHash } from 'node:crypto';
import { noteAsked } from './asked_files.js';
import type { KernelTree } from './kernel_tree.js';

/** Texts by path in the tree; null: the file is gone. */
export type ChangedFiles = ReadonlyMap<string, string | null>;

/** The tree with these files as they are given. */
export function changedTree(base: KernelTree, changed: ChangedFiles): KernelTree {
	if (changed.size === 0) return base;
	const marks = new Map(
		[...changed].map(([path, text]) => [path, text === null ? null : `changed ${hashOf(text)}`]),
	);
	const parts = [...marks].sort(([a], [b]) => (a < b ? -1 : 1));
	const { problems, stamp } = base;
	return {
		root: `${base.root}\0${hashOf(JSON.stringify(parts))}`,
		changed: { root: base.root, files: changed },
		read(path) {
			noteAsked(base.root, path);
			const text = changed.get(path);
			return text === undefined ? base.read(path) : text;
		},
		list(folder) {
			const there = base.list(folder).map((path) => inFolder(path, folder));
			const names = new Set(there.filter((path) => changed.get(path) !== null));
			for (const [path, text] of changed)
				if (text !== null && path.slice(0, path.lastIndexOf('/')) === folder) names.add(path);
			return [...names].sort();
		},
		...(stamp === undefined
			? {}
			: {
					stamp: (path: string) => {
						noteAsked(base.root, path);
						const mark = marks.get(path);
						return mark === undefined ? stamp.call(base, path) : mark;
					},
				}),
		...(problems === undefined ? {} : { problems: () => problems.call(base) }),
	};
}

function inFolder(path: string, folder: string): string {
	return path.includes('/') ? path : `${folder}/${path}`;
}

function hashOf(text: string): string {
	return createHash('sha256').update(text).digest('hex');
}
