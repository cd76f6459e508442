/**
 * What is wrong with the text of a litmus test, with its place: data for the user, thrown inside `server/litmus` only
 * and caught once per file.
 */

/** Characters of a message: what it quotes of the test can be of any length. */
const MESSAGE_MAX = 400;

export class LitmusProblem extends Error {
	/** Offset into the file's text. */
	readonly offset: number;

	constructor(message: string, offset: number) {
		super(message.length <= MESSAGE_MAX ? message : `${message.slice(0, MESSAGE_MAX)}…`);
		this.offset = offset;
	}
}

/** 1-based line and column of an offset. */
export function placeOf(
	text: string,
	offset: number,
): { readonly line: number; readonly column: number } {
	const before = text.slice(0, offset);
	const line = before.split('\n').length;
	return { line, column: offset - before.lastIndexOf('\n') };
}
