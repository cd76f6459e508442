/**
 * reference-leak, reference-underflow and wrong-folio: the references and pins held when the walk returns against those it
 * owes for the pages it reports.
 */

import type { CodePlace } from '../mm/model/code_place.js';
import { GUP_PIN_COUNTING_BIAS } from '../mm/model/foll.js';
import { type Balance, pagemapPlace, type WalkOutcome } from '../mm/monitor/outcome.js';
import { type Property, report } from './property.js';

export const referenceLeak: Property = {
	rule: 'reference-leak',
	severity: 'error',
	what: 'A path takes more references or pins than it returns pages.',
	run: 'The walk takes a reference, finds a reason to bail out, and returns without putting it: the page is never freed.',
	fix: 'Put exactly what was taken on every path that fails after the reference.',
	history: [],
	onReturn(outcome, view) {
		const place = pagemapPlace(view);
		if (place !== null) report(view, 'reference-leak', place, 'put_dev_pagemap() is missing');
		if (isWrongFolio(outcome)) return;
		for (const b of outcome.balances) {
			if (b.references > 0 || (b.references === 0 && b.pins > 0)) {
				report(view, 'reference-leak', placeFor(b, outcome), imbalance(b));
			}
		}
	},
};

export const referenceUnderflow: Property = {
	rule: 'reference-underflow',
	severity: 'error',
	what: 'A path takes fewer references or pins than it returns pages.',
	run: 'A reference is put twice, or a page is returned without one: the page is freed while it is in use.',
	fix: 'Take one reference (or pin) per page returned, and put it once.',
	history: [],
	onReturn(outcome, view) {
		if (isWrongFolio(outcome)) return;
		for (const b of outcome.balances) {
			if (b.references < 0 || (b.references === 0 && b.pins < 0)) {
				report(view, 'reference-underflow', placeFor(b, outcome), imbalance(b));
			}
		}
	},
};

export const wrongFolio: Property = {
	rule: 'wrong-folio',
	severity: 'error',
	what: 'The reference was taken on a folio that does not hold the page (the compound head changed).',
	run: 'The walk computes the head of a tail page; the huge page is split and the entry restored with the same value; the reference is taken on the old head, which has nothing to do with the page any more.',
	fix: 'After the reference is held look up the page\u2019s folio again; if it is another one, put the reference and try again.',
	history: ['c24d37322548 mm/gup: fix try_grab_compound_head() race with split_huge_page()'],
	onReturn(outcome, view) {
		if (!isWrongFolio(outcome)) return;
		const over = outcome.balances.find((b) => b.references > 0) as Balance;
		const under = outcome.balances.find((b) => b.references < 0) as Balance;
		report(
			view,
			'wrong-folio',
			placeFor(over, outcome),
			`the reference is on folio#${over.frame}, but the page returned belongs to folio#${under.frame}`,
		);
	},
};

function isWrongFolio(outcome: WalkOutcome): boolean {
	return (
		outcome.balances.some((b) => b.references > 0) && outcome.balances.some((b) => b.references < 0)
	);
}

function placeFor(b: Balance, outcome: WalkOutcome): CodePlace {
	return b.place ?? outcome.handed.find((p) => p.head === b.frame)?.place ?? outcome.returned;
}

/** Which count is wrong at the walk's return, and by how much. */
function imbalance(b: Balance): string {
	const isHigh = (b.references === 0 ? b.pins : b.references) > 0;
	const by = Math.abs(b.references === 0 ? b.pins : b.references);
	const pins = by % GUP_PIN_COUNTING_BIAS === 0 ? by / GUP_PIN_COUNTING_BIAS : 0;
	const what =
		b.references === 0
			? `${by} ${by === 1 ? 'pin' : 'pins'} in _pincount`
			: `${by} ${by === 1 ? 'reference' : 'references'}`;
	const meant = pins === 0 || b.references === 0 ? '' : ` (${pins} ${pins === 1 ? 'pin' : 'pins'})`;
	return isHigh
		? `the walk leaks ${what} on folio#${b.frame}${meant}`
		: `${what} on folio#${b.frame} ${by === 1 ? 'is' : 'are'} missing${meant}`;
}
