/**
 * The Linux-kernel memory model: what linux-kernel.bell, linux-kernel.cat and lock.cat of tools/memory-model say, as
 * relation algebra under their names (`po-rel` is `poRel`). First what program text alone decides (`fix`), then the
 * axioms over reads-from and coherence (`violated`), then plain accesses (`races`).
 *
 * Every definition is monotone in `rf` and `co`, so an axiom broken by a part of an execution stays broken: the search
 * asks as soon as it has added an edge.
 *
 * Generations: `6.1`, `6.12` and `lkmmv2` (full read-modify-writes carry `Mb` instead of standing between two fences;
 * selected by linux-kernel.cfg of later kernels).
 *
 * Model: generation 6.1 keeps SRCU's accesses as memory events matched by value, as 6.12 does, where 6.1's bell has them
 * as events of their own matched by nesting. Sections that overlap without nesting are told apart where 6.1 confuses
 * them, and tests in which two threads use one srcu_struct have more witnesses (orders of its unlocks), not more states.
 */
import { type EventSet, type Relation, setDifference, setIntersect } from '../../base/relation.js';
import * as tag from './event.js';
import { fixRcu, type RcuFixed, rcuOrder } from './rcu.js';
import type { EventStructure } from './structure.js';

export type Generation = '6.1' | '6.12' | 'lkmmv2';
/** Names of the axioms, as linux-kernel.cat and lock.cat give them. */
export type Axiom =
	| 'coherence'
	| 'atomic'
	| 'happens-before'
	| 'propagation'
	| 'rcu'
	| 'plain-coherence'
	| 'lock-nest'
	| 'nested-is-locked'
	| 'unmatched-locks';
/** Names of the flags. */
export type Flag =
	| 'data-race'
	| 'mixed-accesses'
	| 'unmatched-rcu-lock'
	| 'unmatched-rcu-unlock'
	| 'unmatched-srcu-lock'
	| 'unmatched-srcu-unlock'
	| 'multiple-srcu-matches'
	| 'invalid-sleep'
	| 'unmatched-unlock'
	| 'mixed-lock-accesses';

/** What the program text alone decides. */
export interface Fixed {
	readonly structure: EventStructure;
	readonly generation: Generation;
	readonly M: EventSet;
	readonly readSet: EventSet;
	readonly writeSet: EventSet;
	readonly marked: EventSet;
	readonly plain: EventSet;
	readonly hasPlain: boolean;
	readonly rcu: RcuFixed;
	/** Some dependency can be carried through memory, so addr, data and ctrl depend on rf. */
	readonly carries: boolean;
	readonly hasUnlock: boolean;
	readonly hasRmw: boolean;
	readonly id: Relation;
	readonly hasAfterUnlockLock: boolean;
	readonly poLoc: Relation;
	readonly rmb: Relation;
	readonly wmb: Relation;
	readonly mb: Relation;
	readonly gp: Relation;
	readonly poRel: Relation;
	readonly acqPo: Relation;
	readonly afterUnlockLock: Relation;
	/** ([R4rmb] ; fencerel(Rmb) ; [~Noreturn]) and ([~Noreturn] ; fencerel(Rmb) ; [R4rmb]), for plain accesses. */
	readonly rmbToAny: Relation;
	readonly anyToRmb: Relation;
	readonly notUnlock: EventSet;
	readonly unlocks: EventSet;
	readonly locks: EventSet;
	readonly lockWrites: EventSet;
	readonly poMaybe: Relation;
}

/** An execution, or a part of one. */
export interface Execution {
	readonly rf: Relation;
	/** Transitive; a total order per location once the execution is complete. */
	readonly co: Relation;
}

const MEMORY = tag.R | tag.W;

