/**
 * Plain accesses: the coherence they must have and the data races they can be part of, as the last part of
 * linux-kernel.cat defines them, and the other flags of the model (nesting of read-side sections, mixed accesses).
 *
 * Invariant: but for `textFlags`, asked of complete executions only; a race is not monotone in rf and co.
 */
import { type EventSet, type Relation, setDifference } from '../../base/relation.js';
import { derive, type Execution, type Fixed, type Flag } from './axioms.js';
import * as tag from './event.js';
import { srcuSections } from './rcu.js';
import type { EventStructure } from './structure.js';

export interface PlainVerdict {
	/** False: the plain-coherence axiom is broken and the execution does not exist. */
	readonly coherent: boolean;
	readonly flags: readonly Flag[];
	/** Racing pairs of events. */
	readonly races: readonly (readonly [number, number])[];
}

const QUIET: PlainVerdict = { coherent: true, flags: [], races: [] };

/** Judges a complete, otherwise consistent execution. */
export function judgePlain(fixed: Fixed, execution: Execution): PlainVerdict {
	const flags = new Set<Flag>();
	const { space: s } = fixed.structure;
	const mark = s.mark();
	if (fixed.rcu.hasSrcu) srcuFlags(fixed, execution, flags);
	const result = fixed.hasPlain ? plainAccesses(fixed, execution, flags) : QUIET;
	s.release(mark);
	return flags.size === 0 ? result : { ...result, flags: [...flags] };
}

function plainAccesses(fixed: Fixed, execution: Execution, flags: Set<Flag>): PlainVerdict {
	const { structure, marked, plain, M, writeSet } = fixed;
	const { space: s, int, ext } = structure;
	const { rf, co } = execution;
	const derived = derive(fixed, execution);
	if (typeof derived === 'string') return { ...QUIET, coherent: false };
	const { fr, addr, nonrwFence, cumulFence, rmwSequence, hb, pb, rb, rfe } = derived;
	const fence = s.named('fence', s.union(derived.fence, derived.rcuFence));
	const strongFence = s.named('strong-fence', s.union(derived.strongFence, derived.rcuFence));

	const plainWrites = s.restrict(plain, s.identity(plain), writeSet);
	mixed(fixed, plainWrites, flags);

	// Executes-before and visibility.
	const xbstar = s.named('xbstar', s.star(s.union(hb, pb, rb)));
	const strongXb = s.sequence(s.restrict(null, strongFence, marked), xbstar);
	const visible = s.restrict(null, s.sequence(s.star(cumulFence), s.maybe(rfe)), marked);
	const vis = s.named('vis', s.sequence(visible, s.union(strongXb, s.intersect(xbstar, int))));

	// Boundaries for lifetimes of plain accesses. nonrw-fence stays what it was before rcu-fence joined fence.
	const wPreBounded = s.restrict(marked, s.maybe(s.union(addr, fence)), null);
	const rPreBounded = s.restrict(marked, s.maybe(s.union(addr, nonrwFence, fixed.rmbToAny)), null);
	const wPost = s.restrict(null, s.maybe(fence), marked);
	const wPostBounded = fixed.generation === '6.1' ? wPost : s.sequence(wPost, rmwSequence);
	const rPostBounded = s.restrict(null, s.maybe(s.union(nonrwFence, fixed.anyToRmb)), marked);

	const strongXbAny = s.sequence(strongFence, xbstar);
	const bounded = (pre: Relation): Relation =>
		s.union(fence, s.sequence(strongXbAny, pre), s.chain(wPostBounded, vis, pre));
	const wwVis = s.named('ww-vis', bounded(wPreBounded));
	const wrVis = s.named('wr-vis', bounded(rPreBounded));
	const rwXbstar = s.named('rw-xbstar', s.union(fence, s.chain(rPostBounded, xbstar, wPreBounded)));

	// Potential races: ext & ((Plain * M) | ((M \ IW) * Plain)).
	const notInitial = setDifference(M, structure.set(tag.IW));
	const preRace = s.named(
		'pre-race',
		s.intersect(ext, s.union(s.product(plain, M), s.product(notInitial, plain))),
	);

	// Coherence requirements for plain accesses.
	const wrIncoh = s.named('wr-incoh', s.intersect(s.intersect(preRace, rf), s.inverse(rwXbstar)));
	const rwIncoh = s.named('rw-incoh', s.intersect(s.intersect(preRace, fr), s.inverse(wrVis)));
	const wwIncoh = s.named('ww-incoh', s.intersect(s.intersect(preRace, co), s.inverse(wwVis)));
	if (![wrIncoh, rwIncoh, wwIncoh].every((r) => s.isEmpty(r))) return { ...QUIET, coherent: false };

	// Actual races.
	const wwNonrace = s.intersect(
		s.intersect(wwVis, s.union(s.product(marked, writeSet), rwXbstar)),
		s.union(s.product(writeSet, marked), wrVis),
	);
	const wwRace = s.difference(s.intersect(preRace, co), wwNonrace);
	const wrPairs = s.intersect(preRace, s.sequence(s.maybe(co), rf));
	const wrRace = s.difference(s.difference(wrPairs, wrVis), s.inverse(rwXbstar));
	const rwRace = s.difference(s.intersect(preRace, fr), rwXbstar);
	const races = s.pairs(s.union(wwRace, wrRace, rwRace));
	if (races.length > 0) flags.add('data-race');
	return { coherent: true, flags: [...flags], races };
}

