/**
 * Explanations: every cycle is one, each of its edges is in the relation it names, its axiom is the one that the axioms
 * themselves give, and the kernel's own tests are forbidden by what their comments and names promise.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Relation } from '../../engine/base/relation.js';
import { derive, type Execution, type Fixed } from '../../engine/memory/lkmm/axioms.js';
import { EXPLAIN_OPTIONS, explain, explainRace } from '../../engine/memory/lkmm/explain.js';
import { CycleFinder, type EventCycle } from '../../engine/memory/lkmm/explain_cycle.js';
import type { Condition, LitmusProgram } from '../../engine/memory/lkmm/litmus_program.js';
import { DEFAULT_OPTIONS, outcomes } from '../../engine/memory/lkmm/outcomes.js';
import { judgePlain } from '../../engine/memory/lkmm/plain.js';
import { parseLitmus } from '../../server/litmus/parse.js';
import { kernelTree } from '../trees.js';
import { bruteForce } from './brute_force.js';
import { anyProgram } from './random_program.js';

/** The axiom a candidate breaks, asked without explanations. */
function axiomOf(fixed: Fixed, execution: Execution): string | null {
	const derived = derive(fixed, execution);
	fixed.structure.space.release(0);
	if (typeof derived === 'string') return derived;
	return judgePlain(fixed, execution).coherent ? null : 'plain-coherence';
}

/** Base relations as the program and the execution give them, evaluated without tracing. */
function baseRelation(fixed: Fixed, { rf, co }: Execution, name: string): Relation | null {
	const { structure, mb, wmb, rmb, gp, poRel, acqPo, poLoc, rmbToAny, anyToRmb } = fixed;
	const s = structure.space;
	switch (name) {
		case 'po':
		case 'addr':
		case 'data':
		case 'ctrl':
		case 'rmw':
			return structure[name];
		case 'rf':
			return rf;
		case 'co':
			return co;
		case 'fr':
			return s.sequence(s.inverse(rf), co);
		case 'po-loc':
			return poLoc;
		case 'mb':
			return mb;
		case 'wmb':
			return wmb;
		case 'rmb':
			return s.union(rmb, rmbToAny, anyToRmb);
		case 'gp':
			return gp;
		case 'po-rel':
			return poRel;
		case 'acq-po':
			return acqPo;
		default:
			return null;
	}
}

function expectCycle(fixed: Fixed, execution: Execution, cycle: EventCycle): void {
	const edges = cycle.steps.flatMap((step) => step.edges);
	expect(edges.length).toBe(cycle.length);
	edges.forEach((edge, i) => {
		expect(edge.to).toBe(edges[(i + 1) % edges.length]?.from);
		const relation = baseRelation(fixed, execution, edge.relation);
		if (relation !== null) {
			expect(fixed.structure.space.has(relation, edge.from, edge.to)).toBe(true);
		} else {
			expect(edge.relation).toMatch(/^(after-unlock-lock|po-unlock-lock-po|s?rcu-(gp|rscsi))$/);
		}
		fixed.structure.space.release(0);
	});
	for (const step of cycle.steps) {
		expect(step.edges[0]?.from).toBe(step.from);
		expect(step.edges.at(-1)?.to).toBe(step.to);
	}
}

describe('cycles of random candidates', () => {
	test.each([
		[{ plain: true, rcu: true, locks: true, srcu: true }, '6.12'],
		[{ plain: false, rcu: true, locks: false, srcu: true }, '6.1'],
		[{ plain: false, rcu: false, locks: true, srcu: false }, 'lkmmv2'],
	] as const)('%j %s', (shape, generation) => {
		const axioms = new Set<string>();
		fc.assert(
			fc.property(anyProgram(shape), (p) => {
				let left = 12;
				bruteForce(p, generation, 2000, (fixed, execution) => {
					const axiom = axiomOf(fixed, execution);
					fixed.structure.space.release(0);
					if (left-- <= 0 && axiom === null) return;
					const finder = new CycleFinder(p, fixed.structure.runs, generation);
					const cycle = finder.find(execution);
					expect(cycle?.axiom ?? null).toBe(axiom);
					if (cycle === null) return;
					axioms.add(cycle.axiom);
					expectCycle(fixed, execution, cycle);
				});
			}),
			{ numRuns: 120, seed: 11 },
		);
		expect(axioms.has('happens-before')).toBe(true);
	});
});

