/**
 * unsafe-longterm-pin: a long-term pin for writing on a page whose filesystem must hear of every write, or any long-term pin
 * on a page that must be able to move or belongs to the blocks of a DAX file.
 */
import { FOLL } from '../mm/foll.js';
import type { HandedOut } from '../mm/outcome.js';
import { OWNER } from '../mm/owner.js';
import type { Scenario } from '../mm/watch.js';
import { type Property, report } from './property.js';

/** FOLL_LONGTERM comes with FOLL_PIN (mm/gup.c, is_valid_gup_args()); before 5.6 there was no FOLL_PIN, and the harm the same. */
const ALL = FOLL.FOLL_LONGTERM | FOLL.FOLL_WRITE;

export const unsafeLongtermPin: Property = {
	rule: 'unsafe-longterm-pin',
	severity: 'error',
	what: 'FOLL_PIN with FOLL_LONGTERM and FOLL_WRITE was granted on a file-backed folio whose filesystem tracks dirtiness.',
	run: 'The folio is pinned for writing; writeback later cleans and write-protects it, and the device goes on writing through the pin without a fault the filesystem could see.',
	fix: 'For FOLL_PIN|FOLL_LONGTERM|FOLL_WRITE allow only anonymous, shmem and hugetlb folios in the fast path and leave the rest to the slow path, which has the VMA.',
	history: ['a6e79df92e4a mm/gup: disallow FOLL_LONGTERM GUP-fast writing to file-backed mappings'],
	onReturn(outcome, view, s) {
		if ((s.flags & FOLL.FOLL_LONGTERM) === 0) return;
		for (const page of outcome.handed) {
			if (!page.valid) continue;
			const lasting = lastingHarm(s, page);
			if (lasting !== null) {
				report(
					view,
					'unsafe-longterm-pin',
					page.place,
					`pages[${page.index}] is pinned long-term although ${lasting}`,
				);
			}
			if (!isUntracked(s, page)) continue;
			report(
				view,
				'unsafe-longterm-pin',
				page.place,
				`pages[${page.index}] of a file whose filesystem tracks dirtiness is pinned long-term for writing`,
			);
		}
	},
};

/** What a long-term pin, for reading or writing, breaks: check_and_migrate_movable_pages(), vma_is_fsdax() of mm/gup.c. */
function lastingHarm(s: Scenario, page: HandedOut): string | null {
	if (page.owner === OWNER.device)
		return 'it holds a block of a DAX file, which cannot be given up then';
	const folio = s.world.spec.folios.find(
		(f) => page.frame !== null && f.frames.includes(page.frame),
	);
	const isMovable = folio?.marks?.includes('zone_movable') === true;
	return isMovable ? 'it lies in a zone whose pages must be able to move' : null;
}

/** True for a long-term pin for writing on a page of a filesystem that tracks dirtiness. */
export function isUntracked(s: Scenario, page: HandedOut): boolean {
	return (s.flags & ALL) === ALL && page.owner === OWNER.trackedFile;
}
