/**
 * Findings that exist under some configurations only, and what these have in common: on Debian's 6.12 with edits.
 */
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../engine/program/arch.js';
import type { VariantAnalysis } from '../../server/ide/analysis/analysis.js';
import { sharedFindings, whereFound } from '../../server/ide/variants.js';
import { configuration } from '../../server/tree/configuration.js';
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

/** A read that i386 with PAE makes in two pieces. */
const IN_ONE_PIECE: Edit = {
	in: 'gup_fast_pte_range',
	find: 'ptep_get_lockless(ptep)',
	put: 'READ_ONCE(*ptep)',
};
const WITHOUT_SECRETMEM: Edit = {
	in: 'gup_fast_folio_allowed',
	find: /if \(check_secretmem && secretmem_mapping\(mapping\)\)\s*return false;/,
	put: '',
};

describe('where a finding is found', () => {
	it('an entry read at once: where it has halves', () => {
		const found = check(
			[IN_ONE_PIECE],
			['zap', 'fault', 'remap'],
			[{ arch: 'x86_64' }, { arch: 'i386-pae' }],
		);
		expect(found).toEqual([
			expect.stringMatching(
				/^torn-entry@gup_fast_pte_range: only on i386-pae: .*an entry is read in two halves/,
			),
		]);
	});

	it('a rule about what a symbol brings, with the symbol turned over', () => {
		const found = check(
			[WITHOUT_SECRETMEM],
			['zap'],
			[{ arch: 'x86_64' }, { arch: 'x86_64', set: { CONFIG_SECRETMEM: 'n' } }],
		);
		expect(found).toEqual([
			expect.stringMatching(/^secretmem-pin@\w+: .*; gone with CONFIG_SECRETMEM=n$/),
		]);
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
