/**
 * Which macros of headers stay names is found once for all texts that leave the macros as they are: a text that changes what one of
 * them stands for is asked anew, in whatever order the texts come.
 */
import { describe, expect, it } from 'vitest';
import { keptNames } from '../../server/lower/kept.js';
import { primitiveNames } from '../../server/lower/primitive_names.js';
import { translationUnit } from '../../server/syntax/preprocess/unit.js';
import { sourceOf } from '../../server/syntax/source.js';
import { compilerHas, predefined } from '../../server/tree/predefined.js';

/** `entry_flag()` is assembly, which nobody reads: the primitive of that name stands for it. */
const HEADER = `#define entry_flag(x) entry_inner(x)
#define entry_inner(x) asm("bt %0" : : "r" (x))
`;

const environment = { config: () => null, defined: () => false, value: () => null };
const primitive = (text: string) =>
	primitiveNames([
		{
			source: sourceOf('racewalk:primitives/test.c', text, environment),
			...{ origin: 'primitive', assumed: false, checked: false },
		},
	]);
const LOADS = primitive('static int entry_flag(long x) { return __rw_load(x); }\n');
const COMPUTES = primitive('static int entry_flag(long x) { return x & 1; }\n');

function isKept(behind: string, table = LOADS): boolean {
	const unit = translationUnit({
		path: 'test.c',
		text: `#include <entry.h>\n${behind}int x;\n`,
		predefined: predefined({ folder: 'x86', wide: true }),
		before: [],
		files: {
			resolve: ({ path }) => (path === 'entry.h' ? { path, text: HEADER } : null),
			text: (path) => (path === 'entry.h' ? HEADER : null),
		},
		isKnown: () => true,
		fallback: null,
		has: compilerHas,
		key: 'kept macros',
	});
	const macro = unit.macroAt('entry_flag', Number.POSITIVE_INFINITY);
	if (macro === null) throw new Error('the header defines it');
	return keptNames(unit, table, { isComplete: true }).keeps(macro);
}

/** What the macro stands for is plain C then, which loads nothing. */
const PLAIN = '#undef entry_inner\n#define entry_inner(x) ((x) & 1)\n';
const BELOW = `#if __LINE__ > 2\n${PLAIN}#endif\n`;

describe('a macro of a header', () => {
	it('is what it stands for in the text at hand', () => {
		const texts = [
			'',
			PLAIN,
			'',
			'#define other(x) ((x) & 1)\n',
			PLAIN,
			'#undef entry_inner\n',
			'',
		];
		expect(texts.map((text) => isKept(text))).toEqual([true, false, true, true, false, true, true]);
	});

	it('is so where a directive asks for its line', () => {
		const texts = [BELOW, `\n${BELOW}`, BELOW];
		expect(texts.map((text) => isKept(text))).toEqual([true, false, true]);
	});

	it('is held against the primitive at hand', () => {
		const tables = [LOADS, COMPUTES, LOADS];
		expect(tables.map((table) => isKept(PLAIN, table))).toEqual([false, true, false]);
	});
});
