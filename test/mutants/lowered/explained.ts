/**
 * Mutants of the lowered walk that are not found although they are not reached or behave differently, and why. What is a gap of
 * the model is called one.
 */
import type { Fate } from './judge.js';

interface Explanation {
	readonly fate: Fate;
	/** Mutants it is about. */
	readonly ids: RegExp;
	readonly why: string;
}

export const EXPLAINED: readonly Explanation[] = [
	{
		fate: 'unreached',
		ids: /@gup_fast:3399\./,
		why: 'the range is always permitted: an address check, not a race (Model: gup_fast_permitted())',
	},
	{
		fate: 'unreached',
		ids: /@gup_folio_next:(?:259|260)\./,
		why: 'gap: only where fork makes a walk give back pins on several pages; the loop is not gone round twice',
	},
	{
		fate: 'unreached',
		ids: /@try_grab_folio_fast:(?:539|540)\./,
		why: 'behind a warning: no caller asks for neither a reference nor a pin',
	},
	{
		fate: 'unreached',
		ids: /@gup_must_unshare:1404\./,
		why: 'with a vma, which the fast path never has',
	},
	{
		fate: 'unreached',
		ids: /@gup_fast_folio_allowed:(?:2857|2858)\./,
		why: 'behind a warning: no world maps a slab folio',
	},
	{
		fate: 'unreached',
		ids: /@folio_is_longterm_pinnable:/,
		why: 'gap: no CMA and no long-term pin of the zero page in any world',
	},
	{
		fate: 'unreached',
		ids: /@gup_fast_pte_range:2945\./,
		why: 'mapping a table by a copied, present PMD does not fail',
	},
	{
		fate: 'unreached',
		ids: /@gup_fast_pte_range:3008\./,
		why: 'making a page accessible fails on s390x only',
	},
	{
		fate: 'survived',
		ids: /@gup_must_unshare:(?:1393|1398)\./,
		why: 'gap: no world has a page-cache page in a private mapping, where copy-on-write breaks long-term pins for reading (84209e87c696)',
	},
];

/** Why a mutant that was not killed is none of racewalk's business; null: nobody has said. */
export function explanationOf(id: string, fate: Fate): string | null {
	return EXPLAINED.find((e) => e.fate === fate && e.ids.test(id))?.why ?? null;
}
