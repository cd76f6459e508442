/**
 * The recipes of ARCHITECTURE.md, followed with toys: a rule, an adversary, an architecture. And what a recipe names is there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPin } from '../../engine/check/scenario.js';
import { reduced } from '../../engine/explore/reduced.js';
import { ARCHS, assumedOf } from '../../engine/program/arch.js';
import { monitorOf } from '../../engine/rules/catalog.js';
import { type Property, report } from '../../engine/rules/property.js';
import { RULES } from '../../engine/rules/verdict.js';
import { actorsOf } from '../../server/actors/catalog.js';
import { ownActors, pairNames } from '../../server/actors/sources.js';
import { archProfile } from '../../server/tree/arch_profiles.js';
import { analysisOf } from '../analysis.js';
import { withoutCarets } from '../carets.js';
import { machinesFor } from '../runs.js';
import { repositoryRoot } from '../trees.js';

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const WALK = withoutCarets(read('test/fixtures/holds/stale-pin.c'));

describe('the recipes', () => {
	const [, recipes = ''] = read('ARCHITECTURE.md').split('## Recipes');
	const named = [
		...(recipes.split('\n## ')[0] ?? '').matchAll(
			/`((?:engine|server|docs|test|schema)\/[\w/.]+|package\.json)`/g,
		),
	];

	it('name files that are there', () => {
		const paths = named.map(([, path = '']) => path);
		expect(paths.length).toBeGreaterThan(10);
		expect(paths.filter((path) => !existsSync(join(repositoryRoot, path)))).toEqual([]);
	});
});

describe('a rule', () => {
	/** No page is handed out: what most walks break. */
	const toy: Property = {
		rule: 'misplaced-page',
		severity: 'error',
		what: 'A page is handed out.',
		run: 'The walk succeeds.',
		fix: 'Have it fail.',
		history: [],
		onReturn(outcome, view) {
			for (const page of outcome.handed) report(view, 'misplaced-page', page.place, 'a page');
		},
	};

	it('is a property that the monitor asks', () => {
		const { machines, scenarios } = machinesFor({ text: WALK });
		const scenario = scenarios.find((s) => !isPin(s.flags));
		if (scenario === undefined) throw new Error('the walk has no scenario');
		const watching = {
			cells: [],
			monitor: (watched: Parameters<typeof monitorOf>[0]) => monitorOf(watched, [toy]),
		};
		const budget = { statesMax: 100_000 };
		const found = reduced(machines.of(scenario, watching).machine, budget).violations;
		expect(found.map((v) => v.violation.message)).toEqual(['a page']);
		expect(reduced(machines.of(scenario).machine, budget).violations).toEqual([]);
	});
});

describe('an adversary', () => {
	const WORLD = 'anon page, exclusive, writable';
	/** Clears the entry and frees the page at once, waiting for nobody. */
	const toy = (header: string) => ({
		path: '.racewalk/actors/toy.c',
		text: `/*
 * toy: takes the page away.
 *
${header} */
void actor_toy(void)
{
	/* mm/memory.c: zap_pte_range() */
	unmap_victim();
}
`,
	});
	const verdictsOf = (header: string): readonly string[] =>
		analysisOf({ text: WALK, actors: ['toy'], moreActors: [toy(header)] }).functions.flatMap((f) =>
			f.bounds.worlds.map((world) => `${f.byActor.map((a) => a.actor).join()} in ${world}`),
		);

	it('is one file, and acts in the worlds that its header names', () => {
		const [, ...others] = [...new Set(verdictsOf(` * Worlds: "${WORLD}"\n`))].filter((said) =>
			said.startsWith('toy'),
		);
		expect(verdictsOf(` * Worlds: "${WORLD}"\n`)).toContain(`toy in ${WORLD}`);
		expect(others.length).toBeLessThan(verdictsOf('').length);
	});

	it('does not act where what it needs is not there', () => {
		expect(verdictsOf(' * Needs: RACEWALK_NOSUCH\n').join()).not.toContain('toy');
	});

	it('acts together with whom it names', () => {
		const sources = [...ownActors(), toy(` * Beside: zap in "${WORLD}": nothing that is new\n`)];
		expect(pairNames(sources)).toContain('toy+zap');
		expect(actorsOf(sources).find((a) => a.name === 'zap')?.beside).toContain('toy');
		const paired = analysisOf({
			text: WALK,
			actors: ['toy+zap'],
			moreActors: sources.slice(-1),
		});
		expect(paired.functions[0]?.byActor.map((a) => a.actor)).toEqual(['toy+zap']);
	});
});

/** Every list of words in the JSON schemas that has one of these in it. */
function schemaLists(
	words: readonly string[],
): readonly { readonly file: string; readonly list: readonly string[] }[] {
	const lists: { readonly file: string; readonly list: readonly string[] }[] = [];
	for (const file of readdirSync(join(repositoryRoot, 'schema'))) {
		JSON.parse(read(`schema/${file}`), (key, value: unknown) => {
			const list = key === 'enum' && Array.isArray(value) ? value.map(String) : [];
			if (list.some((word) => words.includes(word))) lists.push({ file, list });
			return value;
		});
	}
	return lists;
}

describe('the schemas', () => {
	it.each([
		{ name: 'architecture', words: ARCHS },
		{ name: 'rule', words: RULES },
	])('know every $name wherever they list them', ({ words }) => {
		const lists = schemaLists(words);
		expect(new Set(lists.map(({ file }) => file))).toEqual(
			new Set(['guards.schema.json', 'racewalk.schema.json']),
		);
		const sorted = [...words].sort();
		expect(lists.filter(({ list }) => [...list].sort().join() !== sorted.join())).toEqual([]);
	});
});

describe('an architecture', () => {
	const { contributes } = JSON.parse(read('package.json')) as {
		contributes: { configuration: { properties: Record<string, { enum?: readonly string[] }> }[] };
	};

	it('is a row, a profile and a word of the setting', () => {
		const setting = contributes.configuration.flatMap((c) => c.properties['racewalk.arch'] ?? []);
		expect(setting.map((s) => s.enum)).toEqual([[...ARCHS]]);
		for (const arch of ARCHS) {
			expect(archProfile(arch).config.size).toBeGreaterThan(0);
			expect(assumedOf(arch, 'halves')).toContain(arch);
		}
	});
});
