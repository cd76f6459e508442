/**
 * The kernel's bug history: each race of test/history/table.ts is found before its fix, by the right rule and with the right
 * adversary, and not after it. What is not found says why, and fails here once it is. The carets in `before.c` are
 * exactly the findings; `npm run golden` writes them and docs/history.md anew.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import { analysisOf, type Given } from '../analysis.js';
import { withCarets, withoutCarets } from '../carets.js';
import { historyPage } from '../history/page.js';
import { FIXED, type Fixed } from '../history/table.js';
import { repositoryRoot } from '../trees.js';

const folder = join(repositoryRoot, 'test/fixtures/history');

/** The walk and the adversary before or after the fix. */
function given({ name, on = {} }: Fixed, when: 'before' | 'after'): Given & { file: string } {
	const own = join(folder, name, `${when}.c`);
	const file = existsSync(own) ? own : join(folder, name, 'walk.c');
	const text = withoutCarets(readFileSync(file, 'utf8'));
	const actor = join(folder, name, `${when}.actor.c`);
	const actors = existsSync(actor)
		? { moreActors: [{ path: `${name}.actor.c`, text: readFileSync(actor, 'utf8') }] }
		: {};
	return { path: `${when}.c`, text, file, ...actors, ...on };
}

async function check(fixed: Fixed, when: 'before' | 'after'): Promise<Analysis> {
	const { file, ...rest } = given(fixed, when);
	const analysis = analysisOf(rest);
	// what is not found yet is allowed to be found: the row says which
	if (!file.endsWith('walk.c') && fixed.missed === undefined)
		await expect(withCarets(rest.text, analysis.findings)).toMatchFileSnapshot(file);
	expect(analysis.unsupported).toEqual([]);
	return analysis;
}

describe('before the fix', () => {
	it.each(FIXED.map((f) => [f.name, f] as const))('%s', async (_, fixed) => {
		const { findings, functions } = await check(fixed, 'before');
		const found = findings.filter((f) => f.rule === fixed.rule);
		if (fixed.missed !== undefined) {
			expect(found, `${fixed.name} is found now: its row in table.ts can say so`).toEqual([]);
			return;
		}
		expect(functions.map((f) => f.verdict)).toContain('violated');
		expect(found).not.toEqual([]);
		const actors = found.flatMap((f) => f.actors);
		if (fixed.actor === null) expect(found.map((f) => f.trace.threads.length)).toContain(1);
		else expect(actors).toContain(fixed.actor);
	});
});

/** Walks, cut down to what the commit is about, of which the worlds do not reach every line: it is named. */
const UNREACHED: ReadonlySet<string> = new Set([
	'65291dcfcf89-secretmem-batch',
	'f002882ca369-mapping-after-recheck',
	'5805192c7b72-contiguous-hugetlb',
	'2b4847e73004-numa-pmd',
]);

describe('after the fix', () => {
	it.each(FIXED.map((f) => [f.name, f] as const))('%s', async (_, fixed) => {
		const { findings, functions } = await check(fixed, 'after');
		expect(findings.map((f) => f.rule)).toEqual([]);
		const open = functions.filter((f) => f.verdict !== 'holds');
		expect([...new Set(open.map((f) => f.verdict))]).toEqual(
			UNREACHED.has(fixed.name) ? ['inconclusive'] : [],
		);
		for (const f of open)
			expect(f.why).toMatch(
				/^line \d+.*: (?:.* is false in every explored run$|no explored run walks more than )/,
			);
	});
});

describe('the table', () => {
	it('names every folder once', () => {
		const names = FIXED.map((f) => f.name);
		expect(new Set(names).size).toBe(names.length);
	});

	it('names a commit by its first digits, or says where the patch stands', () => {
		const odd = FIXED.filter(({ name, commit, posted }) =>
			commit === null
				? posted === undefined || !name.startsWith('nohash-')
				: !/^[0-9a-f]{7,12}$/.test(commit) || !name.startsWith(commit),
		);
		expect(odd).toEqual([]);
	});

	it('is written down', async () => {
		await expect(historyPage()).toMatchFileSnapshot(join(repositoryRoot, 'docs/history.md'));
	});
});

afterAll(() => {
	const rows = FIXED.map(({ commit, subject, rule, actor, missed }) => {
		const by = missed === undefined ? `found: ${rule}, ${actor ?? 'no adversary'}` : 'NOT FOUND';
		return `${(commit ?? '(hash not verified)').padEnd(19)} ${by.padEnd(38)} ${subject}`;
	});
	const found = FIXED.filter((f) => f.missed === undefined).length;
	console.log(`${rows.join('\n')}\n${found} of ${FIXED.length} found`);
});
