/**
 * Runs mutants of a kernel's mm/gup.c and prints found / missed / false alarm for each, and totals. Bundled and started by
 * scripts/mutants.mjs.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeOf } from './judge.js';
import { MUTANTS } from './table.js';

const PATH = 'mm/gup.c';

/** Judges the mutants whose id holds one of the words (all when there are none); the number that failed. */
export function runMutants(
	tree: string,
	words: readonly string[],
	print: (line: string) => void,
): number {
	const original = readFileSync(join(tree, PATH), 'utf8');
	const judge = judgeOf(tree, PATH, original);
	const chosen = MUTANTS.filter((m) => words.length === 0 || words.some((w) => m.id.includes(w)));
	let failed = 0;
	let milliseconds = 0;
	for (const mutant of chosen) {
		try {
			const judged = judge.judge(mutant);
			milliseconds += judged.milliseconds;
			if (!judged.ok) failed++;
			print(
				`${judged.ok ? 'ok  ' : 'FAIL'} ${mutant.kind.padEnd(6)} ${mutant.id.padEnd(32)} ${judged.outcome}`,
			);
		} catch (error) {
			failed++;
			print(
				`FAIL ${mutant.kind.padEnd(6)} ${mutant.id.padEnd(32)} ${error instanceof Error ? error.message : String(error)}`,
			);
		}
	}
	const bugs = chosen.filter((m) => m.kind === 'bug').length;
	print(
		`${chosen.length} mutants (${bugs} bugs, ${chosen.length - bugs} benign): ${chosen.length - failed} as expected, ${failed} not; ${Math.round(milliseconds / Math.max(1, chosen.length))} ms each`,
	);
	return failed;
}

/** The edited text of one mutant. */
export function editedText(tree: string, id: string): string {
	const mutant = MUTANTS.find((m) => m.id === id);
	if (!mutant) throw new Error(`no mutant ${id}`);
	return mutant.edit(readFileSync(join(tree, PATH), 'utf8'));
}
