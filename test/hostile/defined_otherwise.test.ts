/**
 * Headers of the tree that define words of C, of declarations and of the kernel as something else: the walk is read under what they say, or
 * it is not understood. In small trees of our own, and in 6.12 with lines added to one of its headers.
 */
import { describe, expect, it } from 'vitest';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import { foundIn } from '../analysis.js';
import {
	around,
	asked,
	before,
	condition,
	GOOD,
	gupWith,
	hostileRoot,
	preprocessed,
	putHeaders,
	verdicts,
} from './otherwise.js';

const root = hostileRoot();
const HEADER = '#include <linux/other.h>\n';
const ONCE = condition(
	'pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(READ_ONCE(*ptep))',
);

/** What the header says, and the file that includes it. */
const CASES: readonly (readonly [string, string, string])[] = [
	['if', '#define if(x) if (0)\n', GOOD],
	['return', '#define return return 1;\n', GOOD],
	['goto', '#define goto if (0) goto\n', GOOD],
	['for', '#define for while (0) for\n', GOOD],
	['int', '#define unsigned signed\n#define long char\n', GOOD],
	['volatile', '#define volatile\n', GOOD],
	['const', '#define const const volatile\n', GOOD],
	['static', '#define static extern\n', GOOD],
	['__attribute__', '#define __attribute__(x)\n', GOOD],
	['__builtin_expect', '#define __builtin_expect(x, y) 0\n', condition('__builtin_expect(…, 0)')],
	['a primitive that reads nothing', '#define READ_ONCE(x) (pte)\n', ONCE],
	[
		'a primitive twice',
		'#define READ_ONCE(x) (pte)\n#undef READ_ONCE\n#define READ_ONCE(x) *(volatile pte_t *)&(pte)\n',
		ONCE,
	],
	['a constant', '#define pte_val(x) 0\n#define pmd_val(x) 0\n', GOOD],
	[
		'taken away',
		'#define pte_val(x) ((x).pte)\n#undef pte_val\nstatic inline int pte_val(pte_t x) { return 0; }\n',
		GOOD,
	],
	['over a function', 'unsigned long pte_val(pte_t);\n#include <linux/more.h>\n', GOOD],
	['a flag that is none', '#define FOLL_PIN 0\n', GOOD],
	[
		'a word of declarations that goes on',
		'#define __maybe_unused ; goto out\n',
		before('int zz __maybe_unused;'),
	],
	['a word of casts', '#define __force 0 *\n', condition('(__force int)(0) || (__force (…))')],
	['unlikely', '#define unlikely(x) 0\n', condition('unlikely(…)')],
	['IS_ENABLED', '#define IS_ENABLED(x) 1\n', condition('!IS_ENABLED(CONFIG_NOTHING) && (…)')],
	[
		'a symbol of the configuration',
		'#define CONFIG_NOTHING 1\n',
		condition('!IS_ENABLED(CONFIG_NOTHING) && (…)'),
	],
	['a symbol that decides about the world', '#undef CONFIG_TRANSPARENT_HUGEPAGE\n', GOOD],
	[
		'an assertion that leaves',
		'#define static_assert(...) return 1\n',
		before('static_assert(1);'),
	],
	[
		'an assertion that assigns',
		'#define BUILD_BUG_ON(x) (pte = *ptep)\n',
		before('BUILD_BUG_ON(1);'),
	],
	[
		'fallthrough',
		'#define fallthrough break\n',
		around('switch (1) { case 1: fallthrough; case 2:', '}'),
	],
	[
		'what makes an item',
		'#define EXPORT_SYMBOL(x) static unsigned long (*pte_val)(pte_t);\n',
		`EXPORT_SYMBOL(a);\n${GOOD}`,
	],
	['a block that stays open', 'static inline void zz(void) {\n', GOOD],
	['a block by a macro', '#define OPEN {\nstatic inline void zz(void) OPEN\n', GOOD],
	['a declaration that goes on', 'typedef\n', GOOD],
	['one by a macro', '#define GO_ON() typedef\nGO_ON()\n', GOOD],
	['#pragma redefine_extname', '#pragma redefine_extname pte_val other\n', GOOD],
	['_Pragma', '_Pragma("redefine_extname pte_val other")\n', GOOD],
	['#pragma weak', '#pragma weak pte_val = other\n', GOOD],
	['#pragma pack', '#pragma pack(1)\n', GOOD],
	['#line', '#line 5000\n', around('#if __LINE__ < 50', '#endif')],
	['#include that is no include', '#include WHAT\n', GOOD],
];

