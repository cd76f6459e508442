/**
 * unsafe-longterm-pin: a long-term pin for writing on a page whose filesystem must hear of every write, one for reading on a
 * page of a private mapping that the next write copies (since 6.2), or any long-term pin on a page that must be able to move
 * or belongs to the blocks of a DAX file.
 */
import { FOLL } from '../mm/model/foll.js';
import { ENTRY, pageAddress } from '../mm/model/layout.js';
import { isAnonOfMm, OWNER } from '../mm/model/owner.js';
import type { MonitorView } from '../mm/model/violation.js';
import type { HandedOut } from '../mm/monitor/outcome.js';
import { translate, type Watched } from '../mm/monitor/watch.js';
import { type Property, report } from './property.js';

/** FOLL_LONGTERM comes with FOLL_PIN (mm/gup.c, is_valid_gup_args()); before 5.6 there was no FOLL_PIN, and the harm the same. */
const ALL = FOLL.FOLL_LONGTERM | FOLL.FOLL_WRITE;

export const unsafeLongtermPin: Property = {
	rule: 'unsafe-longterm-pin',
	severity: 'error',
	what: 'FOLL_PIN with FOLL_LONGTERM and FOLL_WRITE was granted on a file-backed folio whose filesystem tracks dirtiness; or FOLL_LONGTERM was granted where a later write copies the page away from the pin, where the page must stay movable (CMA, ZONE_MOVABLE), or on a page of a DAX file.',
	run: 'The folio is pinned for writing; writeback later cleans and write-protects it, and the device goes on writing through the pin without a fault the filesystem could see.',
	fix: 'For FOLL_PIN|FOLL_LONGTERM|FOLL_WRITE allow only anonymous, shmem and hugetlb folios in the fast path and leave the rest to the slow path, which has the VMA.',
	history: [
		'84209e87c696 mm/gup: reliable R/O long-term pinning in COW mappings',
		'a6e79df92e4a mm/gup: disallow FOLL_LONGTERM GUP-fast writing to file-backed mappings',
	],
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
			// where somebody writes back, the write that goes unheard is waited for
			if (s.writesLater || !isUntracked(s, page)) continue;
			report(
				view,
				'unsafe-longterm-pin',
				page.place,
				`pages[${page.index}] of a file whose filesystem tracks dirtiness is pinned long-term for writing`,
			);
		}
	},
	onLaterWrite(outcome, view, s) {
		if (!s.writesLater) return;
		for (const page of outcome.handed) {
			if (!page.valid || !isUntracked(s, page) || !isClean(s, view, page)) continue;
			report(
				view,
				'unsafe-longterm-pin',
				page.place,
				`pages[${page.index}] of a file whose filesystem tracks dirtiness is pinned long-term for writing: writeback has cleaned and write-protected it since, and the device keeps writing without a fault that the filesystem could see`,
			);
		}
	},
};

/** Clean and read-only: the filesystem hears of the next write by a fault (->page_mkwrite()), which no device makes. */
function isClean(s: Watched, view: MonitorView, page: HandedOut): boolean {
	const mapped = translate(s, view, page.index);
	if (page.frame === null || mapped?.frame !== page.frame) return false;
	if ((mapped.bits & ENTRY.write) !== 0) return false;
	const { PG_dirty } = s.offsets;
	return PG_dirty !== null && view.read(pageAddress(page.head) + PG_dirty) === 0;
}

/** What a long-term pin, for reading or writing, breaks: check_and_migrate_movable_pages(), vma_is_fsdax() of mm/gup.c. */
function lastingHarm(s: Watched, page: HandedOut): string | null {
	if (page.owner === OWNER.device) return 'it is an fsdax page: its block cannot be truncated';
	const folio = s.world.spec.folios.find(
		(f) => page.frame !== null && f.frames.includes(page.frame),
	);
	if (isCopiedLater(s, page))
		return 'its mapping is private: the next write goes to a copy, and the pin stays on the old page';
	const isMovable = folio?.marks?.includes('zone_movable') === true;
	if (folio?.marks?.includes('cma') === true) return 'it is in CMA';
	return isMovable ? 'it is in ZONE_MOVABLE' : null;
}

/** A page that is not anonymous, mapped read-only by a private mapping: do_wp_page() of mm/memory.c copies it. */
function isCopiedLater(s: Watched, page: HandedOut): boolean {
	if (s.world.spec.cow !== true || (s.flags & FOLL.FOLL_WRITE) !== 0) return false;
	if (s.program.features?.includes('RACEWALK_LONGTERM_READS_LAST') !== true) return false;
	return !isAnonOfMm(page.owner);
}

/** True for a long-term pin for writing on a page of a filesystem that tracks dirtiness. */
export function isUntracked(s: Watched, page: HandedOut): boolean {
	return (s.flags & ALL) === ALL && page.owner === OWNER.trackedFile;
}
