/**
 * Texts of trees, kept while their files do not change: who checks a text again and again reads a header once, and equal texts are
 * one string.
 */

/** Read access to a tree that can say whether a file changed. */
interface StampedTree {
	/** Text of a file, or null. */
	read(path: string): string | null;
	/** Changes whenever the file does; null: there is none; empty, or left out: texts are read again every time. */
	stamp?(path: string): string | null;
}

/** Texts by tree and path, with the stamp they had. */
const texts = new Map<string, Map<string, { readonly stamp: string; readonly text: string }>>();
const treesMax = 8;

/** Reads files of the tree at a root: the text as it is now, or null. */
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
	return (path) => {
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

/** Whether texts have a word in them, by path: of the text that was asked about last. */
const mentions = new Map<string, Map<string, { readonly text: string; readonly has: boolean }>>();
const wordsMax = 500;

/** Whether the text of that file has the word in it; a file that has not changed is not searched again. */
export function mentionsWord(path: string, text: string, word: string): boolean {
	let ofWord = mentions.get(word);
	if (ofWord === undefined) {
		if (mentions.size >= wordsMax) mentions.clear();
		ofWord = new Map();
		mentions.set(word, ofWord);
	}
	const before = ofWord.get(path);
	if (before?.text === text) return before.has;
	const has = text.includes(word);
	ofWord.set(path, { text, has });
	return has;
}