test('an explanation agrees with the verdict', () => {
	const kinds = new Set<string>();
	fc.assert(
		fc.property(
			anyProgram({ plain: true, rcu: true, locks: true, srcu: false }),
			fc.constantFrom(0, 1, 2),
			fc.constantFrom(0, 1, 2),
			(p, first, second) => {
				const equals = (name: string, right: number): Condition => ({
					kind: 'atom',
					operator: '=',
					left: { kind: 'register', thread: name === 'r0' ? 0 : 1, name },
					right,
				});
				const condition: Condition = {
					kind: 'and',
					left: equals('r0', first),
					right: equals('r1', second),
				};
				const tested: LitmusProgram = { ...p, condition };
				const options = { ...DEFAULT_OPTIONS, verdictOnly: true, decisionsMax: 20_000 };
				const found = outcomes(tested, options);
				if (found.limit !== null) return;
				const explained = explain(tested, condition, { ...EXPLAIN_OPTIONS, decisionsMax: 20_000 });
				kinds.add(explained.kind);
				expect(explained.kind === 'allowed').toBe(found.positive > 0);
				const races = explainRace(tested, EXPLAIN_OPTIONS);
				expect(races !== null).toBe(found.flags.includes('data-race'));
			},
		),
		{ numRuns: 150, seed: 5 },
	);
	expect([...kinds].sort()).toEqual(expect.arrayContaining(['allowed', 'forbidden', 'impossible']));
});

describe('loops', () => {
	/** A thread that counts for as long as the other lets it. */
	const counting = (condition: string): LitmusProgram =>
		parseLitmus(`C counting
{}
P0(int *x, int *y)
{
	int r0 = 0;
	while (READ_ONCE(*x) == 0)
		r0++;
	WRITE_ONCE(*y, r0);
}
P1(int *x)
{
	WRITE_ONCE(*x, 1);
}
${condition}
`).program;

	test.each([
		['exists (y=0)', 'allowed'],
		['exists (y=2)', 'allowed'],
		['exists (y=100)', 'undecided'],
	])('%s is %s', (condition, wanted) => {
		const program = counting(condition);
		expect(explain(program, program.condition, EXPLAIN_OPTIONS).kind).toBe(wanted);
	});
});

describe("the kernel's tests are forbidden by the axiom they are about", () => {
	const folder = join(kernelTree('6.12'), 'tools/memory-model/litmus-tests');
	const programOf = (name: string): LitmusProgram =>
		parseLitmus(readFileSync(join(folder, `${name}.litmus`), 'utf8')).program;
	const edgesOf = (name: string): readonly [string, string, string] => {
		const program = programOf(name);
		const explained = explain(program, program.condition, EXPLAIN_OPTIONS);
		if (explained.kind !== 'forbidden') return [explained.kind, '', ''];
		const { axiom, relation, steps } = explained.cycle;
		return [axiom, relation, steps.flatMap((s) => s.edges.map((e) => e.relation)).join(' ')];
	};
	test.each([
		['CoRR+poonceonce+Once', 'coherence', 'po-loc | com', 'rfe po-loc fre'],
		['CoWW+poonceonce', 'coherence', 'po-loc | com', 'po-loc coi'],
		['MP+fencewmbonceonce+fencermbonceonce', 'happens-before', 'hb', 'rmb fre wmb rfe'],
		['MP+pooncerelease+poacquireonce', 'happens-before', 'hb', 'acq-po fre po-rel rfe'],
		['LB+fencembonceonce+ctrlonceonce', 'happens-before', 'hb', 'ctrl rfe mb rfe'],
		['S+fencewmbonceonce+poacquireonce', 'happens-before', 'hb', 'acq-po coe wmb rfe'],
		['SB+fencembonceonces', 'propagation', 'pb', 'mb fre mb fre'],
		['R+fencembonceonces', 'propagation', 'pb', 'mb coe mb fre'],
		['IRIW+fencembonceonces+OnceOnce', 'propagation', 'pb', 'mb fre rfe mb fre rfe'],
		['dep+plain', 'happens-before', 'hb', 'data rfi data rfi ctrl rfe data rfe'],
	])('%s', (name, axiom, relation, edges) => {
		expect(edgesOf(name)).toEqual([axiom, relation, edges]);
	});

	test.each([
		['rcu/RCU+sync+read', 'rcu'],
		['rcu/RCU+sync+free', 'rcu'],
		['atomic/Atomic-RMW-ops-are-atomic-WRT-atomic_set', 'atomic'],
		['atomic/Atomic-RMW+mb__after_atomic-is-stronger-than-acquire', 'happens-before'],
	])('%s: %s', (name, axiom) => {
		expect(edgesOf(`../../../Documentation/litmus-tests/${name}`)[0]).toBe(axiom);
	});

	test('every one of them is explained as its result says', () => {
		const kinds = readdirSync(folder)
			.filter((name) => name.endsWith('.litmus'))
			.map((name) => {
				const test = parseLitmus(readFileSync(join(folder, name), 'utf8'));
				const { kind } = explain(test.program, test.program.condition, EXPLAIN_OPTIONS);
				return [name, kind, test.shell.expected === 'Never' ? 'forbidden' : 'allowed'] as const;
			});
		expect(kinds.filter(([, kind, wanted]) => kind !== wanted)).toEqual([]);
		expect(kinds.length).toBe(35);
	});
});
