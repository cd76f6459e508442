/**
 * Declarations of the checked file that stand before the tree's, and attributes that change what a declaration means: a walk that is
 * declared into another never holds.
 */
import { describe, expect, it } from 'vitest';
import {
	assembled,
	before,
	checkedBy,
	GOOD,
	hostileRoot,
	local,
	type Otherwise,
	reasons,
	verdicts,
} from './otherwise.js';

const root = hostileRoot();
const NARROW = local('unsigned long a __attribute__((mode(QI)));').replace(
	'if (pmd_val(pmd)',
	'a = pte_val(pte);\n\t\tif (a != pte_val(*ptep) || pmd_val(pmd)',
);
const READ = `static READS unsigned long rd(pte_t *p) { return pte_val(*p); }
${GOOD.replace('pte_val(pte) != pte_val(*ptep)', 'pte_val(pte) != rd(ptep) || pte_val(pte) != rd(ptep)')}`;

/** By a declaration at the top of the file, which calls `other` where the walk says a name of the kernel. */
const DECLARED: readonly (readonly [string, string])[] = [
	['a variable that is a function pointer', 'static unsigned long (*pte_val)(pte_t);'],
	['a second declarator', 'static int aa, (*pte_val)(pte_t);'],
	['an array of them', 'static int (*get_page_unless_zero[3])(struct page *);'],
	['behind a struct', 'static struct { int a; } x, *pte_val;'],
	['a macro that declares', '#define D(x) static unsigned long (*x)(pte_t);\nD(pte_val)'],
	['a type', 'typedef unsigned long pte_val(pte_t);'],
	['its name in brackets', 'extern unsigned long (pte_val)(pte_t);'],
	['a definition with its name in brackets', 'static int (pte_val)(pte_t x) { return 0; }'],
	['a type of another width', 'typedef unsigned long pte_val_t __attribute__((mode(QI)));'],
	['an asm label', 'unsigned long pte_val(pte_t) asm("other");'],
	['an asm label spelled otherwise', 'unsigned long pte_val(pte_t) __asm__("other");'],
	['an asm label by a macro', '#define L __asm__("other")\nunsigned long pte_val(pte_t) L;'],
	['a second declarator with a label', 'extern int aa(void), pte_val(pte_t) asm("other");'],
	['alias', 'static unsigned long pte_val(pte_t) __attribute__((alias("other")));'],
	['weakref', 'static unsigned long pte_val(pte_t) __attribute__((weakref("other")));'],
	['ifunc', 'unsigned long pte_val(pte_t) __attribute__((ifunc("other")));'],
	['an attribute by a macro', '#define A alias("other")\nint pte_val(pte_t) __attribute__((A));'],
	['assembly beside the functions', 'asm(".set pte_val, other");'],
	['assembly by a macro', '#define A asm(".set pte_val, other");\nA'],
	['a struct of the kernel’s', 'struct page { char c; };'],
	['an entry of another width', 'typedef struct { unsigned char pte; } pte_t;'],
	['a type of the kernel’s', 'typedef unsigned char pgoff_t;'],
];

const INSIDE: readonly (readonly [string, string])[] = [
	['a prototype with a label', local('unsigned long pte_val(pte_t) asm("other");')],
	['an extern with a label', local('extern unsigned long pte_val(pte_t) asm("other");')],
	['a function pointer', local('unsigned long (*pte_val)(pte_t) = (void *)pages;')],
	['a nested function', local('unsigned long pte_val(pte_t x) { return 0; }')],
	['a variable in a register of its own', local('register unsigned long a asm("r12");')],
];

