/**
 * Baselines: a known finding stays known whatever harmless edits do around it, and an edit that breaks something else is told. The base
 * of both is a walk with one finding, a reference that is never given back.
 */
import { describe, expect, it } from 'vitest';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import { fingerprintOf } from '../../server/ide/fingerprint.js';
import { analysisOf } from '../analysis.js';
import { type Edit, edited, RIGHT, WALK } from './review_tree.js';

const FORGOTTEN: Edit = [
	'\t\tif (!PageAnon(page)) {\n\t\t\tput_page(page);\n',
	'\t\tif (!PageAnon(page)) {\n',
];
const BASE = edited(RIGHT, [FORGOTTEN]);

function analysed(text: string): Analysis {
	return analysisOf({ path: WALK, text });
}

/** Fingerprints with the rule and the function, and which functions there are. */
function prints(text: string) {
	const { findings, functions } = analysed(text);
	const names = new Set(functions.map((f) => f.name));
	const found = findings.map((f) => ({
		...fingerprintOf(f, { path: WALK, text }),
		rule: f.rule,
		name: f.function,
	}));
	return { found, names };
}

const base = prints(BASE);

/** Rules of findings that the baseline does not have. */
function news(text: string): readonly string[] {
	const { found, names } = prints(text);
	return found
		.filter(
			(f) =>
				!base.found.some((b) => b.id === f.id || (b.nameless === f.nameless && !names.has(b.name))),
		)
		.map((f) => f.rule);
}

function renamed(from: string, to: string): string {
	return BASE.replace(new RegExp(`(?<!struct )\\b${from}\\b`, 'g'), to);
}

const GUARD =
	'\t\tif (pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(*ptep)) {\n\t\t\tput_page(page);\n\t\t\tgoto out;\n\t\t}\n';
const TAKEN =
	'\t\tif (PageCompound(page) || page_ref_count(page) < 0 || !get_page_unless_zero(page))\n\t\t\tgoto out;\n';

/** What no reader would take for a change of what is wrong. */
const HARMLESS: Readonly<Record<string, string>> = {
	'a comment above': `/* Text. */\n${BASE}`,
	'lines above': `\n\n\n\n#define LATER 1\n\n${BASE}`,
	'a function above': `static int other(int a)\n{\n\treturn a;\n}\n\n${BASE}`,
	'a function below': `${BASE}\nstatic int other(int a)\n{\n\treturn a;\n}\n`,
	'a comment inside': edited(BASE, [['\tint done = 0;\n', '\tint done = 0; /* not yet */\n']]),
	'a blank line inside': edited(BASE, [['\t\tstruct page *page', '\n\t\tstruct page *page']]),
	'a local renamed': renamed('page', 'subpage'),
	'another local renamed': renamed('pte', 'entry'),
	'a pointer renamed': renamed('ptep', 'entryp'),
	'a parameter renamed': renamed('flags', 'gup_flags'),
	'the count renamed': renamed('nr', 'count'),
	'the array renamed': renamed('pages', 'found'),
	'a label renamed': renamed('out', 'unmap'),
	'the function renamed': renamed('walk_ptes', 'walk_pte_range'),
	'all of them renamed': renamed('page', 'frame')
		.replace(/\bpte\b/g, 'e')
		.replace(/\bdone\b/g, 'whole')
		.replace(/\bwalk_ptes\b/g, 'walk_entries'),
	'spaces for tabs': BASE.replaceAll('\t', '        '),
	'line ends of another system': BASE.replaceAll('\n', '\r\n'),
	'a condition over two lines': edited(BASE, [
		['PageCompound(page) || page_ref_count', 'PageCompound(page) ||\n\t\t    page_ref_count'],
	]),
	'a declaration apart': edited(BASE, [
		['*ptep = pte_offset_map(&pmd, addr), *table = ptep;', '*ptep, *table;\n'],
		[
			'\tint done = 0;\n',
			'\tint done = 0;\n\n\tptep = pte_offset_map(&pmd, addr);\n\ttable = ptep;\n',
		],
	]),
	'unlikely()': edited(BASE, [['if (!PageAnon(page))', 'if (unlikely(!PageAnon(page)))']]),
	braces: edited(BASE, [
		[TAKEN, TAKEN.replace('(page))\n', '(page)) {\n').replace('goto out;\n', 'goto out;\n\t\t}\n')],
	]),
};

interface Bad {
	readonly text: string;
	readonly rule: string;
}

const bad = (rule: string, ...edits: Edit[]): Bad => ({ rule, text: edited(BASE, edits) });

