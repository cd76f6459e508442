/**
 * Input nobody meant to give: cut, garbled, re-encoded and oversized versions of the real walk. No throw, no finding that
 * is not there, and above all no `holds` over something that could not be read.
 */
import { describe, expect, it } from 'vitest';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import { analysisOf, foundIn, type Given } from '../analysis.js';
import { type Edit, edited, gup } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

const REAL = gup('6.12');

/** Above the PTE walker: who reaches it. */
const ABOVE = [
	...['gup_fast_pmd_range', 'gup_fast_pud_range', 'gup_fast_p4d_range'],
	...['gup_fast_pgd_range', 'gup_fast'],
];
const RECHECK: Edit = {
	in: 'gup_fast_pte_range',
	find: /\n\t\tif \(unlikely\(pmd_val[\s\S]*?\n\t\t\}/,
	put: '',
};

function check(text: string, more: Partial<Given> = {}): Analysis {
	return analysisOf({ path: 'mm/gup.c', text, tree: kernelTree('6.12'), ...more });
}

function holding(analysis: Analysis): readonly string[] {
	return analysis.functions.filter((f) => f.verdict === 'holds').map((f) => f.name);
}

/** What is said about each function and finding, with lines. */
function said(analysis: Analysis): readonly string[] {
	return [
		...analysis.functions.map((f) => `${f.place.line} ${f.name}: ${f.verdict}`),
		...analysis.findings.map((f) => `${f.place.line}:${f.place.column} ${f.rule}`),
	];
}

describe('line ends of another system', () => {
	it.each([
		['as it is', REAL],
		['without the second look', edited(REAL, [RECHECK])],
	])('%s: same verdicts, same places', (_, text) => {
		expect(said(check(text.replaceAll('\n', '\r\n')))).toEqual(said(check(text)));
	});
});

describe('a file cut off', () => {
	const cuts = [
		...REAL.matchAll(
			/^\t(?:folio = try_grab|if \(!gup_fast_|do \{|local_irq_save|mapping = READ)/gm,
		),
	];
	const start = REAL.indexOf('static int gup_fast_pte_range(');
	const length = REAL.indexOf('\n}\n', start) - start;
	const inside = [0.1, 0.3, 0.5, 0.7, 0.9, 1].map((part) => start + Math.floor(part * length));

	it('finds places to cut', () => {
		expect(cuts.length).toBeGreaterThan(5);
	});

	it.each([...inside, ...cuts.map((m) => m.index)])(
		'at character %i: nothing holds that ends behind it',
		(at) => {
			const text = REAL.slice(0, at);
			const whole = [...text.matchAll(/^[a-z][^;{}]*?\b(\w+)\([^;{}]*\)\s*\{[\s\S]*?^\}$/gm)].map(
				(m) => m[1],
			);
			expect(holding(check(text)).filter((name) => !whole.includes(name))).toEqual([]);
		},
	);

	it('the walker that is cut does not hold', () => {
		expect(holding(check(REAL))).toContain('gup_fast_pte_range');
		for (const at of inside)
			expect(holding(check(REAL.slice(0, at)))).not.toContain('gup_fast_pte_range');
	});
});

describe('a walker that does not parse', () => {
	const broken: readonly (readonly [string, Edit['find'], string])[] = [
		['an open condition', '\n\t\tif (!folio)', '\n\t\tif (!folio'],
		['an operator too many', 'page = pte_page(pte);', 'page = = pte_page(pte);'],
		['stray characters', 'page = pte_page(pte);', 'page = @ $ pte_page(pte);'],
		['an open block', '\n\tdo {', '\n\tdo { {'],
		['a block closed twice', '\n\t\tif (!folio)', '\n\t\t}\n\t\tif (!folio)'],
		['an open string', 'page = pte_page(pte);', 'page = "pte_page(pte);'],
		[
			'a conditional that is not closed',
			'page = pte_page(pte);',
			'\n#ifdef CONFIG_X\npage = pte_page(pte);',
		],
		['a macro nobody knows', 'page = pte_page(pte);', 'WITH_PAGE(page, pte) {'],
		['inline assembly', 'page = pte_page(pte);', 'asm volatile("nop" : "=r"(page) : "r"(pte));'],
	];

	it.each(broken)('%s: neither it nor what reaches it holds', (_, find, put) => {
		const analysis = check(edited(REAL, [{ in: 'gup_fast_pte_range', find, put }]));
		const names = holding(analysis);
		expect(names.filter((name) => name === 'gup_fast_pte_range' || ABOVE.includes(name))).toEqual(
			[],
		);
	});

	it.each(broken)('%s: what it calls is listed and does not hold', (_, find, put) => {
		const analysis = check(edited(REAL, [{ in: 'gup_fast_pte_range', find, put }]));
		const verdicts = new Map(analysis.functions.map((f) => [f.name, f.verdict]));
		for (const name of ['try_grab_folio_fast', 'gup_put_folio', 'gup_fast_folio_allowed'])
			expect([name, verdicts.get(name)]).toEqual([name, 'unsupported']);
	});

	it('what only the part that was not read calls is listed all the same', () => {
		const put = '\n\t\tasm volatile("nop" : "=r"(page) : "r"(gup_only_here(pte)));';
		const text = edited(REAL, [
			{ in: 'gup_fast_pte_range', find: '\n\t\tpage = pte_page(pte);', put },
		]).replace(
			'static int gup_fast_pte_range(',
			'static int gup_only_here(pte_t pte)\n{\n\treturn 1;\n}\n\nstatic int gup_fast_pte_range(',
		);
		const found = check(text).functions.find((f) => f.name === 'gup_only_here');
		expect(found?.verdict).toBe('unsupported');
		expect(found?.why).toMatch(/called from gup_fast_pte_range\(\)/);
	});
});

describe('a file on its own', () => {
	it('6.12 without a tree: nothing found, and what is taken for granted is said', () => {
		const { tree: _, ...alone } = { tree: null, path: 'mm/gup.c', text: REAL };
		const analysis = analysisOf(alone);
		expect(foundIn(analysis)).toEqual([]);
		for (const f of analysis.functions) {
			expect([f.name, f.verdict === 'holds' || f.why !== null]).toEqual([f.name, true]);
		}
		const walker = analysis.functions.find((f) => f.name === 'gup_fast_folio_allowed');
		expect(walker?.assumptions.map((a) => a.what).join('\n')).toMatch(/no tree/);
	});

	it('without the second look it is found all the same', () => {
		const analysis = analysisOf({ path: 'mm/gup.c', text: edited(REAL, [RECHECK]) });
		expect(foundIn(analysis)).toContain('stale-pin@gup_fast_pte_range');
	});
});

describe('ten megabytes', () => {
	const line = (i: number): string => `static int filler_${i}(int x)\n{\n\treturn x + ${i};\n}\n\n`;
	const functions = Array.from({ length: 190_000 }, (_, i) => line(i)).join('');
	const comment = `/* ${'as long as it gets '.repeat(560_000)}*/\n`;

	it.each([
		['of other functions behind the walk', `${REAL}\n${functions}`],
		['of comment before the walk', comment + REAL],
	])('%s: same verdicts, or a reason why not', (_, text) => {
		expect(text.length).toBeGreaterThan(10_000_000);
		const analysis = check(text);
		expect(foundIn(analysis)).toEqual([]);
		for (const f of analysis.functions) expect(f.verdict === 'holds' || f.why !== null).toBe(true);
		expect(analysis.functions.length).toBe(check(REAL).functions.length);
	});

	it.each([
		['of zeroes', '\0'.repeat(10_500_000)],
		['of one word', 'a'.repeat(10_500_000)],
	])('%s: nothing to say', (_, text) => {
		expect(check(text).functions).toEqual([]);
	});
});
