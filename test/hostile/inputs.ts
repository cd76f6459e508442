/**
 * Texts that take more than they look like: one or more of each kind that was met, made here so that no large file lies in
 * the repository. The sizes are those of the reports; `small` makes the same kinds at a fraction of it, for the short run.
 *
 * Invariant: nothing here is of the kernel's text.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../trees.js';

export interface Hostile {
	readonly name: string;
	readonly kind: 'c' | 'litmus';
	readonly text: () => string;
}

const walk = readFileSync(
	join(repositoryRoot, 'test/fixtures/holds/racing-mapping-plain.c'),
	'utf8',
);

/** The walk with a text before its first function, or in the walk's body. */
function around(made: { readonly above?: string; readonly inside?: string }): string {
	const above = made.above ?? '';
	const text = walk.replace(
		'		if (!allowed(page)) {',
		`${made.inside ?? ''}\n		if (!allowed(page)) {`,
	);
	const at = text.search(/^static /m);
	return `${text.slice(0, at)}${above}\n${text.slice(at)}`;
}

function chain(names: number, step: (i: number) => string): string {
	return Array.from({ length: names }, (_, i) => step(i)).join('\n');
}

const C: readonly (readonly [string, (size: number) => string])[] = [
	['a claim that goes on', (n) => comment(`The mapping may ${'going to be '.repeat(n / 3300)}so.`)],
	['adverbs without end', (n) => comment(`The mapping may ${'still '.repeat(n / 6)}so.`)],
	['a comment of one word', (n) => comment('pin '.repeat(n / 4))],
	['the same subject again and again', (n) => comment('the page and the folio '.repeat(n / 23))],
	['betweens', (n) => comment('between '.repeat(n / 8))],
	['parentheses in a comment', (n) => comment('('.repeat(n))],
	['parentheses with words', (n) => comment('(1) pin ((('.repeat(n / 11))],
	['blanks in a comment', (n) => comment(' '.repeat(n))],
	['blank lines in a comment', (n) => comment('\n'.repeat(n))],
	['stars in a comment', (n) => comment('*'.repeat(n))],
	['a citation of dots', (n) => comment('a.'.repeat(n / 2))],
	['a citation of slashes', (n) => comment('a/'.repeat(n / 2))],
	['full stops', (n) => comment('. '.repeat(n / 2))],
	['comments that do not end', (n) => around({ above: '/* '.repeat(n / 3) })],
	['quotes that do not end', (n) => around({ above: '"\\'.repeat(n / 2) })],
	['apostrophes', (n) => around({ above: "'\\".repeat(n / 2) })],
	['a long name in a typedef', (n) => around({ above: `typedef int ${'a'.repeat(n)} (x);` })],
	['a long name', (n) => around({ above: `int ${'a'.repeat(n)};` })],
	['words without an end', (n) => around({ above: 'a '.repeat(n / 2) })],
	['stars', (n) => around({ above: `int ${'*'.repeat(n)}` })],
	['brackets', (n) => around({ above: `int a${'[1]'.repeat(n / 3)};` })],
	['braces at the margin', (n) => around({ above: '{\n}\n'.repeat(n / 4) })],
	['semicolons', (n) => around({ above: ';'.repeat(n) })],
	['hashes', (n) => around({ above: '#\n'.repeat(n / 2) })],
	['blank lines', (n) => around({ above: ' \n'.repeat(n / 2) })],
	['a line of blanks', (n) => around({ above: ' '.repeat(n) })],
	['a line that goes on', (n) => around({ above: `#define A ${'\\\n'.repeat(n / 2)}` })],
	['includes of nothing', (n) => around({ above: '#include "x.h"\n'.repeat(n / 15) })],
	[
		'macros that double',
		(n) =>
			around({
				above: `${chain(60, (i) => `#define D${i} D${i + 1} + D${i + 1}`)}\n#define D60 1`,
				inside: `${'int x = D0;'.repeat(Math.ceil(n / 200_000))}`,
			}),
	],
	[
		'calls of macros that double',
		() =>
			around({
				above: `${chain(60, (i) => `#define E${i}(x) E${i + 1}(x) + E${i + 1}(x)`)}\n#define E60(x) x`,
				inside: 'int x = E0(1);',
			}),
	],
	[
		'arguments that double',
		() =>
			around({
				above: '#define DD(a) a a',
				inside: `${'DD('.repeat(25)}int x;${')'.repeat(25)}`,
			}),
	],
	[
		'arguments without a number that double',
		() =>
			around({
				above: `${chain(60, (i) => `#define V${i}(...) V${i + 1}(__VA_ARGS__, __VA_ARGS__)`)}\n#define V60(...) 0`,
				inside: 'int x = V0(1);',
			}),
	],
	['a long string', (n) => around({ inside: `const char *s = "${'s'.repeat(n)}";` })],
	[
		'macros that paste',
		() =>
			around({
				above: chain(40, (i) => `#define P${i}(x) P${i + 1}(x##x)`),
				inside: 'int x = P0(abcdefgh);',
			}),
	],
	[
		'macros that quote',
		() =>
			around({
				above: chain(40, (i) => `#define Q${i}(x) Q${i + 1}(#x #x)`),
				inside: 'const char *x = Q0("a\\\\");',
			}),
	],
	[
		'conditions that double',
		() =>
			around({
				above: `${chain(60, (i) => `#define I${i} (I${i + 1} + I${i + 1})`)}\n#define I60 1\n#if I0\n#endif`,
			}),
	],
	['a condition of brackets', (n) => around({ above: `#if ${'('.repeat(n)}1\n#endif` })],
	['a condition of nots', (n) => around({ above: `#if ${'!'.repeat(n)}1\n#endif` })],
	['conditions in conditions', (n) => around({ above: '#if 1\n'.repeat(n / 6) })],
	[
		'many functions',
		(n) => around({ above: chain(n / 40, (i) => `static int f${i}(pte_t *p) { return ${i}; }`) }),
	],
	[
		'many walks',
		(n) =>
			around({
				above: chain(
					n / 400,
					(i) =>
						`static int w${i}(pmd_t *pmdp, unsigned long a) { pte_t *p = pte_offset_map(pmdp, a); pte_t e = ptep_get_lockless(p); return try_get_page(pte_page(e)); }`,
				),
			}),
	],
	[
		'a chain of calls',
		(n) =>
			around({
				above: `static void g0(void) {}\n${chain(n / 40, (i) => `static void g${i + 1}(void) { g${i}(); }`)}`,
				inside: `g${Math.floor(n / 40)}();`,
			}),
	],
	['many locals', (n) => around({ inside: chain(n / 20, (i) => `int l${i} = ${i};`) })],
	[
		'many cases',
		(n) => around({ inside: `switch (1) { ${chain(n / 12, (i) => `case ${i}:;`)} }` }),
	],
	['many labels', (n) => around({ inside: chain(n / 12, (i) => `m${i}: ;`) })],
	[
		'many members',
		(n) => around({ above: `struct many { ${chain(n / 10, (i) => `int m${i};`)} };` }),
	],
	[
		'many enumerators',
		(n) => around({ above: `enum many { ${chain(n / 10, (i) => `M${i},`)} };` }),
	],
	['a long sum', (n) => around({ inside: `int sum = 1${' + 1'.repeat(n / 4)};` })],
	['long arguments', (n) => around({ inside: `allowed(${'page, '.repeat(n / 6)}page);` })],
	['loads', (n) => around({ inside: 'READ_ONCE(page->mapping);'.repeat(n / 25) })],
	[
		'loops in loops',
		() =>
			around({ inside: `${'for (int i = 0; i < 9; i++) '.repeat(30)} READ_ONCE(page->mapping);` }),
	],
	[
		'choices',
		() => around({ inside: 'if (READ_ONCE(page->mapping)) allowed(page);\n'.repeat(200) }),
	],
];

