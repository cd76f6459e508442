/**
 * What is wrong with the text of a litmus test, with its place: data for the user, thrown inside `server/litmus` only
 * and caught once per file.
 */

export class LitmusProblem extends Error {
	/** Offset into the file's text. */
	readonly offset: number;

	constructor(message: string, offset: number) {
		super(message);
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
