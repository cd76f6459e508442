/**
 * unbalanced-map: some exit leaves a page table mapped, a lock held or a section open.
 */
import type { MachineEvent } from '../memory/thread/event.js';
import { ghost, WALK } from '../mm/model/ghost.js';
import type { MonitorView } from '../mm/model/violation.js';
import { lockPlace, mapPlace } from '../mm/monitor/outcome.js';
import { blamed, type Watched } from '../mm/monitor/watch.js';
import type { SectionKind } from '../program/op.js';
import { type Property, report } from './property.js';

const NAMES: Readonly<Record<SectionKind, string>> = {
	irq: 'interrupts are left disabled',
	rcu: 'rcu_read_unlock() is missing: the RCU read-side critical section is left open',
	preempt: 'preemption is left disabled',
};

const ONCE_TOO_OFTEN: Readonly<Record<SectionKind, string>> = {
	irq: 'interrupts are enabled here, but they are already enabled',
	rcu: 'rcu_read_unlock() is called outside any RCU read-side critical section',
	preempt: 'preemption is enabled here, but it was not disabled',
};

export const unbalancedMap: Property = {
	rule: 'unbalanced-map',
	severity: 'error',
	what: 'Some exit leaves a page table mapped, a lock held or a critical section open.',
	run: 'An early return skips pte_unmap(), local_irq_restore() or an unlock.',
	fix: 'Undo on every exit what was done on entry.',
	history: [],
	onEvent(event, view, s) {
		if (event.kind === 'section' && event.depth < 0) {
			report(view, 'unbalanced-map', blamed(s, view, event.site), ONCE_TOO_OFTEN[event.section]);
		}
		if (event.kind === 'return' && event.function === s.root) atReturn(event, view, s);
	},
};

function atReturn(event: MachineEvent, view: MonitorView, s: Watched): void {
	const here = { function: s.root, site: event.site };
	const depth = view.read(ghost('walk', WALK.mapDepth));
	if (depth !== 0) {
		const what =
			depth > 0
				? 'a page table is left mapped (pte_unmap() is missing)'
				: 'pte_unmap() is called for a page table that is not mapped';
		report(view, 'unbalanced-map', mapPlace(view) ?? here, what);
		return;
	}
	const locks = view.read(ghost('walk', WALK.locks));
	if (locks !== 0) {
		const what =
			locks > 0
				? 'a lock taken here is still held at the end of the walk'
				: 'a lock is released that is not held';
		report(view, 'unbalanced-map', locks > 0 ? (lockPlace(view) ?? here) : here, what);
		return;
	}
	for (const kind of ['irq', 'rcu', 'preempt'] as const) {
		const entered = s.sectionsAtEntry.includes(kind) ? 1 : 0;
		if (view.section(0, kind) > entered) report(view, 'unbalanced-map', here, NAMES[kind]);
	}
}
