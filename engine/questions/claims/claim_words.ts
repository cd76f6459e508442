/** The words for what a claim is about: how it was read is said in them, and so is what a run shows. */
import type { Claim, ClaimEvent, ClaimScope, ClaimSubject } from './claim.js';

export const SUBJECT_WORDS: Readonly<Record<ClaimSubject, string>> = {
	folio: 'the folio',
	'page-table': 'the page table',
	mapping: 'folio->mapping',
	'address-space': 'the address_space',
	'anon-vma': 'the anon_vma',
	pte: 'the PTE',
	pmd: 'the PMD',
};

export const EVENT_WORDS: Readonly<Record<ClaimEvent, string>> = {
	freed: 'freed',
	split: 'split',
	unmapped: 'unmapped',
	changed: 'changed',
	emptied: 'cleared',
	'write-protected': 'write-protected',
};

export const SCOPE_WORDS: Readonly<Record<ClaimScope, string>> = {
	'interrupts-off': 'while the walk has interrupts off',
	rcu: 'while the walk is in an RCU read-side critical section',
	'preemption-off': 'while the walk has preemption off',
	reference: 'while the walk holds a reference on the folio',
	recheck: 'after the re-check of the entry, with the reference held',
	'before-reference': 'after its entry was read and before the reference is taken',
	function: 'while the function runs',
	here: 'from here on, while the function runs',
	use: 'while the walk still uses it',
};

export const STATE_WORDS: Readonly<
	Record<(Claim & { kind: 'state' })['state'], { readonly so: string; readonly not: string }>
> = {
	'interrupts-off': { so: 'interrupts are off here', not: 'interrupts are on here' },
	'reference-held': {
		so: 'the walk holds a reference here',
		not: 'the walk holds no reference on the folio here',
	},
	'still-mapped': {
		so: 'the entry still maps the folio here',
		not: 'the entry no longer maps the folio here',
	},
};

/** How a claim was read, as a sentence. */
export function readingOf(claim: Claim): string {
	switch (claim.kind) {
		case 'event': {
			const what = claim.events.map((e) => EVENT_WORDS[e]).join(' or ');
			const verb = claim.modality === 'never' ? 'is never' : 'can be';
			return `${SUBJECT_WORDS[claim.subject]} ${verb} ${what} by another CPU ${SCOPE_WORDS[claim.scope]}`;
		}
		case 'state': {
			const words = STATE_WORDS[claim.state];
			return claim.holds ? words.so : words.not;
		}
		case 'order':
			return `the ${claim.entry.toUpperCase()} of every page returned was read again after the last reference and pin on its folio`;
	}
}
