/**
 * Whether a file's text has a word in it, remembered by word and path: a file that has not changed is not searched again.
 */

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
