/**
 * RCU and SRCU: read-side critical sections, grace periods, and `rcu-order`, the least relation in which grace periods
 * are at least as many as the sections they are joined with by rcu-link.
 *
 * `rcu-order` is between RCU's own events, so it is computed in a space of those alone.
 */
import type { Relation, RelationSpace } from '../../base/relation.js';
import * as tag from './event.js';
import type { EventStructure } from './structure.js';

/** What of RCU the program text alone decides. */
export interface RcuFixed {
	/** Some event waits for a grace period. */
	readonly hasGracePeriods: boolean;
	readonly hasSrcu: boolean;
	/** rcu-rscs: outermost-to-innermost matching of rcu_read_lock() and rcu_read_unlock(). */
	readonly rcuRscs: Relation;
	/** Events of RCU and SRCU, and the space of them; what follows is in it. */
	readonly events: readonly number[];
	readonly small: RelationSpace;
	readonly rcuGp: Relation;
	readonly srcuGp: Relation;
	readonly rcuRscsi: Relation;
	readonly loc: Relation;
}

const GRACE_PERIODS = tag.SYNC_RCU | tag.SYNC_SRCU;
const SRCU_SECTIONS = tag.SRCU_LOCK | tag.SRCU_UNLOCK;

export function fixRcu(structure: EventStructure): RcuFixed {
	const rcuRscs = rcuSections(structure);
	const members = GRACE_PERIODS | SRCU_SECTIONS | tag.RCU_LOCK | tag.RCU_UNLOCK;
	const having = (tags: number): readonly number[] =>
		structure.events.flatMap((e, i) => ((e.tags & tags) !== 0 ? [i] : []));
	const events = having(members);
	const small = structure.space.ofSize(events.length);
	const only = (tags: number): Relation => {
		const out = small.create();
		events.forEach((e, i) => {
			if (((structure.events[e]?.tags ?? 0) & tags) !== 0) small.add(out, i, i);
		});
		return out;
	};
	const compress = (r: Relation): Relation => structure.space.project(r, events, small);
	const rcuRscsi = small.named('rcu-rscsi', small.keep(small.inverse(compress(rcuRscs))));
	const loc = small.named('loc', small.keep(compress(structure.loc)));
	small.release(0);
	return {
		hasGracePeriods: having(GRACE_PERIODS).length > 0,
		hasSrcu: having(tag.SRCU_LOCK | tag.SYNC_SRCU).length > 0,
		rcuRscs,
		events,
		small,
		rcuGp: small.named('rcu-gp', only(tag.SYNC_RCU)),
		srcuGp: small.named('srcu-gp', only(tag.SYNC_SRCU)),
		rcuRscsi,
		loc,
	};
}

function rcuSections(structure: EventStructure): Relation {
	const out = structure.space.create();
	const open = new Map<number, number[]>();
	structure.events.forEach((event, index) => {
		const stack = open.get(event.thread) ?? [];
		open.set(event.thread, stack);
		if ((event.tags & tag.RCU_LOCK) !== 0) stack.push(index);
		if ((event.tags & tag.RCU_UNLOCK) !== 0) {
			const lock = stack.pop();
			if (lock !== undefined) structure.space.add(out, lock, index);
		}
	});
	return out;
}

/** srcu-rscs: the unlock that gets the lock's value, carried by data and reads-from. */
export function srcuSections(structure: EventStructure, rf: Relation): Relation {
	const { space: s, loc, data } = structure;
	const notUnlock = structure.where((t) => (t & tag.SRCU_UNLOCK) === 0);
	const carry = s.star(s.sequence(s.restrict(null, data, notUnlock), rf));
	const locks = structure.set(tag.SRCU_LOCK);
	const unlocks = structure.set(tag.SRCU_UNLOCK);
	return s.intersect(s.restrict(locks, s.sequence(carry, data), unlocks), loc);
}

/** rcu-order for a given rcu-link and reads-from. */
export function rcuOrder(
	structure: EventStructure,
	fixed: RcuFixed,
	{ link, rf }: { readonly link: Relation; readonly rf: Relation },
): Relation {
	const { small: s, rcuGp, srcuGp, rcuRscsi, hasSrcu, loc } = fixed;
	const compress = (r: Relation): Relation => structure.space.project(r, fixed.events, s);
	const mark = s.mark();
	const linked = compress(link);
	const srcuRscsi = hasSrcu
		? s.named('srcu-rscsi', s.inverse(compress(srcuSections(structure, rf))))
		: s.empty();
	/** A grace period and a section, in either order, with something between. */
	const ends = (middle: Relation): Relation => {
		const rcu = s.union(
			s.sequence(s.sequence(rcuGp, middle), rcuRscsi),
			s.sequence(s.sequence(rcuRscsi, middle), rcuGp),
		);
		if (!hasSrcu) return rcu;
		const srcu = s.union(
			s.sequence(s.sequence(srcuGp, middle), srcuRscsi),
			s.sequence(s.sequence(srcuRscsi, middle), srcuGp),
		);
		return s.union(rcu, s.intersect(srcu, loc));
	};
	let order = s.union(rcuGp, srcuGp, ends(linked));
	for (;;) {
		const onward = s.sequence(linked, order);
		const next = s.union(order, ends(s.sequence(onward, linked)), s.sequence(order, onward));
		if (s.equal(next, order)) break;
		order = next;
	}
	const out = structure.space.lift(order, fixed.events, s);
	s.release(mark);
	return out;
}
