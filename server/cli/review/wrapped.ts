/** Prose in lines of a width, as mails have it. */

/** Columns of a mail. */
export const COLUMNS = 80;

/** Breaks at blanks; later lines are indented as `next` says. */
export function wrapped(
	text: string,
	{ first = '', next = '', columns = COLUMNS }: { first?: string; next?: string; columns?: number },
): readonly string[] {
	const lines: string[] = [];
	let line = first;
	let isEmpty = true;
	for (const word of text.split(' ').filter((w) => w !== '')) {
		if (!isEmpty && line.length + 1 + word.length > columns) {
			lines.push(line);
			line = next;
			isEmpty = true;
		}
		line += isEmpty ? word : ` ${word}`;
		isEmpty = false;
	}
	return [...lines, line];
}
