/**
 * inaccessible-page: a page is handed out although arch_make_folio_accessible() of s390x failed for it: the ultravisor refused to
 * make the page of a protected guest accessible (arch/s390/kernel/uv.c). A page that
 * a PTE maps is not pinned without asking; protected guests have no huge pages.
 */
import { FOLL } from '../mm/model/foll.js';
import { ghost } from '../mm/model/ghost.js';
import { entryOf, leafLevelOf } from '../mm/model/world.js';
import type { HandedOut } from '../mm/monitor/outcome.js';
import type { Watched } from '../mm/monitor/watch.js';
import { type Property, report } from './property.js';

export const inaccessiblePage: Property = {
	rule: 'inaccessible-page',
	severity: 'error',
	what: 'A page was pinned although arch_make_folio_accessible() failed for it, or was not asked.',
	run: 'arch_make_folio_accessible() fails, but the walk counts the page; whoever reads it gets an exception.',
	fix: 'Ask for each page that is pinned; give the reference back and end the walk when the call fails; store and count the page behind it.',
	history: [],
	onReturn(outcome, view, s) {
		const isAsked =
			(s.flags & FOLL.FOLL_PIN) !== 0 &&
			s.program.features?.includes('RACEWALK_PAGES_MADE_ACCESSIBLE') === true;
		for (const page of outcome.handed) {
			if (page.frame === null) continue;
			const refused = view.read(ghost('inaccessible', page.head));
			if (refused === 0 && isAsked && isPtesPage(s, page)) {
				const what = `pages[${page.index}] was pinned, and nobody asked to make it accessible`;
				report(view, 'inaccessible-page', page.place, what);
			}
			// those of the folio that were counted before were accessible then
			if (refused <= 0 || page.index < refused - 1) continue;
			report(
				view,
				'inaccessible-page',
				page.place,
				`pages[${page.index}] was returned, but could not be made accessible`,
			);
		}
	},
};

/** The page that a PTE maps from the start: an adversary may have put a leaf with another there. */
function isPtesPage({ world: { spec } }: Watched, { index, frame }: HandedOut): boolean {
	return leafLevelOf(spec, index) === 'pte' && entryOf(spec, index)?.frame === frame;
}
