/**
 * Texts of trees, kept while their files do not change: who checks a text again and again reads a header once, and equal texts are
 * one string.
 */

/** Read access to a tree that can say whether a file changed. */
interface StampedTree {
	/** Text of a file, or null. */
	read(path: string): string | null;
	/** Changes whenever the file does; null: there is none, and no such folder; empty, or left out: texts are read again every time. */
	stamp?(path: string): string | null;
}

/** Texts by tree and path, with the stamp they had. */
const texts = new Map<string, Map<string, { readonly stamp: string; readonly text: string }>>();
const treesMax = 8;

/** Reads files of the tree at a root: the text as it is now, or null. Of folders only what the first look at each found. */
export function keptReader(root: string, tree: StampedTree): (path: string) => string | null {
	const { stamp } = tree;
	if (stamp === undefined) return (path) => tree.read(path);
	let known = texts.get(root);
	if (known === undefined) {
		if (texts.size >= treesMax) texts.clear();
		known = new Map();
		texts.set(root, known);
	}
	const kept = known;
	/** Folders that there are, and that there are not: headers are looked for in many that no tree has. */
	const folders = new Map<string, boolean>();
	const isThere = (folder: string): boolean => {
		let found = folders.get(folder);
		if (found === undefined) {
			found = stamp.call(tree, folder) !== null;
			folders.set(folder, found);
		}
		return found;
	};
	return (path) => {
		const at = path.lastIndexOf('/');
		if (at > 0 && !isThere(path.slice(0, at))) return null;
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
