/**
 * double-fetch: the entry was checked, then read again, and the second value was used.
 */
import { type Property, report } from './property.js';

export const doubleFetch: Property = {
	rule: 'double-fetch',
	severity: 'error',
	what: 'An entry that had been checked was fetched again and used.',
	run: 'The first value passes the tests; another CPU changes the entry; the page (or the access) is taken from a second read that nothing tested.',
	fix: 'Read the entry once, work on that value throughout, and read it again only to compare.',
	history: [],
	onReturn(outcome, view) {
		for (const page of outcome.handed) {
			if (!page.refetched || page.frame === null || (page.valid && page.permitted)) continue;
			report(
				view,
				'double-fetch',
				page.place,
				`pages[${page.index}] comes from a second fetch of the entry that differs from the value that was checked`,
			);
		}
	},
};
