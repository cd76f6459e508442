/**
 * permission: the page was mapped when it was referenced, but never with the access that is granted.
 */
import { type Property, report } from './property.js';

export const permission: Property = {
	rule: 'permission',
	severity: 'error',
	what: 'Access was granted that the entry did not permit.',
	run: 'The entry is read-only, PROT_NONE or for the kernel alone, and the walk hands out the page all the same; or it lost the permission before the reference was held.',
	fix: 'Test the value that was read with pte_access_permitted() (and refuse PROT_NONE) before the page is used, and compare the whole entry at the re-check.',
	history: [],
	onReturn(outcome, view) {
		for (const page of outcome.handed) {
			if (!page.valid || page.permitted || page.refetched) continue;
			report(
				view,
				'permission',
				page.place,
				`pages[${page.index}] is handed out although its entry never permitted the access while the reference was held`,
			);
		}
	},
};
