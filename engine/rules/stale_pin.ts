/**
 * stale-pin: the page handed out was not mapped at its address at any moment at which the reference was already held.
 */
import { OWNER, ownerName } from '../mm/model/owner.js';
import { type Property, report } from './property.js';

export const stalePin: Property = {
	rule: 'stale-pin',
	severity: 'error',
	what: 'A page was returned that its entry no longer mapped when the reference was taken.',
	run: 'The walk reads the entry; another CPU clears it, drops its reference and the page is freed and reused; the walk takes a reference on the page, whoever owns it now, and returns it. A page is freed after the TLB flush; on arm64 and s390x, and in guests with paravirtual flushes, that flush does not wait for a CPU with interrupts off. No RCU grace period is waited for.',
	fix: 'Read the entry again after the reference is held, compare it with the value the page was computed from (for a PTE the PMD above it too), and on any difference put the reference and fall back to the slow path.',
	history: [
		'70cbc3cc78a9 mm: gup: fix the fast GUP race against THP collapse',
		'2667f50e8b81 mm: introduce a general RCU get_user_pages_fast()',
	],
	onReturn(outcome, view) {
		for (const page of outcome.handed) {
			if (page.frame === null || page.valid || !page.referenced || page.refetched || page.absent)
				continue;
			if (page.owner === OWNER.zero || page.misplaced !== null) continue;
			report(
				view,
				'stale-pin',
				page.place,
				`pages[${page.index}] was returned, but its ${page.level} no longer mapped that page when the reference was taken${reused(page.owner)}`,
			);
		}
	},
};

function reused(owner: number): string {
	const taken: readonly number[] = [OWNER.free, OWNER.otherFile, OWNER.otherAnon, OWNER.slab];
	return taken.includes(owner) ? `; in this run the page is ${ownerName(owner)} by then` : '';
}
