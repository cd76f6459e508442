/**
 * double-fetch: the walk checked one read of the entry and used a second read.
 */
import { type Property, report } from './property.js';

export const doubleFetch: Property = {
	rule: 'double-fetch',
	severity: 'error',
	what: 'The value that was tested and the value that was used come from two reads of one entry.',
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
