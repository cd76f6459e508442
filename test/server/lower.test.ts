/**
 * What the lowering promises beyond C's meaning: where names are looked up, what is marked as repeatable by the
 * compiler, that what is not understood is contained and never lost, and which functions are walks.
 */
import { describe, expect, it } from 'vitest';
import { printOp } from '../../engine/program/printer.js';
import { findFunction } from '../../engine/program/program.js';
import { problemsOf } from '../../engine/program/wellformed.js';
import type { KernelTree } from '../../server/tree/kernel_tree.js';
import { type Given, lowered } from './lower_run.js';

/** Ops of function `f`, as printed, registers without numbers. */
function listing(given: Given, name = 'f'): readonly string[] {
	const { program } = lowered(given);
	expect(problemsOf(program)).toEqual([]);
	const index = findFunction(program, name);
	const f = index === null ? undefined : program.functions[index];
	return f?.ops.map((op) => printOp(program, f, op).replace(/r\d+:(\w+)/g, '$1')) ?? [];
}

function tree(files: Readonly<Record<string, string>>): KernelTree {
	return {
		root: `/memory/${Object.keys(files).length}/${Object.values(files).join('').length}`,
		read: (path) => files[path] ?? null,
		list: (folder) =>
			Object.keys(files).filter(
				(p) => p.startsWith(`${folder}/`) && !p.slice(folder.length + 1).includes('/'),
			),
	};
}

describe('what the compiler may repeat', () => {
	const cases: readonly (readonly [string, string, readonly string[]])[] = [
		[
			'a plain read, used twice',
			'int f(struct folio *folio) { struct address_space *m = folio->mapping; if (!m) return 0; return m == NULL; }',
			[
				'r1 = use folio',
				'r2 = &r1->page.mapping',
				'r3 = load plain [r2]',
				'm = r3',
				'r5 = use m',
				'if r5 jump 7 else 6',
				'return 0',
				'r6 = use m',
				'r7 = r6 == 0 u64',
				'return r7',
			],
		],
		[
			'READ_ONCE',
			'int f(struct folio *folio) { return READ_ONCE(folio->mapping) != NULL; }',
			[
				'r1 = use folio',
				'r2 = &r1->page.mapping',
				'r3 = load once [r2]',
				'r4 = r3 != 0 u64',
				'return r4',
			],
		],
		[
			'a copy is no use',
			'long f(long a) { long b = a; b = a; return b; }',
			['b = a', 'b = a', 'return b'],
		],
		[
			'nor is an argument',
			'static void g(long a) { }\nvoid f(long a) { g(a); }',
			['g(a)', 'return'],
		],
		[
			'a cast that changes nothing is a copy',
			'unsigned long f(struct page *p) { return (unsigned long)p; }',
			['return p'],
		],
	];
	it.each(cases)('%s', (_, c, expected) => expect(listing({ c })).toEqual(expected));
	it('actors do not repeat', () => {
		const actors = 'void actor_x(void) { long a = __rw_choose(2); __rw_assume(a + a); }';
		expect(listing({ c: '', actors }, 'actor_x')).toContain('r2 = a + a s64');
	});
});

describe('names', () => {
	const header = tree({
		'include/linux/mm.h':
			'static inline int g(int a)\n{\n\treturn a + 2;\n}\n#define LIMIT 20\nenum { FIRST = 7, SECOND };\nextern int counter;\n',
		'mm/other.c': 'int far(int a)\n{\n\treturn a;\n}\n',
		'mm/test.c': 'int g(int a) { return 99; }',
	});
	const cases: readonly (readonly [string, Given, readonly string[]])[] = [
		[
			'the file before primitives',
			{
				c: 'int g(int a) { return 1; }\nint f(void) { return g(0); }',
				primitives: 'int g(int a) { return 2; }',
			},
			['mm/test.c'],
		],
		[
			'primitives before the tree',
			{ c: 'int f(void) { return g(0); }', primitives: 'int g(int a) { return 2; }', tree: header },
			['racewalk:primitives/test.c'],
		],
		[
			'the tree before assumed bodies',
			{ c: 'int f(void) { return g(0); }', assumed: 'int g(int a) { return 3; }', tree: header },
			['include/linux/mm.h'],
		],
		[
			'assumed bodies last',
			{ c: 'int f(void) { return g(0); }', assumed: 'int g(int a) { return 3; }' },
			['racewalk:primitives/assumed.c'],
		],
		['elsewhere in mm', { c: 'int f(void) { return far(0); }', tree: header }, ['mm/other.c']],
	];
	it.each(cases)('%s', (_, given, expected) => {
		const { program } = lowered(given);
		expect(program.unsupported).toEqual([]);
		expect(program.functions.filter((x) => x.name !== 'f').map((x) => x.path)).toEqual(expected);
	});
	it('constants come from headers, and variables whose value nobody fixed', () => {
		const c = '#include <linux/mm.h>\nint f(void) { return LIMIT + SECOND + counter; }';
		const { program } = lowered({ c, tree: header });
		expect(listing({ c, tree: header })).toEqual(['r1 = 28 + any counter s32', 'return r1']);
		expect(program.functions[0]?.registerNames).toEqual(['any counter', null]);
	});
	it('an assumed body is an assumption of who uses it', () => {
		const { program } = lowered({
			c: 'static int h(int a) { return g(a); }\nint f(int a) { return h(a); }',
			assumed: 'int g(int a) { __rw_assumption("seven"); return 7; }',
		});
		expect(program.assumptions.map((a) => [a.what, a.function])).toEqual([
			['g(): body assumed (no tree)', 'h'],
			['seven', 'h'],
		]);
	});
	it('the walk cannot reach racewalk’s own words', () => {
		const { program } = lowered({ c: 'int f(int *p) { return __rw_load(once, p); }' });
		expect(program.unsupported.map((u) => u.reason)).toEqual(["__rw_load is racewalk's own"]);
	});
	it('actors see their own file, each other and the primitives', () => {
		const { program } = lowered({
			c: '',
			actors:
				'static void g(struct page *p) { /* mm/rmap.c: step() */ p->index = 1; }\nvoid actor_x(void) { g(__rw_symbol(victim)); }',
		});
		const names = program.functions.map((f) => `${f.origin} ${f.name}`);
		expect(names).toEqual(['actor actor_x', 'actor g']);
		const store = program.functions[1]?.ops.find((op) => op.kind === 'store');
		expect(program.sites[store?.site ?? 0]?.cites).toEqual({ path: 'mm/rmap.c', function: 'step' });
	});
});