/** Computes what does not depend on rf and co. */
export function fix(structure: EventStructure, generation: Generation): Fixed {
	const s = structure.space;
	const { po, loc } = structure;
	const implied = generation !== 'lkmmv2';
	const M = structure.set(MEMORY);
	const readSet = structure.set(tag.R);
	const writeSet = structure.set(tag.W);
	const plain = structure.where((t) => (t & MEMORY) !== 0 && (t & ~MEMORY) === 0);
	const all = structure.where(() => true);
	const marked = setDifference(all, plain);
	const release = structure.set(tag.RELEASE | tag.UL);
	const acquire = structure.set(tag.ACQUIRE | tag.LKR);
	const readsForRmb = structure.where((t) => (t & tag.R) !== 0 && (t & tag.NORETURN) === 0);
	const notNoreturn = structure.where((t) => (t & tag.NORETURN) === 0);
	const fencerel = (...kinds: Parameters<EventStructure['fencerel']>[0]): Relation =>
		structure.fencerel(kinds, { implied });
	const rmbFence = fencerel('rmb');
	const sync = structure.set(tag.SYNC_RCU | tag.SYNC_SRCU);
	const poToSync = s.restrict(null, po, sync);
	const afterUnlockLock = structure.hasFence('after-unlock-lock')
		? fencerel('after-unlock-lock')
		: s.empty();
	const fixed = {
		structure,
		generation,
		M,
		readSet,
		writeSet,
		marked,
		plain,
		hasPlain: plain.some((w) => w !== 0),
		rcu: fixRcu(structure),
		carries: generation !== '6.1' && carriesDependencies(structure),
		hasRmw: !s.isEmpty(structure.rmw),
		id: s.keep(s.identity(all)),
		hasUnlock: structure.set(tag.UL).some((w) => w !== 0),
		hasAfterUnlockLock: structure.hasFence('after-unlock-lock'),
		poLoc: s.named('po-loc', s.keep(s.intersect(po, loc))),
		rmb: s.named('rmb', s.keep(s.restrict(readsForRmb, rmbFence, readsForRmb))),
		wmb: s.named('wmb', s.keep(s.restrict(writeSet, fencerel('wmb'), writeSet))),
		mb: s.named('mb', s.keep(fullBarriers(structure, M, generation))),
		gp: s.named('gp', s.keep(s.sequence(poToSync, s.maybe(po)))),
		poRel: s.named('po-rel', s.keep(s.restrict(M, po, release))),
		acqPo: s.named('acq-po', s.keep(s.restrict(acquire, po, M))),
		afterUnlockLock: s.keep(s.restrict(null, afterUnlockLock, M)),
		rmbToAny: s.named('rmb', s.keep(s.restrict(readsForRmb, rmbFence, notNoreturn))),
		anyToRmb: s.named('rmb', s.keep(s.restrict(notNoreturn, rmbFence, readsForRmb))),
		notUnlock: structure.where((t) => (t & tag.SRCU_UNLOCK) === 0),
		unlocks: structure.set(tag.UL),
		locks: structure.set(tag.LKR),
		lockWrites: structure.set(tag.LKW),
		poMaybe: s.keep(s.maybe(po)),
	};
	s.release(0);
	return fixed;
}

/** mb, but for the part that smp_mb__after_unlock_lock() adds, which needs rf. */
function fullBarriers(structure: EventStructure, M: EventSet, generation: Generation): Relation {
	const s = structure.space;
	const { po } = structure;
	const fencerel = (
		kind: 'mb' | 'before-atomic' | 'after-atomic' | 'after-spinlock' | 'after-srcu-read-unlock',
	): Relation => structure.fencerel([kind], { implied: generation !== 'lkmmv2' });
	const rmw = structure.set(tag.RMW);
	const poMaybe = s.maybe(po);
	/** [M] ; po? ; [set] ; fencerel(kind) ; [M] */
	const after = (
		set: EventSet,
		kind: 'after-atomic' | 'after-spinlock' | 'after-srcu-read-unlock',
	): Relation => s.restrict(M, s.sequence(s.restrict(null, poMaybe, set), fencerel(kind)), M);
	let mb = s.union(
		s.restrict(M, fencerel('mb'), M),
		s.restrict(M, s.sequence(s.restrict(null, fencerel('before-atomic'), rmw), poMaybe), M),
		after(rmw, 'after-atomic'),
		after(structure.set(tag.LKW), 'after-spinlock'),
	);
	if (generation !== '6.1')
		mb = s.union(mb, after(structure.set(tag.SRCU_UNLOCK), 'after-srcu-read-unlock'));
	if (generation === 'lkmmv2') {
		const full = structure.set(tag.MB);
		const reads = setIntersect(full, structure.set(tag.R));
		const writes = setIntersect(full, structure.set(tag.W));
		mb = s.union(mb, s.restrict(M, po, reads), s.restrict(writes, po, M));
	}
	return mb;
}

