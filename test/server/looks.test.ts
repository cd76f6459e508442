/** Which functions are said to look without a lock, in files without a walk: nobody who does is left out, whatever it is called. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analysisOf } from '../analysis.js';
import { type Renaming, renamed } from '../renamed.js';
import { kernelTree } from '../trees.js';
import { lowered } from './lower_run.js';

const primitives = `
struct xarray { void *xa_head; };
struct xa_state { struct xarray *xa; unsigned long xa_index; };
struct address_space_pages { struct xarray i_pages; };
typedef unsigned long spinlock_t;
void spin_lock(spinlock_t *lock) { }
void spin_unlock(spinlock_t *lock) { }
spinlock_t *pte_lockptr(struct mm_struct *mm, pmd_t *pmdp) { return 0; }
pte_t *pte_offset_map_lock(struct mm_struct *mm, pmd_t *pmdp, unsigned long addr, spinlock_t **ptlp) { return 0; }
void pte_unmap_unlock(pte_t *ptep, spinlock_t *ptl) { }
void set_pte(pte_t *ptep, pte_t pte) { }
pmd_t *pmd_offset(pud_t *pudp, unsigned long addr) { return 0; }
int folio_trylock(struct folio *folio) { return 1; }
void folio_lock(struct folio *folio) { }
void folio_unlock(struct folio *folio) { }
int folio_test_locked(struct folio *folio) { return 1; }
void VM_BUG_ON(int is) { }
void *xa_load(struct xarray *xa, unsigned long index) { return 0; }
void *xas_load(struct xa_state *xas) { return 0; }
void xas_lock_irq(struct xa_state *xas) { }
void xas_unlock_irq(struct xa_state *xas) { }
struct folio *filemap_get_folio(struct address_space *mapping, unsigned long index) { return 0; }
int printk(const char *text, ...) { return 0; }
`;

/** Names of the functions that are said to look; `walks`: those that are explored. */
function lookersIn(c: string): readonly string[] {
	const { undecided, walks, program } = lowered({ c, primitives, also: [] });
	expect(walks.map((w) => program.functions[w.root]?.name)).toEqual([]);
	return undecided.map((u) => u.name);
}

type Case = readonly [what: string, c: string, expected: readonly string[]];

const ENTRIES: readonly Case[] = [
	['an entry is loaded', 'int f(pte_t *p) { return pte_val(ptep_get(p)) != 0; }', ['f']],
	['by dereference', 'int f(pmd_t *p) { return pte_val(*p) != 0; }', ['f']],
	['by index', 'int f(pmd_t *p) { return pte_val(p[3]) != 0; }', ['f']],
	['by its member', 'unsigned long f(pmd_t *p) { return p->pmd; }', ['f']],
	[
		'behind a macro of the file',
		'#define SEEN(p) READ_ONCE(*(p))\nunsigned long f(pud_t *p) { return pte_val(SEEN(p)); }',
		['f'],
	],
	[
		'through a type of the file',
		'typedef pmd_t middle;\nunsigned long f(middle *p) { return pte_val(*p); }',
		['f'],
	],
	[
		'through a member of the file, in a function without a word of it',
		'struct place { pmd_t *at; };\nunsigned long f(struct place *x) { return (unsigned long)(*x->at); }',
		['f'],
	],
	[
		'through what a function of the file returns',
		'static pte_t *place(unsigned long a) { return (pte_t *)a; }\nunsigned long f(unsigned long a) { return (unsigned long)(*place(a)); }',
		['f'],
	],
	[
		'by a function of elsewhere that is given it',
		'int other(pte_t *p);\nint f(pte_t *p) { return other(p); }',
		['f'],
	],
	[
		'as what it is not',
		'typedef unsigned long long u64;\nu64 f(struct mm_struct *mm) { u64 *table = (u64 *)mm->pgd; return table[1]; }',
		['f'],
	],
	['stores alone are no look', 'void f(pte_t *p, pte_t v) { set_pte(p, v); *p = v; }', []],
	[
		'a copy on the stack is none',
		'unsigned long f(pud_t pud, unsigned long a) { pmd_t *p = pmd_offset(&pud, a); return p != 0; }',
		[],
	],
	['an entry by value is none', 'int f(pte_t v) { return pte_val(v) != 0; }', []],
	[
		'comments and text that is not compiled are none',
		'/* pte_t v = *ptep; */\n#if 0\nint g(pte_t *p) { return pte_val(*p); }\n#endif\nint f(int a) { return a; /* READ_ONCE(*pmdp) */ }',
		[],
	],
];

