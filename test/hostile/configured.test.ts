/**
 * What a kernel without a `.config` is configured as decides what its headers mean: a re-check that a distribution's kernel leaves out must
 * not be taken to be there, and widths are those of its types. Debian's configuration of 6.1 and 6.12 for amd64 has each of these.
 */
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../engine/program/arch.js';
import { analysisOf } from '../analysis.js';
import { gup } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

const CHECK = 'unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))';

function verdictOn(condition: string, arch: ArchName): string | undefined {
	const was = gup('6.12');
	const text = was.replace(CHECK, `(${condition}) && ${CHECK}`);
	expect(text).not.toBe(was);
	const given = { path: 'mm/gup.c', text, tree: kernelTree('6.12'), arch } as const;
	const { functions } = analysisOf({ ...given, depth: 'core', actors: ['zap'] });
	return functions.find((f) => f.name === 'gup_fast_pte_range')?.verdict;
}

/** False on Debian's kernels, each of them. */
const X86_64 = [
	...['!_PAGE_SOFT_DIRTY', '!_PAGE_UFFD_WP', '!_PAGE_PKEY_BIT0', '!IS_ENABLED(CONFIG_CGROUPS)'],
	...['!IS_ENABLED(CONFIG_COMPAT)', 'sizeof(phys_addr_t) == 4', 'sizeof(dma_addr_t) == 4'],
];

describe('the kernel without a .config', () => {
	it.each([
		['a check that is left out is not there', X86_64.join(' || '), 'x86_64', 'violated'],
		['also with PAE', 'sizeof(phys_addr_t) == 4', 'i386-pae', 'violated'],
		['one that is there is there', 'sizeof(phys_addr_t) == 8', 'i386-pae', 'holds'],
	] as const)('%s: %s on %s', (_what, condition, arch, verdict) => {
		expect(verdictOn(condition, arch)).toBe(verdict);
	});

	it.each(['!pte_soft_dirty(pte)', '!pte_uffd_wp(pte)', '!in_compat_syscall()'])(
		'what %s asks is not always so',
		(condition) => {
			expect(verdictOn(condition, 'x86_64')).not.toBe('holds');
		},
	);
});
