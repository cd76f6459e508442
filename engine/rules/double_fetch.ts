/**
 * double-fetch: the entry was checked, then read again, and the second value was used.
 */
import { type Property, report } from './property.js';

export const doubleFetch: Property = {
	rule: 'double-fetch',
	severity: 'error',
	what: 'An entry was read again after it had been checked, and the second value was used.',
	run: 'The first value passes the tests; another CPU changes the entry; the page (or the permission) is taken from a second read that was not tested.',
	fix: 'Read the entry once, work on that value throughout, and read it again only to compare.',
	history: [],
	onReturn(outcome, view) {
		for (const page of outcome.handed) {
			if (!page.refetched || page.frame === null || (page.valid && page.permitted)) continue;
			report(
				view,
				'double-fetch',
				page.place,
				`pages[${page.index}] comes from a second read of the entry, which differs from the value that was checked`,
			);
		}
	},
};
