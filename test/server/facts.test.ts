/** What is taken from a tree, or from a file alone, about the generation it is of. */
import { describe, expect, it } from 'vitest';
import { factsOf as factsIn } from '../../server/lower/lower.js';
import { walkFunctions } from '../../server/lower/roles.js';
import { sourceOf } from '../../server/syntax/source.js';
import { askOf } from '../../server/tree/facts/ask.js';
import { type GenerationFact, generationFacts } from '../../server/tree/facts/generation.js';

type Files = Readonly<Record<string, string>>;

/** Facts of a file, in a tree of a few lines in words of our own. */
function factsOf(
	text: string,
	files: Files | null,
	config: ReadonlyMap<string, string> = RCU_TABLES,
	isPart = false,
): readonly GenerationFact[] {
	const read = (path: string, content: string) =>
		sourceOf(path, content, {
			config: (name) => config.get(name) ?? null,
			defined: () => false,
			value: () => null,
		});
	const tree = {
		text: (path: string) => files?.[path] ?? null,
		source: (path: string) => (files?.[path] === undefined ? null : read(path, files[path])),
	};
	const source = read('mm/gup.c', text);
	const file = { source, origin: 'walk', assumed: false, checked: true } as const;
	const reached = () => walkFunctions(file);
	const asking = (from: typeof tree | null) =>
		askOf(source, { reached, tree: from, config, archFolder: 'x86' });
	const newest = isPart ? asking(null) : null;
	return generationFacts(asking(files === null ? null : tree), { newest, isPartial: false });
}

function featuresOf(...asked: Parameters<typeof factsOf>): ReadonlySet<string> {
	return new Set(factsOf(...asked).flatMap((f) => (f.holds ? [f.feature] : [])));
}