/** flag mixed-accesses: plain writes and marked accesses of one location with no barrier between. */
function mixed(fixed: Fixed, plainWrites: Relation, flags: Set<Flag>): void {
	const { structure, marked, poLoc } = fixed;
	const { space: s, po } = structure;
	const implied = fixed.generation !== 'lkmmv2';
	const events = structure.set(
		tag.ACQUIRE |
			tag.LKR |
			tag.RELEASE |
			tag.UL |
			tag.RCU_LOCK |
			tag.RCU_UNLOCK |
			tag.SYNC_RCU |
			tag.SYNC_SRCU |
			tag.SRCU_LOCK |
			tag.SRCU_UNLOCK,
	);
	const barrier = s.union(
		structure.fencerel(['barrier', 'rmb', 'wmb', 'mb', 'before-atomic', 'after-atomic'], {
			implied,
		}),
		s.sequence(s.restrict(null, po, events), po),
		s.restrict(null, po, structure.set(tag.RELEASE | tag.UL)),
		s.restrict(structure.set(tag.ACQUIRE | tag.LKR), po, null),
	);
	const near = s.difference(poLoc, barrier);
	const pairs = s.union(
		s.restrict(null, s.sequence(plainWrites, near), marked),
		s.sequence(s.restrict(marked, near, null), plainWrites),
	);
	if (!s.isEmpty(pairs)) flags.add('mixed-accesses');
}

/** Flags that the program text alone decides: nesting of read-side sections, mixed uses of locks. */
export function textFlags(fixed: Fixed): readonly Flag[] {
	const { structure, rcu } = fixed;
	const { space: s, po, loc } = structure;
	const flags: Flag[] = [];
	const { rcuRscs } = rcu;
	if (outside(structure, tag.RCU_LOCK, s.domain(rcuRscs))) flags.push('unmatched-rcu-lock');
	if (outside(structure, tag.RCU_UNLOCK, s.range(rcuRscs))) flags.push('unmatched-rcu-unlock');
	const sleeps = s.sequence(s.restrict(null, po, structure.set(tag.SYNC_SRCU)), po);
	if (!s.isEmpty(s.intersect(rcuRscs, sleeps))) flags.push('invalid-sleep');
	const lockEvents = structure.set(LOCKS);
	const others = structure.where(
		(t) => (t & (tag.R | tag.W)) !== 0 && (t & (tag.IW | LOCKS)) === 0,
	);
	if (!s.isEmpty(s.restrict(others, loc, lockEvents))) flags.push('mixed-lock-accesses');
	s.release(0);
	return flags;
}

const LOCKS =
	tag.LKR | tag.LKW | tag.UL | tag.LF | tag.RU | tag.SRCU_LOCK | tag.SRCU_UNLOCK | tag.SYNC_SRCU;

function srcuFlags({ structure }: Fixed, { rf }: Execution, flags: Set<Flag>): void {
	const { space: s } = structure;
	const rscs = srcuSections(structure, rf);
	if (outside(structure, tag.SRCU_LOCK, s.domain(rscs))) flags.add('unmatched-srcu-lock');
	if (outside(structure, tag.SRCU_UNLOCK, s.range(rscs))) flags.add('unmatched-srcu-unlock');
	const twice = s.irreflexivePart(s.sequence(s.inverse(rscs), rscs));
	if (!s.isEmpty(twice)) flags.add('multiple-srcu-matches');
}

function outside(structure: EventStructure, tags: number, inside: EventSet): boolean {
	return setDifference(structure.set(tags), inside).some((word) => word !== 0);
}
