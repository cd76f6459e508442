/**
 * Lines of an analysed text against lines of the text as it is now: what stands before the first and after the last
 * changed line keeps its meaning, what lies between has none until it is analysed.
 */
export interface LineMap {
	/** 1-based line of the analysed text for a line of the current one, or null inside the change. */
	toAnalysed(line: number): number | null;
	/** The way back. */
	toCurrent(line: number): number | null;
}

const IDENTITY: LineMap = { toAnalysed: (line) => line, toCurrent: (line) => line };

export function lineMap(analysed: string, current: string): LineMap {
	if (analysed === current) return IDENTITY;
	const before = analysed.split('\n');
	const after = current.split('\n');
	let head = 0;
	while (head < before.length && head < after.length && before[head] === after[head]) head++;
	let tail = 0;
	const room = Math.min(before.length, after.length) - head;
	while (tail < room && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
	const shift = after.length - before.length;
	const map = (line: number, length: number, by: number): number | null =>
		line <= head ? line : line > length - tail ? line + by : null;
	return {
		toAnalysed: (line) => map(line, after.length, -shift),
		toCurrent: (line) => map(line, before.length, shift),
	};
}
