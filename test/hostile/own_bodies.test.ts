/**
 * A tree whose own definitions of the kernel's primitives do something else. What no known kernel defines so is named by every verdict, for
 * racewalk's primitive stands for it. Kernels as they are name nothing, and verdicts on others are what they would be on a known one.
 */
import { describe, expect, it } from 'vitest';
import { ARCHS } from '../../engine/program/arch.js';
import { analyse, preparing } from '../../server/ide/analysis/analyse.js';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import { realEngine } from '../../server/worker/engine.js';
import { analysisOf } from '../analysis.js';
import { gup } from '../kernel_text.js';
import { kernelTree } from '../trees.js';
import { gupWith, requestWith } from './otherwise.js';

const PGTABLE = 'include/linux/pgtable.h';
const X86 = 'arch/x86/include/asm/pgtable.h';

/** A definition of a header, from its name to its end, and what stands there instead. */
function body(name: string, put: string): (text: string) => string {
	return (text) => {
		const at = text.search(new RegExp(`\\b${name}\\([^;{}]*\\)\\s*\\{`));
		expect([name, at]).not.toEqual([name, -1]);
		const open = text.indexOf('{', at);
		const close = text.indexOf('\n}', open);
		return `${text.slice(0, open)}{\n\t${put}${text.slice(close)}`;
	};
}

function line(was: string | RegExp, put: string): (text: string) => string {
	return (text) => {
		const made = text.replace(was, put);
		expect([was, made === text]).toEqual([was, false]);
		return made;
	};
}

const told = (analysis: Analysis): string =>
	analysis.functions.flatMap((f) => f.assumptions.map((a) => a.what)).join('\n');

const holding = (analysis: Analysis): readonly string[] =>
	analysis.functions.filter((f) => f.verdict === 'holds').map((f) => f.name);

