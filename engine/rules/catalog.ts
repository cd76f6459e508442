/**
 * All properties, and the monitor that runs them.
 *
 * Not here: `data-race` (decided for litmus tests, engine/memory/lkmm/plain.ts), and `reached-unsupported`, which the check
 * reports itself.
 */
import type { MachineEvent, Monitor, View } from '../memory/thread/event.js';
import type { Violation } from '../mm/model/violation.js';
import { outcomeOf } from '../mm/monitor/outcome.js';
import { type Watched, watch } from '../mm/monitor/watch.js';
import { forkPin, sharedAnonPin } from './anon_pin.js';
import { badEntry } from './bad_entry.js';
import { doubleFetch } from './double_fetch.js';
import { misplacedPage } from './misplaced_page.js';
import { permission } from './permission.js';
import type { Property } from './property.js';
import { racingMapping } from './racing_mapping.js';
import { referenceLeak, referenceUnderflow, wrongFolio } from './reference_balance.js';
import { frozenReference, referenceOverflow } from './reference_count.js';
import { secretmemPin } from './secretmem_pin.js';
import { sleepInAtomic } from './sleep_in_atomic.js';
import { stalePin } from './stale_pin.js';
import { tornEntry } from './torn_entry.js';
import { unbalancedMap } from './unbalanced_map.js';
import { unsafeLongtermPin } from './unsafe_longterm_pin.js';
import { useAfterFree } from './use_after_free.js';

/** The properties by the order of the contract's table. */
export const PROPERTIES: readonly Property[] = [
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
	misplacedPage,
	referenceOverflow,
	unbalancedMap,
	sleepInAtomic,
	tornEntry,
	doubleFetch,
];

/** A fault has one cause: torn halves come before what they look like to others. */
const ON_EVENT = [tornEntry, ...PROPERTIES.filter((p) => p !== tornEntry)]
	.map((p) => p.onEvent)
	.filter((f) => f !== undefined);
/** Where pages stand comes first: counts and pins are judged by what `pages[]` says. */
const ON_RETURN = [
	tornEntry,
	misplacedPage,
	...PROPERTIES.filter((p) => p !== misplacedPage && p !== tornEntry),
]
	.map((p) => p.onReturn)
	.filter((f) => f !== undefined);

/** The monitor of a scenario: bookkeeping first, then each property. */
export function monitorOf(s: Watched): Monitor<Violation> {
	return {
		frameAccesses: true,
		key: (v) => `${v.rule}@${v.function}:${v.site}`,
		onEvent(event: MachineEvent, view: View<Violation>): void {
			watch(s, event, view);
			if (view.thread !== 0) return;
			for (const look of ON_EVENT) look(event, view, s);
			if (event.kind === 'intrinsic' && event.name === 'device_write' && s.writesLater) {
				const outcome = outcomeOf(s, view, event.site, event.arguments[0] ?? 0);
				for (const property of PROPERTIES) property.onLaterWrite?.(outcome, view, s);
			}
			if (event.kind !== 'return' || event.function !== s.root) return;
			const outcome = outcomeOf(s, view, event.site, event.value);
			for (const look of ON_RETURN) look(outcome, view, s);
		},
	};
}
