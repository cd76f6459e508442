/** Which functions are roots of walks: by what they do, under any names. */
import { describe, expect, it } from 'vitest';
import { lowered } from './lower_run.js';

const primitives = `
#define local_irq_save(flags) do { (flags) = 0; __rw_enter(irq); } while (0)
#define local_irq_restore(flags) do { (void)(flags); __rw_leave(irq); } while (0)
`;

const pteWalk = (name: string): string => `
static int ${name}(pmd_t pmd, pmd_t *pmdp, unsigned long addr, unsigned long end, unsigned int flags, struct page **pages, int *nr)
{
	pte_t *ptep = pte_offset_map(&pmd, addr);
	pte_t pte = ptep_get(ptep);
	struct folio *folio = page_folio((struct page *)pte);

	if (!folio_try_get(folio))
		return 0;
	if (pte_val(pte) != pte_val(ptep_get(ptep))) {
		folio_put(folio);
		return 0;
	}
	pages[*nr] = (struct page *)pte;
	(*nr)++;
	return 1;
}
`;
const outer = (name: string, inner: string, section = true): string => `
static int ${name}(pmd_t *pmdp, unsigned long start, unsigned long end, unsigned int gup_flags, struct page **pages)
{
	unsigned long flags;
	int nr = 0;

	${section ? 'local_irq_save(flags);' : ''}
	${inner}(*pmdp, pmdp, start, end, gup_flags, pages, &nr);
	${section ? 'local_irq_restore(flags);' : ''}
	return nr;
}
`;
const slow = (name: string, fast: string): string => `
static int fault(unsigned long addr)
{
	return handle_mm_fault(addr);
}
int ${name}(pmd_t *pmdp, unsigned long start, unsigned long end, struct page **pages)
{
	int nr = ${fast}(pmdp, start, end, 0, pages);

	if (nr)
		return nr;
	return fault(start);
}
`;

const cases: readonly (readonly [string, string, readonly string[]])[] = [
	[
		'the function between slow path and walk',
		pteWalk('walk_ptes') + outer('fast', 'walk_ptes') + slow('get', 'fast'),
		['fast'],
	],
	['any names', pteWalk('zz1') + outer('zz2', 'zz1') + slow('zz3', 'zz2'), ['zz2']],
	[
		'without the interrupts-off section',
		pteWalk('walk_ptes') + outer('fast', 'walk_ptes', false) + slow('get', 'fast'),
		['fast'],
	],
	['with nobody above', pteWalk('walk_ptes') + outer('fast', 'walk_ptes'), ['fast']],
	['a level alone', pteWalk('walk_ptes'), ['walk_ptes']],
	[
		'through a macro of the file',
		`${pteWalk('walk_ptes')}\n#define go(args...) walk_ptes(args)\n${outer('fast', 'go')}`,
		['fast'],
	],
	[
		'two walks',
		pteWalk('a') + outer('fast_a', 'a') + pteWalk('b') + outer('fast_b', 'b'),
		['fast_a', 'fast_b'],
	],
	[
		'the policy check alone',
		'static bool allowed(struct folio *folio, unsigned int flags)\n{\n\tstruct address_space *m = READ_ONCE(folio->mapping);\n\n\treturn m && m->a_ops;\n}\n',
		['allowed'],
	],
	[
		'the policy check with a helper',
		'static bool is_ok(struct address_space *m)\n{\n\treturn m->a_ops;\n}\nstatic bool allowed(struct page *page)\n{\n\treturn is_ok(page->mapping);\n}\n',
		['allowed'],
	],
	[
		'none: a function with a vma runs under mmap_lock',
		pteWalk('walk_ptes').replace('unsigned int flags', 'struct vm_area_struct *vma'),
		[],
	],
	['none: no reference taken', 'int f(pte_t *ptep) { return pte_val(ptep_get(ptep)) != 0; }', []],
	[
		'none: not a kernel file',
		'#include <stdio.h>\nint main(int argc, char **argv) { printf("%d", argc); return 0; }',
		[],
	],
	[
		'none: truncation writes the mapping',
		'void f(struct folio *folio) { folio->mapping = NULL; }',
		[],
	],
	['none: nothing', '', []],
	[
		'behind more functions than anybody writes',
		Array.from({ length: 25_000 }, (_, i) => `int f${i}(void) { return ${i}; }\n`).join('') +
			pteWalk('walk_ptes'),
		['walk_ptes'],
	],
];

