/**
 * What if: a protection is taken away. What is found to be a re-check, what breaks without which protection, and that nothing
 * found that way can be taken for a finding about the code.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeAway } from '../../engine/check/take_away.js';
import { readVariedId, variedId, WHAT_IF_NAMES, type WhatIf } from '../../engine/check/what_ifs.js';
import { rechecksOf } from '../../engine/program/edit/recheck.js';
import { printOp } from '../../engine/program/printer.js';
import type { Program } from '../../engine/program/program.js';
import { prepare } from '../../server/ide/analysis/analyse.js';
import { simulateFunction } from '../../server/ide/simulation.js';
import { realEngine } from '../../server/worker/engine.js';
import { analysisOf, foundIn, type Given, requestOf } from '../analysis.js';
import { repositoryRoot } from '../trees.js';

const RIGHT = fixture('holds/stale-pin.c');
const CHECK = /pmd_val\(pmd\) != pmd_val\(\*pmdp\) \|\| pte_val\(pte\) != pte_val\(\*ptep\)/;

function fixture(name: string): string {
	return readFileSync(join(repositoryRoot, 'test/fixtures', name), 'utf8');
}

/** The fixture with another condition in place of its re-check, and helpers above. */
function rechecking(condition: string, helpers = ''): string {
	const text = RIGHT.replace(CHECK, () => condition);
	expect(text).not.toBe(RIGHT);
	return helpers + text;
}

function lowered(given: Given) {
	const { program, walks } = prepare(realEngine, requestOf(given)).lowered;
	const [walk] = walks;
	if (walk === undefined) throw new Error('no walk found');
	return { program, walk };
}

/** `==`, `!=`, `^` of the re-checks found, or the call that makes the comparison, in source order. */
function rechecksIn(text: string): readonly string[] {
	const { program, walk } = lowered({ text });
	const found = rechecksOf(program, walk.functions);
	return found.map(({ at }) => shown(program, at.function, at.op).replace(/ u64$/, ''));
}

