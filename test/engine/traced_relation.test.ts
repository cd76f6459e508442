/**
 * Traced relations compute what plain ones do, and explain their pairs by shortest paths of what they are made of.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Relation, RelationSpace } from '../../engine/base/relation.js';
import { type PathStep, TracedSpace } from '../../engine/base/traced_relation.js';

const SIZE = 6;
const options = {
	isBase: (name: string) => name === 'a' || name === 'b',
	isGuard: (name: string) => name === 'g',
	surcharge: () => 0,
};
const pairs = fc.array(fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)), { maxLength: 12 });

function made(s: RelationSpace, list: readonly (readonly [number, number])[]): Relation {
	const r = s.create();
	for (const [i, j] of list) s.add(r, i, j);
	return r;
}

/** A formula with every operator that axioms use. */
function formula(
	s: RelationSpace,
	lists: {
		a: readonly [number, number][];
		b: readonly [number, number][];
		g: readonly [number, number][];
	},
): Relation {
	const a = s.named('a', made(s, lists.a));
	const b = s.named('b', made(s, lists.b));
	const g = s.named('g', made(s, lists.g));
	const c = s.named('c', s.union(s.sequence(a, b), s.intersect(s.sequence(b, s.maybe(a)), g)));
	return s.union(s.plus(c), s.sequence(s.star(s.irreflexivePart(a)), s.restrict(null, b, null)));
}

function leaves(step: PathStep): readonly PathStep[] {
	return step.parts.length === 0 ? [step] : step.parts.flatMap(leaves);
}

test('the same pairs, each with a path of base pairs that is as long as it is said to be', () => {
	fc.assert(
		fc.property(pairs, pairs, pairs, (a, b, g) => {
			const lists = { a, b, g };
			const plain = new RelationSpace(SIZE);
			const traced = new TracedSpace(SIZE, options);
			const wanted = plain.pairs(formula(plain, lists));
			const found = formula(traced, lists);
			expect(traced.pairs(found)).toEqual(wanted);
			for (const [i, j] of wanted) {
				const path = leaves(traced.explain(found, i, j));
				expect(path.length).toBe(traced.distance(found, i, j));
				expect(path[0]?.from).toBe(i);
				expect(path.at(-1)?.to).toBe(j);
				path.forEach((step, at) => {
					if (at > 0) expect(step.from).toBe(path[at - 1]?.to);
					const list = step.name === 'a' ? a : b;
					expect(list.some(([from, to]) => from === step.from && to === step.to)).toBe(true);
				});
			}
		}),
		{ numRuns: 300, seed: 2 },
	);
});

test('a relation of fewer events is explained in the numbers of all', () => {
	const s = new TracedSpace(SIZE, options);
	const a = s.named(
		'a',
		made(s, [
			[1, 3],
			[3, 5],
		]),
	);
	const members = [1, 3, 5];
	const small = s.ofSize(members.length);
	const lifted = s.lift(small.plus(s.project(a, members, small)), members, small);
	expect(leaves(s.explain(lifted, 1, 5)).map((p) => [p.from, p.to])).toEqual([
		[1, 3],
		[3, 5],
	]);
});
