/**
 * Candidate edits of the quick fixes, as text: what stands where after each.
 */
import { describe, expect, test } from 'vitest';
import type { AnalysedFinding } from '../../server/ide/analysis/analysis.js';
import type { FixKind } from '../../server/ide/quick_fix/fix_kinds.js';
import { fixCandidates } from '../../server/ide/quick_fix/fix_search.js';
import { applyChanges } from '../../server/ide/quick_fix/text_change.js';

/** A finding in `walk` whose run took the reference on the line with `grab(` and read on the line with `look(`. */
function findingOf(text: string): AnalysedFinding {
	const lines = text.split('\n');
	const lineOf = (word: string): number =>
		Math.max(
			0,
			lines.findIndex((l) => l.includes(word)),
		);
	const frame = (line: number) => {
		const column = (lines[line] ?? '').search(/\S/) + 1;
		const place = { path: 'a.c', line: line + 1, column, endLine: line + 1, endColumn: column + 4 };
		return { function: 'walk', place, cites: null };
	};
	const step = (line: number, location: string, wrote: string | null) => ({
		cpu: 0,
		thread: 'walk',
		frames: [frame(line)] as const,
		text: '',
		what: '',
		effects: [{ location, read: '1', wrote }],
		violation: null,
	});
	return {
		rule: 'stale-pin',
		severity: 'error',
		message: '',
		function: 'walk',
		root: 'walk',
		place: frame(lineOf('grab(')).place,
		related: [],
		actors: ['zap'],
		scenario: '',
		memory: 'sc',
		trace: {
			id: 't',
			scenario: '',
			threads: ['walk', 'zap'],
			initial: [],
			relations: [],
			spans: [],
			steps: [
				step(lineOf('look('), 'folio#1.mapping', null),
				step(lineOf('grab('), 'folio#1._refcount', '2'),
			],
		},
	};
}

/** Texts after each candidate edit. */
function fixed(kind: FixKind, text: string): readonly string[] {
	const request = {
		path: 'a.c',
		text,
		tree: null,
		arch: 'x86_64',
		config: new Map<string, string>(),
		actorSources: [],
		actors: [],
		memory: 'sc',
		functions: [],
		statesMax: 1,
	} as const;
	const wanted = { kind, finding: findingOf(text), known: [] };
	return fixCandidates(request, wanted).map((changes) => applyChanges(text, changes));
}

const GRAB = `	folio = grab(page);
	if (!folio)
		goto out;
`;
const PUBLISH = `	pages[*nr] = page;
	(*nr)++;
	ret = 1;
out:
	return ret;
}
`;
const PTE_HEAD = `static int walk(pmd_t pmd, pmd_t *pmdp, unsigned int flags, struct page **pages, int *nr)
{
	pte_t *ptep = table(&pmd);
	pte_t pte = ptep_get_lockless(ptep);

`;
const ALLOWED = `	if (!allowed(folio)) {
		give_back(folio, 1, flags);
		goto out;
	}
`;

describe('re-check', () => {
	test('is inserted behind the grab, all levels, with the put the function uses', () => {
		const [first] = fixed('recheck', PTE_HEAD + GRAB + ALLOWED + PUBLISH);
		expect(first).toBe(
			`${PTE_HEAD}${GRAB}
	if (unlikely(pmd_val(pmd) != pmd_val(*pmdp)) ||
	    unlikely(pte_val(pte) != pte_val(*ptep))) {
		give_back(folio, 1, flags);
		goto out;
	}
${ALLOWED}${PUBLISH}`,
		);
	});

	test('replaces an incomplete one', () => {
		const half = ALLOWED.replace('!allowed(folio)', 'pmd_val(pmd) != pmd_val(*pmdp)');
		const [first] = fixed('recheck', PTE_HEAD + GRAB + half + PUBLISH);
		expect(first?.match(/pmd_val\(pmd\) !=/g)).toHaveLength(1);
		expect(first).toContain('pte_val(pte) != pte_val(*ptep)');
	});

	test('is moved from before the grab to behind it', () => {
		const early = '\tif (pte_val(pte) != pte_val(*ptep))\n\t\tgoto out;\n\n';
		const [first] = fixed('recheck', PTE_HEAD + early + GRAB + ALLOWED + PUBLISH);
		expect(first?.indexOf('pte_val(pte) !=')).toBeGreaterThan(first?.indexOf('grab(') ?? 0);
		expect(first?.match(/pte_val\(pte\) !=/g)).toHaveLength(1);
	});

	test('uses the entry a leaf function was given', () => {
		const leaf = `static int walk(pud_t orig, pud_t *pudp, struct page **pages, int *nr)
{
${GRAB}	folio_put(folio);
${PUBLISH}`;
		const [first] = fixed('recheck', leaf);
		expect(first).toContain('unlikely(pud_val(orig) != pud_val(*pudp))');
		expect(first).toContain('\t\tfolio_put(folio);\n\t\tgoto out;');
	});

	test('has no candidate where nothing is copied', () => {
		expect(fixed('recheck', `static int walk(int a)\n{\n${GRAB}${PUBLISH}`)).toEqual([]);
	});
});

const LOOK = (expression: string): string => `static bool walk(struct folio *folio)
{
	struct address_space *mapping;

	mapping = look(${expression});
	return mapping->flags;
}
`;

describe('field reads', () => {
	test('READ_ONCE goes around a plain read', () => {
		expect(fixed('read-once', LOOK('folio->mapping'))).toContain(LOOK('READ_ONCE(folio->mapping)'));
	});

	test('nothing is wrapped twice, nor an address', () => {
		const marked = LOOK('READ_ONCE(folio->mapping), &folio->page');
		expect(fixed('read-once', marked).every((text) => !text.includes('READ_ONCE(READ_ONCE'))).toBe(
			true,
		);
		expect(fixed('read-once', marked).every((text) => !text.includes('&READ_ONCE'))).toBe(true);
	});

	test('NULL is rejected by the return type', () => {
		const [first] = fixed('null-check', LOOK('READ_ONCE(folio->mapping)'));
		expect(first).toContain('mapping));\n\tif (!mapping)\n\t\treturn false;\n');
	});
});

describe('give back', () => {
	test('before a bail-out without braces', () => {
		const forgot = '\tif (pte_val(pte) != pte_val(*ptep))\n\t\tgoto out;\n';
		expect(fixed('give-back', PTE_HEAD + GRAB + forgot + ALLOWED + PUBLISH)).toContain(
			`${PTE_HEAD}${GRAB}	if (pte_val(pte) != pte_val(*ptep)) {
		give_back(folio, 1, flags);
		goto out;
	}
${ALLOWED}${PUBLISH}`,
		);
	});

	test('before a bail-out in a block', () => {
		const forgot = '\tif (pte_val(pte) != pte_val(*ptep)) {\n\t\tgoto out;\n\t}\n';
		const right = forgot.replace('\t\tgoto', '\t\tgive_back(folio, 1, flags);\n\t\tgoto');
		expect(fixed('give-back', PTE_HEAD + GRAB + forgot + ALLOWED + PUBLISH)).toContain(
			PTE_HEAD + GRAB + right + ALLOWED + PUBLISH,
		);
	});
});
