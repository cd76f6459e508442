/**
 * unsafe-longterm-pin: a long-term pin for writing on a page whose filesystem must hear of every write.
 */
import { FOLL } from '../mm/foll.js';
import { OWNER } from '../mm/owner.js';
import { type Property, report } from './property.js';

const ALL = FOLL.FOLL_PIN | FOLL.FOLL_LONGTERM | FOLL.FOLL_WRITE;

export const unsafeLongtermPin: Property = {
	rule: 'unsafe-longterm-pin',
	severity: 'error',
	what: 'FOLL_PIN with FOLL_LONGTERM and FOLL_WRITE was granted on a file-backed folio whose filesystem tracks dirtiness.',
	run: 'The folio is pinned for writing; writeback later cleans and write-protects it, and the device goes on writing through the pin without a fault the filesystem could see.',
	fix: 'For FOLL_PIN|FOLL_LONGTERM|FOLL_WRITE allow only anonymous, shmem and hugetlb folios in the fast path and leave the rest to the slow path, which has the VMA.',
	history: ['a6e79df92e4a mm/gup: disallow FOLL_LONGTERM GUP-fast writing to file-backed mappings'],
	onReturn(outcome, view, s) {
		if ((s.flags & ALL) !== ALL) return;
		for (const page of outcome.handed) {
			if (!page.valid || page.owner !== OWNER.trackedFile) continue;
			report(
				view,
				'unsafe-longterm-pin',
				page.place,
				`pages[${page.index}] of a file whose filesystem tracks dirtiness is pinned long-term for writing`,
			);
		}
	},
};
