/**
 * Whether arm64, powerpc or riscv does an execution: their axiomatic models over the same events, with what the kernel's
 * primitives are made of there. arm64: "aarch64.cat" as in Deacon and Alglave's simplification (Pulte et al., "Simplifying ARM
 * Concurrency", POPL 2018). riscv: RVWMO's preserved program order (The RISC-V Instruction Set Manual I, appendix A). powerpc: Alglave,
 * Maranget and Tautschnig, "Herding Cats" (TOPLAS 2014).
 *
 * Model: what is not one instruction everywhere is asked both ways, and an execution that one of them does is said to `depend`: entries
 * changed by fully ordered atomics (x86, riscv) or without order (xchg_relaxed() of arm64, pte_update() of powerpc), and
 * spin_lock() as an acquire or, as riscv's ticket locks, fully ordered.
 * Model: a grace period is a full barrier; what else it forbids LKMM has forbidden already. Dependencies are those of the C.
 */
import { type EventSet, type Relation, RelationSpace, setAdd } from '../../base/relation.js';
import type { Event, ThreadRun } from './event.js';
import * as tag from './event.js';
import type { LocationIndex } from './litmus_program.js';
import type { SeenEvent, Snapshot } from './snapshot.js';

export const MACHINES = ['arm64', 'powerpc', 'riscv'] as const;
export type Machine = (typeof MACHINES)[number];
/** `depends`: on how the architecture changes entries, or takes locks; `unknown`: not every execution was asked about. */
export type Happens = 'yes' | 'no' | 'depends' | 'unknown';

/** What is said of two executions together. */
export function more(a: Happens, b: Happens): Happens {
	const order: readonly Happens[] = ['yes', 'unknown', 'depends', 'no'];
	return order.find((said) => said === a || said === b) ?? 'no';
}

/** How it is asked. */
interface Variant {
	/** Read-modify-writes of these locations order nothing. */
	readonly relaxed: ReadonlySet<LocationIndex>;
	/** spin_lock() is a fully ordered atomic. */
	readonly isLockFull: boolean;
	/** Read-modify-writes acquire by a branch and isync alone. */
	readonly hasIsync: boolean;
	/** smp_mb__after_unlock_lock() is a full barrier, and fully ordered atomics stand between two. */
	readonly isPowerpc: boolean;
}

/** Whether a machine does an execution of the runs; `entries` are the locations of page-table entries. */
export function happensOn(
	machine: Machine,
	runs: readonly ThreadRun[],
	{
		snapshot,
		entries,
	}: { readonly snapshot: Snapshot; readonly entries: ReadonlySet<LocationIndex> },
): Happens {
	const none: ReadonlySet<LocationIndex> = new Set();
	const does = (variant: Variant): boolean =>
		ALLOWED[machine](new Execution(runs, snapshot, variant));
	const isPowerpc = machine === 'powerpc';
	const isLockFull = machine === 'riscv';
	const strict = does({ relaxed: none, isLockFull, hasIsync: false, isPowerpc });
	if (strict) return 'yes';
	// riscv's entries are changed by fully ordered atomics, too
	const relaxed = machine === 'riscv' ? none : entries;
	const loose = does({ relaxed, isLockFull: false, hasIsync: true, isPowerpc });
	return loose ? 'depends' : 'no';
}

/** A barrier of a thread; `acquire` and `release` stand behind and before an access where it is no instruction of its own. */
interface Barrier {
	readonly thread: number;
	/** Accesses of the run before this index are before it, those from it on behind. */
	readonly at: number;
	readonly kind: 'full' | 'reads' | 'writes' | 'acquire' | 'release';
}

