/** Offsets to lines and columns, for texts with `\n` or `\r\n` line ends. */

export interface Position {
	/** 1-based. */
	readonly line: number;
	/** 1-based, UTF-16 units. */
	readonly column: number;
}

export interface Lines {
	positionAt(offset: number): Position;
}

/** The line table of a text. */
export function linesOf(text: string): Lines {
	const starts: number[] = [0];
	for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
	return {
		positionAt(offset) {
			let low = 0;
			let high = starts.length - 1;
			while (low < high) {
				const middle = (low + high + 1) >> 1;
				if ((starts[middle] ?? 0) <= offset) low = middle;
				else high = middle - 1;
			}
			return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
		},
	};
}