const MM = 'include/linux/mm.h';
const WALK_BY_VALUE = `static int walk_ptes(pmd_t pmd, unsigned long addr, struct page **pages, int *nr)
{
	pte_t *ptep = pte_offset_map(&pmd, addr);
	struct page *page = pte_page(*ptep);

	if (!get_page_unless_zero(page))
		return 0;
	pages[(*nr)++] = page;
	return 1;
}
`;
const WALK_BY_PLACE = WALK_BY_VALUE.replace('pmd_t pmd,', 'pmd_t pmd, pmd_t *pmdp,');
/** Not called by the walk, and it hands nothing out. */
const LOOKS_LIKE_ANOTHER = `static int look(pmd_t pmd, unsigned long addr)
{
	return pte_val(*pte_offset_map(&pmd, addr)) != 0;
}
int seen(pmd_t *pmdp, unsigned long addr) { return look(*pmdp, addr); }
`;
const IPI = { 'mm/khugepaged.c': 'void f(void) { tlb_remove_table_sync_one(); }' };
const TAKES = 'return get_page_unless_zero(pages[0] = pte_page(*pte_offset_kernel(0, start)));';
const DEFERS = 'static void __tlb_remove_table_one_rcu(void *t) { }';
const LIST = 'struct { struct list_head slab_list; int n; }; long rcu;';
const SECRETMEM = { 'include/linux/secretmem.h': 'extern const int secretmem_aops;' };
const SET_MEMORY = 'arch/x86/include/asm/set_memory.h';
const SET_DIRECT_MAP = 'set_direct_map_invalid_noflush';
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
			with: ['', { [MM]: 'static inline int pte_devmap(pte_t pte) { return pte & 8; }' }],
			without: ['', { [MM]: 'struct page;' }],
		},
	],
	[
		'pins, where the walk asks for them, in whatever header the flag stands',
		{
			feature: 'RACEWALK_FOLL_PIN',
			with: [
				WALK_BY_PLACE.replace('return 1;', 'return how & FOLL_PIN;'),
				{ [MM]: 'struct page;' },
			],
			without: [WALK_BY_PLACE, { [MM]: 'struct page;' }],
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
			without: ['', { [MM]: 'static inline int pte_devmap(pte_t pte) { return pte & 8; }' }],
		},
	],
	[
		'a pin leaves the zero page alone: the tree asks for it',
		{
			feature: 'RACEWALK_ZERO_PAGE_NOT_PINNED',
			with: [
				'',
				{ [MM]: 'static inline bool is_zero_page(const struct page *page) { return page == 0; }' },
			],
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
			with: [`${WALK_BY_PLACE}void f(pgd_t pgd) { BUILD_BUG_ON(pgd_leaf(pgd)); }`, null],
			without: [
				WALK_BY_PLACE.replace('pte_t *ptep', 'BUILD_BUG_ON(pgd_leaf(0)); pte_t *ptep'),
				null,
			],
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
			with: [
				`int f(unsigned long start, unsigned int flags, struct page **pages) { ${TAKES} }`,
				null,
			],
			without: [`int f(unsigned long start, int write, struct page **pages) { ${TAKES} }`, null],
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
	[
		'a function that the walk does not reach says nothing of the walk',
		{
			feature: 'RACEWALK_COLLAPSE_UNAWAITED',
			with: [WALK_BY_PLACE + LOOKS_LIKE_ANOTHER, IPI],
			without: [WALK_BY_VALUE + LOOKS_LIKE_ANOTHER, IPI],
		},
	],
	[
		'a walker that is given a struct with the place of the PMD can compare it',
		{
			feature: 'RACEWALK_COLLAPSE_UNAWAITED',
			with: [WALK_BY_VALUE.replace('pmd_t pmd,', 'pmd_t pmd, struct walk *walk,'), IPI],
			without: [WALK_BY_VALUE, IPI],
		},
	],
	[
		'a definition in an arm that is not active is none',
		{
			feature: 'RACEWALK_TABLE_ONE_IPI',
			with: ['', { 'mm/mmu_gather.c': `#ifdef CONFIG_PT_RECLAIM\n${DEFERS}\n#endif\n` }],
			without: ['', { 'mm/mmu_gather.c': `#ifndef CONFIG_PT_RECLAIM\n${DEFERS}\n#endif\n` }],
		},
	],
	[
		'secretmem where the architecture can take pages out of the direct map',
		{
			feature: 'RACEWALK_SECRETMEM',
			with: ['', { ...SECRETMEM, [SET_MEMORY]: `int ${SET_DIRECT_MAP}(struct page *page);` }],
			without: ['', { ...SECRETMEM, [SET_MEMORY]: 'int set_memory_ro(unsigned long a, int n);' }],
		},
	],
	[
		'secretmem: not before 5.14',
		{
			feature: 'RACEWALK_SECRETMEM',
			with: ['', null],
			without: ['', { [SET_MEMORY]: `int ${SET_DIRECT_MAP}(struct page *page);` }],
		},
	],
	[
		'the order of members of struct slab',
		{
			feature: 'RACEWALK_SLAB_LOOKS_MOVABLE',
			with: ['', { 'mm/slab.h': `struct slab { long f; void *slab_cache; union { ${LIST} }; };` }],
			without: [
				'',
				{ 'mm/slab.h': `struct slab { long f; union { ${LIST} }; void *slab_cache; };` },
			],
		},
	],
];

describe('features of a generation', () => {
	it.each(cases)('%s', (_, { feature, with: yes, without: no }) => {
		const has = ([text, files]: typeof yes): boolean => featuresOf(text, files).has(feature);
		expect([has(yes), has(no)]).toEqual([true, false]);
	});

	it('a TLB flush that waits for the walk keeps khugepaged off a walk that cannot compare the PMD', () => {
		const under = (config: ReadonlyMap<string, string>, text: string): boolean =>
			featuresOf(text, {}, config).has('RACEWALK_COLLAPSE_UNAWAITED');
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
	const AS_INACTIVE = (text: string): string => `#ifdef CONFIG_NOWHERE\n${text}\n#endif\n`;
	const SAID = [
		WALK_BY_VALUE,
		'BUILD_BUG_ON(pgd_leaf(pgd)); gup_must_unshare(NULL, flags, page); gup_must_unshare(f, page);',
		'FOLL_PIN FOLL_LONGTERM MIGRATE_CMA is_zero_page(page) pmd_special(pmd)',
		'int pmd_special(pmd_t pmd) { return MIGRATE_CMA; } #define FOLL_PIN 1',
	];

	it.each(
		SAID.flatMap((said) => [
			AS_COMMENT(said),
			AS_INACTIVE(said),
			`#if 0\n${said}\n#endif\n`,
			`// ${said.replaceAll('\n', ' ')}\n`,
			AS_STRING(said),
		]),
	)('says nothing of the generation: %j', (noise) => {
		const facts = (text: string, files: Files | null) =>
			factsOf(text, files).map(({ feature, holds }) => [feature, holds]);
		for (const files of [null, { ...IPI, [MM]: 'struct page;' }]) {
			const noisy =
				files === null
					? null
					: Object.fromEntries(Object.entries(files).map(([path, text]) => [path, noise + text]));
			expect(facts(noise + WALK_BY_PLACE, noisy)).toEqual(facts(WALK_BY_PLACE, files));
		}
	});
});

describe('in a tree of which a part is there', () => {
	const MM_TYPES = 'include/linux/mm_types.h';
	const MOVES = 'void f(void) { folio_move_anon_rmap(); }';
	const GUESS = '#if NOBODY(1)\nstatic inline int pte_devmap(pte_t pte) { return 0; }\n#endif\n';
	const PGTABLE = 'include/linux/pgtable.h';
	it.each<readonly [string, Files, string, boolean, readonly string[]]>([
		['a header that flags moved to', { [MM]: '' }, 'RACEWALK_FOLL_PIN', true, [MM_TYPES]],
		['a header that they moved from', { [MM_TYPES]: '' }, 'RACEWALK_FOLL_PIN', true, [MM]],
		['neither is missing', { [MM]: '', [MM_TYPES]: '' }, 'RACEWALK_FOLL_PIN', false, []],
		['one of them has it', { [MM]: '#define FOLL_PIN 1\n' }, 'RACEWALK_FOLL_PIN', true, []],
		['a file with a caller', { [MM]: '' }, 'RACEWALK_ANON_MOVE', true, ['mm/userfaultfd.c']],
		['a file without one', { 'mm/userfaultfd.c': '' }, 'RACEWALK_ANON_MOVE', false, []],
		['a file with one', { 'mm/userfaultfd.c': MOVES }, 'RACEWALK_ANON_MOVE', true, []],
		['the header of entries', { [MM]: '' }, 'RACEWALK_DEVMAP', true, [PGTABLE]],
		[
			'by the name that it had',
			{ [MM]: '', 'include/asm-generic/pgtable.h': '' },
			'RACEWALK_DEVMAP',
			false,
			[],
		],
		[
			'the header of secretmem',
			{ [MM]: '' },
			'RACEWALK_SECRETMEM',
			true,
			['include/linux/secretmem.h'],
		],
		['a kernel without secretmem', { [MM]: '', 'mm/Kconfig': '' }, 'RACEWALK_SECRETMEM', false, []],
		[
			'a definition that was not read',
			{ [MM]: '', [PGTABLE]: GUESS },
			'RACEWALK_DEVMAP',
			true,
			[PGTABLE],
		],
	])('%s', (_, files, feature, holds, lacks) => {
		const fact = factsOf('', files, RCU_TABLES, true).find((f) => f.feature === feature);
		expect(fact?.holds).toBe(holds);
		expect(fact?.lacks.map((what) => /\S+\.[ch]/.exec(what)?.[0])).toEqual(lacks);
	});
});

it('a fact says where it was read: file, line and name', () => {
	const files = {
		'mm/khugepaged.c': `\n\nstatic void collapse(void) { tlb_remove_table_sync_one(); }`,
	};
	const fact = factsOf('', files).find((f) => f.feature === 'RACEWALK_COLLAPSE_IPI');
	expect(fact?.from).toEqual({ path: 'mm/khugepaged.c', line: 3, name: 'collapse' });
});

describe('helpers that a configuration makes constants', () => {
	it.each([
		['#define pmd_huge(x) 0', 'RACEWALK_PMD_HUGE', false],
		['static inline int pmd_huge(pmd_t pmd) { return 0; }', 'RACEWALK_PMD_HUGE', false],
		['static inline int pmd_huge(pmd_t pmd) { return pmd & 128; }', 'RACEWALK_PMD_HUGE', true],
		['int pmd_huge(pmd_t pmd);', 'RACEWALK_PMD_HUGE', true],
		['static inline int pud_devmap(pud_t pud) { return 0; }', 'RACEWALK_PUD_DEVMAP', false],
		['#ifdef CONFIG_NOWHERE\n#define pud_huge(x) 0\n#endif', 'RACEWALK_PUD_HUGE', true],
	])('%s', (header, feature, holds) => {
		const file = '#include <linux/hugetlb.h>\n';
		const tree = {
			root: '/none',
			read: (path: string) => (path === 'include/linux/hugetlb.h' ? header : null),
			list: () => [],
		};
		const facts = factsIn({
			path: 'mm/x.c',
			text: file,
			tree,
			arch: 'x86_64',
			config: new Map(),
			actors: [],
		});
		expect(facts.find((f) => f.feature === feature)?.holds).toBe(holds);
	});
});