const LOCKED = `int f(struct mm_struct *mm, pmd_t *pmdp, unsigned long a)
{
	spinlock_t *ptl;
	pte_t *p = pte_offset_map_lock(mm, pmdp, a, &ptl);
	int is = 0;

	BEFORE
	if (p) {
		is = pte_val(*p) != 0;
		pte_unmap_unlock(p, ptl);
		AFTER
	}
	return is;
}
`;
const locked = (before: string, after: string): string =>
	LOCKED.replace('BEFORE', before).replace('AFTER', after);

const LOCKS: readonly Case[] = [
	['under the lock', locked('', ''), []],
	['where the lock was not got', locked('if (!p)\n\t\treturn pte_val(*pmdp);', ''), ['f']],
	['behind the lock', locked('', 'is = pte_val(*p);'), ['f']],
	[
		'under a lock that was found',
		'int f(struct mm_struct *mm, pmd_t *pmdp, pte_t *p)\n{\n\tspinlock_t *l = pte_lockptr(mm, pmdp);\n\tint is;\n\n\tspin_lock(l);\n\tis = pte_val(*p) != 0;\n\tspin_unlock(l);\n\treturn is;\n}',
		[],
	],
	[
		'under the lock of something else',
		'struct own { spinlock_t lock; };\nint f(struct own *own, pte_t *p)\n{\n\tint is;\n\n\tspin_lock(&own->lock);\n\tis = pte_val(*p) != 0;\n\tspin_unlock(&own->lock);\n\treturn is;\n}',
		['f'],
	],
	[
		'its own helper takes the lock, or gives NULL: the other way is without it',
		`static pte_t *take(struct mm_struct *mm, pmd_t *pmdp, spinlock_t **l)
{
	pte_t *p = pte_offset_map_lock(mm, pmdp, 0, l);

	if (!p)
		return NULL;
	return p;
}
int f(struct mm_struct *mm, pmd_t *pmdp, spinlock_t **l)
{
	pte_t *p = take(mm, pmdp, l);

	if (p)
		return pte_val(*p) != 0;
	return 0;
}
int g(struct mm_struct *mm, pmd_t *pmdp, spinlock_t **l)
{
	pte_t *p = take(mm, pmdp, l);

	if (p)
		return 0;
	else
		return pte_val(*pmdp) != 0;
}
`,
		['g'],
	],
	[
		'all callers hold it',
		'static int in(pte_t *p) { return pte_val(*p) != 0; }\nint f(struct mm_struct *mm, pmd_t *pmdp, spinlock_t **l)\n{\n\tpte_t *p = pte_offset_map_lock(mm, pmdp, 0, l);\n\n\treturn p ? in(p) : 0;\n}',
		[],
	],
	[
		'all callers hold it, but its address is taken',
		'static int in(pte_t *p) { return pte_val(*p) != 0; }\nint (*table[])(pte_t *) = { in };\nint f(struct mm_struct *mm, pmd_t *pmdp, spinlock_t **l)\n{\n\tpte_t *p = pte_offset_map_lock(mm, pmdp, 0, l);\n\n\treturn p ? in(p) : 0;\n}',
		['in'],
	],
	[
		'who gives the lock back was called with it',
		'int f(pte_t *p, spinlock_t *l) { int is = pte_val(*p) != 0; pte_unmap_unlock(p, l); return is; }',
		[],
	],
];

