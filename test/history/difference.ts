/**
 * The lines in which the two texts of a pair differ, as a unified diff without line numbers.
 */

/** Unchanged lines shown around a change. */
const CONTEXT = 2;

/** Lines beginning with `-`, `+` or a blank; hunks are separated by `…`. */
export function difference(before: string, after: string): string {
	const lines = aligned(before.split('\n'), after.split('\n'));
	const near = (i: number): boolean =>
		lines.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some((line) => !line.startsWith(' '));
	const shown = lines.flatMap((line, i) => (near(i) ? [line] : i > 0 && near(i - 1) ? ['…'] : []));
	while (shown.at(-1) === '…') shown.pop();
	return shown.map((line) => line.trimEnd()).join('\n');
}

/** Longest common subsequence; both texts are short. */
function aligned(a: readonly string[], b: readonly string[]): readonly string[] {
	const common = Array.from({ length: a.length + 1 }, () =>
		new Array<number>(b.length + 1).fill(0),
	);
	const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
	for (let i = a.length - 1; i >= 0; i--) {
		for (let j = b.length - 1; j >= 0; j--) {
			const row = common[i] as number[];
			row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
		}
	}
	const lines: string[] = [];
	for (let i = 0, j = 0; i < a.length || j < b.length; ) {
		if (i < a.length && j < b.length && a[i] === b[j]) {
			lines.push(` ${a[i]}`);
			i++;
			j++;
		} else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
			lines.push(`-${a[i++]}`);
		} else {
			lines.push(`+${b[j++]}`);
		}
	}
	return lines;
}