class Execution {
	readonly s: RelationSpace;
	readonly events: readonly SeenEvent[];
	readonly po: Relation;
	readonly poLoc: Relation;
	readonly reads: EventSet;
	readonly writes: EventSet;
	/** smp_load_acquire() and the reads of acquiring read-modify-writes; the counterparts. */
	readonly acquires: EventSet;
	readonly releases: EventSet;
	/** Reads behind which stand a branch and isync. */
	readonly isyncs: EventSet;
	/** Reads and writes of fully ordered read-modify-writes. */
	readonly fullReads: EventSet;
	readonly fullWrites: EventSet;
	/** Reads whose instruction gives nothing back. */
	readonly noReturn: EventSet;
	readonly rmw: Relation;
	readonly addr: Relation;
	readonly data: Relation;
	readonly ctrl: Relation;
	readonly rf: Relation;
	readonly co: Relation;
	readonly fr: Relation;
	readonly barriers: readonly Barrier[];

	constructor(runs: readonly ThreadRun[], { events }: Snapshot, variant: Variant) {
		this.events = events;
		const s = new RelationSpace(events.length);
		this.s = s;
		const full = (e: Event): boolean =>
			((e.tags & tag.MB) !== 0 && !(e.location !== null && variant.relaxed.has(e.location))) ||
			(variant.isLockFull && (e.tags & (tag.LKR | tag.LKW)) !== 0);
		const having = (test: (e: Event, seen: SeenEvent) => boolean): EventSet => {
			const set = s.createSet();
			events.forEach((seen, i) => {
				const e = runs[seen.thread]?.events[seen.index];
				if (e !== undefined && test(e, seen)) setAdd(set, i);
			});
			return set;
		};
		const placed = new Map(events.map((e, i) => [`${e.thread}.${e.index}`, i] as const));
		const related = (test: (a: SeenEvent, b: SeenEvent) => boolean): Relation => {
			const r = s.keep(s.create());
			events.forEach((a, i) => {
				events.forEach((b, j) => {
					if (i !== j && test(a, b)) s.add(r, i, j);
				});
			});
			return r;
		};
		const depends = (kind: 'addr' | 'data' | 'ctrl'): Relation => {
			const r = s.keep(s.create());
			events.forEach((b, j) => {
				for (const from of runs[b.thread]?.events[b.index]?.[kind] ?? []) {
					const i = placed.get(`${b.thread}.${from}`);
					if (i !== undefined) s.add(r, i, j);
				}
			});
			return r;
		};
		this.po = related((a, b) => a.thread >= 0 && a.thread === b.thread && a.index < b.index);
		this.poLoc = related(
			(a, b) =>
				a.thread >= 0 && a.thread === b.thread && a.index < b.index && a.location === b.location,
		);
		const set = (test: (seen: SeenEvent) => boolean): EventSet => {
			const made = s.createSet();
			events.forEach((seen, i) => {
				if (test(seen)) setAdd(made, i);
			});
			return made;
		};
		this.reads = set((e) => e.isRead);
		this.writes = set((e) => e.isWrite);
		this.acquires = having(
			(e, { isRead }) => isRead && ((e.tags & (tag.ACQUIRE | tag.LKR)) !== 0 || full(e)),
		);
		const acquiring = tag.ACQUIRE | tag.RMW;
		const byIsync = (e: Event): boolean =>
			variant.hasIsync &&
			!full(e) &&
			((e.tags & tag.LKR) !== 0 || (e.tags & acquiring) === acquiring);
		this.isyncs = having((e, { isRead }) => isRead && byIsync(e));
		this.releases = having(
			(e, { isWrite }) => isWrite && ((e.tags & (tag.RELEASE | tag.UL)) !== 0 || full(e)),
		);
		this.fullReads = having((e, { isRead }) => isRead && full(e));
		this.fullWrites = having((e, { isWrite }) => isWrite && full(e));
		this.noReturn = having((e) => (e.tags & tag.NORETURN) !== 0);
		this.rmw = s.keep(s.create());
		const barriers: Barrier[] = [];
		runs.forEach((run, thread) => {
			run.events.forEach((e, index) => {
				const read = e.rmw === null ? undefined : placed.get(`${thread}.${e.rmw}`);
				const write = placed.get(`${thread}.${index}`);
				if (read !== undefined && write !== undefined) s.add(this.rmw, read, write);
				// A fully ordered atomic is a full barrier behind itself, and on powerpc one before itself as well.
				if (e.rmw !== null && full(e)) {
					barriers.push({ thread, at: index + 1, kind: 'full' });
					if (variant.isPowerpc) barriers.push({ thread, at: e.rmw, kind: 'full' });
				}
				const kind = barrierOf(e, variant);
				if (kind !== null) barriers.push({ thread, at: index, kind });
				if ((e.tags & (tag.ACQUIRE | tag.LKR)) !== 0 && !byIsync(e))
					barriers.push({ thread, at: index + 1, kind: 'acquire' });
				// before the read of a read-modify-write
				if ((e.tags & (tag.RELEASE | tag.UL)) !== 0)
					barriers.push({ thread, at: e.rmw ?? index, kind: 'release' });
			});
		});
		this.barriers = barriers;
		this.addr = depends('addr');
		this.data = depends('data');
		this.ctrl = depends('ctrl');
		this.rf = related((a, b) => b.isRead && b.source !== null && events[b.source] === a);
		this.co = related(
			(a, b) => a.isWrite && b.isWrite && a.location === b.location && a.rank < b.rank,
		);
		this.fr = related((a, b) => {
			const source = a.isRead && a.source !== null ? events[a.source] : undefined;
			return b.isWrite && a.location === b.location && source !== undefined && source.rank < b.rank;
		});
	}