const FOLIOS: readonly Case[] = [
	['a mapping is read', 'int f(struct folio *a, int b) { return a->mapping != 0; }', ['f']],
	[
		'of the head of a page',
		'int f(struct page *a, int b) { return page_folio(a)->mapping != 0; }',
		['f'],
	],
	['of a page', 'int f(int b, struct page *a) { return READ_ONCE(a->mapping) != 0; }', ['f']],
	['it is written to', 'void f(struct folio *a, int b) { a->mapping = NULL; }', []],
	[
		'another struct has a member of that name',
		'struct own { struct address_space *mapping; };\nint f(struct own *a, int b) { return a->mapping != 0; }',
		[],
	],
	[
		'where the lock was got and where it was not',
		'int f(struct folio *a, int b)\n{\n\tint is;\n\n\tif (!folio_trylock(a))\n\t\treturn 0;\n\tis = a->mapping != 0;\n\tfolio_unlock(a);\n\treturn is;\n}\nint g(struct folio *a, int b)\n{\n\tif (!folio_trylock(a))\n\t\treturn a->mapping != 0;\n\tfolio_unlock(a);\n\treturn 0;\n}',
		['g'],
	],
	[
		'a lock that is taken on some ways, and given back there',
		'int f(struct folio *a, int b)\n{\n\tint mine = 0, is;\n\n\tif (b)\n\t\tmine = folio_trylock(a);\n\tis = a->mapping != 0;\n\tif (mine)\n\t\tfolio_unlock(a);\n\treturn is;\n}',
		['f'],
	],
	[
		'the lock is asserted on every way, or on one',
		'int f(struct folio *a, int b)\n{\n\tint is = a->mapping != 0;\n\n\tVM_BUG_ON(!folio_test_locked(a));\n\treturn is;\n}\nint g(struct folio *a, int b)\n{\n\tint is = a->mapping != 0;\n\n\tif (b)\n\t\tVM_BUG_ON(!folio_test_locked(a));\n\treturn is;\n}',
		['g'],
	],
	[
		'a loop is left with the lock, or without it',
		'int f(struct folio *a, int b)\n{\n\tfor (;;) {\n\t\tfolio_lock(a);\n\t\tif (b)\n\t\t\tbreak;\n\t\tfolio_unlock(a);\n\t}\n\tb = a->mapping != 0;\n\tfolio_unlock(a);\n\treturn b;\n}\nint g(struct folio *a, int b)\n{\n\tfor (;;) {\n\t\tfolio_lock(a);\n\t\tfolio_unlock(a);\n\t\tif (b)\n\t\t\tbreak;\n\t}\n\treturn a->mapping != 0;\n}',
		['g'],
	],
	[
		'jumped to with the lock and without it',
		'int f(struct folio *a, int b)\n{\n\tif (b)\n\t\tgoto out;\n\tfolio_lock(a);\nout:\n\treturn a->mapping != 0;\n}',
		['f'],
	],
	[
		'in a switch: a case is entered without what the one before it took',
		'int f(struct folio *a, int b)\n{\n\tswitch (b) {\n\tcase 1:\n\t\tfolio_lock(a);\n\tcase 2:\n\t\treturn a->mapping != 0;\n\t}\n\treturn 0;\n}',
		['f'],
	],
	[
		'looked up and locked: what is looked at again is for who does that',
		'int f(struct address_space *m, int b)\n{\n\tstruct folio *a = filemap_get_folio(m, 1);\n\n\tfolio_lock(a);\n\tb = a->mapping == m;\n\tfolio_unlock(a);\n\treturn b;\n}',
		['f'],
	],
	[
		'slots of a file, and of an xarray of its own',
		'static struct xarray tree;\nvoid *f(struct address_space_pages *m, unsigned long i) { return xa_load(&m->i_pages, i); }\nvoid *g(unsigned long i) { return xa_load(&tree, i); }',
		['f'],
	],
	[
		'slots under the lock of the xarray, and behind it',
		'void *f(struct xa_state *s) { void *e; xas_lock_irq(s); e = xas_load(s); xas_unlock_irq(s); return e; }\nvoid *g(struct xa_state *s) { xas_lock_irq(s); xas_unlock_irq(s); return xas_load(s); }',
		['g'],
	],
];

