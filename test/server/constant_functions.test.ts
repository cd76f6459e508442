/** Functions that no run can enter under the configuration: named as such, and given no verdict; others keep theirs. */
import { describe, expect, it } from 'vitest';
import { analysisOf } from '../analysis.js';
import { gup } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

/** A walk that asks how large a mapping is; what it does with a leaf of the PUD is a function behind a question. */
const walk = (question: string): string => `
${question}

static int of_giants(pud_t pud)
{
	return pud_write(pud) ? 4 : 3;
}

int level_of(struct mm_struct *mm, unsigned long hva)
{
	int level = 1;
	unsigned long flags;
	pgd_t pgd;
	p4d_t p4d;
	pud_t pud;

	local_irq_save(flags);
	pgd = READ_ONCE(*pgd_offset(mm, hva));
	if (pgd_none(pgd))
		goto out;
	p4d = READ_ONCE(*p4d_offset(&pgd, hva));
	if (p4d_none(p4d) || !p4d_present(p4d))
		goto out;
	pud = READ_ONCE(*pud_offset(&p4d, hva));
	if (pud_none(pud) || !pud_present(pud))
		goto out;
	if (pud_leaf(pud))
		level = has_giants(pud) ? of_giants(pud) : 2;
out:
	local_irq_restore(flags);
	return level;
}
`;

const CONSTANT =
	'of_giants() is never entered: under this configuration the conditions of its calls are constant';

function verdictsOf(text: string) {
	const { functions } = analysisOf({ text });
	const root = functions.find((f) => f.name === 'level_of');
	return {
		verdicts: Object.fromEntries(functions.map((f) => [f.name, f.verdict])),
		isSaid: root?.assumptions.some((a) => a.what === CONSTANT),
	};
}

describe('a function behind a question', () => {
	it('that is constant under the configuration has no verdict, and is named', () => {
		const question = 'static bool has_giants(pud_t pud) { return IS_ENABLED(CONFIG_RW_GIANTS); }';
		const { verdicts, isSaid } = verdictsOf(walk(question));
		expect(verdicts).toEqual({ level_of: 'holds', has_giants: 'holds' });
		expect(isSaid).toBe(true);
	});

	it('that entries decide has one', () => {
		const { verdicts, isSaid } = verdictsOf(
			walk('static bool has_giants(pud_t pud) { return !pud_devmap(pud); }'),
		);
		expect(verdicts).toMatchObject({ level_of: 'holds', of_giants: 'holds' });
		expect(isSaid).toBe(false);
	});

	it('that is not understood is not taken for constant', () => {
		const { verdicts, isSaid } = verdictsOf(
			walk(
				'static bool has_giants(pud_t pud) { bool is; asm volatile("" : "=r"(is)); return is; }',
			),
		);
		expect(verdicts['of_giants']).toBe('inconclusive');
		expect(verdicts['level_of']).toBe('unsupported');
		expect(isSaid).toBe(false);
	});
});

describe('entries of devices', () => {
	it('are not there without CONFIG_ZONE_DEVICE, and nothing of 6.12 is left undecided', () => {
		const { functions } = analysisOf({
			...{ path: 'mm/gup.c', text: gup('6.12'), tree: kernelTree('6.12') },
			set: { CONFIG_ZONE_DEVICE: 'n' },
		});
		expect(functions.filter((f) => f.verdict !== 'holds')).toEqual([]);
		const root = functions.find((f) => f.name === 'gup_fast');
		const said = root?.assumptions.map((a) => a.what) ?? [];
		expect(said.filter((what) => what.includes('is never entered'))).toHaveLength(4);
		expect(said).toContain(
			"no entry is marked as a device's: without CONFIG_ZONE_DEVICE there is no dev_pagemap",
		);
	});
});
