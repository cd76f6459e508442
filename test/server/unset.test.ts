/**
 * Locals that are read before they are written: no value stands in for theirs. Each case is a walk that holds, changed; a walk
 * that only copies such a local, or sets it on every path that reads it, holds as before.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Memory } from '../../engine/rules/verdict.js';
import { analysisOf } from '../analysis.js';
import { repositoryRoot } from '../trees.js';

const WALK = readFileSync(join(repositoryRoot, 'test/fixtures/holds/stale-pin.c'), 'utf8');
const HEAD = 'static int walk_ptes(';
const READ = '\t\tstruct page *page = pte_page(pte);\n';
const RECHECK = 'pte_val(pte) != pte_val(*ptep)';

interface Case {
	readonly what: string;
	readonly edits: readonly (readonly [find: string, put: string])[];
	/** The local that is read; null: the walk holds. */
	readonly reads: string | null;
	readonly memory?: Memory;
	/** A line of it is never reached, and is named. */
	readonly never?: true;
}

const cases: readonly Case[] = [
	{ what: 'a result that one way out does not set', edits: [['done = 0', 'done']], reads: 'done' },
	{
		what: 'a flag that nobody sets',
		edits: [
			[READ, `${READ}\t\tbool again;\n`],
			[RECHECK, `(again && ${RECHECK})`],
		],
		reads: 'again',
	},
	{
		what: 'a flag that nobody sets, under lkmm',
		edits: [
			[READ, `${READ}\t\tbool again;\n`],
			[RECHECK, `(again && ${RECHECK})`],
		],
		reads: 'again',
		memory: 'lkmm',
	},
	{
		what: 'a copy given by value to the function that was to set it',
		edits: [
			[HEAD, `static void keep(pte_t to, pte_t from)\n{\n\tto = from;\n}\n\n${HEAD}`],
			[READ, `${READ}\t\tpte_t old;\n\n\t\tkeep(old, pte);\n`],
			[RECHECK, 'pte_val(old) != pte_val(*ptep)'],
		],
		reads: 'old',
	},
	{
		what: 'a copy that the function sets through a pointer',
		edits: [
			[HEAD, `static void keep(pte_t *to, pte_t from)\n{\n\t*to = from;\n}\n\n${HEAD}`],
			[READ, `${READ}\t\tpte_t old;\n\n\t\tkeep(&old, pte);\n`],
			[RECHECK, 'pte_val(old) != pte_val(*ptep)'],
		],
		reads: null,
	},
	{
		what: 'an interrupt state that was saved elsewhere',
		edits: [
			['int done = 0;', 'int done = 0;\n\tunsigned long irq;'],
			['\tpte_unmap(table);', '\tlocal_irq_restore(irq);\n\tpte_unmap(table);'],
		],
		reads: 'irq',
	},
	{
		what: 'the member of a struct that was left out',
		edits: [
			[HEAD, `struct seen {\n\tpte_t pte;\n\tpmd_t pmd;\n};\n\n${HEAD}`],
			[READ, `${READ}\t\tstruct seen old;\n\n\t\told.pte = pte;\n`],
			['pmd_val(pmd) !=', 'pmd_val(old.pmd) !='],
		],
		reads: 'old',
	},
	{
		what: 'the member of a struct that was set',
		edits: [
			[HEAD, `struct seen {\n\tpte_t pte;\n\tpmd_t pmd;\n};\n\n${HEAD}`],
			[READ, `${READ}\t\tstruct seen old;\n\n\t\told.pte = pte;\n`],
			[RECHECK, 'pte_val(old.pte) != pte_val(*ptep)'],
		],
		reads: null,
	},
	{
		what: 'a member that the list of initialisers leaves out is 0',
		edits: [
			[HEAD, `struct seen {\n\tpte_t pte;\n\tint is_old;\n};\n\n${HEAD}`],
			[READ, `${READ}\t\tstruct seen old = { .pte = pte };\n`],
			[RECHECK, `old.is_old || ${RECHECK}`],
		],
		reads: null,
		never: true,
	},
	{
		what: 'an element of an array that was left out',
		edits: [
			[READ, `${READ}\t\tunsigned long old[2];\n\n\t\told[0] = pte_val(pte);\n`],
			[RECHECK, 'old[1] != pte_val(*ptep)'],
		],
		reads: 'old',
	},
	{
		what: 'a value that is computed with, and stored where others see it',
		edits: [
			[READ, `${READ}\t\tlong by;\n`],
			['pages[(*nr)++] = page', 'pages[(*nr)++] = page + (by & 0)'],
		],
		reads: 'by',
	},
	{
		what: 'a copy that nothing is decided by',
		edits: [[READ, `${READ}\t\tint spare;\n\t\tint other = spare;\n\n\t\t(void)other;\n`]],
		reads: null,
	},
	{
		what: 'a local that is set and read under the same condition',
		edits: [
			[READ, `${READ}\t\tpte_t old;\n\n\t\tif (flags & FOLL_WRITE)\n\t\t\told = pte;\n`],
			[RECHECK, `${RECHECK} || ((flags & FOLL_WRITE) && pte_val(old) != pte_val(pte))`],
		],
		reads: null,
		never: true,
	},
];

const NEVER = /^line \d+(?: is never reached)?: .* is false in every explored run$/;

describe('locals before they are set', () => {
	it.each(cases)('$what', ({ edits, reads, memory, never }) => {
		let text = WALK;
		for (const [find, put] of edits) {
			expect(text.split(find)).toHaveLength(2);
			text = text.replace(find, put);
		}
		const { functions, findings } = analysisOf({ text, memory: memory ?? 'sc' });
		const walk = functions.find((f) => f.name === 'walk_ptes');
		expect(findings.map((f) => f.rule)).toEqual([]);
		// a condition on a local in memory that is never true is not shown to be constant: its line is named
		if (never)
			expect([walk?.verdict, walk?.why]).toEqual(['inconclusive', expect.stringMatching(NEVER)]);
		else if (reads === null) expect(walk?.verdict).toBe('holds');
		else
			expect([walk?.verdict, walk?.why]).toEqual([
				'unsupported',
				expect.stringContaining(`reads ${reads} before it was set`),
			]);
	});
});
