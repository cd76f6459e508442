/**
 * How the kernel's text enters and leaves the sections that walks run in: interrupts or preemption off, RCU. One table for all that
 * look for them in text; what they do is said by the primitives.
 */
import { depthsOf } from './reader_locks.js';

const RCU = String.raw`rcu_read_lock(?:_sched|_bh)?(?:_notrace)?\s*\(|${guardOf('rcu')}`;

/** Enters an RCU section. */
export const entersRcu = new RegExp(String.raw`\b(?:${RCU})`);

/** Enters a section of any kind. */
export const entersSection = new RegExp(
	String.raw`\b(?:local_irq_(?:save|disable)\b|preempt_disable\b|${RCU}|${guardOf('irq|irqsave|preempt|preempt_notrace')})`,
);

const leaves = /\b(?:local_irq_(?:restore|enable)|rcu_read_unlock\w*|preempt_enable)\b/g;
const guards = new RegExp(String.raw`\b${guardOf('rcu|irq|irqsave|preempt|preempt_notrace')}`, 'g');

/** `guard(rcu)()`, `scoped_guard(irqsave) { … }`: include/linux/rcupdate.h, irqflags.h, preempt.h; left where the block ends. */
function guardOf(kinds: string): string {
	return String.raw`(?:scoped_)?guard\s*\(\s*(?:${kinds})\s*[,)]`;
}

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
