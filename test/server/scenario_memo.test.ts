/**
 * Checks after edits, with what was remembered of the check before: they must say what a check that remembers nothing says,
 * explore what the edit can matter to, and nothing else.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { ScenarioMemo } from '../../engine/check/scenario_memo.js';
import { analyse } from '../../server/ide/analysis/analyse.js';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import { realEngine } from '../../server/worker/engine.js';
import { type Given, requestOf } from '../analysis.js';

const WALK = readFileSync(
	new URL('../fixtures/holds/stale-pin-whole-walk.c', import.meta.url),
	'utf8',
);

function analysed(given: Given, memo?: ScenarioMemo): Omit<Analysis, 'milliseconds'> {
	const options = { observer: { cancelled: () => false }, cache: null };
	const { milliseconds: _, ...rest } = analyse(realEngine, requestOf({ depth: 'core', ...given }), {
		...options,
		...(memo === undefined ? {} : { memo }),
	});
	return rest;
}

function edited(from: string, to: string): string {
	if (!WALK.includes(from)) throw new Error(`the fixture has no ${from}`);
	return WALK.replace(from, to);
}

interface Edit {
	readonly name: string;
	readonly given: Given;
	/** Scenarios answered from memory. */
	readonly recalled: 'all' | 'some' | 'none';
}

const RECHECK =
	/\t\tif \(pmd_val\(above\) != pmd_val\(\*where\)[^}]*\}\n/.exec(WALK)?.[0] ?? 'no re-check';

const EDITS: readonly Edit[] = [
	{ name: 'a comment', given: { text: `/* new */\n\n${WALK}` }, recalled: 'all' },
	{
		name: 'a function that only bail-outs call',
		given: { text: edited('while (got--)', 'while (got-- > 0)') },
		recalled: 'some',
	},
	{
		name: 'the walker of the lowest table',
		given: { text: edited('page_ref_count(page) < 0', 'page_ref_count(page) <= 0') },
		recalled: 'some',
	},
	{
		name: 'the walker of the lowest table, broken',
		given: { text: edited(RECHECK, '') },
		recalled: 'some',
	},
	{
		name: 'a function that is called by another name',
		given: { text: WALK.replaceAll('middle(', 'through_pmds(') },
		recalled: 'some',
	},
	{
		name: 'a new function, so that all others have new numbers',
		given: {
			text: edited(
				'static int units(unsigned int how)\n{\n',
				'static int bias(void)\n{\n\treturn GUP_PIN_COUNTING_BIAS;\n}\nstatic int units(unsigned int how)\n{\n\tif (how & FOLL_PIN)\n\t\treturn bias();\n',
			),
		},
		recalled: 'some',
	},
	{
		name: 'the root, which every scenario enters',
		given: { text: edited('if (seq & 1)', 'if ((seq & 1) == 1)') },
		recalled: 'none',
	},
	{
		name: 'a field that nothing named before: every world has a cell more',
		given: {
			text: edited('page = pte_page(seen);', 'page = pte_page(seen); (void)page->private;'),
		},
		recalled: 'none',
	},
	{ name: 'another architecture', given: { text: WALK, arch: 'arm64' }, recalled: 'none' },
	{
		name: 'a protection taken away',
		given: { text: WALK, whatIf: ['interrupts-on'] },
		recalled: 'none',
	},
];

/** An adversary of one's own, which changes the entry under attack to what it is told. */
function mine(value: string): Given {
	const text = `/* mm/mine.c: mine() */
void actor_mine(void)
{
	/* mm/mine.c: mine() */
	__rw_store(once, (pte_t *)__rw_symbol(victim_entry), ${value});
}
`;
	return { text: WALK, moreActors: [{ path: '.racewalk/actors/mine.c', text }] };
}

describe('what was remembered of scenarios', () => {
	let first: ScenarioMemo;
	let scenarios = 0;
	let plain: unknown;
	beforeAll(() => {
		first = new ScenarioMemo();
		analysed({ text: WALK }, first);
		expect(first.recalled).toBe(0);
		plain = analysed({ text: WALK });
		expect(analysed({ text: WALK }, first)).toEqual(plain);
		scenarios = first.recalled;
		expect(scenarios).toBeGreaterThan(100);
	});

	test.each(EDITS)('$name', ({ given, recalled }) => {
		const before = first.recalled;
		const said = analysed(given, first);
		const answered = first.recalled - before;
		if (recalled === 'all') expect(answered).toBe(scenarios);
		if (recalled === 'none') expect(answered).toBe(0);
		if (recalled === 'some') {
			expect(answered).toBeGreaterThan(0);
			expect(answered).toBeLessThan(scenarios);
		}
		expect(said).toEqual(analysed(given));
		// and back again, as undo does
		expect(analysed({ text: WALK }, first)).toEqual(plain);
	});

	test('an adversary that changes is met again, the others are not', () => {
		const memo = new ScenarioMemo();
		analysed(mine('0'), memo);
		const changed = mine('1');
		expect(analysed(changed, memo)).toEqual(analysed(changed));
		expect(memo.recalled).toBeGreaterThan(0);
		const before = memo.recalled;
		analysed(changed, memo);
		expect(memo.recalled - before).toBeGreaterThan(before);
	});
});
