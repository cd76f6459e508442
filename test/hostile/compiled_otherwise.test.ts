/**
 * Text that a compiler reads otherwise than it looks, by which a walk without its re-check must never hold: predefined names,
 * includes inside functions, carriage returns, raw strings, pragmas, lines that are renumbered, conditions that are not read. Each is what gcc 12 makes of it (`gcc -std=gnu11 -E`).
 */
import { describe, expect, it } from 'vitest';
import {
	around,
	asked,
	before,
	condition,
	GOOD,
	hostileRoot,
	preprocessed,
	putHeaders,
	verdicts,
} from './otherwise.js';

const root = hostileRoot();
const inside = around;

const FILES: Readonly<Record<string, string>> = {
	'mm/never.h': 'if (0)\n',
	'mm/opens.h': 'if (0) {\n',
	'mm/closes.h': '}\n',
	'mm/same.h': '#undef pte_val\n#define pte_val(x) 0\n',
	'include/linux/cr.h': '/* nothing */ // \r#define kk(x) 0\n',
	'include/linux/raw.h': 'static const char *r = R"x(";/*)x";\n',
	'include/linux/pragma.h':
		'#define kk(x) 0\n_Pragma("push_macro(\\"kk\\")")\n#undef kk\n#define kk(x) (x)\n_Pragma("pop_macro(\\"kk\\")")\n',
	'include/linux/asks.h':
		'#ifndef __FLT_MAX__\n#define kk(x) (x)\n#else\n#define kk(x) 0\n#endif\n',
	'include/linux/counts.h':
		'#if __COUNTER__ == __COUNTER__\n#define kk(x) (x)\n#else\n#define kk(x) 0\n#endif\n',
	'include/linux/returns.h': 'return 0;\n',
	'include/linux/inlined.h':
		'static inline int kk(int x)\n{\n#include <linux/returns.h>\n\treturn x;\n}\n',
};
putHeaders(root, FILES);

const DEFINED = [
	...['__FILE__', '__LINE__', '__COUNTER__', '__INCLUDE_LEVEL__', '__BASE_FILE__'],
	...['__FILE_NAME__', '__DATE__', '__TIME__', '__TIMESTAMP__', 'KBUILD_MODNAME'],
	...['KBUILD_BASENAME', 'KBUILD_MODFILE', '__code_model_kernel__', '__DBL_DIG__', '__SSE2__'],
];

const CASES: readonly (readonly [string, string])[] = [
	...DEFINED.map((name) => [`#ifndef ${name}`, inside(`#ifndef ${name}`, '#endif')] as const),
	['#if defined', inside('#if !defined(__FILE__)', '#endif')],
	['#if __COUNTER__', inside('#if __COUNTER__ == __COUNTER__', '#endif')],
	['an include of half a statement', before('#include "never.h"')],
	['includes of a block', inside('#include "opens.h"', '#include "closes.h"')],
	['an include that redefines', before('#include "same.h"')],
	['a carriage return in a comment', before('// nothing\rif (0)')],
	['a carriage return in a header', asked('#define kk(x) (x)\n#include <linux/cr.h>\n')],
	['a raw string', before('const char *s = R"x(";/*)x"; if (0) //*/')],
	['a raw string in a header', `#include <linux/raw.h>\n${inside('/* */', '/* */')}`],
	[
		'_Pragma',
		asked(
			'#define kk(x) 0\n_Pragma("push_macro(\\"kk\\")")\n#undef kk\n#define kk(x) (x)\n_Pragma("pop_macro(\\"kk\\")")\n',
		),
	],
	['_Pragma in a header', asked('#include <linux/pragma.h>\n')],
	['a header that asks the compiler', asked('#include <linux/asks.h>\n')],
	['a header that counts', asked('#include <linux/counts.h>\n')],
	['an include inside a function of a header', asked('#include <linux/inlined.h>\n')],
];

/** A condition that is not read, around definitions outside of functions. */
const OPEN = (text: string): string => `#if __COUNTER__ == 7\n${text}\n#endif\n`;

const MORE: readonly (readonly [string, string])[] = [
	['#line', `#line 5000\n${around('#if __LINE__ < 50', '#endif')}`],
	['a line marker', `# 5000 "x.c"\n${around('#if __LINE__ < 50', '#endif')}`],
	['#line and __LINE__', `#line 5000\n${condition('__LINE__ < 50 && (…)')}`],
	['#pragma redefine_extname', `#pragma redefine_extname pte_val other\n${GOOD}`],
	['_Pragma by a macro', `#define P(x) _Pragma(#x)\nP(redefine_extname pte_val other)\n${GOOD}`],
	['#pragma weak', `#pragma weak pte_val = other\n${GOOD}`],
	['#pragma pack', `#pragma pack(1)\n${GOOD}`],
	['#pragma scalar_storage_order', `#pragma scalar_storage_order big-endian\n${GOOD}`],
	['a word of C', `#define return return 0 *\n${GOOD}`],
	['true', around('#if true', '#endif')],
	['what decides about the world', `#define CONFIG_TRANSPARENT_HUGEPAGE 1\n${GOOD}`],
	['#include of what is no header', `#include WHAT\n${GOOD}`],
	[
		'a macro in a condition that is not read',
		OPEN('#define kk(x) 0') + asked('#ifndef kk\n#define kk(x) (x)\n#endif\n'),
	],
	['an include in one', OPEN('#include "same.h"') + GOOD],
	['a variable in one', OPEN('static int (*pte_val)(pte_t);') + GOOD],
	['a type in one', OPEN('typedef unsigned char pgoff_t;') + GOOD],
	['an enumerator in one', OPEN('enum { FOLL_PIN = 0 };') + GOOD],
	[
		'a macro in one inside a function',
		`int aa(void) {\n${OPEN('#define kk(x) 0')}return 0; }\n${asked('#ifndef kk\n#define kk(x) (x)\n#endif\n')}`,
	],
	[
		'behind a hundred of them',
		`${OPEN('int aa;').repeat(120)}#line 5000\n${around('#if __LINE__ < 50', '#endif')}`,
	],
];

describe('a walk that a compiler reads otherwise', () => {
	it('holds as it looks', () => {
		expect(verdicts(root, GOOD)).toEqual(['holds']);
		expect(verdicts(root, asked('#define kk(x) (x)\n'))).toEqual(['holds']);
		expect(verdicts(root, inside('#ifdef __FILE__', '#endif'))).toEqual(['holds']);
	});

	it.each(CASES)('does not hold: %s', (_, text) => {
		expect(text).not.toBe(GOOD);
		expect(verdicts(root, text).length).toBeGreaterThan(0);
		expect(verdicts(root, text)).not.toContain('holds');
	});

	it.each(MORE)('does not hold either: %s', (_, text) => {
		const found = verdicts(root, text);
		expect(found.length).toBeGreaterThan(0);
		expect(found).not.toContain('holds');
	});

	it('is another one, says gcc', () => {
		const seen = [...CASES, ...MORE].filter(
			([, text]) => preprocessed(root, text) !== preprocessed(root, GOOD),
		);
		// the others are other symbols and layouts, and conditions that are the same under gcc 12
		expect(seen.length).toBeGreaterThan(30);
	});
});
