/**
 * A few of the mutants of the lowered walk of Debian's 6.12, every operator among them, and transformations that change
 * nothing; all of them: `npm run mutants -- --lowered`.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { edited } from '../../../engine/program/edit/edit.js';
import { problemsOf } from '../../../engine/program/wellformed.js';
import { kernelTree } from '../../trees.js';
import { EQUIVALENTS } from './equivalents.js';
import { EXPLAINED } from './explained.js';
import { type LoweredJudge, loweredJudge } from './judge.js';
import { requestFor } from './request.js';
import { loweredMutants, subjectsOf } from './table.js';

const request = requestFor(kernelTree('6.12'));
const mutants = loweredMutants(request);

/** By operator but for barriers, which take the weak memory model: a mutant and the rules one of which finds it first. */
const KILLED: readonly (readonly [id: string, ...rules: string[]])[] = [
	['always-passed@gup_fast_pte_range:2983.0', 'stale-pin'],
	['always-taken@gup_fast_pte_range:2961.0', 'permission', 'bad-entry'],
	['answer-1@try_get_folio:86.0', 'frozen-reference'],
	['drop@gup_fast_pte_range:2985.0', 'reference-leak'],
	['twice@gup_fast_pte_range:2985.0', 'reference-underflow'],
	['wrong-number@gup_fast_folio_allowed:2844.0', 'unsafe-longterm-pin'],
	['wrong-count@gup_fast_pte_range:2979.0', 'reference-underflow'],
	['wrong-answer@gup_fast_folio_allowed:2899.0', 'secretmem-pin'],
	['opposite@gup_fast_pte_range:2983.0', 'stale-pin'],
	['plain@gup_fast_folio_allowed:2879.0', 'racing-mapping'],
	['re-read@gup_fast_pte_range:2964.0', 'double-fetch'],
	['swap@gup_fast_pte_range:2989.0', 'racing-mapping'],
	// counted before it is stored, the page lands behind those that were asked for
	['hoist@gup_fast_pte_range:3014.0', 'misplaced-page', 'stray-write'],
];

let judge: LoweredJudge;
beforeAll(() => {
	judge = loweredJudge(request);
}, 120_000);

describe('mutants of the lowered walk', () => {
	it('are many, each with an id of its own', () => {
		expect(mutants.length).toBeGreaterThan(800);
		expect(new Set(mutants.map((m) => m.id)).size).toBe(mutants.length);
	});

	it('are programs', () => {
		for (const { edits } of mutants.filter((_, i) => i % 29 === 0))
			expect(problemsOf(edited(request.program, edits))).toEqual([]);
	});

	it.each(KILLED)('%s', (id, ...rules) => {
		const mutant = mutants.find((m) => m.id === id);
		if (mutant === undefined) throw new Error('no such mutant');
		const { fate, said } = judge.judge(mutant);
		expect(fate).toBe('killed');
		expect(said.split(', ').some((rule) => rules.includes(rule))).toBe(true);
	});

	it('that are explained exist', () => {
		const idle = EXPLAINED.filter((e) => !mutants.some((m) => e.ids.test(m.id)));
		expect(idle.map((e) => e.why)).toEqual([]);
	});
});

describe('transformations that change nothing', () => {
	it.each(['dead-load', 'negated-branch', 'reordered'])('%s everywhere', (name) => {
		const subjects = subjectsOf(request);
		const operator = EQUIVALENTS.find((e) => e.operator === name);
		const edits = subjects.flatMap((s) => operator?.edits(s) ?? []);
		expect(edits).not.toEqual([]);
		expect(judge.alarms(edits, new Set(subjects.map((s) => s.index)))).toEqual([]);
	});
});
