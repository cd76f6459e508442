/**
 * Mutants of the lowered walk that are not found, and why: all that are not reached or behave differently, and of those that no
 * world tells from the walk the ones that look like bugs. What is a gap of the model is called one.
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
		ids: /^(?:drop|twice)@gup_fast:3420\.0$/,
		why: 'interrupts are on when the walk is called: local_irq_restore() has none to leave off',
	},
	{
		fate: 'survived',
		ids: /^(?:wrong-number@gup_fast_pte_range:2965\.1|always-taken@gup_fast_pte_range:2965\.0|(?:drop|re-read)@gup_fast_pte_range:2970\.0)$/,
		why: 'an ordinary page before one of a dying device is kept, where the walk gives it back: it was taken and checked, so both are right; otherwise it hands out less',
	},
	{
		fate: 'survived',
		ids: /^(?:(?:opposite|always-passed)@gup_fast_pte_range:3015\.0|swap@gup_fast_pte_range:2947\.0)$/,
		why: 'a page before one of a dying device is kept, which is right; gap: that only the first page of a table is walked would leave a hole before a third page, and worlds have two',
	},
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
		why: 'the zero page is told apart before the fast path asks; what becomes of a pageblock that is isolated is not modelled',
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
		fate: 'same',
		ids: /@gup_fast_(?:pgd|p4d|pud)_range:|^(?:always-.*|wrong-answer)@gup_fast_(?:pmd_range|devmap_pud_leaf):|^wrong-answer@gup_fast_p[gum]d_leaf:/,
		why: 'behind the last entry of a range nothing is left to do: whether the loop is left or ends makes no difference',
	},
	{
		fate: 'survived',
		ids: /^(?:always-passed@gup_fast:3401|answer-0@gup_fast:3402)\./,
		why: 'without the sample no pin is ever kept (write_protect_seq is not 0): the slow path does it all, slower and right',
	},
	{
		fate: 'same',
		ids: /^always-.*@(?:try_grab_folio_fast:539|gup_fast_folio_allowed:2857|try_get_folio:84)\./,
		why: 'a warning that does not fire, or whose caller tests the same again',
	},
	{
		fate: 'same',
		ids: /@gup_fast_folio_allowed:(?:2837|2851|2854|2898)\./,
		why: 'a test is made that was left out because it would pass: slower, and no other answer',
	},
	{
		fate: 'same',
		ids: /^(?:drop|twice|swap)@gup_fast_(?:pte_range:3012|p[gum]d_leaf:(?:3177|3225|3265)|devmap_leaf:3071|undo_dev_pagemap:2910)\./,
		why: 'the referenced bit steers reclaim only',
	},
	{
		fate: 'same',
		ids: /@(?:gup_put_folio:112|try_grab_folio_fast:593)\./,
		why: 'statistics',
	},
	{
		fate: 'same',
		ids: /^always-passed@gup_fast_pte_range:2958\./,
		why: 'pte_access_permitted() refuses PROT_NONE on x86_64 as well',
	},
	{
		fate: 'same',
		ids: /@gup_fast_pte_range:300[567]\./,
		why: 'pages are always accessible but on s390x',
	},
	{
		fate: 'same',
		ids: /@try_grab_folio_fast:542\.|@gup_fast_devmap_leaf:306[12]\./,
		why: 'each of the two tests for peer-to-peer pages covers the other at leaves; at PTEs such a page has no mapping and is refused for that',
	},
	{
		fate: 'same',
		ids: /^hoist@.*:(?:3013|3072|264)\./,
		why: 'an element of pages[] beyond the count is nobody\u2019s',
	},
	{
		fate: 'same',
		ids: /^re-read@.*_(?:leaf|range):/,
		why: 'what is read again is compared again before anything is handed out, is an address worked out anew, or no longer matters',
	},
];

/** Why a mutant that was not killed is none of racewalk's business; null: nobody has said. */
export function explanationOf(id: string, fate: Fate): string | null {
	return EXPLAINED.find((e) => e.fate === fate && e.ids.test(id))?.why ?? null;
}
