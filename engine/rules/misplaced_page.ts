/**
 * misplaced-page: `pages[i]` is not the page at the i-th address.
 */

import { type Property, report } from './property.js';

export const misplacedPage: Property = {
	rule: 'misplaced-page',
	severity: 'error',
	what: 'pages[] does not line up with the addresses: a hole, a shift, or a failure reported as success.',
	run: 'The walk counts a page that it did not store, stores it at another index, or reports more pages than it walked.',
	fix: 'Store and count together, after the last check, and let every failure end the walk.',
	history: [],
	onReturn(outcome, view, s) {
		const { pages } = s.world.spec;
		if (outcome.count > pages) {
			report(
				view,
				'misplaced-page',
				outcome.returned,
				`the walk returned ${outcome.count} pages for ${pages} addresses`,
			);
		}
		for (const page of outcome.handed) {
			if (page.frame === null) {
				report(
					view,
					'misplaced-page',
					page.place,
					`pages[${page.index}] was counted, but holds no page`,
				);
				continue;
			}
			if (page.refetched || page.misplaced === null) continue;
			report(view, 'misplaced-page', page.place, `pages[${page.index}] holds ${page.misplaced}`);
		}
	},
};
