/**
 * The reduced search against the oracle: plain depth-first search over every interleaving finds the same rules broken in
 * the same functions, and ends the same way, in every scenario of the fixtures looked at.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dfs } from '../../engine/explore/dfs.js';
import type { Exploration } from '../../engine/explore/graph.js';
import { reduced } from '../../engine/explore/reduced.js';
import { isReaderWorld } from '../../engine/mm/model/reader_spec.js';
import type { Violation } from '../../engine/mm/model/violation.js';
import { fixtureArch } from '../fixture_arch.js';
import { machinesFor } from '../runs.js';
import { repositoryRoot } from '../trees.js';

const BUDGET = { statesMax: 200_000 };

/** Scenarios are compared for these flags: a pin, a long-term pin and a plain reference. */
const FLAGS = [
	...['FOLL_PIN', 'FOLL_PIN|FOLL_LONGTERM|FOLL_WRITE', 'FOLL_GET|FOLL_WRITE'],
	// before there were pins
	'FOLL_WRITE',
];

const folder = join(repositoryRoot, 'test/fixtures');
const names = ['violated', 'holds'].flatMap((kind) =>
	readdirSync(join(folder, kind)).map((name) => `${kind}/${name}`),
);

function outcome({ end, violations, cuts }: Exploration<number, Violation>) {
	const rules = violations.map(({ violation: v }) => `${v.rule} in ${v.function} at ${v.site}`);
	return { end, rules: rules.sort(), cuts: cuts.length };
}

/** Explores each scenario of a fixture both ways; what either found, by scenario. */
function check(name: string) {
	const text = readFileSync(join(folder, name), 'utf8');
	const { machines, scenarios } = machinesFor({ text, arch: fixtureArch(text) });
	const plain = new Map<string, unknown>();
	const less = new Map<string, unknown>();
	let [more, fewer] = [0, 0];
	for (const scenario of scenarios) {
		const flags = scenario.title.split('; ')[1] ?? '';
		// of a walk that cannot be asked for anything all are compared
		const isAsked = !isReaderWorld(scenario.spec) && flags.startsWith('FOLL_');
		if (isAsked && !FLAGS.includes(flags)) continue;
		const all = dfs(machines.of(scenario).machine, BUDGET);
		const some = reduced(machines.of(scenario).machine, BUDGET);
		more += all.states;
		fewer += some.states;
		plain.set(scenario.title, outcome(all));
		less.set(scenario.title, outcome(some));
	}
	return { plain, less, more, fewer };
}

describe('the reduced search agrees with plain search', () => {
	it.each(names)('%s', (name) => {
		const { plain, less, more, fewer } = check(name);
		expect(less).toEqual(plain);
		expect(fewer).toBeLessThan(more);
	});
});