describe('what is not understood', () => {
	const cases: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
		[
			'inline assembly',
			'int f(int a) { if (a) { asm volatile("x" : : : "memory"); } return a; }',
			['inline assembly'],
			['return a'],
		],
		[
			'a call nobody defines',
			'int f(int a) { if (a) nobody(a); return a; }',
			['racewalk does not model nobody()'],
			['return a'],
		],
		[
			'a call through a pointer',
			'int f(struct page *p, int (*fn)(int)) { if (p) return fn(1); return 2; }',
			['through a pointer'],
			['return 2'],
		],
		[
			'a parse error',
			'int f(int a) {\n\tif (a) {\n\t\ta = = 3;\n\t}\n\treturn 4;\n}',
			['not understood'],
			['return 4'],
		],
		[
			'an undeclared constant',
			'int f(int a) { if (a) a = NOBODY_KNOWS; return 4; }',
			['nothing declares NOBODY_KNOWS'],
			['return 4'],
		],
		[
			'a member nobody declares is a word of its struct',
			'long f(struct thing *t) { return t->x; }',
			[],
			['return r3'],
		],
		[
			'too few arguments',
			'int g(int a, int b) { return a; }\nint f(int a) { if (a) g(1); return 4; }',
			['takes 2 arguments'],
			['return 4'],
		],
		[
			'a call at the end of the scope',
			'void put(int *p) { } int f(int a) { __attribute__((cleanup(put))) int b = a; return 4; }',
			[],
			['put(r3)', 'return r2'],
		],
		[
			'a pointer to volatile, a volatile pointer',
			'long f(long **p) { return *(long * volatile *)p != *(volatile long **)p; }',
			[],
			['r2 = load once [r1]', 'r4 = load plain [r3]'],
		],
		[
			'goto into what is not understood',
			'int f(int a) { if (a) goto out; return 4;\n\tasm goto("" : : : : out);\nout:\n\treturn 5; }',
			[],
			['return 4', 'return 5'],
		],
	];
	it.each(cases)('%s', (_, c, reasons, kept) => {
		const given = { c };
		const found = lowered(given)
			.program.unsupported.map((u) => u.reason)
			.join('\n');
		for (const reason of reasons) expect(found).toContain(reason);
		if (reasons.length === 0) expect(found).toBe('');
		expect(listing(given)).toEqual(expect.arrayContaining([...kept]));
	});

	const elsewhere = tree({
		'mm/internal.h': 'static inline int helper(int a)\n{\n\treturn 0;\n}\n',
	});
	const broken: readonly (readonly [string, string])[] = [
		['a parameter list that does not close', 'static int helper(int a, {\n\treturn 1;\n}\n'],
		[
			'a body cut off',
			'int g(int a)\n{\n\treturn 1;\n}\nstatic int helper(int a)\n{\n\tif (a) {\n\t\treturn 1;\n',
		],
		[
			'a brace too many',
			'static int helper(int a)\n{\n\tif (a) {\n\t\treturn 1; }\n\t}\n\treturn 2;\n}\n',
		],
		[
			'a body that does not open',
			'int helper(int a)\n\tint b = a;\n\n\tif (b)\n\t\treturn 1;\n\treturn 2;\n}\n',
		],
		[
			'two definitions',
			'static int helper(int a)\n{\n\treturn 1;\n}\nstatic int helper(int a)\n{\n\treturn 2;\n}\n',
		],
		['only declared static', 'static int helper(int a);\n'],
		['a header the grammar does not take', 'static int helper(int a) = 3 +\n{\n\treturn 1;\n}\n'],
	];
	it.each(broken)('a helper with %s is not looked up elsewhere', (_, text) => {
		const caller = 'int f(int a)\n{\n\treturn helper(a);\n}\n';
		for (const c of [`${caller}${text}`, `static int helper(int a);\n${caller}${text}`]) {
			const { program } = lowered({ c, tree: elsewhere });
			expect(program.functions.filter((x) => x.path === 'mm/internal.h')).toEqual([]);
			expect(program.unsupported.length).toBeGreaterThan(0);
		}
	});
	it('code that cannot be reached does not count', () => {
		const { program } = lowered({
			c: 'int f(int a) { return a; nobody(a); }\nint unused(int a) { return nobody(a); }',
		});
		expect(program.unsupported).toEqual([]);
		expect(program.functions.map((x) => x.name)).toEqual(['f']);
	});
	it('lowering twice gives the same program', () => {
		const given = {
			c: cases.map(([, c]) => c.replace(/\b([fg])\(/g, '$1_x(')).join('\n'),
			also: ['f_x'],
		};
		expect(lowered(given)).toEqual(lowered(given));
	});
});
