/**
 * A few of the weakened guards of Debian's 6.12, every kind of weakening among them; all of them: `npm run mutants -- --weakened`.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { edited } from '../../../engine/program/edit/edit.js';
import { problemsOf } from '../../../engine/program/wellformed.js';
import { kernelTree } from '../../trees.js';
import { requestFor } from './request.js';
import { ARGUED } from './weak_argued.js';
import { type WeakFate, type WeakJudge, weakJudge } from './weak_judge.js';

/** A weakened guard, what becomes of it, and a rule that is broken or a word of what is said instead. */
const SAMPLE: readonly (readonly [id: string, fate: WeakFate, said: string])[] = [
	['first-page-only@gup_fast_pte_range:2944.0', 'found', 'bad-entry'],
	['first-page-only@gup_fast_pte_range:2965.0', 'found', 'unsafe-longterm-pin'],
	// pte_access_permitted() refuses what is not present, too
	['all-but-first@gup_fast_pte_range:2961.0', 'found', 'bad-entry'],
	['fewer-than-512@gup_fast_pte_range:2944.0', 'named', '*nr >= 512'],
	['only-if-nofault@gup_fast_pte_range:2944.0', 'found', 'bad-entry'],
	['of-the-next@gup_fast_pte_range:2944.0', 'found', 'bad-entry'],
	['of-the-page-before@gup_fast_pte_range:2961.0', 'found', 'permission'],
	['behind-store@gup_fast_pte_range:2961.0', 'found', 'reference-leak'],
	['behind-loop@gup_fast_pte_range:2961.0', 'found', 'permission'],
];

let judge: WeakJudge;
beforeAll(() => {
	judge = weakJudge(requestFor(kernelTree('6.12')));
}, 300_000);

describe('weakened guards', () => {
	it('are many, each with an id of its own, and programs', () => {
		expect(judge.mutants.length).toBeGreaterThan(1000);
		expect(new Set(judge.mutants.map((m) => m.id)).size).toBe(judge.mutants.length);
		for (const { edits } of judge.mutants.filter((_, i) => i % 37 === 0))
			expect(problemsOf(edited(judge.request.program, edits))).toEqual([]);
	});

	it.each(SAMPLE)('%s: %s', { timeout: 300_000 }, (id, fate, said) => {
		const mutant = judge.mutants.find((m) => m.id === id);
		if (mutant === undefined) throw new Error('no such mutant');
		const judged = judge.judge(mutant);
		expect([judged.fate, judged.said]).toEqual([fate, expect.stringContaining(said)]);
	});

	it('that are argued exist', () => {
		const idle = ARGUED.filter((e) => !judge.mutants.some((m) => e.ids.test(m.id)));
		expect(idle.map((e) => e.why)).toEqual([]);
	});
});
