/**
 * Laws of the engine on random programs: the search finds every execution once (its counts and states are the brute
 * force's), what is sequentially consistent is allowed, ordering added takes outcomes away only, and neither symmetry nor
 * stopping early changes what is said.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Generation } from '../../engine/memory/lkmm/axioms.js';
import type { Fence, LitmusProgram, Observable } from '../../engine/memory/lkmm/litmus_program.js';
import { DEFAULT_OPTIONS, outcomes } from '../../engine/memory/lkmm/outcomes.js';
import { bruteForce } from './brute_force.js';
import { anyProgram, inserted, program, strengthened } from './random_program.js';

const CANDIDATES_MAX = 3000;
const DECISIONS_MAX = 3000;
const everything = { plain: true, rcu: true, locks: true, srcu: true };
const marked = { plain: false, rcu: true, locks: true, srcu: true };

function states(p: LitmusProgram): ReadonlySet<string> {
	const found = outcomes(p, DEFAULT_OPTIONS);
	const name = (o: Observable): string =>
		o.kind === 'location' ? `${o.location}` : `${o.thread}:${o.name}`;
	return new Set(
		found.states.map((s) =>
			found.observables
				.map((o, i) => `${name(o)}=${s[i]}`)
				.sort()
				.join(' '),
		),
	);
}

function isSubset(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
	return [...a].every((one) => b.has(one));
}

function check(runs: number, property: fc.IProperty<unknown[]> | fc.IRawProperty<unknown>): void {
	fc.assert(property as fc.IRawProperty<unknown>, { numRuns: runs, seed: 20240517 });
}

describe('every execution once', () => {
	const generations: readonly (readonly [Generation, number])[] = [
		['6.1', 400],
		['6.12', 2000],
		['lkmmv2', 400],
	];
	test.each(generations)(
		'count, states and flags are those of the brute force: %s',
		(generation, programs) => {
			let compared = 0;
			check(
				programs,
				fc.property(anyProgram(everything), (p) => {
					const slow = bruteForce(p, generation, CANDIDATES_MAX);
					if (slow === null) return;
					compared++;
					const fast = outcomes(p, { ...DEFAULT_OPTIONS, generation });
					expect(fast.limit).toBe(null);
					expect(fast.positive + fast.negative).toBe(slow.executions);
					expect(fast.flags).toEqual([...slow.flags].sort());
					if (generation === '6.12') expect([...states(p)].sort()).toEqual([...slow.states].sort());
				}),
			);
			expect(compared).toBeGreaterThan(programs / 2);
		},
	);
});

test('what is sequentially consistent is allowed', () => {
	let compared = 0;
	check(
		300,
		fc.property(anyProgram({ plain: true, rcu: false, locks: true, srcu: false }), (p) => {
			const slow = bruteForce(p, '6.12', CANDIDATES_MAX);
			if (slow === null) return;
			compared++;
			expect(isSubset(slow.scStates, states(p))).toBe(true);
		}),
	);
	expect(compared).toBeGreaterThan(150);
});

test('a fence adds no outcome', () => {
	const fences = fc.constantFrom<Fence>('mb', 'rmb', 'wmb', 'after-atomic', 'before-atomic');
	check(
		400,
		fc.property(anyProgram(marked), fences, fc.nat(2), fc.nat(8), (p, fence, thread, position) => {
			const site = { line: 1, column: 1 };
			const fenced = inserted(p, { thread, position }, { kind: 'fence', fence, site });
			expect(isSubset(states(fenced), states(p))).toBe(true);
		}),
	);
});

test('a grace period adds no outcome', () => {
	check(
		300,
		fc.property(anyProgram(marked), fc.nat(2), fc.nat(8), (p, thread, position) => {
			const site = { line: 1, column: 1 };
			const waiting = inserted(p, { thread, position }, { kind: 'rcu', mark: 'sync-rcu', site });
			expect(isSubset(states(waiting), states(p))).toBe(true);
		}),
	);
});

test('stronger accesses add no outcome', () => {
	check(
		400,
		fc.property(anyProgram(marked), fc.nat(2), (p, thread) => {
			expect(isSubset(states(strengthened(p, thread)), states(p))).toBe(true);
		}),
	);
});

test('equal threads may be exchanged: symmetry changes no count and no state', () => {
	check(
		200,
		fc.property(program({ ...everything, srcu: false }), (p) => {
			const first = p.threads[0];
			if (first === undefined) return;
			const twins: LitmusProgram = {
				...p,
				threads: [first, first, first],
				observed: p.observed.filter((o) => o.kind === 'location'),
			};
			const all = outcomes(twins, {
				...DEFAULT_OPTIONS,
				symmetry: false,
				decisionsMax: DECISIONS_MAX,
			});
			if (all.limit !== null) return;
			const some = outcomes(twins, DEFAULT_OPTIONS);
			expect(some.positive + some.negative).toBe(all.positive + all.negative);
			expect([...some.states].map(String).sort()).toEqual([...all.states].map(String).sort());
			expect(some.flags).toEqual(all.flags);
		}),
	);
});

test('verdict-only says the same, flags included', () => {
	check(
		300,
		fc.property(anyProgram(everything), (p) => {
			const condition = {
				kind: 'atom',
				operator: '=',
				left: { kind: 'register', thread: 0, name: 'r0' },
				right: 1,
			} as const;
			const full = outcomes({ ...p, condition }, DEFAULT_OPTIONS);
			const early = outcomes({ ...p, condition }, { ...DEFAULT_OPTIONS, verdictOnly: true });
			expect(early.positive > 0).toBe(full.positive > 0);
			expect(early.negative > 0).toBe(full.negative > 0);
			expect(early.flags.includes('data-race')).toBe(full.flags.includes('data-race'));
		}),
	);
});
