/**
 * All properties, and the monitor that runs them.
 *
 * Not here: `data-race` (decided for litmus tests, engine/memory/lkmm/plain.ts), and `reached-unsupported`, which the check
 * reports itself.
 */
import type { MachineEvent, Monitor } from '../memory/thread/event.js';
import type { MonitorView, Violation } from '../mm/model/violation.js';
import { outcomeOf } from '../mm/monitor/outcome.js';
import { type Watched, watch } from '../mm/monitor/watch.js';
import { forkPin, sharedAnonPin } from './anon_pin.js';
import { badEntry } from './bad_entry.js';
import { doubleFetch } from './double_fetch.js';
import { inaccessiblePage } from './inaccessible_page.js';
import { misplacedPage } from './misplaced_page.js';
import { permission } from './permission.js';
import type { Property } from './property.js';
import { racingMapping } from './racing_mapping.js';
import { referenceLeak, referenceUnderflow, wrongFolio } from './reference_balance.js';
import { frozenReference, referenceOverflow } from './reference_count.js';
import { secretmemPin } from './secretmem_pin.js';
import { sleepInAtomic } from './sleep_in_atomic.js';
import { stalePin } from './stale_pin.js';
import { lostCount, strayWrite } from './stray_write.js';
import { tornEntry } from './torn_entry.js';
import { unbalancedMap } from './unbalanced_map.js';
import { unsafeLongtermPin } from './unsafe_longterm_pin.js';
import { useAfterFree } from './use_after_free.js';
import type { Severity } from './verdict.js';

/**
 * The properties in the order in which they look: the first to object is what a run breaks. A fault has one cause, and torn
 * halves come before what they look like to others; where pages stand comes before what is judged by `pages[]`.
 */
export const PROPERTIES: readonly Property[] = [
	tornEntry,
	strayWrite,
	lostCount,
	misplacedPage,
	stalePin,
	racingMapping,
	useAfterFree,
	unsafeLongtermPin,
	secretmemPin,
	referenceLeak,
	referenceUnderflow,
	frozenReference,
	wrongFolio,
	sharedAnonPin,
	forkPin,
	permission,
	badEntry,
	referenceOverflow,
	unbalancedMap,
	sleepInAtomic,
	doubleFetch,
	inaccessiblePage,
];

/** How grave a broken rule is. */
export function severityOf(rule: string): Severity {
	return PROPERTIES.find((p) => p.rule === rule)?.severity ?? 'error';
}

/** The monitor of a scenario: bookkeeping first, then each property in its order. */
export function monitorOf(
	s: Watched,
	properties: readonly Property[] = PROPERTIES,
): Monitor<Violation> {
	const onEvent = properties.flatMap((p) => p.onEvent ?? []);
	const onReturn = properties.flatMap((p) => p.onReturn ?? []);
	return {
		frameAccesses: true,
		key: (v) => `${v.rule}@${v.function}:${v.site}`,
		onEvent(event: MachineEvent, view: MonitorView): void {
			watch(s, event, view);
			if (view.thread !== 0) return;
			for (const look of onEvent) look(event, view, s);
			if (event.kind === 'intrinsic' && event.name === 'device_write') {
				const outcome = outcomeOf(s, view, event.site, event.arguments[0] ?? 0);
				for (const property of properties) property.onLaterWrite?.(outcome, view, s);
			}
			if (event.kind !== 'return' || event.function !== s.root) return;
			const outcome = outcomeOf(s, view, event.site, event.value);
			for (const look of onReturn) look(outcome, view, s);
		},
	};
}
