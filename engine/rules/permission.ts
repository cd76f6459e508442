/**
 * permission: the page was mapped when it was referenced, but never with the access that is granted; or it is a page of a
 * kind that the caller did not ask for.
 *
 * Source of FOLL_PCI_P2PDMA: include/linux/mm_types.h, since 6.2.
 */
import { FOLL } from '../mm/model/foll.js';
import { OWNER } from '../mm/model/owner.js';
import { type Property, report } from './property.js';

export const permission: Property = {
	rule: 'permission',
	severity: 'error',
	what: 'A page was returned for an access that its entry did not permit.',
	run: 'The entry is read-only, PROT_NONE or kernel-only, but the walk returns the page; or the entry lost the permission before the reference was taken.',
	fix: 'Test the value that was read with pte_access_permitted() (and refuse PROT_NONE) before the page is used, and compare the whole entry at the re-check.',
	history: [],
	onReturn(outcome, view, s) {
		for (const page of outcome.handed) {
			if (!page.valid || page.permitted || page.refetched) continue;
			report(
				view,
				'permission',
				page.place,
				`pages[${page.index}] was returned, but its ${page.level} did not permit the access at any time while the reference was held`,
			);
		}
		if ((s.flags & FOLL.FOLL_PCI_P2PDMA) !== 0) return;
		if (!s.world.spec.folios.some((f) => f.marks?.includes('pci_p2pdma'))) return;
		for (const page of outcome.handed) {
			if (page.owner !== OWNER.device) continue;
			report(
				view,
				'permission',
				page.place,
				`pages[${page.index}] is a P2PDMA page, but the caller did not pass FOLL_PCI_P2PDMA`,
			);
		}
	},
};
