/**
 * Weakened guards of the lowered walk of a kernel's mm/gup.c: `npm run mutants -- --weakened`. Prints what became of each, and
 * by operator how many were found. Bundled and started by scripts/mutants.mjs, in two processes.
 */
import { requestFor } from './request.js';
import type { Share } from './run.js';
import { silenceOf } from './weak_argued.js';
import { type WeakFate, weakJudge } from './weak_judge.js';

type Fate = WeakFate | 'argued' | 'failed';

/** Operator × what became of its mutants. */
export type WeakCounts = Readonly<Record<string, Readonly<Record<Fate, number>>>>;

const NONE: Readonly<Record<Fate, number>> = {
	...{ found: 0, named: 0, unneeded: 0, argued: 0, silent: 0, failed: 0 },
};

/** Judges a share of the weakened guards. */
export function runWeakened(tree: string, share: Share, print: (line: string) => void): WeakCounts {
	const judge = weakJudge(requestFor(tree));
	const chosen = judge.mutants.filter(
		({ id }) => share.words.length === 0 || share.words.some((w) => id.includes(w)),
	);
	const counts: Record<string, Record<Fate, number>> = {};
	for (const mutant of chosen.filter((_, i) => i % share.of === share.index)) {
		const row = counts[mutant.operator] ?? { ...NONE };
		counts[mutant.operator] = row;
		try {
			const { fate, said } = judge.judge(mutant);
			const why = fate === 'silent' ? silenceOf(mutant.id) : null;
			row[why === null ? fate : 'argued']++;
			const mark = fate !== 'silent' ? '    ' : why === null ? 'OPEN' : 'ok  ';
			print(`${mark} ${fate.padEnd(9)} ${mutant.id.padEnd(54)} ${why ?? said}`);
		} catch (error) {
			row.failed++;
			print(
				`OPEN failed    ${mutant.id.padEnd(54)} ${error instanceof Error ? error.message : ''}`,
			);
		}
	}
	return counts;
}
