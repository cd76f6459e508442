/**
 * Findings that exist under some configurations only, and what these have in common: on Debian's 6.12 with edits.
 */
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../engine/check.js';
import { configuration } from '../../server/configuration.js';
import { sharedFindings, type VariantAnalysis, whereFound } from '../../server/ide/variants.js';
import { analysisOf } from '../analysis.js';
import { type Edit, edited, gup } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

interface Under {
	readonly arch: ArchName;
	readonly set?: Readonly<Record<string, string>>;
}

/** Analyses an edit of 6.12 under each configuration. */
function check(edits: readonly Edit[], actors: readonly string[], under: readonly Under[]) {
	const text = edited(gup('6.12'), edits);
	const analyses = under.map(({ arch, set = {} }): VariantAnalysis => {
		const [changed = null] = Object.entries(set).map(([name, value]) => `${name}=${value}`);
		const config = configuration({ arch, dotConfig: null, set: new Map(Object.entries(set)) });
		const analysis = analysisOf({
			path: 'mm/gup.c',
			text,
			tree: kernelTree('6.12'),
			arch,
			set,
			actors,
		});
		return { variant: { arch, changed, config }, analysis };
	});
	return sharedFindings(analyses).map(
		(s) => `${s.finding.rule}@${s.finding.function}: ${whereFound(s)}`,
	);
}

const RCU_INSTEAD: readonly Edit[] = [
	{ in: 'gup_fast', find: 'local_irq_save(flags);', put: 'rcu_read_lock();' },
	{ in: 'gup_fast', find: 'local_irq_restore(flags);', put: 'rcu_read_unlock();' },
];

describe('where a finding is found', () => {
	it('rcu_read_lock() instead of interrupts off: where tables may be freed after an IPI', () => {
		const [first = ''] = check(
			RCU_INSTEAD,
			['pgtable_free'],
			[{ arch: 'x86_64' }, { arch: 'arm64' }],
		);
		expect(first).toMatch(
			/^use-after-free@\w+: only on x86_64: .*page tables may be freed after an IPI/,
		);
	});

	it('the same with the symbol turned over', () => {
		const found = check(
			RCU_INSTEAD,
			['pgtable_free'],
			[{ arch: 'x86_64' }, { arch: 'x86_64', set: { CONFIG_PARAVIRT: 'n' } }],
		);
		expect(found.length).toBeGreaterThan(0);
		expect(
			found.filter(
				(f) => !f.endsWith('under the configuration asked for; gone with CONFIG_PARAVIRT=n'),
			),
		).toEqual([]);
	});

	it('a function that the others do not have in the walk', () => {
		const unchecked: Edit = {
			in: 'gup_fast_pud_leaf',
			find: 'pud_val(orig) != pud_val(*pudp)',
			put: '0',
		};
		expect(check([unchecked], ['zap'], [{ arch: 'x86_64' }, { arch: 'i386-pae' }])).toEqual([
			'stale-pin@gup_fast_pud_leaf: only on x86_64: under the other configurations checked gup_fast_pud_leaf() is not part of the walk',
		]);
	});
});