/** Whether a write with a data dependency can be read later in its thread. */
function carriesDependencies(structure: EventStructure): boolean {
	const { space: s, po, loc, data } = structure;
	const mark = s.mark();
	const later = s.restrict(null, s.intersect(po, loc), structure.set(tag.R));
	const result = !s.isEmpty(s.sequence(data, later));
	s.release(mark);
	return result;
}

/** The relations between the events of an execution that the axioms speak about. Pooled: valid until released. */
export interface Derived {
	readonly fr: Relation;
	readonly addr: Relation;
	readonly strongFence: Relation;
	readonly nonrwFence: Relation;
	readonly fence: Relation;
	readonly rmwSequence: Relation;
	readonly cumulFence: Relation;
	readonly prop: Relation;
	readonly hb: Relation;
	readonly pb: Relation;
	readonly rb: Relation;
	readonly rcuFence: Relation;
	readonly rfe: Relation;
	readonly hbPlus: Relation;
	/**
	 * (w, e) such that some axiom breaks as soon as e, in another thread, comes before w by co or fr: then prop leads
	 * from e over w to where e is behind in time.
	 */
	readonly late: Relation;
}

/** The first axiom that (this much of) an execution breaks, or null. Coherence and atomicity are the search's. */
export function violated(fixed: Fixed, execution: Execution): Axiom | null {
	const s = fixed.structure.space;
	const mark = s.mark();
	const result = derive(fixed, execution);
	s.release(mark);
	return typeof result === 'string' ? result : null;
}

