/**
 * How the kernel's text enters and leaves the sections that walks run in: interrupts or preemption off, RCU. One table for all that
 * look for them in text; what they do is said by the primitives.
 */
import { depthsOf } from './reader_locks.js';

/** Enters an RCU section. */
export const entersRcu =
	/\b(?:rcu_read_lock(?:_sched|_bh)?(?:_notrace)?\s*\(|(?:scoped_)?guard\s*\(\s*rcu\s*[,)])/;

/** Enters a section of any kind; guards: include/linux/rcupdate.h, irqflags.h, preempt.h. */
export const entersSection =
	/\b(?:local_irq_(?:save|disable)\b|preempt_disable\b|rcu_read_lock(?:_sched|_bh)?(?:_notrace)?\s*\(|(?:scoped_)?guard\s*\(\s*(?:rcu|irq|irqsave|preempt|preempt_notrace)\s*[,)])/;

/** Disables interrupts: no section around it holds more against whoever frees tables. */
export const disablesInterrupts =
	/\b(?:(?:raw_)?local_irq_(?:save|disable)\b|(?:scoped_)?guard\s*\(\s*(?:irq|irqsave)\s*[,)])/;

/** Takes a reference, a lock or an RCU section: what a reader hands out is the reader's to keep. */
export const takesOrEnters =
	/\b(?:rcu_read_lock(?:_sched|_bh)?(?:_notrace)?\s*\(|(?:scoped_)?guard\s*\(\s*rcu\s*[,)]|(?:folio_(?:try_)?get\w*|get_page\w*|try_get_page|atomic_(?:inc|add|fetch_add|cmpxchg|try_cmpxchg)\w*|page_cache_(?:get|add)_\w+|(?:folio|page)_ref_\w*(?:add|inc)\w*|down_read\w*)\s*\()/;

const leaves = /\b(?:local_irq_(?:restore|enable)|rcu_read_unlock\w*|preempt_enable)\b/g;
/** Left where the block ends. */
const guards = /\b(?:scoped_)?guard\s*\(\s*(?:rcu|irq|irqsave|preempt|preempt_notrace)\s*[,)]/g;

/** Where in a body the last of its sections is left; its end when nothing says so. */
export function lastLeft(body: string): number {
	const depths = depthsOf(body);
	const endOfBlock = (from: number): number => {
		const depth = depths[from] ?? 0;
		for (let at = from; at < body.length; at++) if ((depths[at] ?? 0) < depth) return at;
		return body.length;
	};
	const left = [...body.matchAll(leaves)].map(({ index }) => index);
	for (const { index, 0: word } of body.matchAll(guards)) {
		const block = word.startsWith('scoped') ? body.indexOf('{', index) + 1 : index;
		left.push(block > 0 ? endOfBlock(block) : body.length);
	}
	return left.reduce((last, at) => Math.max(last, at), left.length === 0 ? body.length : 0);
}
