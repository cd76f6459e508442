/**
 * inaccessible-page: a page is handed out although arch_make_folio_accessible() of s390x failed for it: the ultravisor refused to
 * make the page of a protected guest accessible (arch/s390/kernel/uv.c).
 */
import { ghost } from '../mm/model/ghost.js';
import { type Property, report } from './property.js';

export const inaccessiblePage: Property = {
	rule: 'inaccessible-page',
	severity: 'error',
	what: 'A page was returned although arch_make_folio_accessible() failed for it.',
	run: 'arch_make_folio_accessible() fails, but the walk counts the page; whoever reads it gets an exception.',
	fix: 'Give the reference back and end the walk when the call fails; store and count the page behind it.',
	history: [],
	onReturn(outcome, view) {
		for (const page of outcome.handed) {
			const refused = page.frame === null ? 0 : view.read(ghost('inaccessible', page.head));
			// those of the folio that were counted before were accessible then
			if (refused === 0 || page.index < refused - 1) continue;
			report(
				view,
				'inaccessible-page',
				page.place,
				`pages[${page.index}] was returned, but could not be made accessible`,
			);
		}
	},
};
