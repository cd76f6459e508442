/**
 * What neither the text nor its tree decides: which compiler it is, how a build names a file, how often something was counted, what a
 * Makefile adds. A walk that loses its re-check by one of these answers must not hold by the other.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { changingFlag } from '../../server/tree/build_flags.js';
import { predefined } from '../../server/tree/predefined.js';
import { put } from '../server/hostile_tree.js';
import {
	around,
	condition,
	GOOD,
	hostileRoot,
	preprocessed,
	putHeaders,
	reasons,
	verdicts,
} from './otherwise.js';

const root = hostileRoot();

/** The place of the function in the text, which nothing but the text decides. */
function counted(): string {
	const text = condition('__COUNTER__ == NUMBER && (…)');
	for (let at = 0; at < 1000; at++) {
		const given = text.replace('NUMBER', String(at).padStart(3, ' '));
		if (given.indexOf('static int walk_ptes') === at) return given;
	}
	throw new Error('the function is nowhere');
}

const ASKED: readonly (readonly [string, string])[] = [
	['#if __GNUC__', around('#if __GNUC__ == 12', '#endif')],
	['#if of its version', around('#if __GNUC__ * 100 + __GNUC_MINOR__ == 1202', '#endif')],
	['#ifndef __clang__', around('#ifndef __clang__', '#endif')],
	['#ifndef __OPTIMIZE_SIZE__', around('#ifndef __OPTIMIZE_SIZE__', '#endif')],
	['#ifdef GCC 13', around('#if !defined(__GNUC__) || __GNUC__ < 13', '#endif')],
	['#if __has_attribute', around('#if __has_attribute(nonstring)', '#endif')],
	['#if __has_builtin', around('#if !__has_builtin(__builtin_counted_by_ref)', '#endif')],
	['#ifdef __has_builtin', around('#ifdef __has_builtin', '#endif')],
	['__has_include of a made header', around('#if !__has_include(<asm/unistd_64.h>)', '#endif')],
	['__has_include of another', around('#if !__has_include(<generated/x.h>)', '#endif')],
	['a character of two bytes', around("#if '\u00e9' == 0xe9", '#endif')],
	['characters in one', around("#if 'abcde' != 'bcde'", '#endif')],
	['a sign of four characters', around("#if '\\377\\377\\377\\377' > 0", '#endif')],
	['a wide character', around("#if L'\\x1ff' == 0xff", '#endif')],
	['__GNUC__', condition('__GNUC__ == 12 && (…)')],
	['__COUNTER__', counted()],
	['__FILE__', condition('sizeof(__FILE__) == 10 && (…)')],
	['a letter of __FILE__', condition("__FILE__[0] == 'm' && (…)")],
	['KBUILD_MODNAME', condition('sizeof(KBUILD_MODNAME) == 7 && (…)')],
	['a word as a variable', `static const int __safe = 2;\n${condition('__safe - 2 && (…)')}`],
];

