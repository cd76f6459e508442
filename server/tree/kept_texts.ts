/**
 * Texts of trees, kept while their files do not change: who checks a text again and again reads a header once, and equal texts are
 * one string.
 */

import { baseRoot } from './asked_files.js';

/** Read access to a tree that can say whether a file changed. */
interface StampedTree {
	/** Text of a file, or null. */
	read(path: string): string | null;
	/** Changes whenever the file does; null: there is none; empty, or left out: texts are read again every time. */
	stamp?(path: string): string | null;
	/** Whether anything stands there that may be a folder; left out: it is not known. */
	hasFolder?(folder: string): boolean;
}

/** Texts by tree and path, with the stamp they had. */
const texts = new Map<string, Map<string, { readonly stamp: string; readonly text: string }>>();
const treesMax = 8;

/** Reads files of the tree at a root: the text as it is now, or null. A changed tree's texts are kept with those that it stands on. */
export function keptReader(root: string, tree: StampedTree): (path: string) => string | null {
	const { stamp, hasFolder } = tree;
	if (stamp === undefined) return (path) => tree.read(path);
	const base = baseRoot(root);
	let known = texts.get(base);
	if (known === undefined) {
		if (texts.size >= treesMax) texts.clear();
		known = new Map();
		texts.set(base, known);
	}
	const kept = known;
	/** Headers are looked for in many folders that no tree has: each is looked for once. */
	const folders = new Map<string, boolean>();
	const mayBeIn = (folder: string): boolean => {
		if (hasFolder === undefined) return true;
		let found = folders.get(folder);
		if (found === undefined) {
			found = hasFolder.call(tree, folder);
			folders.set(folder, found);
		}
		return found;
	};
	return (path) => {
		const at = path.lastIndexOf('/');
		if (at > 0 && !mayBeIn(path.slice(0, at))) return null;
		const mark = stamp.call(tree, path);
		if (mark === null) return null;
		if (mark === '') return tree.read(path);
		const before = kept.get(path);
		if (before?.stamp === mark) return before.text;
		const text = tree.read(path);
		if (text !== null) kept.set(path, { stamp: mark, text });
		return text;
	};
}
