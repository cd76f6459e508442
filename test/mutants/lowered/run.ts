/**
 * Mutants of the lowered walk of a kernel's mm/gup.c: `npm run mutants -- --lowered`. Prints what became of each, the kill rate, and
 * whether transformations that change nothing raise an alarm. Bundled and started by scripts/mutants.mjs, in two processes.
 */

import type { Edit } from '../../../engine/program/edit/edit.js';
import type { FunctionIndex } from '../../../engine/program/op.js';
import { EQUIVALENTS } from './equivalents.js';
import { explanationOf } from './explained.js';
import { type Fate, type LoweredJudge, loweredJudge } from './judge.js';
import { requestFor } from './request.js';
import { loweredMutants, subjectsOf } from './table.js';

export interface Share {
	/** This process's number. */
	readonly index: number;
	/** Processes. */
	readonly of: number;
	/** Only mutants whose id holds one of these; empty: all. */
	readonly words: readonly string[];
}

/** What became of the mutants of one share. */
export interface Counts {
	readonly fates: Readonly<Record<Fate | 'failed', number>>;
	/** Mutants neither killed nor explained. */
	readonly open: number;
	readonly equivalents: number;
	readonly alarms: number;
}

const QUIET: ReadonlySet<Fate> = new Set(['killed', 'same', 'less', 'undecided']);

/** Judges a share of the mutants and of the transformations that change nothing. */
export function runLowered(tree: string, share: Share, print: (line: string) => void): Counts {
	const request = requestFor(tree);
	const judge = loweredJudge(request);
	const mine = <T>(list: readonly T[]): readonly T[] =>
		list.filter((_, i) => i % share.of === share.index);
	const chosen = loweredMutants(request).filter(
		({ id }) => share.words.length === 0 || share.words.some((w) => id.includes(w)),
	);
	const fates = { killed: 0, undecided: 0, same: 0, less: 0, unreached: 0, survived: 0, failed: 0 };
	let open = 0;
	for (const mutant of mine(chosen)) {
		try {
			const { fate, said } = judge.judge(mutant);
			fates[fate]++;
			const why = explanationOf(mutant.id, fate);
			if (!QUIET.has(fate) && why === null) open++;
			const mark = QUIET.has(fate) ? '    ' : why === null ? 'OPEN' : 'ok  ';
			print(`${mark} ${fate.padEnd(9)} ${mutant.id.padEnd(48)} ${why ?? said}`);
		} catch (error) {
			fates.failed++;
			open++;
			print(
				`OPEN failed    ${mutant.id.padEnd(48)} ${error instanceof Error ? error.message : ''}`,
			);
		}
	}
	const benign = share.words.length > 0 ? [] : mine(equivalents(request));
	const alarms = benign.filter((e) => !passes(judge, e, print)).length;
	return { fates, open, equivalents: benign.length, alarms };
}

interface Benign {
	readonly name: string;
	readonly edits: readonly Edit[];
	readonly functions: ReadonlySet<FunctionIndex>;
}

/** Each operator in each function, and each in all functions at once. */
function equivalents(request: ReturnType<typeof requestFor>): readonly Benign[] {
	const subjects = subjectsOf(request);
	return EQUIVALENTS.flatMap(({ operator, edits }) => {
		const single = subjects.flatMap((subject): readonly Benign[] => {
			const made = edits(subject);
			const functions = new Set([subject.index]);
			return made.length === 0
				? []
				: [{ name: `${operator}@${subject.fn.name}`, edits: made, functions }];
		});
		const whole = {
			name: `${operator}@everywhere`,
			edits: single.flatMap((s) => s.edits),
			functions: new Set(subjects.map((s) => s.index)),
		};
		return [...single, whole];
	});
}

function passes(judge: LoweredJudge, benign: Benign, print: (line: string) => void): boolean {
	const alarms = judge.alarms(benign.edits, benign.functions);
	const mark = alarms.length === 0 ? 'ok  ' : 'FAIL';
	print(`${mark} ${'benign'.padEnd(9)} ${benign.name.padEnd(48)} ${alarms.slice(0, 3).join('; ')}`);
	return alarms.length === 0;
}