/** What gcc -E does not show: qualifiers that are not there, what is linked or laid out otherwise, what is no C any more. */
const UNSEEN =
	/^(?:volatile|const|__attribute__|taken|over a|what|#pragma|_Pragma|#include|a symbol that|#line|a block|a declaration that|one by)/;

describe('a header that defines a word as something else', () => {
	it('holds where what it defines is what the kernel has', () => {
		const kernels = [
			'#define unlikely(x) __builtin_expect(!!(x), 0)\n',
			'#define inline inline __attribute__((__gnu_inline__)) __attribute__((__unused__))\n',
			'#define __maybe_unused __attribute__((__unused__))\n',
			'#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))\n',
			'#define auto __auto_type\n',
			'#define asm __asm__\n',
			'#pragma pack(1)\nstruct zz { char c; };\n#pragma pack()\n',
			'#pragma GCC diagnostic push\n_Pragma("GCC diagnostic ignored \\"-Wall\\"")\n',
			'#define __section(x) __attribute__((__section__(x)))\n#define __init __section(".init.text")\n',
			'#define DECLARE(x) extern int x\nDECLARE(aa);\n',
		];
		for (const text of kernels) {
			putHeaders(root, { 'include/linux/other.h': text });
			expect([text, verdicts(root, HEADER + condition('unlikely(…)'))]).toEqual([text, ['holds']]);
		}
	});

	it.each(CASES)('does not hold: %s', (name, header, text) => {
		putHeaders(root, {
			'include/linux/other.h': header,
			'include/linux/more.h': '#define pte_val(x) ((x).pte & 0)\n',
		});
		const file = HEADER + text;
		const found = verdicts(root, file);
		expect(found.length).toBeGreaterThan(0);
		expect(found).not.toContain('holds');
		if (!UNSEEN.test(name)) expect(preprocessed(root, file)).not.toBe(preprocessed(root, text));
	});

	it('is read under what the header says, where that is C that is understood', () => {
		putHeaders(root, { 'include/linux/other.h': '#define unlikely(x) 0\n' });
		expect(verdicts(root, HEADER + condition('unlikely(…)'))).toEqual(['violated']);
		putHeaders(root, { 'include/linux/other.h': '#define READ_ONCE(x) (pte)\n' });
		expect(verdicts(root, HEADER + ONCE)).toEqual(['violated']);
		putHeaders(root, { 'include/linux/other.h': '#define pte_val(x) 0\n#define pmd_val(x) 0\n' });
		expect(verdicts(root, HEADER + GOOD)).toEqual(['violated']);
	});

	it('is told by many, after as many conditions that are not read', () => {
		const unread = '#if __COUNTER__ == 7\n#endif\n'.repeat(150);
		expect(verdicts(root, `${unread}#line 5000\n${around('#if __LINE__ < 50', '#endif')}`)).toEqual(
			['unsupported'],
		);
	});

	it('an import is read once', () => {
		putHeaders(root, {
			'mm/toggle.h':
				'#ifdef T\n#undef kk\n#define kk(x) 0\n#else\n#define T\n#define kk(x) (x)\n#endif\n',
		});
		const text = asked(
			'#import "toggle.h"\n#undef kk\n#define kk(x) 0\n#undef T\n#import "toggle.h"\n',
		);
		expect(verdicts(root, text)).toEqual(['violated']);
		expect(preprocessed(root, text)).toContain('if (0)');
	});
});

const verdictOf = (analysis: Analysis, name: string): string | undefined =>
	analysis.functions.find((f) => f.name === name)?.verdict;

describe('6.12 with lines in a header', () => {
	it('holds with lines that define nothing that it uses', () => {
		const analysis = gupWith('#define RACEWALK_TEST 1\nextern int racewalk_test;');
		expect(verdictOf(analysis, 'gup_fast_pte_range')).toBe('holds');
		expect(analysis.unsupported).toEqual([]);
	});

	/** secretmem_mapping() that says no, where another header has defined a word. */
	const armed = (text: string): string => {
		const head = 'static inline bool secretmem_mapping(struct address_space *mapping)';
		expect(text).toContain(head);
		return text.replace(
			head,
			`#ifdef OTHER\n${head}\n{\n\treturn false;\n}\n#define secretmem_mapping secretmem_other\n#endif\n${head}`,
		);
	};
	const again = (name: string, body: string): string => `#undef ${name}\n#define ${name}${body}`;
	it.each([
		// a mapping that may be read again, and is NULL the second time
		[again('READ_ONCE', '(x) (x)'), 'truncate', 'gup_fast_folio_allowed', 'racing-mapping'],
		// nothing keeps the tables
		[
			`${again('local_irq_save', '(f) do { f = 0; } while (0)')}\n${again('local_irq_restore', '(f) do { } while (0)')}`,
			'pgtable_free',
			'gup_fast_pte_range',
			'use-after-free',
		],
		// nobody notices the fork
		[again('read_seqcount_retry', '(s, x) 0'), 'fork', 'gup_fast', 'fork-pin'],
		// no re-check
		[again('unlikely', '(x) 0'), 'zap', 'gup_fast_pte_range', 'stale-pin'],
		// over a function of include/linux/pgtable.h: an entry that may be read again
		['#define ptep_get_lockless(p) (*(p))', 'zap', 'gup_fast_pte_range', 'double-fetch'],
	] as const)('is read under them: %s', (lines, actor, name, rule) => {
		expect(foundIn(gupWith(lines, actor))).toContain(`${rule}@${name}`);
	});

	it.each([
		[
			'other lines are active',
			'#define OTHER 1',
			(text: string) => text.replace('#endif /*', '#ifdef OTHER\n#endif\n#endif /*'),
		],
		['the function has two arms', '#define OTHER 1', armed],
		[
			'a macro of another header is in force',
			'#define secretmem_aops other_aops',
			(text: string) => text,
		],
	] as const)('a function of a header is what a compiler reads: %s', (name, define, edit) => {
		const analysis = gupWith('', 'zap', (text) => text, {
			'include/linux/secretmem.h': edit,
			'include/linux/mm_types.h': (text) => `${text}\n${define}\n`,
		});
		const verdict = analysis.functions.find((f) => f.name === 'gup_fast_folio_allowed')?.verdict;
		expect([name, verdict]).toEqual([
			name,
			name === 'other lines are active' ? 'holds' : 'unsupported',
		]);
	});

	it.each([
		['#undef raw_read_seqcount', 'a header undefines raw_read_seqcount'],
		['#define return return 0,', '#define return, a word of C, is not followed'],
		['#undef CONFIG_ARCH_HAS_PTE_SPECIAL', 'beside the configuration is not followed'],
		['#include <linux/not_there.h>', 'linux/not_there.h is not found in the kernel tree'],
		['static inline void zz(void) {', 'it opens or closes a block and does not do the other'],
		['extern', 'it ends inside a declaration'],
	])('is not understood: %s', (lines, why) => {
		const analysis = gupWith(lines);
		expect(analysis.functions.length).toBeGreaterThan(0);
		expect(analysis.functions.filter((f) => f.verdict === 'holds')).toEqual([]);
		expect(analysis.unsupported.map((u) => u.reason).join('\n')).toContain(why);
	});
});
