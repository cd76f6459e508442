/**
 * Enumerators and tags that are declared where only a type name is looked for, and names that are spelled in two ways: a walk whose re-check is
 * gone by them must never hold. Each is what gcc makes of it.
 */
import { describe, expect, it } from 'vitest';
import {
	assembled,
	before,
	condition,
	GOOD,
	hostileRoot,
	local,
	putHeaders,
	reasons,
	verdicts,
} from './otherwise.js';

const root = hostileRoot();
putHeaders(root, {
	'mm/empties.h':
		'static inline int kk(int x)\n{\n\t(void)sizeof(enum { x = 0 });\n\treturn x;\n}\n',
	'mm/macro.h':
		'#define gone(x) (void)sizeof(enum { x = 0 })\nstatic inline int kk(int x)\n{\n\tgone(x);\n\treturn x;\n}\n',
	'mm/names.h': '#define \\u00e9 0\n',
});

/** `NOW` is 1 outside of the walk's block and 0 behind what stands before the re-check. */
const ZERO = 'enum { NOW = 0 }';
const asks = (text: string): string => text.replace(/^/, 'enum { NOW = 1 };\n');
const hidden = (statement: string): string => {
	const text = before(statement);
	return asks(
		text
			.replace('if (pmd_val(pmd)', 'if (NOW && (pmd_val(pmd)')
			.replace('val(*ptep)) {', 'val(*ptep))) {'),
	);
};
const parameter = (text: string): string =>
	hidden('').replace('static int walk_ptes(', `static int walk_ptes(${text}, `);

const STATEMENTS: readonly (readonly [string, string])[] = [
	['a statement', `${ZERO};`],
	['a declaration elsewhere', `extern ${ZERO} x_;`],
	['a typedef', `typedef ${ZERO} x_;`],
	['sizeof', `(void)sizeof(${ZERO});`],
	['a cast', `(void)(${ZERO})0;`],
	['typeof', `typeof(${ZERO}) x_; (void)x_;`],
	['a local struct', `struct { ${ZERO} e_; } s_; (void)s_;`],
	['a tagged struct', `struct t_ { ${ZERO} e_; };`],
	['a union in a struct', `struct { union { ${ZERO} e_; }; } s_; (void)s_;`],
	['an array bound', `char x_[sizeof(${ZERO})]; (void)x_;`],
	['an attribute', `char x_ __attribute__((aligned(sizeof(${ZERO})))); (void)x_;`],
	['_Alignof', `(void)_Alignof(${ZERO});`],
	['__alignof__', `(void)__alignof__(${ZERO});`],
	['_Alignas', `_Alignas(sizeof(${ZERO})) char x_; (void)x_;`],
	['a compound literal', `(void)(${ZERO}){ 0 };`],
	['an initialiser', `int x_[] = { sizeof(${ZERO}) }; (void)x_;`],
	['another enumeration', `enum { OTHER_ = sizeof(${ZERO}) };`],
	['__builtin_offsetof', `(void)__builtin_offsetof(struct { ${ZERO} e_; }, e_);`],
	['_Generic', `(void)_Generic(0, ${ZERO}: 1, default: 2);`],
	['__builtin_types_compatible_p', `(void)__builtin_types_compatible_p(${ZERO}, int);`],
	['__builtin_va_arg-like macros', `#define mm_(t) sizeof(t)\n(void)mm_(${ZERO});`],
	['a macro of it all', `#define mm_ (void)sizeof(${ZERO})\nmm_;`],
	['_Static_assert', `_Static_assert(sizeof(${ZERO}), "");`],
	['a bit-field', `struct { int b_ : sizeof(${ZERO}); } s_; (void)s_;`],
	[
		'a pointer to a function',
		`int (*f_)(char (*)[sizeof(int)]) = (int (*)(char (*)[sizeof(${ZERO})]))0; (void)f_;`,
	],
	['inline assembly', `asm("" : : "i"(sizeof(${ZERO})));`],
	['a label', `l_: ${ZERO} x_; (void)x_;`],
	['digraphs', `(void)sizeof(enum <% NOW = 0 %>);`],
	['an attribute of the enum', `(void)sizeof(enum __attribute__((packed)) { NOW = 0 });`],
];

const TAGS: readonly (readonly [string, string])[] = [
	['sizeof', '(void)sizeof(struct tt { char c[2]; });'],
	['a member', 'struct { struct tt { char c[2]; } m_; } s_; (void)s_;'],
	['a cast', '(void)(struct tt { char c[2]; } *)0;'],
	['a union', '(void)sizeof(union { struct tt { char c[2]; } m_; });'],
];
const tagged = (statement: string): string =>
	`struct tt { char c; };\n${hidden(statement)}`
		.replace('NOW &&', 'sizeof(struct tt) == 1 &&')
		.replace('NOW = 0', 'OTHER_ = 0');

