/**
 * shared-anon-pin and fork-pin: an anonymous page under FOLL_PIN must stay the one this mm sees.
 */

import { ghost, WALK } from '../mm/model/ghost.js';
import { ENTRY } from '../mm/model/layout.js';
import { isAnonOfMm } from '../mm/model/owner.js';
import type { MonitorView } from '../mm/model/violation.js';
import { pinned } from '../mm/monitor/outcome.js';
import { type Property, report } from './property.js';

export const sharedAnonPin: Property = {
	rule: 'shared-anon-pin',
	severity: 'error',
	what: 'A pinned anonymous page is not exclusive to this mm (copy-on-write will break the pin).',
	run: 'The page is shared with another process and mapped read-only; the walk pins it; the next write through the page table copies it, and the pin is left on a page this process no longer sees.',
	fix: 'For a read-only entry ask gup_must_unshare() after the re-check, and bail out when the page is anonymous and not exclusive.',
	history: [
		'a7f226604170 mm/gup: trigger FAULT_FLAG_UNSHARE when R/O-pinning a possibly shared anonymous page',
		'088b8aa537c2 mm: fix PageAnonExclusive clearing racing with concurrent RCU GUP-fast',
	],
	onReturn(outcome, view, s) {
		if (!pinned(s)) return;
		for (const page of outcome.handed) {
			if (!page.valid || !isAnonOfMm(page.owner) || page.exclusive || forked(view, page.index))
				continue;
			report(
				view,
				'shared-anon-pin',
				page.place,
				`pages[${page.index}] is a pinned anonymous page without PageAnonExclusive`,
			);
		}
	},
};

export const forkPin: Property = {
	rule: 'fork-pin',
	severity: 'error',
	what: 'A pin survived a fork() that write-protected the range during the walk.',
	run: 'fork() finds no pin on the page and shares it with the child; the walk pins it before fork write-protects the entry, so its re-check still passes; write_protect_seq has changed, but the walk does not check it.',
	fix: 'Sample mm->write_protect_seq before the walk (odd: give up) and check it after; when it changed, unpin everything and report nothing.',
	history: ['57efa1fe5957 mm/gup: prevent gup_fast from racing with COW during fork'],
	onReturn(outcome, view, s) {
		if (!pinned(s)) return;
		for (const page of outcome.handed) {
			if (!page.valid || !isAnonOfMm(page.owner) || page.exclusive || !forked(view, page.index))
				continue;
			report(
				view,
				'fork-pin',
				outcome.returned,
				`pages[${page.index}] stays pinned, but fork() shared it with the child during the walk`,
			);
		}
	},
	onLaterWrite(outcome, view, s) {
		if (!s.sharesLater || !pinned(s)) return;
		for (const page of outcome.handed) {
			if (!page.valid || !isAnonOfMm(page.owner) || page.exclusive) continue;
			report(
				view,
				'fork-pin',
				outcome.returned,
				`pages[${page.index}] is pinned, and a later fork() shared it with the child: without MMF_HAS_PINNED in mm->flags, which the walk's caller does not set, fork() does not look for pins`,
			);
		}
	},
};

/** Fork shared the page behind the walk's back: after the entry was fetched, or while it was still writable. */
function forked(view: MonitorView, index: number): boolean {
	const shared = view.read(ghost('walk', WALK.sharedByFork));
	const writable = Math.floor((view.read(ghost('fetched', index)) - 1) / ENTRY.write) % 2 === 1;
	return shared === 2 || (shared === 1 && writable);
}
