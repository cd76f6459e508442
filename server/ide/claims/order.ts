/** Claims on order: the reference first, then the entry is checked again. What others do in which order is not the walk's. */
import type { Claim } from '../../../engine/questions/claims/claim.js';

const PIN =
	'(?:pins?|pinned|pinning|pincount|grabs?|grabbed|references?|referenced|refcount|get(?:s|ting)? (?:a|the) (?:reference|pin)|take(?:s|n)? (?:a|the) (?:reference|pin))';
const CHECK =
	'(?:re-?checks?|re-?checked|re-?checking|checks?|checked again|re-?reads?|re-?reading|compares?)';
const ENTRY = '(?<entry>ptes?|pmds?|entry|entries)';

/** Each form is a whole claim; `first` must come before the check in the walk. */
const FORMS: readonly RegExp[] = [
	// (1) pin the page, then (2) check pte not changed
	new RegExp(
		`\\(1\\) ?${PIN}\\b(?:[^()]|\\([^()a-z]*[a-z][^()]*\\))*\\(2\\) ?${CHECK}\\b[^.;]*?\\b${ENTRY}\\b`,
	),
	// pin the page, then re-check the PTE
	new RegExp(
		`\\b${PIN}\\b[^.;]{0,60}?,? (?:and )?(?:only )?(?:then|afterwards) ${CHECK}\\b[^.;]*?\\b${ENTRY}\\b`,
	),
	// … before re-checking the PTE
	new RegExp(
		`\\b${PIN}\\b[^.;]{0,60}? before (?:we |the walker |it )?(?:re-?check(?:s|ing)?|re-?read(?:s|ing)?|checking again|compar(?:e|es|ing)) (?:the |that the )?${ENTRY}\\b`,
	),
	// the PTE is re-checked after the reference is taken
	new RegExp(
		`\\b${ENTRY} (?:is|are|gets?) (?:always |then )?(?:re-?checked|checked again|re-?read|compared|read again) (?:again )?(?:only )?(?:after|once) [^.;]{0,40}?\\b${PIN}\\b`,
	),
	// also check pmd here to make sure pmd does not change
	new RegExp(
		`\\bcheck (?:the )?${ENTRY}(?: again)?(?: here)? to make sure (?:that )?(?:the )?(?:it|pte|pmd|entry) (?:does not|has not|did not) change`,
	),
];

/** The order a sentence claims for the walk, or null. */
export function orderClaim(text: string): (Claim & { readonly kind: 'order' }) | null {
	// what is cleared first is cleared by somebody else
	if (
		/\(1\) ?clear|\bwhether\b|\b(?:is|are|does|do|need) not\b[^.;]*\b(?:re-?check|checked again|before|after)/.test(
			text,
		)
	)
		return null;
	for (const form of FORMS) {
		const entry = form.exec(text)?.groups?.['entry'];
		if (entry !== undefined)
			return { kind: 'order', entry: entry.startsWith('pmd') ? 'pmd' : 'pte' };
	}
	return null;
}
