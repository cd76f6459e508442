/**
 * Worlds of several pages, made because the code tells one page from another: each world of one page that led into a function
 * which does so is explored again with ordinary pages before it, and with one behind it. What it would take more pages to
 * see is named. Of huge leaves two pages are walked in any case.
 *
 * Model: where entries have halves they lie in memory, and their bits are taken for what a walk carries over: numbers that more
 * pages are compared with are not named there.
 *
 * Invariant: where the code tells no page from another no pages are added, and one page stands for any number.
 */
import type { Change } from '../../mm/model/change.js';
import { readsHalves } from '../../mm/model/halves.js';
import { hasNoLeaf, hasOnePage, pagesBeforeMax } from '../../mm/model/pages_beside.js';
import type { FunctionIndex } from '../../program/op.js';
import type { FunctionCoverage, Never } from '../../rules/verdict.js';
import type { PageTest } from '../coverage/page_order.js';
import type { Explored } from '../result.js';
import { aloneIn, type Scenario } from '../scenario.js';
import type { ScenarioMachines } from '../scenario_machine.js';
import { scenarioAfter, takesBoundary } from '../scenarios.js';
import { cancelledScenario } from './cancelled.js';

/** Scenarios of several pages, explored. */
export function exploreSeveral(
	machines: ScenarioMachines,
	explored: readonly Explored[],
	asking: { cancelled(): boolean; explore(scenario: Scenario, tells: boolean): Explored },
): readonly Explored[] {
	const { walk } = machines;
	const tests = walk.calling.kind === 'folio' ? [] : machines.pageTests();
	const added: Explored[] = [];
	const seen = new Set<string>();
	for (const { scenario: given, entered } of tests.length === 0 ? [] : explored) {
		// who faults in what is not there would put the first table there again
		const scenario = hasNoLeaf(given.spec) ? aloneIn(given) : given;
		const isOne = hasOnePage(scenario.spec) || hasNoLeaf(scenario.spec);
		if (!isOne || scenario.actors.length > 1) continue;
		const met = tests.filter((test) => entered.has(test.function));
		for (const change of met.length === 0 ? [] : changesFor(scenario, met)) {
			const made = scenarioAfter(scenario, change);
			if (seen.has(made.name) || !takesBoundary(walk, made.spec)) continue;
			seen.add(made.name);
			if (asking.cancelled()) return [...added, cancelledScenario(made)];
			added.push(asking.explore(made, true));
		}
	}
	return added;
}

/** Of each huge leaf two pages, with the walk alone: what is taken for two is given back for two. */
export function exploreLeaves(
	{ walk }: ScenarioMachines,
	explored: readonly Explored[],
	asking: { cancelled(): boolean; explore(scenario: Scenario, tells: boolean): Explored },
): readonly Explored[] {
	const added: Explored[] = [];
	const seen = new Set<string>();
	for (const { scenario } of walk.calling.kind === 'folio' ? [] : explored) {
		const alone = aloneIn(scenario);
		const { spec } = alone;
		if (spec.level === 'pte' || !hasOnePage(spec) || spec.folios[0]?.frames.length === 1) continue;
		if (seen.has(alone.name)) continue;
		seen.add(alone.name);
		const made = scenarioAfter(alone, { kind: 'within', pages: 2 });
		if (asking.cancelled()) return [...added, cancelledScenario(made)];
		added.push(asking.explore(made, true));
	}
	return added;
}

/** Pages before the world's page, as many as it takes, and one behind it. */
function changesFor({ spec, actors }: Scenario, met: readonly PageTest[]): readonly Change[] {
	const wanted = Math.max(1, ...met.map((test) => test.pages - 1));
	const most = Math.min(wanted, pagesBeforeMax(spec));
	const before = Array.from({ length: most }, (_, i): Change => ({ kind: 'before', pages: i + 1 }));
	// who puts another leaf there puts one that reaches no further
	const ends = spec.level !== 'pte' && spec.other !== undefined && actors.length > 0;
	return ends || hasNoLeaf(spec) ? before : [...before, { kind: 'behind', pages: 1 }];
}

/** Coverage, with what tells more pages apart than any run walked. */
export function withPageTests(
	machines: ScenarioMachines,
	explored: readonly Explored[],
	coverage: ReadonlyMap<FunctionIndex, FunctionCoverage>,
): ReadonlyMap<FunctionIndex, FunctionCoverage> {
	const { calling, request } = machines.walk;
	const added = new Map(coverage);
	const isLeft = calling.kind === 'reader' || readsHalves(request.program);
	for (const test of isLeft ? [] : machines.pageTests()) {
		const { function: fn, site, pages, number } = test;
		const mine = explored.filter((e) => e.entered.has(fn));
		const most = Math.max(0, ...mine.map((e) => e.scenario.spec.pages));
		const own = added.get(fn);
		if (own === undefined || most === 0 || pages <= most) continue;
		const needs = `more than ${most} pages are walked, which a comparison with ${number} asks for`;
		const said = `no explored run walks more than ${most} pages; the comparison with ${number} asks for more`;
		const never: Never = { site, condition: site, needs, said };
		added.set(fn, { ...own, never: [...own.never, never] });
	}
	return added;
}
