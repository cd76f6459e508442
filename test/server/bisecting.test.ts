/**
 * The search of bisect: on any history in which the finding stays once it is there, the first commit with it is among those that are
 * told, alone unless undecided ones stand before it, and few are looked at.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { narrowed, type State } from '../../server/cli/review/bisecting.js';

const HISTORY = fc
	.array(fc.boolean(), { minLength: 1, maxLength: 60 })
	.chain((isOpen) =>
		fc.record({ isOpen: fc.constant(isOpen), first: fc.nat({ max: isOpen.length - 1 }) }),
	);

function stateOf(isOpen: readonly boolean[], first: number, i: number): State {
	// the last is known to be bad before the search begins
	if (isOpen[i] === true && i < isOpen.length - 1) return { kind: 'undecided', why: `${i}` };
	return { kind: i >= first ? 'bad' : 'good' };
}

async function search(isOpen: readonly boolean[], first: number) {
	const commits = isOpen.map((_, i) => `${i}`);
	const asked: number[] = [];
	const found = await narrowed(
		{ good: 'begin', commits: commits as [string, ...string[]] },
		async (commit) => {
			asked.push(Number(commit));
			return stateOf(isOpen, first, Number(commit));
		},
	);
	return { ...found, asked };
}

it('the first bad commit is among those that are told', async () => {
	await fc.assert(
		fc.asyncProperty(HISTORY, async ({ isOpen, first }) => {
			const { first: told, undecided, good, asked } = await search(isOpen, first);
			expect(told).toContain(`${first}`);
			// all but the last are undecided, and what stands before them is good
			expect(told.slice(0, -1).every((commit) => undecided.has(commit))).toBe(true);
			const before = Number(told[0]) - 1;
			expect(good).toBe(before < 0 ? 'begin' : `${before}`);
			if (before >= 0) expect(stateOf(isOpen, first, before)).toEqual({ kind: 'good' });
			expect(new Set(asked).size).toBe(asked.length);
		}),
	);
});

it('no more are looked at than halving takes, where all are decided', async () => {
	await fc.assert(
		fc.asyncProperty(HISTORY, async ({ isOpen, first }) => {
			const all = isOpen.map(() => false);
			const { first: told, asked } = await search(all, first);
			expect(told).toEqual([`${first}`]);
			expect(asked.length).toBeLessThanOrEqual(Math.ceil(Math.log2(all.length + 1)));
		}),
	);
});
