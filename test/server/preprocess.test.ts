/**
 * The preprocessor against gcc: each fixture's tokens are those that `gcc -E` wrote into the `.i` beside it (`-std=gnu2x`, for
 * #elifdef and __VA_OPT__), and gcc is asked again; a sample of the kernel's files as in `npm run conformance`; the names that a compiler
 * has predefined; what every text whatever must keep.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../server/syntax/lines.js';
import { includeFiles } from '../../server/syntax/preprocess/include_paths.js';
import { expandedTokens, NOTHING_KEPT, render } from '../../server/syntax/preprocess/render.js';
import { digraphs, tokenise } from '../../server/syntax/preprocess/token.js';
import type { TranslationUnit } from '../../server/syntax/preprocess/translation_unit.js';
import { translationUnit } from '../../server/syntax/preprocess/unit.js';
import { compilerHas, predefined } from '../../server/tree/predefined.js';
import { compare, gccText, prepareBuild } from '../conformance/preprocess.js';
import { kernelTree } from '../trees.js';

const folder = join(import.meta.dirname, '../fixtures/preprocess');

function unitOf(
	text: string,
	headers: Readonly<Record<string, string>> | null = null,
): TranslationUnit {
	return translationUnit({
		path: 'test.c',
		text,
		predefined: predefined({ folder: 'x86', wide: true }),
		before: [],
		files:
			headers === null
				? null
				: {
						resolve: ({ path }) =>
							headers[path] === undefined ? null : { path, text: headers[path] },
						text: (path) => headers[path] ?? null,
					},
		isKnown: ({ quoted }: { readonly quoted: boolean }) => !quoted,
		fallback: null,
		has: compilerHas,
		key: JSON.stringify(headers),
	});
}

function spelled(text: string): readonly string[] {
	return tokenise(text).map((t) => digraphs[t.text] ?? t.text);
}

function expanded(unit: TranslationUnit): readonly string[] {
	const lines = linesOf(unit.text);
	const lineAt = (at: number): number => lines.positionAt(at).line;
	return expandedTokens(unit, { start: 0, end: unit.text.length }, { lineAt }).map(
		(t) => digraphs[t.text] ?? t.text,
	);
}

function gcc(args: readonly string[], cwd: string): { out: string; err: string } {
	const { stdout, stderr } = spawnSync('gcc', args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
	return { out: stdout, err: stderr };
}

describe('as gcc -E has it', () => {
	const names = readdirSync(folder).filter((name) => name.endsWith('.c'));
	it.each(names)('%s', (name) => {
		const text = readFileSync(join(folder, name), 'utf8');
		const wanted = readFileSync(join(folder, name.replace(/c$/, 'i')), 'utf8');
		expect(expanded(unitOf(text))).toEqual(spelled(wanted));
		const { out } = gcc(['-E', '-P', '-std=gnu2x', '-funsigned-char', '-w', name], folder);
		expect(spelled(out)).toEqual(spelled(wanted));
	});

	it.each([
		['6.12', 'mm/gup.c'],
		['6.12', 'mm/rmap.c'],
		['6.1', 'mm/gup.c'],
	] as const)('%s %s', (version, path) => {
		const root = kernelTree(version);
		const build = mkdtempSync(join(tmpdir(), 'racewalk-conformance-'));
		try {
			const args = prepareBuild(root, build, 'x86_64');
			const text = gccText({ run: gcc }, { root, folder: build, path, args });
			const { functions, differences, whole } = compare(path, { root, arch: 'x86_64', gcc: text });
			expect(functions).toBeGreaterThan(40);
			expect({ differences, whole }).toEqual({ differences: [], whole: true });
		} finally {
			rmSync(build, { recursive: true, force: true });
		}
	});
});

describe('predefined', () => {
	it.each([
		['-m64', true],
		['-m32', false],
	] as const)('%s', (flag, wide) => {
		const { out } = gcc(
			[
				flag,
				'-E',
				'-dM',
				'-std=gnu11',
				'-funsigned-char',
				'-O2',
				'-fshort-wchar',
				'-msoft-float',
				'-fno-pie',
				'-D__KERNEL__',
				'-x',
				'c',
				'/dev/null',
			],
			folder,
		);
		const theirs = new Map(
			[...out.matchAll(/^#define (\w+(?:\([^)]*\))?) ?(.*)$/gm)].map((m) => [
				m[1] ?? '',
				m[2] ?? '',
			]),
		);
		const ours = [
			...predefined({ folder: 'x86', wide }).matchAll(/^#define (\w+(?:\([^)]*\))?) ?(.*)$/gm),
		];
		expect(ours.length).toBeGreaterThan(100);
		// the compiler at hand may be a newer one
		const version = /^__(?:GNUC(?:_MINOR|_PATCHLEVEL)?__|VERSION__|GXX_ABI_VERSION)$/;
		const different = ours.filter(
			(m) => !version.test(m[1] ?? '') && theirs.get(m[1] ?? '') !== m[2],
		);
		expect(different.map((m) => [m[0], theirs.get(m[1] ?? '')])).toEqual([]);
	});
});

describe('what is not understood', () => {
	const cases: readonly (readonly [string, string])[] = [
		['#if NOBODY(1)\n#endif', '#if NOBODY(1) is not understood: nothing defines NOBODY()'],
		['#if 1 +\n#endif', '#if 1 + is not understood: an operand is missing'],
		['#if 1 / 0\n#endif', '#if 1 / 0 is not understood: a division by zero'],
		['#if "a"\n#endif', '#if "a" is not understood: "a" is not expected'],
		['#if\n#endif', '#if  is not understood: there is no condition'],
		['#if 1.0\n#endif', '#if 1.0 is not understood: 1.0 is not an integer'],
		[
			'#include "nowhere.h"',
			'nowhere.h is not found next to test.c, which is no file of the kernel tree; on the command line, --as PATH says which file of the tree it stands for',
		],
		['#include <linux/nowhere.h>', 'linux/nowhere.h is not found in the kernel tree'],
		['#define 1\n', '#define 1 is not understood'],
	];
	it.each(cases)('%j', (text, why) => {
		expect(unitOf(text, {}).doubts.map((d) => d.why)).toEqual([why]);
	});
	it('macros that a pragma keeps', () => {
		const push = '#pragma push_macro("a")\n';
		const pop = '#pragma pop_macro("a")\n';
		const text = `#define a 1\n${push}#define a 2\n${push}#undef a\na ${''}\n${pop}a\n${pop}a\n${pop}a\n`;
		expect(expanded(unitOf(text, {}))).toEqual(['a', '2', '1', '1']);
	});
	it("without a tree, a header that is not the kernel's may define anything", () => {
		const why = (text: string) => unitOf(text, null).doubts.map((d) => d.why);
		expect(why('#include <linux/mm.h>')).toEqual([]);
		expect(why('#include "odd.h"')).toEqual([
			'odd.h is not found: there is no kernel tree to look in (--tree)',
		]);
	});
	it('a header that includes itself ends', () => {
		const unit = unitOf('#include "a.h"\nx\n', { 'a.h': '#include "a.h"\n#define x 1\n' });
		expect(expanded(unit)).toEqual(['1']);
	});
	it('a macro that doubles ends', () => {
		const lines = Array.from({ length: 60 }, (_, i) => `#define m${i + 1}() m${i}() m${i}()\n`);
		const text = `#define m0() x\n${lines.join('')}m60()\n`;
		const options = { kept: NOTHING_KEPT, lineAt: () => 1, tokensMax: 10_000 };
		const { problems } = render(unitOf(text), { start: 0, end: text.length }, options);
		expect(problems[0]?.message).toMatch(/^m\d+ expands to too much$/);
	});
});

describe('the same text again, in a tree that changed meanwhile', () => {
	const old = { 'include/x.h': '#define A old\n' };
	const asked = '#if __has_include(<y.h>)\n#define A new\n#else\n#define A old\n#endif\n';
	it.each([
		['a header of a folder that comes first', '<x.h>', old, 'arch/x86/include/x.h'],
		['a header next to the file', '"x.h"', old, 'mm/x.h'],
		[
			'the next header of a name',
			'<z.h>',
			{ 'arch/x86/include/z.h': '#include_next <z.h>\n', 'include/uapi/z.h': '#define A old\n' },
			'include/z.h',
		],
		['a header that is asked for', '<x.h>', { 'include/x.h': asked }, 'include/y.h'],
		[
			'a header that was included by a header',
			'<w.h>',
			{ ...old, 'include/w.h': '#include <x.h>\n' },
			'arch/x86/include/x.h',
		],
	])('is noticed: %s', (_, name, before, path) => {
		const read = (headers: Readonly<Record<string, string>>): string =>
			expanded(
				translationUnit({
					...{ path: 'mm/test.c', text: `#include ${name}\nA\n`, predefined: '', before: [] },
					files: includeFiles({
						...{ archFolder: 'x86', generated: new Map() },
						text: (at) => headers[at] ?? null,
					}),
					...{ isKnown: () => false, fallback: null, has: compilerHas, key: path },
				}),
			).join(' ');
		const now = { ...before, [path]: '#define A new\n' };
		expect([read(before), read(now), read(before)]).toEqual(['old', 'new', 'old']);
	});
});

describe('any text', () => {
	const piece = fc.constantFrom(
		...[
			'#if ',
			'#ifdef ',
			'#else\n',
			'#elif ',
			'#endif\n',
			'#define f(a, ...) ',
			'#define o ',
			'#undef o\n',
		],
		...[
			'f(',
			'o',
			')',
			',',
			'##',
			'#',
			'__VA_ARGS__',
			'a',
			'1',
			'"s"',
			"'",
			'"',
			'/*',
			'*/',
			'//',
			'\\\n',
			'\n',
			' ',
			'%:',
			'<:',
		],
		...[
			'defined',
			'(',
			'__VA_OPT__(',
			'&& ',
			'? ',
			': ',
			'_Pragma("x")',
			'__COUNTER__',
			'#include "h"\n',
		],
	);
	it('keeps its length and its lines, and every word knows its place', () => {
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
				const text = pieces.join('');
				const unit = unitOf(text, { h: '#define o f(a\n' });
				expect(unit.text.length).toBe(text.length);
				const ends = (s: string): number[] => [...s.matchAll(/\n/g)].map((m) => m.index);
				if (!text.includes('\\\n')) expect(ends(unit.text)).toEqual(ends(text));
				const lines = linesOf(text);
				const options = {
					kept: NOTHING_KEPT,
					lineAt: (at: number) => lines.positionAt(at).line,
				};
				const part = { start: 0, end: text.length };
				const { text: made, map } = render(unit, part, options);
				for (const token of tokenise(made)) {
					const { start, end } = map?.span(token.start, token.end) ?? token;
					expect(start).toBeGreaterThanOrEqual(0);
					expect(end).toBeLessThanOrEqual(text.length);
					const exact = map === null ? token.start : map.exact(token.start);
					if (exact !== null && map?.exact(token.end - 1) === exact + token.text.length - 1)
						expect(unit.text.slice(exact, exact + token.text.length)).toBe(token.text);
				}
			}),
			{ numRuns: 2000 },
		);
	});
});
