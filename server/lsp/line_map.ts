/**
 * Lines of an analysed text against lines of the text as it is now: lines that are the same in both, and in the same order, keep
 * their meaning; what was changed has none until it is analysed. Between the first and the last change, those count that each text
 * has once (as in a patience diff), and equal ones beside them.
 */
export interface LineMap {
	/** 1-based line of the analysed text for a line of the current one, or null inside a change. */
	toAnalysed(line: number): number | null;
	/** The way back. */
	toCurrent(line: number): number | null;
}

const IDENTITY: LineMap = { toAnalysed: (line) => line, toCurrent: (line) => line };

/** The one made last: after an edit lenses, folds, tokens and marks all ask for the same. */
let last: { readonly analysed: string; readonly current: string; readonly map: LineMap } | null =
	null;

export function lineMap(analysed: string, current: string): LineMap {
	if (analysed === current) return IDENTITY;
	if (last?.analysed !== analysed || last.current !== current)
		last = { analysed, current, map: made(analysed, current) };
	return last.map;
}

function made(analysed: string, current: string): LineMap {
	const before = analysed.split('\n');
	const after = current.split('\n');
	let head = 0;
	while (head < before.length && head < after.length && before[head] === after[head]) head++;
	let tail = 0;
	const room = Math.min(before.length, after.length) - head;
	while (tail < room && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
	const shift = after.length - before.length;
	const between = matched(
		before.slice(head, before.length - tail),
		after.slice(head, after.length - tail),
	);
	const back = new Map([...between].map(([from, to]) => [to, from]));
	const map = (line: number, length: number, by: number, inside: typeof between): number | null => {
		if (line <= head) return line;
		if (line > length - tail) return line + by;
		const index = inside.get(line - 1 - head);
		return index === undefined ? null : index + 1 + head;
	};
	return {
		toAnalysed: (line) => map(line, after.length, -shift, back),
		toCurrent: (line) => map(line, before.length, shift, between),
	};
}

/** Pairs of indexes of lines that stayed, increasing in both. */
function matched(before: readonly string[], after: readonly string[]): ReadonlyMap<number, number> {
	const [once, again] = [indexesOfOnce(before), indexesOfOnce(after)];
	const shared = [...once].flatMap(([line, from]): readonly (readonly [number, number])[] => {
		const to = again.get(line);
		return to === undefined ? [] : [[from, to]];
	});
	const found = new Map<number, number>();
	const taken = new Set<number>();
	const take = (from: number, to: number): void => {
		found.set(from, to);
		taken.add(to);
	};
	const anchors = increasing(shared);
	for (const [from, to] of anchors) take(from, to);
	for (const [from, to] of anchors) {
		for (const step of [1, -1]) {
			let [a, b] = [from + step, to + step];
			while (a in before && before[a] === after[b] && !found.has(a) && !taken.has(b)) {
				take(a, b);
				[a, b] = [a + step, b + step];
			}
		}
	}
	return found;
}

/** Lines that a text has once, with their indexes, in its order. */
function indexesOfOnce(lines: readonly string[]): ReadonlyMap<string, number> {
	const found = new Map<string, number>();
	const more = new Set<string>();
	for (const [index, line] of lines.entries()) {
		if (found.has(line)) more.add(line);
		else found.set(line, index);
	}
	for (const line of more) found.delete(line);
	return found;
}

/** The longest part of pairs, which are in the order of their first numbers, in which the second numbers increase too. */
function increasing(
	pairs: readonly (readonly [number, number])[],
): readonly (readonly [number, number])[] {
	/** By length less one: the pair that ends the best part of that length. */
	const ends: number[] = [];
	const before: (number | undefined)[] = [];
	const second = (index: number | undefined): number => pairs[index ?? -1]?.[1] ?? -1;
	for (const [index, [, to]] of pairs.entries()) {
		let [low, high] = [0, ends.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			if (second(ends[middle]) < to) low = middle + 1;
			else high = middle;
		}
		before[index] = ends[low - 1];
		ends[low] = index;
	}
	const found: (readonly [number, number])[] = [];
	for (let at = ends.at(-1); at !== undefined; at = before[at]) {
		const pair = pairs[at];
		if (pair !== undefined) found.unshift(pair);
	}
	return found;
}