/** Each takes one thing away that another rule asks for. */
const BAD: Readonly<Record<string, Bad>> = {
	'no look at the entry again': bad('stale-pin', [' || pte_val(pte) != pte_val(*ptep)', '']),
	'no look at the PMD again': bad('stale-pin', ['pmd_val(pmd) != pmd_val(*pmdp) || ', '']),
	'no look again at all': bad('stale-pin', [GUARD, '']),
	'the entry compared with itself': bad('stale-pin', [
		'pte_val(pte) != pte_val(*ptep)',
		'pte_val(pte) != pte_val(pte)',
	]),
	'the look before the reference': bad('stale-pin', [
		TAKEN + GUARD,
		GUARD.replace('\t\t\tput_page(page);\n', '') + TAKEN,
	]),
	'a special entry followed': bad('bad-entry', ['pte_special(pte) || ', '']),
	'permission not asked for': bad('permission', [
		' ||\n\t\t    !pte_access_permitted(pte, flags & FOLL_WRITE)',
		'',
	]),
	'permission to read asked for alone': bad('permission', ['flags & FOLL_WRITE))', '0))']),
	'a reference to what has none': bad('frozen-reference', [
		'!get_page_unless_zero(page)',
		'(get_page(page), 0)',
	]),
	'a reference given back twice': bad('reference-underflow', [
		GUARD,
		GUARD.replace('put_page(page);', 'put_page(page);\n\t\t\tput_page(page);'),
	]),
	'a reference given back that was handed out': bad('reference-underflow', [
		'\t\tpages[(*nr)++] = page;\n',
		'\t\tpages[(*nr)++] = page;\n\t\tput_page(page);\n',
	]),
	'the table not unmapped': bad('unbalanced-map', ['\tpte_unmap(table);\n', '']),
	'the table unmapped twice': bad('unbalanced-map', [
		'\tpte_unmap(table);\n',
		'\tpte_unmap(table);\n\tpte_unmap(table);\n',
	]),
	'a page left out': bad('misplaced-page', [
		'\t\tpages[(*nr)++] = page;\n',
		'\t\tpages[*nr + 1] = page;\n\t\t(*nr)++;\n',
	]),
	'a page handed out twice': bad('misplaced-page', [
		'\t\tpages[(*nr)++] = page;\n',
		'\t\tpages[(*nr)++] = page;\n\t\tpages[(*nr)++] = page;\n',
	]),
	'a table that may be a PMD’s': bad('bad-entry', [
		'pte_offset_map(&pmd, addr)',
		'pte_offset_map(pmdp, addr)',
	]),
	'interrupts on': bad('use-after-free', [
		'\tint done = 0;\n',
		'\tint done = 0;\n\n\tlocal_irq_enable();\n',
	]),
	'the count not looked at': bad('reference-overflow', ['page_ref_count(page) < 0 || ', '']),
	'the entry fetched again': bad('double-fetch', [
		'struct page *page = pte_page(pte);',
		'struct page *page = pte_page(ptep_get_lockless(ptep));',
	]),
	'something that may sleep': bad('sleep-in-atomic', [
		'\t\tpages[(*nr)++] = page;\n',
		'\t\tmight_sleep();\n\t\tpages[(*nr)++] = page;\n',
	]),
};

describe('a baseline', () => {
	it('has one finding here', () => {
		expect(base.found.map((f) => f.rule)).toEqual(['reference-leak']);
	});

	it.each(Object.entries(HARMLESS))('survives %s', (_, text) => {
		expect(prints(text).found).not.toEqual([]);
		expect(news(text)).toEqual([]);
	});

	it.each(Object.entries(BAD))('does not hide %s', (_, { text, rule }) => {
		expect(news(text)).toContain(rule);
	});

	it('does not hide the same in another function, and not at other code', () => {
		const twice = `${BASE}\n${BASE.replace(/\bwalk_ptes\b/g, 'walk_again')}`;
		expect(news(twice)).toEqual(['reference-leak']);
	});

	it('does not rest on the adversary that was shown', () => {
		const given = {
			path: WALK,
			text: edited(RIGHT, [[' || pte_val(pte) != pte_val(*ptep)', '']]),
		};
		const ids = ['zap', 'truncate', 'migrate'].map((actor) => {
			const { findings } = analysisOf({ ...given, actors: [actor] });
			return findings.filter((f) => f.rule === 'stale-pin').map((f) => fingerprintOf(f, given).id);
		});
		expect(ids.flat().length).toBeGreaterThan(1);
		expect(new Set(ids.flat()).size).toBe(1);
	});
});
