/** What is taken from a tree, or from a file alone, about the generation it is of. */
import { describe, expect, it } from 'vitest';
import { featuresOf } from '../../server/lower/features.js';

/** A tree of a few lines, in words of our own. */
function treeOf(files: Readonly<Record<string, string>>) {
	return { text: (path: string) => files[path] ?? null };
}

const MM = 'include/linux/mm.h';
const WALK_BY_VALUE = `static int walk_ptes(pmd_t pmd, unsigned long addr, unsigned long end, int write)
{
	pte_t *ptep = pte_offset_map(&pmd, addr);

	return pte_val(*ptep) != 0;
}
`;
const WALK_BY_PLACE = WALK_BY_VALUE.replace('pmd_t pmd,', 'pmd_t pmd, pmd_t *pmdp,');
const IPI = { 'mm/khugepaged.c': 'void f(void) { tlb_remove_table_sync_one(); }' };
const RCU_TABLES = new Map([['CONFIG_MMU_GATHER_RCU_TABLE_FREE', 'y']]);

const cases: readonly (readonly [
	string,
	{
		readonly feature: string;
		readonly with: readonly [string, Readonly<Record<string, string>> | null];
		readonly without: readonly [string, Readonly<Record<string, string>> | null];
	},
])[] = [
	[
		'entries of device pages are marked',
		{
			feature: 'RACEWALK_DEVMAP',
			with: ['', { [MM]: 'static inline int pte_devmap(pte_t pte);' }],
			without: ['', { [MM]: 'struct page;' }],
		},
	],
	[
		'a table without a batch is freed after an IPI',
		{
			feature: 'RACEWALK_TABLE_ONE_IPI',
			with: ['', { 'mm/mmu_gather.c': 'void one(void *t) { tlb_remove_table_sync_one(); }' }],
			without: ['', { 'mm/mmu_gather.c': 'void __tlb_remove_table_one_rcu(void *t) {}' }],
		},
	],
	[
		'device pages are counted like others where entries are not marked',
		{
			feature: 'RACEWALK_COUNTED_DEVICE_PAGES',
			with: ['', { [MM]: 'struct page;' }],
			without: ['', { [MM]: 'static inline int pte_devmap(pte_t pte);' }],
		},
	],
	[
		'a pin leaves the zero page alone: the tree asks for it',
		{
			feature: 'RACEWALK_ZERO_PAGE_NOT_PINNED',
			with: ['', { [MM]: 'static inline bool is_zero_page(const struct page *page);' }],
			without: ['', { [MM]: 'struct page;' }],
		},
	],
	[
		'a pin leaves the zero page alone: a file that unpins asks for it',
		{
			feature: 'RACEWALK_ZERO_PAGE_NOT_PINNED',
			with: ['void unpin_user_page(struct page *page) { if (is_zero_page(page)) return; }', null],
			without: ['void unpin_user_page(struct page *page) { put(page); }', null],
		},
	],
	[
		'leaves in the PGD, unless the compiler is told that there are none',
		{
			feature: 'RACEWALK_PGD_LEAF',
			with: ['if (pgd_leaf(pgd)) return; BUILD_BUG_ON(p4d_leaf(p4d));', null],
			without: ['BUILD_BUG_ON(pgd_leaf(pgd));', null],
		},
	],
	[
		'pins: the header has the flag',
		{
			feature: 'RACEWALK_FOLL_PIN',
			with: ['', { 'include/linux/mm_types.h': 'enum { FOLL_PIN = 1 };' }],
			without: ['', { [MM]: '#define FOLL_WRITE 1' }],
		},
	],
	[
		'long-term references: not where a walk is told only whether to write',
		{
			feature: 'RACEWALK_FOLL_LONGTERM',
			with: ['int f(unsigned long start, unsigned int flags, struct page **pages);', null],
			without: ['int f(unsigned long start, int write, struct page **pages);', null],
		},
	],
	[
		'collapse behind the walk\u2019s back, unless khugepaged\u2019s IPI is all there is',
		{
			feature: 'RACEWALK_COLLAPSE_UNAWAITED',
			with: [WALK_BY_VALUE, { 'mm/khugepaged.c': 'void f(void) { }' }],
			without: [WALK_BY_VALUE, IPI],
		},
	],
	[
		'collapse behind the back of a walk that can compare the PMD again',
		{
			feature: 'RACEWALK_COLLAPSE_UNAWAITED',
			with: [WALK_BY_PLACE, IPI],
			without: [WALK_BY_VALUE, IPI],
		},
	],
];

describe('features of a generation', () => {
	it.each(cases)('%s', (_, { feature, with: yes, without: no }) => {
		const has = ([text, files]: typeof yes): boolean =>
			featuresOf(text, files === null ? null : treeOf(files), RCU_TABLES).has(feature);
		expect([has(yes), has(no)]).toEqual([true, false]);
	});

	it('a TLB flush that waits for the walk keeps khugepaged off a walk that cannot compare the PMD', () => {
		const under = (config: ReadonlyMap<string, string>, text: string): boolean =>
			featuresOf(text, treeOf({}), config).has('RACEWALK_COLLAPSE_UNAWAITED');
		const waits = new Map([['CONFIG_X86_PAE', 'y']]);
		expect(under(waits, WALK_BY_VALUE)).toBe(false);
		expect(under(waits, WALK_BY_PLACE)).toBe(true);
		expect(under(RCU_TABLES, WALK_BY_VALUE)).toBe(true);
	});
});

describe('what is no code', () => {
	const AS_COMMENT = (text: string): string => `/* ${text.replaceAll('*/', '')} */\n`;
	const AS_STRING = (text: string): string =>
		`static const char text[] = "${text.replace(/["\\\n]/g, ' ')}";\n`;
	const SAID = [
		WALK_BY_VALUE,
		'BUILD_BUG_ON(pgd_leaf(pgd)); gup_must_unshare(NULL, flags, page); gup_must_unshare(f, page);',
		'FOLL_PIN FOLL_LONGTERM MIGRATE_CMA is_zero_page(page) pmd_special(pmd)',
	];

	it.each(
		SAID.flatMap((said) => [
			AS_COMMENT(said),
			`// ${said.replaceAll('\n', ' ')}\n`,
			AS_STRING(said),
		]),
	)('says nothing of the generation: %j', (noise) => {
		const text = `${WALK_BY_PLACE}int f(int write, struct page **pages);\n`;
		for (const files of [null, IPI]) {
			const tree = files === null ? null : treeOf(files);
			const noisy =
				files === null ? null : treeOf({ 'mm/khugepaged.c': noise + IPI['mm/khugepaged.c'] });
			expect(featuresOf(noise + text, noisy, RCU_TABLES)).toEqual(
				featuresOf(text, tree, RCU_TABLES),
			);
		}
	});
});