	external(r: Relation): Relation {
		return this.#sided(r, false);
	}

	internal(r: Relation): Relation {
		return this.#sided(r, true);
	}

	/** What stands before a barrier of the kinds, with what stands behind. */
	around(kinds: readonly Barrier['kind'][], from: EventSet | null, to: EventSet | null): Relation {
		const r = this.s.create();
		for (const { thread, at, kind } of this.barriers) {
			if (!kinds.includes(kind)) continue;
			this.events.forEach((a, i) => {
				if (a.thread !== thread || a.index >= at) return;
				this.events.forEach((b, j) => {
					if (b.thread === thread && b.index >= at) this.s.add(r, i, j);
				});
			});
		}
		return this.s.restrict(from, r, to);
	}

	#sided(r: Relation, isInternal: boolean): Relation {
		const out = this.s.create();
		for (const [i, j] of this.s.pairs(r))
			if ((this.events[i]?.thread === this.events[j]?.thread) === isInternal) this.s.add(out, i, j);
		return out;
	}
}

/** Fences that are none of a read-modify-write's own. */
function barrierOf(
	{ fence, implied, tags }: Event,
	{ isPowerpc }: Variant,
): Barrier['kind'] | null {
	// __srcu_read_lock() and _unlock() have an smp_mb() each
	const waits = tag.SYNC_RCU | tag.SYNC_SRCU | tag.SRCU_LOCK | tag.SRCU_UNLOCK;
	if ((tags & waits) !== 0) return 'full';
	if (fence === null || implied) return null;
	switch (fence) {
		case 'mb':
		case 'before-atomic':
		case 'after-atomic':
		case 'after-spinlock':
			return 'full';
		case 'after-unlock-lock':
			return isPowerpc ? 'full' : null;
		case 'rmb':
			return 'reads';
		case 'wmb':
			return 'writes';
		default:
			return null;
	}
}

const ALLOWED: Readonly<Record<Machine, (x: Execution) => boolean>> = {
	arm64: isArm64,
	riscv: isRiscv,
	powerpc: isPower,
};

/** ob = obs | dob | aob | bob is acyclic. */
function isArm64(x: Execution): boolean {
	const { s, po, reads, writes, acquires, releases, addr, data, ctrl } = x;
	const obs = s.union(x.external(x.rf), x.external(x.co), x.external(x.fr));
	const rfi = x.internal(x.rf);
	const dep = s.union(addr, data);
	const dob = s.union(
		dep,
		s.restrict(null, ctrl, writes),
		s.restrict(null, s.sequence(addr, po), writes),
		s.sequence(dep, rfi),
	);
	const aob = s.union(x.rmw, s.restrict(s.range(x.rmw), rfi, acquires));
	const returning = setWithout(s, reads, x.noReturn);
	const bob = s.union(
		x.around(['full'], null, null),
		x.around(['reads'], returning, null),
		x.around(['writes'], writes, writes),
		s.restrict(acquires, po, null),
		s.restrict(null, po, releases),
		s.restrict(releases, po, acquires),
	);
	return s.isAcyclic(s.union(obs, dob, aob, bob));
}

