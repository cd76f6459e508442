/**
 * The run beside a run: what saved one that breaks no rule, the one nearest to one that breaks a rule, and what CPUs hold on the way.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AnalysedTrace } from '../../server/ide/analysis/analysis.js';
import {
	type Simulation,
	type SimulationRequest,
	simulateFunction,
} from '../../server/ide/simulation.js';
import { realEngine } from '../../server/worker/engine.js';
import { requestOf } from '../analysis.js';
import { linesOf } from '../runs.js';

type Run = Simulation & { readonly trace: AnalysedTrace };

function simulated(
	fixture: string,
	wanted: Partial<SimulationRequest> & { readonly function: string },
	actor: string,
): Run {
	const text = readFileSync(new URL(`../fixtures/${fixture}.c`, import.meta.url), 'utf8');
	const asked = { rule: null, trace: null, ...wanted };
	const observer = { cancelled: () => false };
	const run = simulateFunction(realEngine, requestOf({ text, actors: [actor] }), asked, observer);
	if (run.trace === null) throw new Error(run.why);
	return run;
}

/** What is written in a run's place in `saved`. */
function savedBy(run: Run): readonly string[] {
	return (run.saved?.savings ?? []).map(({ text, rule }) => `${text} [${rule}]`);
}

/** Steps that two runs have in common from the beginning. */
function common(one: AnalysedTrace, other: AnalysedTrace): number {
	const [a, b] = [linesOf(one), linesOf(other)];
	const parts = a.findIndex((line, i) => line !== b[i]);
	return parts < 0 ? a.length : parts;
}

const spansOf = ({ spans, steps }: AnalysedTrace): readonly string[] =>
	spans.map(({ cpu, kind, what, from, to }) => {
		const at = (step: number | null, none: string) =>
			step === null ? none : (steps[step]?.what ?? 'no step');
		return `${cpu} ${kind} ${what}: ${at(from, 'start')} .. ${at(to, 'end')}`;
	});

describe('a run that holds', () => {
	it('was saved by the comparison that gave up in it, and breaks the rule without it', () => {
		const run = simulated('holds/stale-pin', { function: 'walk_ptes' }, 'zap');
		expect(run.finding).toBeNull();
		expect(savedBy(run)[0]).toMatch(/^pte_val\(pte\) != pte_val\(\*ptep\) \[racing-mapping\]$/);
		const trace = run.saved?.savings[0]?.trace ?? '';
		const without = simulated('holds/stale-pin', { function: 'walk_ptes', trace }, 'zap');
		// the first rule that it meets: the page was freed and is asked for its mapping
		expect(without.finding).toMatchObject({ rule: 'racing-mapping', severity: 'information' });
		// up to the comparison it is the same run
		const upTo = common(run.trace, without.trace);
		expect(upTo).toBeGreaterThan(run.trace.steps.findIndex(({ cpu }) => cpu === 1));
	});

	it('was saved by a section that another CPU waited for', () => {
		const asked = { function: 'entries_of_table' };
		const run = simulated('holds/use-after-free', asked, 'pgtable_free');
		expect(run.finding).toBeNull();
		expect(savedBy(run).join('\n')).toMatch(/local_irq_save\(.*\) \[use-after-free\]/);
	});

	it('was not saved by what gives up in it anyway', () => {
		// behind the page is an entry that is not present, which a check turns away from whoever acts
		const asked = { function: 'entries_of_table' };
		const run = simulated('holds/use-after-free', asked, 'collapse');
		expect(savedBy(run).join('\n')).not.toContain('pte_access_permitted');
	});
});

describe('a run that breaks a rule', () => {
	it('has a nearest one that breaks none, and begins like it', () => {
		const bad = simulated('violated/stale-pin', { function: 'walk_ptes' }, 'zap');
		expect(bad.finding?.rule).toBe('stale-pin');
		const asked = { function: 'walk_ptes', trace: bad.trace.id };
		const good = simulated('violated/stale-pin', { ...asked, nearest: true }, 'zap');
		expect(good.finding).toBeNull();
		expect(good.trace.id).not.toBe(bad.trace.id);
		const again = simulated('violated/stale-pin', { ...asked, trace: good.trace.id }, 'zap');
		expect(again.finding).toBeNull();
		expect(linesOf(again.trace)).toEqual(linesOf(good.trace));
		expect(common(bad.trace, good.trace)).toBeGreaterThan(0);
		// the walk was let go on before the entry was taken away
		const parts = common(bad.trace, good.trace);
		expect(bad.trace.steps[parts]?.cpu).not.toBe(good.trace.steps[parts]?.cpu);
	});
});

describe('what is held', () => {
	it('begins and ends at the steps that take and give it back', () => {
		const { trace } = simulated('holds/stale-pin', { function: 'walk_ptes' }, 'zap');
		const [reference] = trace.spans.filter(({ kind }) => kind === 'reference');
		const [from, to] = [trace.steps[reference?.from ?? -1], trace.steps[reference?.to ?? -1]];
		expect(reference?.what).toMatch(/^folio#\d+$/);
		expect(from?.what).toMatch(/^folio#\d+\._refcount \d+ → /);
		expect(to?.what).toMatch(/^folio#\d+\._refcount \d+ → /);
		expect(from?.cpu).toBe(0);
		expect(to?.cpu).toBe(0);
		expect(spansOf(trace).length).toBeGreaterThan(0);
	});
});
