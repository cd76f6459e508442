/**
 * Headers that are not there, wherever they are asked for: those that a build makes and racewalk knows are nothing to speak of, any other is
 * named, and what only it could define is not known. Kernels as they are lack none.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ARCHS } from '../../engine/program/arch.js';
import { archProfile } from '../../server/tree/arch_profiles.js';
import { translate } from '../../server/tree/translation.js';
import { openTree } from '../../server/tree/workspace.js';
import { analysisOf } from '../analysis.js';
import { gup } from '../kernel_text.js';
import { kernelTree } from '../trees.js';
import { asked, GOOD, gupWith, hostileRoot, putHeaders, reasons, verdicts } from './otherwise.js';

const root = hostileRoot();
const HEADER = '#include <linux/asks.h>\n';
/** All that the walk takes of the kernel, as declarations of a header. */
const DECLARED = [...new Set(GOOD.match(/\b[A-Za-z_]\w*(?=\s*\()|\b[A-Z]{2}\w+/g) ?? [])]
	.map((name) => `/* ${name} */`)
	.join('\n');

function assumed(text: string): readonly string[] {
	const given = { text, path: 'mm/walk.c', tree: root, depth: 'core', actors: ['zap'] } as const;
	const analysis = analysisOf(given);
	expect(analysis.functions.map((f) => f.verdict)).toEqual(['holds']);
	return analysis.functions.flatMap((f) => f.assumptions.map((a) => a.what));
}

describe('a header that is not there, asked for by a header', () => {
	it('makes what stands behind it unknown', () => {
		putHeaders(root, { 'include/linux/asks.h': '#include <linux/not_there.h>\n' });
		const text = HEADER + asked('#ifndef kk\n#define kk(x) (x)\n#endif\n');
		expect(verdicts(root, text)).toEqual(['unsupported']);
		expect(reasons(root, text)).toBe(
			'walk_ptes(): include/linux/asks.h: linux/not_there.h is not found in the kernel tree',
		);
	});

	it('is no matter where the compiler brings it, as in kernels before 5.16', () => {
		putHeaders(root, { 'include/linux/asks.h': `#include <stdarg.h>\n${DECLARED}\n` });
		const text = `${HEADER}static void zz(int a, ...)\n{\n\tva_list list;\n\tva_start(list, a);\n}\n`;
		expect(assumed(text + GOOD).join()).not.toContain('stdarg.h');
		// a tree's own comes first
		putHeaders(root, { 'include/stdarg.h': '#define pte_val(x) 0\n' });
		expect(verdicts(root, `/* again */\n${HEADER}${GOOD}`)).not.toContain('holds');
		rmSync(join(root, 'include/stdarg.h'));
	});

	it('at any depth', () => {
		putHeaders(root, {
			'include/linux/asks.h': '#include <linux/more.h>\n',
			'include/linux/more.h': '#include "beside.h"\n',
		});
		expect(verdicts(root, HEADER + GOOD)).toEqual(['unsupported']);
		expect(reasons(root, HEADER + GOOD)).toContain('beside.h is not found');
	});

	it('and made by a build is named, with who asks for it', () => {
		putHeaders(root, { 'include/linux/asks.h': `#include <asm/not_there.h>\n${DECLARED}\n` });
		expect(assumed(HEADER + GOOD)).toContain(
			'asm/not_there.h, which include/linux/asks.h includes, is not found: taken to define nothing',
		);
		expect(assumed(`#include <asm/not_there.h>\n${HEADER}${GOOD}`)).toContain(
			'asm/not_there.h is not found: taken to define nothing',
		);
	});

	it('is not taken to define nothing where only it could define a name', () => {
		putHeaders(root, {
			'include/linux/asks.h': `#include <asm/not_there.h>\n${DECLARED.replace('/* pte_val */', '')}\n`,
		});
		expect(verdicts(root, HEADER + GOOD)).toEqual(['unsupported']);
		expect(reasons(root, HEADER + GOOD)).toBe(
			'no header that was read has pte_val, and asm/not_there.h is not found',
		);
	});
});

describe('kernels as they are', () => {
	const FILES = ['mm/gup.c', 'mm/vmscan.c', 'mm/rmap.c', 'mm/filemap.c', 'mm/memory.c'];

	it.each(ARCHS)(
		'%s: no header is missing but those that are known to be made',
		(arch) => {
			const { folder, config } = archProfile(arch);
			const decides = (name: string): boolean => config.has(name);
			for (const version of ['6.12', '6.1'] as const) {
				const tree = openTree(kernelTree(version));
				for (const path of FILES) {
					const text = tree.read(path) ?? '';
					const given = { path, text, tree, archFolder: folder, config, decides };
					const unit = translate({ ...given, fallback: () => null });
					expect(unit.files.length).toBeGreaterThan(400);
					expect([version, path, unit.missing, unit.doubts]).toEqual([version, path, [], []]);
				}
			}
		},
		60_000,
	);

	it('a header that is made and not known is named, and nothing else changes', () => {
		const analysis = gupWith('#include <asm/racewalk_made.h>');
		expect(analysis.functions.find((f) => f.name === 'gup_fast_pte_range')?.verdict).toBe('holds');
		const root = analysis.functions.find((f) => f.name === 'gup_fast');
		expect(root?.assumptions.map((a) => a.what)).toContain(
			'asm/racewalk_made.h, which include/linux/secretmem.h includes, is not found: taken to define nothing',
		);
	});

	it('what a header that is made may define is not asked for in vain', () => {
		const open = 'static int gup_fast_pte_range(';
		expect(gup('6.12')).toContain(open);
		const analysis = gupWith('', 'zap', (text) =>
			text.replace(open, `#ifdef __NR_racewalk\n#define unlikely(x) 0\n#endif\n${open}`),
		);
		expect(
			analysis.functions.filter((f) => f.verdict === 'holds' && f.name === 'gup_fast_pte_range'),
		).toEqual([]);
		expect(analysis.unsupported.map((u) => u.reason).join('\n')).toMatch(
			/a condition on __NR_racewalk is not understood: asm\/unistd_\w+\.h \(made by a build\) may define it/,
		);
	});
});