describe('a primitive with another body', () => {
	it.each([
		[
			'page_ref_add_unless',
			'include/linux/page_ref.h',
			body('page_ref_add_unless', 'return true;'),
			'zap',
		],
		['ptep_get', PGTABLE, body('ptep_get', 'return READ_ONCE(ptep[1]);'), 'zap'],
		[
			'local_irq_save',
			'include/linux/irqflags.h',
			line(
				/#define local_irq_save\(flags\)[^\n]*(?:\\\n[^\n]*)*/g,
				'#define local_irq_save(flags) do { flags = 0; } while (0)',
			),
			'pgtable_free',
		],
		[
			'unlikely',
			'include/linux/compiler.h',
			line(/# define unlikely\(x\)\t__builtin_expect[^\n]*/, '# define unlikely(x) 0'),
			'zap',
		],
		[
			'read_seqcount_retry',
			'include/linux/seqlock.h',
			line(
				/#define read_seqcount_retry\(s, start\)[^\n]*(?:\\\n[^\n]*)*/,
				'#define read_seqcount_retry(s, start) ((start) != (start))',
			),
			'fork',
		],
		['pte_special', X86, body('pte_special', 'return 0;'), 'zap'],
		[
			'arch_local_irq_save',
			'arch/x86/include/asm/irqflags.h',
			body('arch_local_irq_save', 'return 0;'),
			'pgtable_free',
		],
	] as const)('is named, or read as it stands: %s', (name, path, edit, actor) => {
		const analysis = gupWith('', actor, (text) => text, { [path]: edit });
		const named = told(analysis).includes(`${name} (${path}:`);
		expect([name, named || !holding(analysis).includes('gup_fast')]).toEqual([name, true]);
	});

	it.each([
		[
			'native_pte_val',
			'arch/x86/include/asm/pgtable_types.h',
			body('native_pte_val', 'return pte.pte & 0xfff;'),
		],
		['pmd_present', X86, body('pmd_present', 'return !(pmd_flags(pmd) & _PAGE_PRESENT);')],
		[
			'raw_atomic_add_unless',
			'include/linux/atomic/atomic-arch-fallback.h',
			body('raw_atomic_add_unless', 'return true;'),
		],
		['pte_pfn', X86, body('pte_pfn', 'return pte_val(pte) >> 13;')],
		[
			'pteval_t',
			'arch/x86/include/asm/pgtable_64_types.h',
			line(/typedef unsigned long\tpteval_t;/, 'typedef unsigned char\tpteval_t;'),
		],
	] as const)('is named: %s', (name, path, edit) => {
		const analysis = gupWith('', 'zap', (text) => text, { [path]: edit });
		expect(told(analysis)).toMatch(
			new RegExp(`\\b${name} \\(${path}:\\d+\\).* is defined as in no kernel that racewalk knows`),
		);
	});
});

const BARRIER = 'include/asm-generic/barrier.h';
const TYPES = 'arch/x86/include/asm/pgtable_types.h';

describe('what a primitive is made of', () => {
	it.each([
		// the arm of another configuration
		['smp_rmb', BARRIER, line('#ifdef CONFIG_SMP', '#ifdef CONFIG_SMPX')],
		[
			'PTE_PFN_MASK',
			TYPES,
			line('((pteval_t)PHYSICAL_PAGE_MASK)', '((pteval_t)PHYSICAL_PAGE_MASK << 1)'),
		],
		// what a macro makes functions of
		[
			'FOLIO_TEST_FLAG',
			'include/linux/page-flags.h',
			line('{ return test_bit(PG_##name, const_folio_flags(folio, page)); }', '{ return 0; }'),
		],
		[
			'__pfn_to_page',
			'include/asm-generic/memory_model.h',
			line('(vmemmap + (pfn))', '(vmemmap + 1 + (pfn))'),
		],
		// behind braces that only look unbalanced
		[
			'native_pte_val',
			TYPES,
			(text: string) =>
				body(
					'native_pte_val',
					'return 0;',
				)(
					line(
						'static inline pteval_t native_pte_val',
						'static inline void racewalk_test(void)\n{\n#if 0\n{\n#endif\n}\nstatic inline pteval_t native_pte_val',
					)(text),
				),
		],
		// in another header, before the guard of the first
		[
			'native_pte_val',
			'include/linux/types.h',
			(text: string) => `${text}\n#define native_pte_val(x) ((x).pte & 1)\n`,
		],
	] as const)('is named, or nothing holds: %s in %s', (name, path, edit) => {
		const analysis = gupWith('', 'zap', (text) => text, { [path]: edit });
		const named = told(analysis).includes(`${name} (${path}:`);
		expect([name, named || !holding(analysis).includes('gup_fast')]).toEqual([name, true]);
	});

	it.each(['generated/other.h', 'asm/other.h'])('is looked for in %s too', (header) => {
		const path = header.startsWith('asm')
			? `arch/x86/include/generated/${header}`
			: `include/${header}`;
		const analysis = gupWith(`#include <${header}>`, 'zap', (text) => text, {
			[path]: () => '#define PTE_PFN_MASK_OF_TEST 1\n#define native_pte_val(x) ((x).pte & 1)\n',
		});
		const named = told(analysis).includes(`native_pte_val (${path}:2)`);
		expect([header, named || !holding(analysis).includes('gup_fast')]).toEqual([header, true]);
	});

	it('is not what stands in a folder called as racewalk calls the compiler’s', () => {
		const analysis = gupWith('#include <other_of_test.h>', 'zap', (text) => text, {
			'racewalk:compiler/other_of_test.h': () => '#define native_pte_val(x) ((x).pte & 1)\n',
		});
		expect(holding(analysis)).toEqual([]);
		expect(analysis.unsupported.map((u) => u.reason).join()).toContain(
			'other_of_test.h is not found',
		);
	});

	it('is the same with other comments and white space', () => {
		const analysis = gupWith('', 'zap', (text) => text, {
			[TYPES]: (text) =>
				text.replace(
					'native_pte_val(pte_t pte)\n{',
					'native_pte_val( pte_t pte ) /* of an entry */\n{ ',
				),
		});
		expect(told(analysis)).not.toContain('no kernel that racewalk knows');
		expect(holding(analysis)).toContain('gup_fast');
	});
});

describe('a tree of another kernel', () => {
	/** An empty statement more in every function that returns something. */
	const another = (text: string): string => text.replaceAll('{\n\treturn ', '{\n\t;\n\treturn ');
	const headers = { [PGTABLE]: another, [X86]: another, 'include/linux/page_ref.h': another };

	it('is named in one sentence, and changes no verdict', () => {
		const verdicts = (analysis: Analysis): readonly string[] =>
			analysis.functions.map((f) => `${f.name}: ${f.verdict}`);
		const analysis = gupWith('', 'zap', (text) => text, headers);
		expect(verdicts(analysis)).toEqual(verdicts(gupWith('')));
		expect(holding(analysis)).toContain('gup_fast');
		const lines = told(analysis)
			.split('\n')
			.filter((what) => what.includes('no kernel that racewalk knows'));
		expect(new Set(lines).size).toBe(1);
		expect(lines[0]).toMatch(/^\d\d+ definitions of the kernel tree are as in no kernel/);
	});

	/** An engine that explores in first answers all that there is. */
	const quick: typeof realEngine = {
		...realEngine,
		check(...given) {
			const { left: _, ...result } = realEngine.check(...given);
			return result;
		},
	};

	it('is not compared for first answers, which say so and are not the last', () => {
		const edit = body('native_pte_val', 'return pte.pte & 0xffe;');
		const request = requestWith('', 'zap', (text) => text, { [TYPES]: edit });
		const worker = preparing();
		const answer = (
			depth: 'first' | 'core',
			preparedBy: typeof worker,
		): readonly [boolean, boolean, number | undefined] => {
			const options = { observer: { cancelled: () => false }, cache: null, preparedBy };
			const analysis = analyse(quick, { ...request, depth }, options);
			return [
				told(analysis).includes('has not been compared with known kernels yet'),
				told(analysis).includes(`native_pte_val (${TYPES}:`),
				analysis.left,
			];
		};
		expect(answer('first', worker)).toEqual([true, false, 1]);
		expect(answer('core', worker)).toEqual([false, true, undefined]);
		// what is known is said at once
		expect(answer('first', preparing())).toEqual([false, true, undefined]);
	});
});

describe('kernels as they are', () => {
	it.each(['6.12', '6.1'] as const)('%s names nothing', (version) => {
		for (const arch of ARCHS) {
			const given = { text: gup(version), path: 'mm/gup.c', tree: kernelTree(version), arch };
			const analysis = analysisOf({ ...given, depth: 'core', actors: ['zap'] });
			expect([
				arch,
				[...new Set(told(analysis).match(/[^\n]*no kernel that racewalk knows[^\n]*/g))].join(),
			]).toEqual([arch, '']);
		}
	});
});