describe('walks that a macro makes', () => {
	const onOneLine = pteWalk('made').replace(/\s*\n\s*/g, ' ');
	it.each([
		['of its own', `#define WALK ${onOneLine}\nWALK\n`, ['WALK']],
		['with a name', `#define WALK(made) ${onOneLine}\nWALK(zz)\n`, ['WALK']],
		['beside another walk', `#define WALK ${onOneLine}\nWALK\n${pteWalk('b')}`, ['WALK']],
		['that is none', '#define LOOK(p) ({ pte_t pte = ptep_get(p); pte; })\n', []],
	])('%s are said to be there', (_, c, expected) => {
		expect(lowered({ c, primitives }).undecided.map((r) => r.name)).toEqual(expected);
	});
});

describe('roots of walks', () => {
	it.each(cases)('%s', (_, c, expected) => {
		const { walks, program } = lowered({ c, primitives, also: [] });
		expect(walks.map((w) => program.functions[w.root]?.name)).toEqual(expected);
	});
	const together = (section: (call: string) => string, handsOut = 'start + nr, end - nr, pages') =>
		`${pteWalk('walk_ptes')}
static int fault_in(unsigned long start, unsigned long nr, struct page **pages)
{
	down_read(0);
	return handle_mm_fault(start);
}
int get(pmd_t *pmdp, unsigned long start, unsigned long end, struct page **pages)
{
	unsigned long flags;
	int nr = 0;

${section(`	if (start + nr != end)
		return fault_in(${handsOut});
`)}	return nr;
}
`;
	const walk = '	walk_ptes(*pmdp, pmdp, start, end, 0, pages, &nr);\n';
	const sectionOf = (body: string) =>
		`	local_irq_save(flags);\n${body}	local_irq_restore(flags);\n`;
	it.each([
		['behind the section: the walk ends there', (call: string) => sectionOf(walk) + call, true],
		['in the section: it is the walk’s own doing', (call: string) => sectionOf(walk + call), false],
	])('walk and slow path in one function, %s', (_, section, isCut) => {
		const { walks, program } = lowered({ c: together(section), primitives, also: [] });
		const [only] = walks;
		const names = only?.functions.map((f) => program.functions[f]?.name);
		expect(names).toEqual(isCut ? ['get', 'walk_ptes'] : ['get', 'walk_ptes', 'fault_in']);
		const ops = program.functions[only?.root ?? 0]?.ops ?? [];
		expect(ops.some((op) => op.kind === 'intrinsic' && op.name === 'might_sleep')).toBe(isCut);
		expect(
			program.assumptions
				.map((a) => a.what)
				.join()
				.includes('slow path'),
		).toBe(isCut);
	});
	it.each([
		['scoped_guard(irqsave) {\n', '}\n'],
		['scoped_guard(rcu) {\n', '}\n'],
		['{\n\tguard(irqsave)();\n', '}\n'],
		['{\n\tguard(preempt)();\n', '}\n'],
		['rcu_read_lock_sched();\n', 'rcu_read_unlock_sched();\n'],
	])('a section by %j is one', (enter, leave) => {
		const section = (call: string) => `${enter}${walk}${leave}${call}`;
		const words =
			'static void entered(void) { }\n#define scoped_guard(kind) if (1)\n#define guard(kind) entered\n#define rcu_read_lock_sched() entered()\n#define rcu_read_unlock_sched() entered()\n';
		const { walks, program } = lowered({ c: words + together(section), primitives, also: [] });
		const names = walks[0]?.functions.map((f) => program.functions[f]?.name);
		expect(names?.[0]).toBe('get');
		expect(names).not.toContain('fault_in');
	});

	const look = (name: string, other: string, section: boolean) => `
int ${name}(pgd_t *pgdp, unsigned long addr)
{
	unsigned long flags;
	int size = 0;

	${section ? 'local_irq_save(flags);' : ''}
	if (pgd_val(*pgd_offset_pgd(pgdp, addr)))
		size = ${other}(pgdp, addr + 1);
	${section ? 'local_irq_restore(flags);' : ''}
	return size;
}
`;
	const more = Array.from({ length: 40 }, (_, i) => `int f${i}(void) { return ${i}; }\n`).join('');
	it.each([
		['alone', look('a', 'f', false) + look('b', 'a', false), ['b']],
		['that call each other', look('a', 'b', false) + look('b', 'a', false), ['a']],
		['in sections of their own', more + look('a', 'b', true) + look('b', 'a', true), ['a']],
	])('functions that only look, %s', (_, c, expected) => {
		const { walks, program } = lowered({ c, primitives, also: [] });
		expect(walks.map((w) => program.functions[w.root]?.name)).toEqual(expected);
	});

	it('a walk that is not compiled is said to be there, without a verdict', () => {
		const c = `#ifdef CONFIG_NOBODY_SETS\n${pteWalk('inner')}${outer('fast', 'inner')}#endif\n`;
		const { walks, undecided } = lowered({ c, primitives, also: [] });
		expect(walks).toEqual([]);
		expect(undecided.map((u) => u.name)).toEqual(['fast']);
		expect(undecided.map((u) => u.why).join()).toContain('not compiled');
		const without = lowered({ c: c.replace('NOBODY_SETS', 'MMU'), primitives, also: [] });
		expect(without.undecided).toEqual([]);
		expect(without.walks.length).toBe(1);
	});
	it('a static function that nothing calls any more is no walk beside one that is called', () => {
		const left = outer('left_over', 'inner', false);
		const used = outer('fast', 'inner').replace('static int', 'int');
		const roots = (c: string) => lowered({ c, primitives, also: [] }).walks.length;
		expect(roots(pteWalk('inner') + left + used)).toBe(1);
		expect(roots(pteWalk('inner') + left)).toBe(1);
		expect(roots(`${pteWalk('inner')}${left}${used}int (*ops[])() = { left_over };\n`)).toBe(2);
	});
	it('a walk lists the functions of the file it reaches', () => {
		const { walks, program } = lowered({
			c: pteWalk('inner') + outer('fast', 'inner'),
			primitives,
			also: [],
		});
		expect(walks[0]?.functions.map((f) => program.functions[f]?.name)).toEqual(['fast', 'inner']);
	});
	it('a walk with a broken helper keeps its root', () => {
		const c = `${pteWalk('inner').replace('if (!folio_try_get(folio))', 'if (!folio_try_get(folio)')}${outer('fast', 'inner')}`;
		const { walks, program } = lowered({ c, primitives, also: [] });
		expect(walks.map((w) => program.functions[w.root]?.name)).toEqual(['fast']);
		expect(program.unsupported.length).toBeGreaterThan(0);
	});
	it.each([
		['an #endif too few', (c: string) => `#ifdef CONFIG_NOBODY_SETS\n${c}`],
		['an #endif too many', (c: string) => `${c}#endif\n`],
		['an #else alone', (c: string) => `#else\n${c}`],
	])('a file with %s keeps its root, or says so', (_, damage) => {
		const c = damage(pteWalk('inner') + outer('fast', 'inner'));
		const { walks, program } = lowered({ c, primitives, also: [] });
		expect(walks.map((w) => program.functions[w.root]?.name)).toEqual(['fast']);
		if (c.startsWith('#ifdef')) {
			expect(program.unsupported.map((u) => u.reason).join()).toContain('do not balance');
		}
	});
});