describe.each([
	['page-table entries', ENTRIES],
	['locks', LOCKS],
	['folios', FOLIOS],
])('who looks at what: %s', (_, cases) => {
	it.each(cases)('%s', (_what, c, expected) => {
		// a file of the kernel's: what stands alone is explored as an excerpt
		const more = Array.from({ length: 13 }, (_x, i) => `int m${i}(void) { return ${i}; }\n`).join(
			'',
		);
		expect(lookersIn(more + c)).toEqual(expected);
	});

	it.each(['plain', 'shuffled'] as Renaming[])('under other names: %s', (how) => {
		for (const [what, c, expected] of cases) {
			const other = renamed('mm/test.c', c, how);
			const more = Array.from({ length: 13 }, (_x, i) => `int m${i}(void) { return ${i}; }\n`).join(
				'',
			);
			const found = lookersIn(more + other.text).map((name) => other.was.get(name) ?? name);
			expect([what, found]).toEqual([what, expected]);
		}
	});
});

describe('files of 6.12 without a walk of their own', () => {
	const tree = kernelTree('6.12');
	const check = (path: string) =>
		analysisOf({ path, text: readFileSync(join(tree, path), 'utf8'), tree, depth: 'core' });

	// each goes down tables, or loads an entry before it takes the lock, or without one: read by hand
	it.each([
		['mm/mremap.c', ['get_old_pud', 'get_old_pmd', 'alloc_new_pud', 'alloc_new_pmd']],
		['mm/mincore.c', ['mincore_hugetlb']],
		['mm/pagewalk.c', ['walk_pte_range', 'walk_pmd_range', 'walk_pud_range', 'folio_walk_start']],
		['mm/page_vma_mapped.c', ['map_pte', 'page_vma_mapped_walk']],
		['mm/mapping_dirty_helpers.c', ['wp_clean_pmd_entry', 'wp_clean_pud_entry']],
		['mm/vmalloc.c', ['vmap_pte_range', 'vunmap_pmd_range', 'vmalloc_to_page']],
		['mm/truncate.c', ['invalidate_inode_pages2_range']],
		['mm/workingset.c', ['workingset_update_node']],
		['fs/dax.c', ['dax_lock_folio', 'dax_iomap_pte_fault']],
	])('%s: each function that looks is unsupported, with what it does', (path, names) => {
		const { functions, findings } = check(path);
		expect(findings).toEqual([]);
		expect(functions.map((f) => f.name)).toEqual(expect.arrayContaining([...names]));
		for (const { verdict, why } of functions) {
			expect(verdict).toBe('unsupported');
			expect(why).toMatch(/ \(line \d+\); /);
		}
	});

	// what is queued to be split has no reference of the queue's: whoever frees it takes it off later
	it('mm/huge_memory.c: the count raised, without a look at it, of what a list leads to', () => {
		const path = 'mm/huge_memory.c';
		const was = readFileSync(join(tree, path), 'utf8');
		const text = was.replace(
			/if \(folio_try_get\(folio\)\) \{(\s*list_move\(&folio->_deferred_list)/,
			'folio_get(folio);\n\t\tif (1) {$1',
		);
		expect(text).not.toBe(was);
		const { functions } = analysisOf({ path, text, tree, depth: 'core' });
		const scan = functions.find((f) => f.name === 'deferred_split_scan');
		expect(scan?.why).toMatch(/^takes a reference on what may have been freed \(line \d+\); /);
	});

	// no entry, no ->mapping, no slot of the page cache in them
	it.each(['mm/swap.c', 'mm/memcontrol.c'])('%s: nothing', (path) => {
		expect(check(path).functions).toEqual([]);
	});
});