const ATTRIBUTES: readonly Otherwise[] = [
	{ name: 'mode', text: NARROW, assembly: /movb|movzbl|cmpb/ },
	{
		name: 'mode, as C23 has it',
		text: NARROW.replace(
			'unsigned long a __attribute__((mode(QI)));',
			'[[gnu::mode(QI)]] unsigned long a;',
		),
	},
	{ name: 'vector_size', text: local('int a __attribute__((vector_size(16))); a = a;') },
	{
		name: 'const',
		text: READ.replace('READS', '__attribute__((const, noinline))'),
		assembly: /call\s+rd\b(?![\s\S]*call\s+rd\b)/,
	},
	{ name: 'pure', text: READ.replace('READS', '__attribute__((pure, noinline))') },
	{ name: '__pure', text: READ.replace('READS', '__pure') },
	{
		name: 'noreturn',
		text: `static __attribute__((noreturn)) void gone(void) { }\n${before('if (pte_val(pte) != pte_val(*ptep)) gone();')}`,
	},
	{
		name: 'weak',
		text: checkedBy('__attribute__((weak)) int chk(pte_t a, pte_t b)'),
		assembly: /\.weak\s+chk/,
	},
	{
		name: 'weak, behind the type',
		text: checkedBy('int __attribute__((weak)) chk(pte_t a, pte_t b)'),
		assembly: /\.weak\s+chk/,
	},
	{ name: '__weak', text: checkedBy('__weak int chk(pte_t a, pte_t b)') },
	{
		name: 'naked',
		text: checkedBy('static __attribute__((naked, noinline)) int chk(pte_t a, pte_t b)'),
	},
	{
		name: 'extern inline',
		text: checkedBy('extern inline __attribute__((gnu_inline)) int chk(pte_t a, pte_t b)'),
		assembly: /call\s+chk\b(?![\s\S]*^chk:)/m,
	},
	{
		name: 'a label of a function of the file',
		text: `static int chk(pte_t a, pte_t b) asm("other");\n${checkedBy('static int chk(pte_t a, pte_t b)')}`,
		assembly: /call\s+other/,
	},
];

describe('a declaration in force that is not the tree’s', () => {
	it('holds where it is one that the tree could have', () => {
		const harmless = [
			'static int aa, bb(void);',
			'extern unsigned long other(pte_t);',
			'typedef struct { unsigned long pte; } pte_t;',
			'static __attribute__((unused, cold)) int aa(void) { return 0; }',
			'static __always_inline __maybe_unused int aa(void) { return 0; }',
		];
		for (const text of harmless)
			expect([text, verdicts(root, `${text}\n${GOOD}`).at(-1)]).toEqual([text, 'holds']);
	});

	it.each(DECLARED)('is no primitive: %s', (_, text) => {
		expect(verdicts(root, `${text}\n${GOOD}`)).toEqual(['unsupported']);
	});

	it.each(INSIDE)('is none inside a function: %s', (_, text) => {
		expect(text).not.toBe(GOOD);
		expect(verdicts(root, text)).toEqual(['unsupported']);
	});

	it('calls another symbol, says gcc', () => {
		const text = `unsigned long pte_val(pte_t) asm("other");\n${GOOD}`;
		expect(assembled(root, text)).toMatch(/call\s+other/);
		expect(assembled(root, GOOD)).toMatch(/call\s+pte_val/);
		expect(assembled(root, GOOD)).not.toMatch(/call\s+other/);
	});

	it('is named with its place', () => {
		expect(reasons(root, `static int (*pte_val)(pte_t);\n${GOOD}`)).toBe(
			'pte_val is not a function',
		);
		expect(reasons(root, `unsigned long pte_val(pte_t) asm("other");\n${GOOD}`)).toBe(
			'pte_val: pte_val is declared with an asm label',
		);
	});
});

describe('an attribute that changes what is declared', () => {
	it.each(ATTRIBUTES)('does not hold: $name', ({ text, assembly }) => {
		expect(text).not.toBe(GOOD);
		const found = verdicts(root, text);
		expect(found.length).toBeGreaterThan(0);
		expect(found.at(-1)).toBe('unsupported');
		if (assembly !== undefined) {
			expect(assembled(root, text)).toMatch(assembly);
			expect(assembled(root, GOOD)).not.toMatch(assembly);
		}
	});
});