/** gmo: ppo, rfe, co and fr are acyclic. */
function isRiscv(x: Execution): boolean {
	const { s, po, poLoc, reads, writes, addr, data, ctrl } = x;
	const rfi = x.internal(x.rf);
	const between = s.sequence(s.restrict(null, poLoc, writes), poLoc);
	const sameWrite = s.sequence(s.inverse(x.rf), x.rf);
	const ppo = s.union(
		s.restrict(null, poLoc, writes),
		s.difference(s.restrict(reads, poLoc, reads), s.union(between, sameWrite)),
		s.restrict(s.range(x.rmw), rfi, reads),
		x.around(['full'], null, null),
		x.around(['reads'], reads, reads),
		x.around(['writes'], writes, writes),
		x.around(['acquire'], reads, null),
		x.around(['release'], null, writes),
		// of fully ordered ones: aq behind the read, rl before the write
		s.restrict(x.fullReads, po, null),
		s.restrict(null, po, x.fullWrites),
		x.rmw,
		addr,
		data,
		s.restrict(null, ctrl, writes),
		s.sequence(s.restrict(null, s.union(addr, data), writes), rfi),
		s.restrict(null, s.sequence(addr, po), writes),
	);
	return s.isAcyclic(s.union(ppo, x.external(x.rf), x.co, x.fr));
}

/** No thin air, observation and propagation of "Herding Cats". */
function isPower(x: Execution): boolean {
	const { s, po, poLoc, reads, writes, addr, data, ctrl } = x;
	const rfi = x.internal(x.rf);
	const rfe = x.external(x.rf);
	const fre = x.external(x.fr);
	const dd = s.union(addr, data);
	const isync = s.restrict(x.isyncs, po, null);
	const ii0 = s.union(dd, rfi, s.intersect(poLoc, s.sequence(fre, rfe)));
	const ci0 = s.union(isync, s.intersect(poLoc, s.sequence(x.external(x.co), rfe)));
	const cc0 = s.union(dd, poLoc, ctrl, s.sequence(addr, po));
	let [ii, ic, ci, cc] = [ii0, s.empty(), ci0, cc0];
	for (;;) {
		const next = [
			s.union(ii0, ci, s.sequence(ic, ci), s.sequence(ii, ii)),
			s.union(ii, cc, s.sequence(ic, cc), s.sequence(ii, ic)),
			s.union(ci0, s.sequence(ci, ii), s.sequence(cc, ci)),
			s.union(cc0, ci, s.sequence(ci, ic), s.sequence(cc, cc)),
		] as const;
		const isStable = [ii, ic, ci, cc].every((r, i) => s.equal(r, next[i] as Relation));
		[ii, ic, ci, cc] = next;
		if (isStable) break;
	}
	const ppo = s.union(s.restrict(reads, ii, reads), s.restrict(reads, ic, writes));
	const sync = x.around(['full'], null, null);
	const light = x.around(['reads', 'writes', 'acquire', 'release'], null, null);
	const lwsync = s.difference(light, s.restrict(writes, light, reads));
	const fence = s.union(sync, lwsync);
	const hb = s.union(ppo, fence, rfe);
	if (!s.isAcyclic(hb)) return false;
	const hbStar = s.star(hb);
	const base = s.sequence(s.union(fence, s.sequence(rfe, fence)), hbStar);
	const com = s.union(x.rf, x.co, x.fr);
	const strong = s.chain(s.star(com), s.star(base), sync, hbStar);
	const prop = s.union(s.restrict(writes, base, writes), strong);
	return s.isIrreflexive(s.chain(fre, prop, hbStar)) && s.isAcyclic(s.union(x.co, prop));
}

function setWithout(s: RelationSpace, set: EventSet, without: EventSet): EventSet {
	const out = s.createSet();
	set.forEach((word, i) => {
		out[i] = word & ~(without[i] ?? 0);
	});
	return out;
}
