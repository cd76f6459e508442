/**
 * sleep-in-atomic: something that may sleep runs where the scheduler must not be entered.
 */
import { blamed } from '../mm/monitor/watch.js';
import { type Property, report } from './property.js';

export const sleepInAtomic: Property = {
	rule: 'sleep-in-atomic',
	severity: 'error',
	what: 'A function that may sleep is called with interrupts off or in an RCU read-side critical section.',
	run: 'The walk calls a function that may sleep (folio_lock(), mmap_read_lock(), cond_resched()) between local_irq_save() and local_irq_restore().',
	fix: 'Use a trylock and bail out to the slow path, which may sleep.',
	history: [],
	onEvent(event, view, s) {
		if (event.kind !== 'intrinsic' || event.name !== 'might_sleep') return;
		const held = (['irq', 'rcu', 'preempt'] as const).filter((kind) => view.section(0, kind) > 0);
		if (held.length === 0) return;
		const why = held.includes('irq')
			? 'interrupts are off'
			: held.includes('rcu')
				? 'this is an RCU read-side critical section'
				: 'preemption is off';
		report(view, 'sleep-in-atomic', blamed(s, view, event.site), `this may sleep, and ${why}`);
	},
};
