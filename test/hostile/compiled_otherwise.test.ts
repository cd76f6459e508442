/**
 * Text that a compiler reads otherwise than it looks, by which a walk without its re-check must never hold: predefined names,
 * includes inside functions, carriage returns, raw strings, _Pragma. Each is what gcc 12 makes of it (`gcc -std=gnu11 -E`).
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { analysisOf } from '../analysis.js';
import { put } from '../server/hostile_tree.js';
import { repositoryRoot } from '../trees.js';

const GOOD = readFileSync(join(repositoryRoot, 'test/fixtures/holds/stale-pin.c'), 'utf8');
const CHECK = 'if (pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(*ptep)) {';
const root = mkdtempSync(join(tmpdir(), 'racewalk-otherwise-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The walk with something before its re-check, or around the condition of it. */
const before = (text: string): string => GOOD.replace(CHECK, `${text}\n\t\t${CHECK}`);
const asked = (text: string): string =>
	text + GOOD.replace(CHECK, CHECK.replace('if (', 'if (kk(').replace(') {', ')) {'));
const inside = (open: string, close: string): string => {
	const end = '\t\t\tgoto out;\n\t\t}\n';
	const at = GOOD.indexOf(CHECK);
	const to = GOOD.indexOf(end, at) + end.length;
	return `${GOOD.slice(0, at)}\n${open}\n${GOOD.slice(at, to)}${close}\n${GOOD.slice(to)}`;
};

const FILES: Readonly<Record<string, string>> = {
	'include/linux/mm_types.h': '/* nothing */\n',
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
for (const [path, text] of Object.entries(FILES)) put(join(root, path), text);

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

function verdicts(text: string): readonly string[] {
	const given = { text, path: 'mm/walk.c', tree: root, depth: 'core', actors: ['zap'] } as const;
	return analysisOf(given).functions.map((f) => f.verdict);
}

describe('a walk that a compiler reads otherwise', () => {
	it('holds as it looks', () => {
		expect(verdicts(GOOD)).toEqual(['holds']);
		expect(verdicts(asked('#define kk(x) (x)\n'))).toEqual(['holds']);
		expect(verdicts(inside('#ifdef __FILE__', '#endif'))).toEqual(['holds']);
	});

	it.each(CASES)('does not hold: %s', (_, text) => {
		expect(text).not.toBe(GOOD);
		expect(verdicts(text).length).toBeGreaterThan(0);
		expect(verdicts(text)).not.toContain('holds');
	});
});
