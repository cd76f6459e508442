/**
 * Two adversaries at once: what only a pair breaks, that the names of the table are names of worlds and adversaries, and
 * which scenarios a choice of adversaries selects.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reduced } from '../../engine/explore/reduced.js';
import { WORLDS } from '../../engine/mm/worlds/walk/worlds.js';
import { actorNames, ownActors } from '../../server/actors/sources.js';
import { actorHeaders } from '../../server/lower/actor_header.js';
import { analysisOf, foundIn } from '../analysis.js';
import { withoutCarets } from '../carets.js';
import { machinesFor } from '../runs.js';
import { repositoryRoot } from '../trees.js';

function fixture(name: string): string {
	return withoutCarets(readFileSync(join(repositoryRoot, `test/fixtures/${name}.c`), 'utf8'));
}

/** Fixtures that a pair breaks; neither of the two breaks them alone, nor does any other adversary. */
const ONLY_PAIRS: readonly {
	readonly name: string;
	readonly pair: string;
	readonly found: string;
}[] = [
	{
		name: 'violated/stale-pin-recheck-order',
		pair: 'collapse+split_pmd',
		found: 'stale-pin@walk_ptes',
	},
];

describe('what only a pair breaks', () => {
	it.each(ONLY_PAIRS)('$name: $pair', ({ name, pair, found }) => {
		const text = fixture(name);
		const alone = analysisOf({ text, depth: 'core' });
		expect(alone.functions.map((f) => f.verdict)).toEqual(['holds']);
		const both = analysisOf({ text });
		expect(foundIn(both)).toEqual([found]);
		expect(both.findings.map((f) => f.actors)).toEqual([[pair]]);
		const [f] = both.functions;
		expect(f?.byActor.filter((a) => a.verdict !== 'holds')).toEqual([
			{ actor: pair, verdict: 'violated' },
		]);
		expect(f?.bounds.actorsAtOnceMax).toBe(2);
		expect(alone.functions[0]?.bounds.actorsAtOnceMax).toBe(1);
	});
});

describe('the table of pairs', () => {
	const headers = ownActors().flatMap(({ text }) => actorHeaders(text));
	const pairs = headers.flatMap(({ name, beside }) => beside.map((other) => ({ name, ...other })));
	it.each(pairs)('$name and $actor', ({ actor, worlds, why }) => {
		expect(actorNames(ownActors())).toContain(actor);
		expect(why).not.toBe('');
		expect(worlds).not.toEqual([]);
		expect(worlds.filter((name) => !WORLDS.some((w) => w.name === name))).toEqual([]);
	});
});

/** Pairs that break nothing by themselves (engine/mm/actors/pairs.ts says which and why): their locks keep them off each other. */
const LOCKED: readonly (readonly [string, readonly string[]])[] = [
	[
		'anon page, exclusive, writable',
		[
			'zap+fork',
			'reclaim+fork',
			'collapse+reclaim',
			'reclaim+fault',
			'mprotect+zap',
			'mprotect+fork',
		],
	],
	['anon page, exclusive, read-only', ['ksm+reclaim', 'ksm+fork', 'zap+ksm']],
	[
		'page of a filesystem with dirty tracking, writable',
		['zap+truncate', 'writeback+truncate', 'writeback+zap', 'writeback+reclaim'],
	],
	['device page of a DAX file', ['unplug+zap']],
];

describe('two adversaries with their locks', () => {
	const { machines, scenarios } = machinesFor({ text: fixture('holds/fork-pin') });
	it.each(LOCKED)('%s', (world, pairs) => {
		const [found] = scenarios.filter((s) => s.spec.name === world && s.actors.length === 1);
		const scenario = found as (typeof scenarios)[number];
		for (const adversary of pairs) {
			const actors = adversary.split('+');
			const both = { ...scenario, name: `${world} ${adversary}`, adversary, actors };
			const { end, violations, deadlock } = reduced(machines.of(both).machine, {
				statesMax: 100_000,
				cancelled: () => false,
			});
			expect({ adversary, end, violations, deadlock }).toEqual({
				adversary,
				end: 'exhausted',
				violations: [],
				deadlock: null,
			});
		}
	});
});

describe('a choice of adversaries', () => {
	const text = fixture('holds/stale-pin');
	const adversaries = (actors: readonly string[]): readonly string[] => {
		const { scenarios } = machinesFor({ text, actors });
		return [...new Set(scenarios.flatMap((s) => s.adversary ?? []))];
	};
	it.each([
		{ chosen: ['truncate'], taken: ['truncate'] },
		{ chosen: ['truncate', 'evict'], taken: ['truncate', 'evict', 'truncate+evict'] },
		{ chosen: ['truncate+evict'], taken: ['truncate+evict'] },
	])('$chosen', ({ chosen, taken }) => {
		expect([...adversaries(chosen)].sort()).toEqual([...taken].sort());
	});

	it('names scenarios by both, after those in which one acts alone', () => {
		const { scenarios } = machinesFor({ text });
		const first = scenarios.findIndex((s) => s.actors.length > 1);
		expect(scenarios[first]?.name).toMatch(/^\d+\.\d+\.\w+\+\w+$/);
		expect(scenarios.slice(first).every((s) => s.tier === 'deep')).toBe(true);
	});
});