function comment(text: string): string {
	return around({ inside: `/* ${text} */` });
}

function litmusTest(made: {
	readonly init?: string;
	readonly body?: string;
	readonly second?: string;
	readonly exists?: string;
	readonly name?: string;
}): string {
	const { init = '', body = '', second = 'WRITE_ONCE(*x, 1);', exists = '0:r0=1' } = made;
	return `C ${made.name ?? 'hostile'}\n\n{${init}}\n\nP0(int *x, int *y)\n{\n\tint r0;\n${body}\n\tr0 = READ_ONCE(*x);\n}\n\nP1(int *x, int *y)\n{\n\t${second}\n}\n\nexists (${exists})\n`;
}

const LITMUS: readonly (readonly [string, (size: number) => string])[] = [
	['a word', (n) => 'a'.repeat(n)],
	['a word behind the header', (n) => `C x\n\n${'a'.repeat(n)}`],
	['a long name', (n) => litmusTest({ name: 'a'.repeat(n) })],
	['blanks', (n) => `C x\n${' '.repeat(n)}`],
	['comments that do not end', (n) => `C x\n${'(* '.repeat(n / 3)}`],
	['a word in the state', (n) => litmusTest({ init: `${'a'.repeat(n)}` })],
	['words in the state', (n) => litmusTest({ init: 'int '.repeat(n / 4) })],
	['blanks in the state', (n) => litmusTest({ init: ` int${' '.repeat(n)}x ` })],
	['stars in the state', (n) => litmusTest({ init: `int ${'* '.repeat(n / 2)}` })],
	['an initialiser of capitals', (n) => litmusTest({ init: `x=${'A_INIT'.repeat(n / 6)};` })],
	['an initialiser of brackets', (n) => litmusTest({ init: `x=A_INIT(${' '.repeat(n)};` })],
	['an initialiser of braces', (n) => litmusTest({ init: `x={${' '.repeat(n)};` })],
	['many variables', (n) => litmusTest({ init: chain(n / 8, (i) => `v${i}=1;`) })],
	['a condition of words', (n) => litmusTest({ exists: 'a'.repeat(n) })],
	['a condition of blanks', (n) => litmusTest({ exists: `0:r0=1${' '.repeat(n)}` })],
	[
		'a condition of clauses',
		(n) => litmusTest({ exists: `0:r0=1${' /\\ 0:r0=1'.repeat(n / 11)}` }),
	],
	['a body of one word', (n) => litmusTest({ body: 'a'.repeat(n) })],
	['a body of stars', (n) => litmusTest({ body: '*'.repeat(n) })],
	['barriers', (n) => litmusTest({ body: 'smp_mb();\n'.repeat(n / 500) })],
	['many barriers', (n) => litmusTest({ body: 'smp_mb();\n'.repeat(n / 10) })],
	['writes', (n) => litmusTest({ body: 'WRITE_ONCE(*x, 1);\n'.repeat(n / 15) })],
	[
		'writes of two',
		(n) =>
			litmusTest({
				body: 'WRITE_ONCE(*x, 1);\n'.repeat(n / 3000),
				second: 'WRITE_ONCE(*x, 2);\n'.repeat(n / 3000),
			}),
	],
	['reads', (n) => litmusTest({ body: 'r0 = READ_ONCE(*y);\n'.repeat(n / 1000) })],
	[
		'many threads',
		(n) =>
			litmusTest({}).replace(
				'exists',
				`${chain(n / 40, (i) => `P${i + 2}(int *x) { WRITE_ONCE(*x, ${i}); }`)}\nexists`,
			),
	],
	['loops', () => litmusTest({ body: `${'while (READ_ONCE(*y)) '.repeat(8)} smp_mb();` })],
	[
		'sections',
		(n) => litmusTest({ body: 'rcu_read_lock(); rcu_read_unlock();\n'.repeat(n / 400) }),
	],
	[
		'conditions',
		(n) => litmusTest({ body: 'if (READ_ONCE(*y)) WRITE_ONCE(*y, 2);\n'.repeat(n / 2000) }),
	],
	['a long expression', (n) => litmusTest({ body: `r0 = 1${' + 1'.repeat(n / 4)};` })],
	['definitions', (n) => `C x\n\n{}\n\n${'#define A B\n'.repeat(n / 12)}`],
];

/** All of them; `size`: about how many characters the long ones have. */
export function hostileTexts(size: number): readonly Hostile[] {
	const of =
		(kind: Hostile['kind']) =>
		([name, make]: readonly [string, (size: number) => string]): Hostile => ({
			...{ name: `${kind}: ${name}`, kind },
			text: () => make(size),
		});
	return [...C.map(of('c')), ...LITMUS.map(of('litmus'))];
}
