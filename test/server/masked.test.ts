/**
 * Conditions that are computed with instead of tested. The walk of 6.12 with its comparison of entries masked by something that no
 * explored run varies is not said to hold; with both comparisons joined by `|` or `&` it holds as with `||` and `&&`.
 */
import { describe, expect, it } from 'vitest';
import { analysisOf } from '../analysis.js';
import { edited, gup } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

const CHANGED = '(pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(ptep_get(ptep)))';

function checked(condition: string, before = '') {
	const text = edited(gup('6.12'), [
		{
			in: 'gup_fast_pte_range',
			find: /if \(unlikely\(pmd_val\(pmd\) != pmd_val\(\*pmdp\)\) \|\|\s+unlikely\(pte_val\(pte\) != pte_val\(ptep_get\(ptep\)\)\)\)/,
			put: `${before}if (${condition})`,
		},
	]);
	const analysis = analysisOf({ path: 'mm/gup.c', text, tree: kernelTree('6.12') });
	return {
		verdict: analysis.functions.find((f) => f.name === 'gup_fast_pte_range')?.verdict,
		whole: analysis.functions.find((f) => f.name === 'gup_fast')?.verdict,
		why: analysis.functions.find((f) => f.name === 'gup_fast_pte_range')?.why ?? '',
		rules: [...new Set(analysis.findings.map((f) => f.rule))],
	};
}

describe('a comparison that is masked does not hold', () => {
	it.each([
		['by the frame', `${CHANGED} & (pte_pfn(pte) < 100000)`, /pte_pfn\(pte\) >= /],
		['by an argument', `${CHANGED} & ((unsigned long)pages != 0x1000)`, /pages == 0x1000/],
		['by a count', `${CHANGED} & ((*nr >> 9) ^ 1)`, /\*nr >> 9/],
		['by a shift', `(unsigned long)${CHANGED} >> (pte_pfn(pte) >> 20)`, /pte_pfn\(pte\) >> /],
		['by a product', `${CHANGED} * !(*nr >> 9)`, /\*nr >> 9/],
		['by a comparison with it', `${CHANGED} > (pte_pfn(pte) >> 20)`, /pte_pfn\(pte\) >> /],
	] as const)('%s', (_, condition, why) => {
		const found = checked(condition);
		expect(found.verdict).toBe('inconclusive');
		expect(found.why).toMatch(why);
	});

	it('in a variable', () => {
		const found = checked('changed', `bool changed = ${CHANGED};\nchanged &= !(*nr >> 9);\n`);
		expect(found.verdict).toBe('inconclusive');
	});
});

describe('comparisons that are joined hold', () => {
	it.each([
		['by |', '(pmd_val(pmd) != pmd_val(*pmdp)) | (pte_val(pte) != pte_val(ptep_get(ptep)))', ''],
		['by &', '!((pmd_val(pmd) == pmd_val(*pmdp)) & (pte_val(pte) == pte_val(ptep_get(ptep))))', ''],
		[
			'in a variable',
			'changed',
			'bool changed = pmd_val(pmd) != pmd_val(*pmdp);\nchanged |= pte_val(pte) != pte_val(ptep_get(ptep));\n',
		],
		['as numbers', `${CHANGED} == 1`, ''],
	] as const)('%s', (_, condition, before) => {
		expect(checked(condition, before)).toMatchObject({ verdict: 'holds', rules: [] });
	});
});

describe('what a comparison gives is 0 or 1, and no entry', () => {
	const compared = '(pte_val(pte) != pte_val(ptep_get(ptep)))';
	const above =
		'if (unlikely(pmd_val(pmd) != pmd_val(*pmdp))) { gup_put_folio(folio, 1, flags); goto pte_unmap; }\n';

	it.each([
		[`(short)(${compared} * 40000) > 0`],
		[`(signed char)(${compared} * 200) > 0`],
		[`(u8)(${compared} << 8)`],
	])('%s is false', (condition) => {
		expect(checked(condition, above).rules).toContain('stale-pin');
	});

	it('and true where nothing is cut off', () => {
		expect(checked(`(short)(${compared} * 400) > 0`, above)).toMatchObject({ verdict: 'holds' });
	});
});

describe('blanks', () => {
	const line = `if (${CHANGED}) { gup_put_folio(folio, 1, flags); goto pte_unmap; }\n`;

	it.each(['\f', '\v', ' \t'])(
		'between a backslash and the end of its line are nothing: the next line belongs to the comment (%j)',
		(blank) => {
			expect(checked('0', `// looked at below \\${blank}\n${line}`).rules).toContain('stale-pin');
		},
	);

	it('between # and its word they are what C takes for blanks', () => {
		// gcc skips "#\u00a0endif" in a group that it skips, as it does everything else there
		expect(checked('0', `\n#if 0\n#\u00a0endif\n${line}#\u00a0if 1\n#endif\n`).rules).toContain(
			'stale-pin',
		);
		const live = checked(CHANGED, '\n#\u00a0define NOTHING\n');
		expect(live.whole).toBe('unsupported');
		expect(checked(CHANGED, '\n#\t\f define NOTHING\n')).toMatchObject({ verdict: 'holds' });
	});

	it('there and something else are not', () => {
		expect(checked('0', `// looked at below \\.\n${line}`)).toMatchObject({ verdict: 'holds' });
	});
});
