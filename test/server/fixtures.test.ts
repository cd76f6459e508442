/**
 * Fixtures in pairs: `violated/RULE….c` lacks one guard, `holds/RULE….c` has it. The carets in a fixture are exactly the
 * findings, no more and no fewer; `npm run golden` writes them anew.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../engine/rules/verdict.js';
import { analysisOf } from '../analysis.js';
import { withCarets, withoutCarets } from '../carets.js';
import { fixtureArch } from '../fixture_arch.js';
import { repositoryRoot } from '../trees.js';

const folder = join(repositoryRoot, 'test/fixtures');
const names = readdirSync(join(folder, 'violated'))
	.filter((name) => name.endsWith('.c'))
	.map((name) => name.slice(0, -2));

/** Analyses a fixture and holds its carets against what was found. */
async function check(kind: 'violated' | 'holds', name: string) {
	const path = join(folder, kind, `${name}.c`);
	const text = withoutCarets(readFileSync(path, 'utf8'));
	const given = { path: `${name}.c`, text, arch: fixtureArch(text) };
	// what the common scenarios break is not explored down to the rarest one
	const core = kind === 'violated' ? analysisOf({ ...given, depth: 'core' }) : null;
	const analysis = core !== null && core.findings.length > 0 ? core : analysisOf(given);
	await expect(withCarets(text, analysis.findings)).toMatchFileSnapshot(path);
	return {
		rules: analysis.findings.map((f) => f.rule),
		undecided: [
			...new Set(analysis.functions.filter((f) => f.verdict === 'inconclusive').map((f) => f.why)),
		],
		verdicts: [...new Set(analysis.functions.map((f) => f.verdict))],
		unsupported: analysis.unsupported,
	};
}

/** The rule a fixture is about: the longest one its name begins with. */
function ruleOf(name: string): string {
	const [rule = ''] = RULES.filter((r) => name === r || name.startsWith(`${r}-`)).sort(
		(a, b) => b.length - a.length,
	);
	return rule;
}

describe('violated', () => {
	it.each(names)('%s', async (name) => {
		const { rules, verdicts, unsupported } = await check('violated', name);
		expect(rules).toContain(ruleOf(name));
		expect(verdicts).toContain('violated');
		expect(unsupported).toEqual([]);
	});
});

/** Fixtures with a line that no run reaches though nothing is wrong: why they are not called `holds`. */
const UNREACHED: Readonly<Record<string, readonly string[]>> = {
	'reference-leak-zero-page': ['line 25: PageCompound(page) is false in every explored run'],
	'use-after-free-mapping': ['line 84 is never reached: got is false in every explored run'],
	'misplaced-page-over-earlier': [
		'line 48: no explored run walks more than 3 pages; the comparison with 2097151 asks for more',
	],
	'misplaced-page-over-earlier-pud': [
		'line 48: no explored run walks more than 2 pages; the comparison with 1073741823 asks for more',
	],
	'unbalanced-map-flags-lost': [
		'line 93: !(interrupts were off before) is false in every explored run',
	],
	'use-after-free-interrupts-on': [
		'line 64: !(interrupts were off before) is false in every explored run',
	],
};

describe('holds', () => {
	it.each(names)('%s', async (name) => {
		const { rules, undecided, verdicts, unsupported } = await check('holds', name);
		expect(rules).toEqual([]);
		const unreached = UNREACHED[name] ?? [];
		expect(undecided).toEqual(unreached);
		if (unreached.length === 0) expect(verdicts).toEqual(['holds']);
		expect(unsupported).toEqual([]);
	});
});