const NAMES: readonly (readonly [string, string])[] = [
	['a local', condition('({ int é = 1; { int \\u00e9 = 0; é; } }) && (…)')],
	['with eight digits', condition('({ int é = 1; { int \\U000000e9 = 0; é; } }) && (…)')],
	['on two lines', condition('({ int é = 1; { int \\u00\\\ne9 = 0; é; } }) && (…)')],
	['behind a backslash', condition('({ int é = 1; { int \\\\\nu00e9 = 0; é; } }) && (…)')],
	['a macro', `#define \\u00e9 0\n${condition('({ int é = 1; é; }) && (…)')}`],
	[
		'pasted',
		`#define cat(a, b) a##b\n${condition('({ int aé = 1; { int cat(a, \\u00e9) = 0; aé; } }) && (…)')}`,
	],
	['in a header', `#include "names.h"\n${condition('({ int é = 1; é; }) && (…)')}`],
];

/** What the re-check's condition is without its loads: the assembly is that of a walk without it. */
const withoutCheck = assembled(root, condition('0 && (…)'));

describe('a walk whose re-check an enumerator takes away', () => {
	it('holds where nothing does', () => {
		expect(verdicts(root, hidden(''))).toEqual(['holds']);
		expect(verdicts(root, tagged(''))).toEqual(['holds']);
		expect(verdicts(root, hidden('(void)sizeof(struct { int a_; });'))).toEqual(['holds']);
	});

	it.each(STATEMENTS)('does not hold: %s', (_, statement) => {
		expect(verdicts(root, hidden(statement))).not.toContain('holds');
	});

	it.each(TAGS)('does not hold for a tag: %s', (_, statement) => {
		expect(verdicts(root, tagged(statement))).not.toContain('holds');
		expect(reasons(root, tagged(statement))).toContain('struct tt is declared inside');
	});

	it('says where it stands', () => {
		const why = reasons(root, hidden(`(void)sizeof(${ZERO});`));
		expect(why).toContain('enum { NOW } is declared inside a type name or another declaration');
	});

	it('does not hold by a parameter', () => {
		for (const text of [
			`char (*x_)[sizeof(${ZERO})]`,
			`char x_[sizeof(${ZERO})]`,
			`${ZERO} x_`,
			`char x_ __attribute__((aligned(sizeof(${ZERO}))))`,
		])
			expect(verdicts(root, parameter(text)), text).not.toContain('holds');
	});

	it('does not hold by what a loop declares', () => {
		const loop = hidden('').replace('if (NOW', `for (${ZERO} i_ = 0; !i_; i_ = 1)\n\t\tif (NOW`);
		expect(verdicts(root, loop)).not.toContain('holds');
	});

	it('does not hold by a function of a header', () => {
		for (const header of ['empties.h', 'macro.h']) {
			const text = `#include "${header}"\n${condition('kk(…)')}`;
			expect(verdicts(root, text), header).not.toContain('holds');
		}
	});

	it('does not hold by a function that a macro makes', () => {
		const made = (statement: string): string =>
			asks(
				`#define MAKES(name) static int name(int x) { ${statement} return NOW && x; } struct s_##name\nMAKES(kk);\n${condition('kk(…)')}`,
			);
		expect(verdicts(root, made('')).at(-1)).toBe('holds');
		expect(verdicts(root, made(`(void)sizeof(${ZERO});`)).at(-1)).not.toBe('holds');
	});

	it('is another one, says gcc', () => {
		const others = STATEMENTS.filter(
			([what]) => !['a label', '_Static_assert', 'a pointer to a function'].includes(what),
		);
		for (const [what, statement] of others)
			expect(assembled(root, hidden(statement)).length, what).toBeLessThan(
				assembled(root, hidden('')).length,
			);
		expect(withoutCheck.length).toBeLessThan(assembled(root, GOOD).length);
	});
});

describe('a name that is spelled in two ways', () => {
	it('is two where the characters are two', () => {
		// each pair has one normal form; gcc keeps them apart: the check is never made
		const pairs = [
			['\u00c5', '\u212b'],
			['\u00e9', 'e\u0301'],
		] as const;
		for (const [composed, apart] of pairs) {
			const named = `({ int ${composed} = 0; { int ${apart} = 1; (void)${apart}; } ${composed}; }) && (…)`;
			expect(verdicts(root, condition(named))).not.toContain('holds');
			const renamed = named.replaceAll(apart, 'other');
			expect(verdicts(root, condition(renamed))).toContain('violated');
		}
	});

	it('is nothing to mind in a comment or a string', () => {
		expect(
			verdicts(root, `/* \\u00e9 */\n${local('const char *s_ = "\\u00e9"; (void)s_;')}`),
		).toEqual(['holds']);
	});

	it.each(NAMES)('does not hold: %s', (_, text) => {
		expect(text).not.toBe(GOOD);
		expect(verdicts(root, text)).not.toContain('holds');
		expect(reasons(root, text)).toMatch(/a universal character name|\\u00e9|## \\/);
	});
});
