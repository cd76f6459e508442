/** What a header defines, and the form in which a definition is compared with those that are known. */
import { describe, expect, it } from 'vitest';
import { headerIndex, withArms } from '../../server/syntax/header_index.js';
import { writtenIn } from '../../server/syntax/written.js';

const GUARDED = (text: string): string => `#ifndef _X_H\n#define _X_H\n${text}\n#endif\n`;

/** The forms of a name, with everything active. */
function forms(text: string, name: string, path = 'include/linux/x.h'): readonly string[] {
	const active = withArms(text, () => 0);
	const { definitions } = headerIndex(path, { text }, [active]);
	return (definitions.get(name) ?? []).map((definition) => definition.form());
}

describe('what is written', () => {
	it.each([
		['static inline int f(int a)\n{\n\treturn a;\n}', ['function f']],
		[
			'static __always_inline __attribute__((x(1))) struct s *g(int a) __acquires(a) { }',
			['function g'],
		],
		['int declared(int);\nint variable = 3;\nstruct s { int a; } b;', []],
		[
			'enum { A, B = 2, C = (1, 3) };\nenum e { D = A } d;',
			['enumerator B', 'enumerator C', 'enumerator D'],
		],
		[
			'typedef unsigned long word_t;\ntypedef struct { word_t w; } entry_t;',
			['type word_t', 'type entry_t'],
		],
		['typedef int (*call_t)(int a);', ['type call_t']],
		[
			'FLAG(Locked, locked)\nFLAG(Dirty, dirty);\nstatic int f(void) { }',
			['item FLAG', 'item FLAG', 'function f'],
		],
		[
			'struct s t = { .a = 1 };\nint f(void) { if (1) { } }\nint g(void) { }',
			['function f', 'function g'],
		],
		['int f(int a) { { ( }', ['function f']],
		['}}}} ) int f(void) { }', ['function f']],
	])('%j: %j', (text, found) => {
		expect(writtenIn(text).map(({ kind, name }) => `${kind} ${name}`)).toEqual(found);
	});

	it('has the words that stand alone in a macro’s list', () => {
		const [item] = writtenIn('FLAG(Locked, locked, A | B, (c), d)');
		expect(item?.given).toEqual(['Locked', 'locked', 'd']);
	});
});

describe('a form', () => {
	const plain = GUARDED('static inline int f(int a)\n{\n\treturn a + 1;\n}');
	const [form] = forms(plain, 'f');

	it.each([
		[
			'comments',
			GUARDED('/* f */ static inline int f(int a /* b */)\n{\n\n\treturn a + 1; // so\n}'),
		],
		['lines that go on', GUARDED('static inline \\\nint f(int a) { return a + \\\n1; }')],
		[
			'what stands around it',
			GUARDED('int b;\nstatic inline int f(int a)\n{\n\treturn a + 1;\n}\nint c;'),
		],
		['no guard', 'static inline int f(int a)\n{\n\treturn a + 1;\n}'],
	])('is the same with %s', (_, text) => {
		expect(forms(text, 'f')).toEqual([form]);
	});

	it.each([
		['another body', GUARDED('static inline int f(int a)\n{\n\treturn a + 2;\n}')],
		['another type', GUARDED('static inline char f(int a)\n{\n\treturn a + 1;\n}')],
		['a condition', GUARDED('#ifdef B\nstatic inline int f(int a)\n{\n\treturn a + 1;\n}\n#endif')],
		[
			'a directive in it',
			GUARDED('static inline int f(int a)\n{\n#if 1\n\treturn a + 1;\n#endif\n}'),
		],
	])('is another with %s', (_, text) => {
		const found = forms(text, 'f');
		expect(found).toHaveLength(1);
		expect(found).not.toEqual([form]);
	});

	it('says the path, and which arm it stands in', () => {
		expect(forms(plain, 'f', 'include/linux/y.h')).not.toEqual([form]);
		const arms = GUARDED('#ifdef B\n#define M 1\n#elif C\n#define M 1\n#else\n#define M 1\n#endif');
		expect(new Set(forms(arms, 'M')).size).toBe(3);
		const other = arms.replace('#ifdef B', '#ifdef D');
		expect(forms(other, 'M').filter((each) => forms(arms, 'M').includes(each))).toEqual([]);
	});

	it('comes to an end on conditions as deep and names as often as a header has room for', () => {
		const deep = `${'#if A\n'.repeat(20_000)}#define M 1\n${'#define N 1\n'.repeat(20_000)}`;
		expect(forms(deep, 'M')).toHaveLength(1);
		expect(forms(`struct s ${'{ } '.repeat(50_000)}`, 's')).toEqual([]);
	});
});
