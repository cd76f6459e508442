/**
 * stale-pin: the page handed out was not mapped at its address at any moment at which the reference was already held.
 */
import {
	ENTRY,
	entryAddress,
	frameOfValue,
	indexAt,
	type Level,
	PAGE_SIZE,
} from '../mm/model/layout.js';
import { OWNER, ownerName } from '../mm/model/owner.js';
import type { MonitorView } from '../mm/model/violation.js';
import { leafLevelOf, TABLE_OF } from '../mm/model/world.js';
import type { HandedOut } from '../mm/monitor/outcome.js';
import type { Watched } from '../mm/monitor/watch.js';
import { type Property, report } from './property.js';

export const stalePin: Property = {
	rule: 'stale-pin',
	severity: 'error',
	what: 'A page was returned that its entry no longer mapped when the reference was taken.',
	run: 'The walk reads the entry; another CPU clears it, drops its reference and the page is freed and reused; the walk takes a reference on the page, which may belong to another process by now, and returns it. A page is freed after the TLB flush; on arm64 and s390x, and in guests that flush by hypercall, that flush does not wait for a CPU with interrupts off. No RCU grace period is waited for.',
	fix: 'Read the entry again after the reference is held, compare it with the value the page was computed from (for a PTE the PMD above it too), and on any difference put the reference and fall back to the slow path.',
	history: [
		'70cbc3cc78a9 mm: gup: fix the fast GUP race against THP collapse',
		'2667f50e8b81 mm: introduce a general RCU get_user_pages_fast()',
	],
	onReturn(outcome, view, s) {
		for (const page of outcome.handed) {
			if (page.frame === null || page.valid || !page.referenced || page.refetched || page.absent)
				continue;
			if (page.owner === OWNER.zero || page.misplaced !== null) continue;
			report(
				view,
				'stale-pin',
				page.place,
				`pages[${page.index}] was returned, but ${changed(s, view, page)} when the reference was taken${reused(page.owner)}`,
			);
		}
	},
};

/** What no longer was as the walk had found it: the entry of the page, or an entry above that leads to its table. */
function changed(s: Watched, view: MonitorView, page: HandedOut): string {
	const above = unlinkedAbove(s, view, page);
	return above === null
		? `its ${page.level} no longer mapped that page`
		: `the ${above.toUpperCase()} above its ${page.level} no longer led to that ${page.level}`;
}

/**
 * The level of an entry that does not lead to the page's table, where the page's own entry there still maps it; null: the entry
 * itself does not map it, or every entry leads there again.
 */
function unlinkedAbove(s: Watched, view: MonitorView, { index, frame }: HandedOut): Level | null {
	const leaf = leafLevelOf(s.world.spec, index);
	const leafAt = s.world.leafEntries[s.world.leafEntries.length > 1 ? index : 0];
	if (leafAt === undefined || !view.has(leafAt)) return null;
	const value = view.read(leafAt);
	const [head = frame] = frame === null ? [] : (s.world.groups.get(frame) ?? []);
	const mapped = frameOfValue(value);
	if (((value % PAGE_SIZE) & ENTRY.present) === 0 || (mapped !== frame && mapped !== head))
		return null;
	const address = s.world.start + index * PAGE_SIZE;
	let table = TABLE_OF[s.world.levels[0] as Level];
	let above: Level | null = null;
	for (const level of s.world.levels) {
		const at = entryAddress(table, indexAt(level, address));
		if (level === leaf) return at === leafAt ? null : above;
		const entry = view.has(at) ? view.read(at) : 0;
		if (((entry % PAGE_SIZE) & ENTRY.present) === 0 || ((entry % PAGE_SIZE) & ENTRY.leaf) !== 0)
			return level;
		above = level;
		table = frameOfValue(entry);
	}
	return null;
}

function reused(owner: number): string {
	const taken: readonly number[] = [OWNER.free, OWNER.otherFile, OWNER.otherAnon, OWNER.slab];
	return taken.includes(owner) ? `; in this run the page is ${ownerName(owner)} by then` : '';
}