/** All relations of an execution, or the axiom that is broken first. */
export function derive(fixed: Fixed, { rf, co }: Execution): Derived | Axiom {
	const { structure, marked, poRel, acqPo, wmb, rmb } = fixed;
	const { space: s, int, ext, po } = structure;
	const rfe = s.intersect(rf, ext);
	const rfi = s.intersect(rf, int);
	const fr = s.named('fr', s.sequence(s.inverse(rf), co));
	const { addr, data, ctrl } = dependencies(fixed, rfi);

	// Fences.
	const poUnlockLockPo = fixed.hasUnlock
		? s.named('po-unlock-lock-po', s.sequence(unlockToLock(fixed, rf), po))
		: null;
	let mb = fixed.mb;
	if (fixed.hasAfterUnlockLock) {
		mb = s.union(mb, s.named('after-unlock-lock', afterUnlockLock(fixed, rf, co)));
	}
	const strongFence = s.named('strong-fence', s.union(mb, fixed.gp));
	const nonrwFence = s.union(strongFence, poRel, acqPo);
	const fence = s.union(nonrwFence, wmb, rmb);

	// Preserved program order.
	const dep = s.union(addr, data);
	const rwdep = s.restrict(null, s.union(dep, ctrl), fixed.writeSet);
	const overwrite = s.union(co, fr);
	const toW = s.union(
		rwdep,
		s.intersect(overwrite, int),
		s.sequence(s.restrict(null, addr, fixed.plain), wmb),
	);
	const addrToR = fixed.generation === '6.1' ? addr : s.restrict(null, addr, fixed.readSet);
	const toR = s.union(addrToR, s.sequence(s.restrict(null, dep, marked), rfi));
	let ppo = s.union(toR, toW, fixed.generation === '6.1' ? fence : s.intersect(fence, int));
	if (poUnlockLockPo !== null) ppo = s.union(ppo, s.intersect(poUnlockLockPo, int));
	ppo = s.named('ppo', ppo);

	// Propagation: ordering from release operations and strong fences.
	const releases = s.union(strongFence, poRel);
	const cumulative = s.union(releases, s.sequence(s.restrict(null, rfe, marked), releases), wmb);
	const rmwSequence = fixed.hasRmw ? s.star(s.sequence(rf, structure.rmw)) : fixed.id;
	let cumulFence = s.restrict(
		marked,
		poUnlockLockPo === null ? cumulative : s.union(cumulative, poUnlockLockPo),
		marked,
	);
	if (fixed.generation !== '6.1' && fixed.hasRmw) cumulFence = s.sequence(cumulFence, rmwSequence);
	cumulFence = s.named('cumul-fence', cumulFence);
	const overwriteExt = s.restrict(marked, s.maybe(s.intersect(overwrite, ext)), null);
	// The part of prop behind its first step, from any event.
	const propTail = s.restrict(
		null,
		s.sequence(s.restrict(null, s.star(cumulFence), marked), s.maybe(rfe)),
		marked,
	);
	const prop = s.named('prop', s.sequence(overwriteExt, propTail));

	// Happens before, propagates before.
	const hb = s.named(
		'hb',
		s.restrict(marked, s.union(ppo, rfe, s.intersect(s.irreflexivePart(prop), int)), marked),
	);
	const hbPlus = s.plus(hb);
	if (!s.isIrreflexive(hbPlus)) return 'happens-before';
	const hbStar = s.maybe(hbPlus);
	const pb = s.named(
		'pb',
		s.restrict(null, s.sequence(s.sequence(prop, strongFence), hbStar), marked),
	);
	const pbPlus = s.plus(pb);
	if (!s.isIrreflexive(pbPlus)) return 'propagation';

	const hbPb = s.sequence(hbStar, s.maybe(pbPlus));
	let later = s.union(s.intersect(s.irreflexivePart(hbStar), int), s.sequence(strongFence, hbPb));
	let rb = s.empty();
	let rcuFence = rb;
	if (fixed.rcu.hasGracePeriods) {
		const link = s.named('rcu-link', s.chain(fixed.poMaybe, hbPb, prop, po));
		const order = s.named('rcu-order', rcuOrder(structure, fixed.rcu, { link, rf }));
		rcuFence = s.named('rcu-fence', s.chain(po, order, fixed.poMaybe));
		const behind = s.sequence(rcuFence, hbPb);
		rb = s.named('rb', s.restrict(null, s.sequence(prop, behind), marked));
		if (!s.isIrreflexive(rb)) return 'rcu';
		later = s.union(later, behind);
	}
	const late = s.intersect(s.restrict(null, s.sequence(propTail, later), marked), ext);
	return {
		fr,
		addr,
		strongFence,
		nonrwFence,
		fence,
		rmwSequence,
		cumulFence,
		prop,
		hb,
		hbPlus,
		pb,
		rb,
		rcuFence,
		rfe,
		late,
	};
}

/** addr, data and ctrl with carry-dep: also through plain accesses of the same thread. */
function dependencies(
	fixed: Fixed,
	rfi: Relation,
): { readonly addr: Relation; readonly data: Relation; readonly ctrl: Relation } {
	const { addr, data, ctrl, space: s } = fixed.structure;
	if (!fixed.carries) return { addr, data, ctrl };
	const carryDep = s.star(s.sequence(s.restrict(null, data, fixed.notUnlock), rfi));
	return {
		addr: s.sequence(carryDep, addr),
		data: s.sequence(carryDep, data),
		ctrl: s.sequence(carryDep, ctrl),
	};
}

/** po-unlock-lock-po without its last po: po ; [UL] ; (po | rf) ; [LKR]. */
function unlockToLock(fixed: Fixed, rf: Relation): Relation {
	const { space: s, po } = fixed.structure;
	return s.sequence(
		s.restrict(null, po, fixed.unlocks),
		s.restrict(null, s.union(po, rf), fixed.locks),
	);
}

/** What smp_mb__after_unlock_lock() adds to mb. */
function afterUnlockLock(fixed: Fixed, rf: Relation, co: Relation): Relation {
	const { space: s, po } = fixed.structure;
	if (fixed.generation === '6.1') {
		const handover = s.restrict(fixed.unlocks, s.union(co, po), fixed.lockWrites);
		return s.restrict(fixed.M, s.chain(po, handover, fixed.afterUnlockLock), null);
	}
	return s.restrict(fixed.M, s.sequence(unlockToLock(fixed, rf), fixed.afterUnlockLock), null);
}