/** What gcc 12 decides as racewalk would: another compiler, or another folder, does not. */
const SAME = /^(?:#if|#ifndef|#ifdef|__has_include|__GNUC__|__FILE__|a letter|KBUILD|a word)/;

describe('what the text does not decide', () => {
	it.each(ASKED)('decides nothing: %s', (name, text) => {
		expect(text).not.toBe(GOOD);
		expect(verdicts(root, text)).toEqual(['unsupported']);
		if (!SAME.test(name)) expect(preprocessed(root, text)).not.toBe(preprocessed(root, GOOD));
	});

	it('two headers that say the same are one to gcc, where one of them is read once', () => {
		const toggle =
			'#pragma once\n#ifdef T\n#undef kk\n#define kk(x) 0\n#else\n#define T\n#define kk(x) (x)\n#endif\n';
		putHeaders(root, { 'mm/one.h': toggle, 'mm/two.h': toggle });
		const text = `#include "one.h"\n#undef kk\n#define kk(x) 0\n#undef T\n#include "two.h"\n${condition('kk(…)')}`;
		expect(verdicts(root, text)).toEqual(['unsupported']);
		expect(reasons(root, text)).toContain('mm/two.h says what mm/one.h says, which is read once');
	});

	it('what is only put together with a count is a name like others', () => {
		const text = `#define A(x, y) x##y\n#define B(x, y) A(x, y)\n${GOOD.replace('\tint done = 0;\n', '\tint done = 0;\n\tint B(once_, __COUNTER__) = 1;\n')}`;
		expect(verdicts(root, text)).toEqual(['holds']);
	});
});

describe('the Makefile of the folder', () => {
	it.each([
		["CFLAGS_walk.o += -D'pte_val(x)=0'", true],
		['ccflags-y := -DX', true],
		['subdir-ccflags-y += -include $(src)/evil.h', true],
		['CFLAGS_walk.o := \\\n\t-Wall \\\n\t-Uunlikely', true],
		['KBUILD_CFLAGS += -imacros x.h', true],
		['ccflags-$(CONFIG_X) += -DX', true],
		['$(obj)/walk.o: KBUILD_CFLAGS += -DX', true],
		['walk.o : private ccflags-y := -DX', true],
		['D := D\nCFLAGS_walk.o += -$(D)X', true],
		['CFLAGS_walk.o += @$(src)/flags', true],
		['CFLAGS_walk.o += -iquote $(src)/evil', true],
		['ccflags-y += -fshort-enums', true],
		['-include $(src)/flags.mk', true],
		['$(eval CFLAGS_walk.o += -DX)', true],
		['define ccflags-y', true],
		['other.o: KBUILD_CFLAGS += -DX', false],
		['CFLAGS_walk.o += -Wall # -DX', false],
		['obj-$(CONFIG_X) += walk.o include.o', false],
		['CFLAGS_other.o += -DX', false],
		['CFLAGS_walk.o += -Wno-override-init $(call cc-disable-warning, x)', false],
		['# ccflags-y += -DX', false],
		['obj-y += walk.o', false],
	])('%j: %s', (makefile, isTold) => {
		put(join(root, 'mm/Makefile'), `${makefile}\n`);
		try {
			expect(verdicts(root, GOOD)).toEqual([isTold ? 'unsupported' : 'holds']);
			expect(changingFlag(makefile, 'mm/walk.c') !== null).toBe(isTold);
		} finally {
			put(join(root, 'mm/Makefile'), '');
		}
	});

	it('above it gives flags to all folders below', () => {
		for (const [path, text, verdict] of [
			['Kbuild', 'subdir-ccflags-y += -DX', 'unsupported'],
			['Makefile', 'subdir-asflags-y := \\\n-DX', 'unsupported'],
			['Kbuild', 'ccflags-y += -DX\nsubdir-ccflags-y += -Wall', 'holds'],
		] as const) {
			const before = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
			put(join(root, path), `${text}\n`);
			expect([path, verdicts(root, GOOD)]).toEqual([path, [verdict]]);
			put(join(root, path), before);
		}
	});

	it('of the top: characters are signed, and it is another C, where it says nothing else', () => {
		const [signed, old] = [
			around('#ifdef __CHAR_UNSIGNED__', '#endif'),
			around('#if __STDC_VERSION__ >= 199901L', '#endif'),
		];
		expect([verdicts(root, signed), verdicts(root, old)]).toEqual([['holds'], ['holds']]);
		put(join(root, 'Makefile'), '# no -funsigned-char yet\nKBUILD_CFLAGS := -Wall -std=gnu89\n');
		try {
			expect([verdicts(root, signed), verdicts(root, old)]).toEqual([['violated'], ['violated']]);
		} finally {
			put(join(root, 'Makefile'), 'KBUILD_CFLAGS := -funsigned-char -std=gnu11\n');
		}
		const names = (made: string): readonly string[] =>
			[...made.matchAll(/^#define (\w+)/gm)].map((match) => match[1] ?? '');
		const target = { folder: 'x86', wide: true };
		expect(names(predefined(target))).toEqual(
			expect.arrayContaining(['__CHAR_UNSIGNED__', '__STDC_VERSION__']),
		);
		expect(names(predefined({ ...target, signedChar: true }))).not.toContain('__CHAR_UNSIGNED__');
		expect(names(predefined({ ...target, gnu89: true }))).not.toContain('__STDC_VERSION__');
	});
});

describe('a header that a build left in the tree', () => {
	const version = 'include/generated/uapi/linux/version.h';
	it.each([
		[
			'include/generated/autoconf.h',
			'/* Linux 6.12 */\n#define CONFIG_A 1\n#define CONFIG_B "x"\n',
			null,
		],
		[
			'include/generated/bounds.h',
			'#ifndef __B_H\n#define __B_H\n#define MAX_NR_ZONES 5\n#endif\n',
			null,
		],
		['include/generated/timeconst.h', '#define MSEC_TO_HZ_MUL32 U64_C(0x8)\n', null],
		[
			'include/generated/timeconst.h',
			'#ifndef K_H\n#define K_H\n#include <linux/param.h>\n#include <linux/types.h>\n#if HZ != 100\n#error "wrong"\n#endif\n#define HZ_TO_MSEC_DEN\t1\n#endif\n',
			null,
		],
		['include/generated/timeconst.h', '#if HZ != 100\n#define HZ_TO_MSEC_DEN 1\n#endif\n', '#if'],
		['include/generated/timeconst.h', '#if HZ\n#error x\n#endif\n', '#if'],
		['include/generated/timeconst.h', '#include <linux/mm.h>\n', '#include'],
		['include/generated/timeconst.h', '#error x\n', '#error'],
		[version, '#define LINUX_VERSION_MAJOR 6\n#define KERNEL_VERSION(a,b,c) 0\n', null],
		['include/generated/autoconf.h', '#define pte_val(x) 0\n', '#define pte_val'],
		['include/generated/autoconf.h', '#define CONFIG_A 1\n#include <x.h>\n', '#include'],
		['include/generated/autoconf.h', '#undef READ_ONCE\n', '#undef'],
		['include/generated/bounds.h', 'typedef char pte_t;\n', 'text that is no directive'],
		['include/generated/bounds.h', '#define FOLL_PIN 0\n', '#define FOLL_PIN'],
		[version, '#define LINUX_VERSION_CODE 1 \\\n+ 1\nint a;\n', 'text that is no directive'],
	])('%s with %j: %s', (path, text, more) => {
		put(join(root, path), text);
		try {
			expect(verdicts(root, GOOD)).toEqual([more === null ? 'holds' : 'unsupported']);
			if (more !== null)
				expect(reasons(root, GOOD)).toContain(
					`${path}, which a build made, has ${more}, which is not followed`,
				);
		} finally {
			rmSync(join(root, path));
		}
	});
});
