/** Dominators: what the tree says of random flows is what taking an op away shows. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dominatorsOf, type Flow, immediateDominators } from '../../engine/program/dominators.js';
import type { OpIndex } from '../../engine/program/op.js';

function backwards(flow: Flow): Flow {
	return flow.map((_, to) =>
		flow.flatMap((targets, at) => (targets.includes(to as OpIndex) ? [at as OpIndex] : [])),
	);
}

/** Ops that can be reached from the first one, or `root`, without passing `gone`. */
function reached(flow: Flow, gone: number, root = 0): ReadonlySet<number> {
	const seen = new Set<number>();
	const open = gone === root ? [] : [root];
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		if (seen.has(at) || at === gone) continue;
		seen.add(at);
		open.push(...(flow[at] ?? []));
	}
	return seen;
}

const flows = fc
	.integer({ min: 1, max: 14 })
	.chain((size) =>
		fc.array(fc.array(fc.nat(size - 1), { maxLength: 2 }), { minLength: size, maxLength: size }),
	)
	.map((flow) => flow as unknown as Flow);

test('an op dominates those that cannot be reached without it', () => {
	fc.assert(
		fc.property(flows, (flow) => {
			const { dominates } = dominatorsOf(flow, backwards(flow));
			const all = reached(flow, -1);
			for (const by of flow.keys()) {
				const without = reached(flow, by);
				for (const at of flow.keys()) {
					const isSo = all.has(by) && all.has(at) && !without.has(at);
					expect(dominates(by as OpIndex, at as OpIndex), `${by} ${at}`).toBe(isSo);
				}
			}
		}),
		{ numRuns: 400 },
	);
});

test('right above an op is the nearest of those that it cannot be reached without', () => {
	fc.assert(
		fc.property(flows, fc.nat(13), (flow, any) => {
			const root = any % flow.length;
			const above = immediateDominators(flow, { before: backwards(flow), root });
			const all = reached(flow, -1, root);
			const dominators = (at: number): readonly number[] =>
				[...all].filter((by) => by !== at && !reached(flow, by, root).has(at));
			for (const at of flow.keys()) {
				const [strict, nearest] = [dominators(at), above[at] as number];
				if (!all.has(at)) expect(nearest).toBe(-1);
				else if (at === root) expect(nearest).toBe(root);
				else expect([...dominators(nearest), nearest].sort()).toEqual([...strict].sort());
			}
		}),
		{ numRuns: 400 },
	);
});

test('a long function takes no room out of proportion', () => {
	// 50,000 branches over one op each: a set of dominators for each op would be billions of entries
	const size = 150_000;
	const flow = Array.from({ length: size }, (_, i) =>
		(i % 3 === 0 ? [i + 1, i + 2] : [i + 1]).filter((to) => to < size),
	) as unknown as Flow;
	const before = flow.map((): OpIndex[] => []);
	flow.forEach((targets, at) => {
		for (const to of targets) before[to]?.push(at as OpIndex);
	});
	const { dominates } = dominatorsOf(flow, before);
	expect(dominates(0 as OpIndex, (size - 1) as OpIndex)).toBe(true);
	expect(dominates(1 as OpIndex, (size - 1) as OpIndex)).toBe(false);
});