function shown(program: Program, fn: number, op: number): string {
	const inside = program.functions[fn];
	const one = inside?.ops[op];
	if (inside === undefined || one === undefined) throw new Error('no such op');
	return one.kind === 'binary'
		? one.operator
		: (/= (\w+)\(/.exec(printOp(program, inside, one))?.[1] ?? '?');
}

const SAME =
	'static int unchanged(pte_t pte, pte_t *ptep)\n{\n\treturn pte_val(pte) == pte_val(ptep_get(ptep));\n}\n';
const THROUGH =
	'static int moved(pte_t *at, pte_t was)\n{\n\tif (pte_val(was) != pte_val(READ_ONCE(*at)))\n\t\treturn 1;\n\treturn 0;\n}\n';

describe('a re-check is found by what it does', () => {
	const cases: readonly (readonly [string, string, readonly string[]])[] = [
		['as the kernel writes it', RIGHT, ['!=', '!=']],
		['in other words', rechecking('!(pte_val(*ptep) == pte_val(pte))'), ['==']],
		['by pte_same()', rechecking('!pte_same(pte, ptep_get(ptep))'), ['pte_same']],
		['with bits left out', rechecking('(pte_val(pte) ^ pte_val(*ptep)) & ~0x20UL'), ['^']],
		['in a helper of the file', rechecking('!unchanged(pte, ptep)', SAME), ['unchanged', '==']],
		['in a helper that branches', rechecking('moved(ptep, pte)', THROUGH), ['!=']],
		['against a second variable', rechecking('pte_val(READ_ONCE(*ptep)) != pte_val(pte)'), ['!=']],
		['none: another address', rechecking('pte_val(pte) != pte_val(*(ptep + 1))'), []],
		['none: a constant', rechecking('pte_val(*ptep) == 0'), []],
		['none: the count', rechecking('*nr != *nr + 0'), []],
		['none: the mapping, twice', rechecking('page->mapping != READ_ONCE(page->mapping)'), []],
		['none: the head of the page', rechecking('compound_head(page) != compound_head(page)'), []],
	];
	it.each(cases)('%s', (_, text, expected) => {
		expect(rechecksIn(text)).toEqual(expected);
	});
});

describe('what breaks without it', () => {
	const IPI = { CONFIG_MMU_GATHER_RCU_TABLE_FREE: 'n', CONFIG_PARAVIRT: 'n' };
	const RCU = { CONFIG_MMU_GATHER_RCU_TABLE_FREE: 'y', CONFIG_PARAVIRT: 'n' };
	const ALLOWED = fixture('holds/racing-mapping.c');
	const WHOLE = fixture('holds/use-after-free.c');
	const freed = ['use-after-free'];
	const cases: readonly (readonly [string, Given, readonly WhatIf[], readonly string[]])[] = [
		['nothing taken away', { text: RIGHT }, [], []],
		[
			'no second look',
			{ text: RIGHT },
			['no-recheck'],
			['permission', 'racing-mapping', 'stale-pin'],
		],
		['interrupts on, RCU', { text: WHOLE, set: RCU }, ['interrupts-on'], freed],
		['interrupts on, IPI', { text: WHOLE, set: IPI }, ['interrupts-on'], freed],
		['RCU instead, RCU', { text: WHOLE, set: RCU }, ['rcu-read-lock'], freed],
		['RCU instead, IPI', { text: WHOLE, set: IPI }, ['rcu-read-lock'], freed],
		['preemption off instead, RCU', { text: WHOLE, set: RCU }, ['preempt-disable'], freed],
		['preemption off instead, IPI', { text: WHOLE, set: IPI }, ['preempt-disable'], freed],
		['no IPI, RCU', { text: WHOLE, set: RCU }, ['no-ipi'], freed],
		['no IPI, IPI', { text: WHOLE, set: IPI }, ['no-ipi'], freed],
		['tables not by RCU on x86', { text: WHOLE, set: RCU }, ['no-rcu-table-free'], []],
		['tables not by RCU on arm64', { text: WHOLE, arch: 'arm64' }, ['no-rcu-table-free'], freed],
		['neither by RCU nor after an IPI', { text: WHOLE }, ['no-rcu-table-free', 'no-ipi'], freed],
		['a function called by others, interrupts on', { text: ALLOWED }, ['interrupts-on'], freed],
		['inodes freed at once', { text: ALLOWED }, ['no-rcu-inode-free'], freed],
		['RCU sections that do nothing', { text: ALLOWED }, ['no-rcu-read-lock'], []],
	];
	it.each(cases)('%s', (_, given, whatIf, rules) => {
		const found = foundIn(analysisOf({ ...given, whatIf }));
		expect([...new Set(found.map((f) => f.replace(/@.*/, '')))].sort()).toEqual(rules);
	});
});

describe('a finding under a what-if is none about the code', () => {
	const wrong = fixture('violated/stale-pin.c');

	it.each(WHAT_IF_NAMES)('%s: says so wherever it is told', (name) => {
		const analysis = analysisOf({ text: wrong, whatIf: [name] });
		expect(analysis.whatIf?.names).toEqual([name]);
		expect(analysis.findings.length).toBeGreaterThan(0);
		for (const finding of analysis.findings) {
			expect(finding.severity).toBe('information');
			expect(finding.message).toMatch(/^what if /);
			expect(finding.trace.id.startsWith(`${name}!`)).toBe(true);
		}
	});

	it('what the code gets wrong anyway is told apart from what taking away shows', () => {
		const { findings } = analysisOf({ text: wrong, whatIf: ['interrupts-on'] });
		expect(new Map(findings.map((f) => [f.rule, f.whatIf?.alsoWithout]))).toEqual(
			new Map([
				['racing-mapping', true],
				['stale-pin', true],
				['permission', true],
				// only with interrupts on is the table freed under the walk
				['use-after-free', false],
			]),
		);
		const taken = analysisOf({ text: RIGHT, whatIf: ['no-recheck'] }).findings;
		expect(taken.every((f) => f.whatIf?.alsoWithout === false)).toBe(true);
	});

	it('where there is nothing to take away it says so and explores the code as it is', () => {
		const none = analysisOf({ text: wrong, whatIf: ['no-recheck'] });
		expect(none.whatIf?.taken.filter((t) => t.what.includes('pte'))).toEqual([]);
		// tables are freed after an IPI there anyway
		const pae = analysisOf({ text: RIGHT, arch: 'i386-pae', whatIf: ['no-rcu-table-free'] });
		expect([pae.whatIf?.taken, pae.findings]).toEqual([[], []]);
	});

	it('without a what-if nothing changes: the program is the same object', () => {
		const { program, walk } = lowered({ text: RIGHT });
		expect(takeAway({ program, root: walk.root, whatIf: [] }).program).toBe(program);
	});
});

describe('the run of a what-if', () => {
	const none = { cancelled: () => false };
	const wanted = { function: 'walk_ptes', rule: null, trace: null };

	it('is found, and replayed by its id alone', () => {
		const request = requestOf({ text: RIGHT, whatIf: ['no-recheck'] });
		const first = simulateFunction(realEngine, request, wanted, none);
		if (first.trace === null) throw new Error(first.why);
		expect(first.finding?.rule).toBe('stale-pin');
		expect(first.verdict).toBe('violated');
		const plain = requestOf({ text: RIGHT });
		const { id } = first.trace;
		const again = simulateFunction(realEngine, plain, { ...wanted, trace: id }, none);
		expect(again.trace?.id).toBe(id);
		const shared = again.trace?.steps ?? [];
		expect(shared.length).toBeGreaterThan(10);
		expect(first.trace.steps.slice(0, shared.length)).toEqual(shared);
	});

	it('still holds, with a run, where nothing breaks', () => {
		const request = requestOf({ text: RIGHT, whatIf: ['no-rcu-read-lock'] });
		const run = simulateFunction(realEngine, request, wanted, none);
		if (run.trace === null) throw new Error(run.why);
		expect([run.finding, run.verdict]).toEqual([null, 'holds']);
	});

	it.each([
		['0.0.zap:0*3', []],
		['0.0.zap:0*3', ['no-ipi']],
		['0.0.zap:0*3,1.1', ['no-ipi', 'no-recheck']],
	] as const)('its id %s under %j is read back', (id, names) => {
		expect(readVariedId(variedId(id, names))).toEqual({ id, names });
	});

	it('an id with words nobody knows is left alone', () => {
		expect(readVariedId('never!0.0:0*3')).toEqual({ id: 'never!0.0:0*3', names: [] });
	});
});
