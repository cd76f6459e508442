/**
 * Whether runs of threads have consistent executions together that no interleaving gives. Such an execution is coherent, so
 * it has a critical cycle (Shasha and Snir, "Efficient and Correct Execution of Parallel Programs that Share Memory", TOPLAS
 * 1988; Alglave, "A Formal Hierarchy of Weak Memory Models", 2012): between two threads four accesses, p before q in one,
 * r before s in the other, with q and r, and s and p, on one location each, one of the two a write, and the locations
 * different. Here every such cycle that values allow is taken, and shown to be forbidden by what each thread's own text
 * orders:
 *
 *   rf, rf: both pairs in hb                                       (happens-before)
 *   rf into p, co or fr from q: p, q in hb; r, s in cumul-fence+   (prop & int is in hb)
 *   co or fr, both: both pairs in cumul-fence* ; strong-fence ; hb*  (propagation)
 *   any: p and q in one RCU section, a grace period between r and s  (rcu)
 *
 * What other events of an execution order besides is not used: a cycle that is left may be forbidden all the same.
 *
 * Invariant: runs without an open cycle have sequentially consistent executions only.
 */
import { derive, fix, type Generation } from './axioms.js';
import { possibleValues } from './contents.js';
import type { ThreadRun } from './event.js';
import * as tag from './event.js';
import type { LitmusProgram, LocationIndex } from './litmus_program.js';
import { eventStructure } from './structure.js';

/** A run with what its own text orders. */
export interface OrderedRun {
	readonly run: ThreadRun;
	readonly accesses: readonly Access[];
	/** By (access, access): bits of `Kept`. */
	readonly kept: Uint8Array;
}

export interface Access {
	/** In the run. */
	readonly index: number;
	readonly location: LocationIndex;
	readonly isRead: boolean;
	readonly isWrite: boolean;
	/** What it may read or write; null: anything. */
	readonly values: readonly number[] | null;
}

const HB = 1;
const CUMULATIVE = 2;
const STRONG = 4;
const IN_SECTION = 8;
const GRACE_PERIOD = 16;

/** Four accesses that close a cycle, as indices in their runs. */
export interface Cycle {
	readonly threads: readonly [number, number];
	readonly first: readonly [number, number];
	readonly second: readonly [number, number];
}

/** What a run's own text orders. */
export function orderedRun(
	program: LitmusProgram,
	run: ThreadRun,
	generation: Generation,
): OrderedRun {
	const structure = eventStructure(program, [run]);
	const { space } = structure;
	const derived = derive(fix(structure, generation), { rf: space.create(), co: space.create() });
	const [placed = []] = structure.placed;
	const accesses = run.events.flatMap((e, index): readonly Access[] => {
		const isRead = (e.tags & tag.R) !== 0;
		const isWrite = (e.tags & tag.W) !== 0;
		if (e.location === null || !(isRead || isWrite)) return [];
		const values = isRead
			? (run.possible.get(index) ?? null)
			: possibleValues(e.value ?? 0, run.possible);
		return [
			{
				index,
				location: e.location,
				isRead,
				isWrite,
				values: values === null ? null : [...values],
			},
		];
	});
	const kept = new Uint8Array(accesses.length ** 2);
	if (typeof derived === 'string') return { run, accesses, kept };
	const cumulative = space.star(derived.cumulFence);
	const strong = space.sequence(
		space.sequence(cumulative, derived.strongFence),
		space.maybe(derived.hbPlus),
	);
	const sections = sectionsOf(run);
	const graces = run.events.flatMap((e, i) => ((e.tags & tag.SYNC_RCU) !== 0 ? [i] : []));
	accesses.forEach((a, i) => {
		accesses.forEach((b, j) => {
			if (i >= j) return;
			const from = placed[a.index] as number;
			const to = placed[b.index] as number;
			let bits = 0;
			if (space.has(derived.hbPlus, from, to)) bits |= HB;
			if (space.has(cumulative, from, to)) bits |= CUMULATIVE;
			if (space.has(strong, from, to)) bits |= STRONG;
			if (sections.some(([begin, end]) => begin < a.index && b.index < end)) bits |= IN_SECTION;
			if (graces.some((g) => a.index < g && g < b.index)) bits |= GRACE_PERIOD;
			kept[i * accesses.length + j] = bits;
		});
	});
	space.giveBack();
	return { run, accesses, kept };
}

/** Whether the run's own text puts one access before another in hb, both by their indices in the run. */
export function isKept({ accesses, kept }: OrderedRun, first: number, second: number): boolean {
	const i = accesses.findIndex((a) => a.index === first);
	const j = accesses.findIndex((a) => a.index === second);
	return i >= 0 && j >= 0 && ((kept[i * accesses.length + j] as number) & HB) !== 0;
}

/** Outermost RCU sections, by the indices of their marks. */
function sectionsOf(run: ThreadRun): readonly (readonly [number, number])[] {
	const list: [number, number][] = [];
	let depth = 0;
	let begin = 0;
	run.events.forEach((e, i) => {
		if ((e.tags & tag.RCU_LOCK) !== 0 && depth++ === 0) begin = i;
		if ((e.tags & tag.RCU_UNLOCK) !== 0 && --depth === 0) list.push([begin, i]);
	});
	return list;
}

/** The cycles of two runs that are not shown to be forbidden, at most `max`. */
export function openCycles(
	program: LitmusProgram,
	[a, b]: readonly [OrderedRun, OrderedRun],
	max: number,
): readonly Cycle[] {
	const open: Cycle[] = [];
	const n = a.accesses.length;
	const m = b.accesses.length;
	for (let p = 0; p < n; p++) {
		for (let q = p + 1; q < n; q++) {
			const first = a.accesses[p] as Access;
			const second = a.accesses[q] as Access;
			if (first.location === second.location) continue;
			const ab = a.kept[p * n + q] as number;
			for (let r = 0; r < m; r++) {
				const third = b.accesses[r] as Access;
				if (third.location !== second.location || !(third.isWrite || second.isWrite)) continue;
				for (let s = r + 1; s < m; s++) {
					const fourth = b.accesses[s] as Access;
					if (fourth.location !== first.location || !(fourth.isWrite || first.isWrite)) continue;
					const out = isReadFrom(second, third);
					const back = isReadFrom(fourth, first);
					if (isForbidden(ab, b.kept[r * m + s] as number, out, back)) continue;
					if (!isPossible(program, { from: a, at: q, to: b, other: r })) continue;
					if (!isPossible(program, { from: b, at: s, to: a, other: p })) continue;
					open.push({
						threads: [0, 1],
						first: [first.index, second.index],
						second: [third.index, fourth.index],
					});
					if (open.length >= max) return open;
				}
			}
		}
	}
	return open;
}

/** A write, or the read that it overwrites, that comes first whatever else happens. */
interface Forced {
	/** As indices in `accesses`. */
	readonly from: number;
	readonly to: number;
	/** rf; else fr. */
	readonly isRead: boolean;
}

/**
 * Whether the values alone already force a cycle that is forbidden: the runs have no execution together. A read whose value
 * one write only can give takes that write; one that none of the other's writes behind some place gives is before these.
 */
export function isExcluded(
	program: LitmusProgram,
	[a, b]: readonly [OrderedRun, OrderedRun],
): boolean {
	const ab = forcedBetween(program, a, b);
	if (ab.out.length === 0) return false;
	const ba = ab.back;
	const n = a.accesses.length;
	const m = b.accesses.length;
	return ab.out.some((out) =>
		ba.some((back) => {
			if (back.to >= out.from || out.to >= back.from) return false;
			const first = a.kept[back.to * n + out.from] as number;
			const second = b.kept[out.to * m + back.from] as number;
			return isForbidden(first, second, out.isRead, back.isRead);
		}),
	);
}

/** `out`: from a to b, `back`: from b to a. */
function forcedBetween(
	program: LitmusProgram,
	a: OrderedRun,
	b: OrderedRun,
): { readonly out: readonly Forced[]; readonly back: readonly Forced[] } {
	const out: Forced[] = [];
	const back: Forced[] = [];
	const look = (mine: OrderedRun, other: OrderedRun, to: Forced[], from: Forced[]): void => {
		mine.accesses.forEach((read, i) => {
			if (!read.isRead || read.values === null) return;
			const writes = other.accesses.flatMap((w, j) =>
				w.isWrite && w.location === read.location ? [j] : [],
			);
			if (writes.length === 0) return;
			const gives = (w: Access | undefined): boolean => meet(w?.values ?? null, read.values);
			if (mine.accesses.some((w, j) => j < i && w.isWrite && w.location === read.location)) return;
			const sources = writes.filter((j) => gives(other.accesses[j]));
			const initial = program.locations[read.location]?.initial ?? 0;
			const isInitial = read.values.includes(initial);
			const last = sources.at(-1) ?? -1;
			for (const j of writes) if (j > last) to.push({ from: i, to: j, isRead: false });
			const [only] = sources;
			if (!isInitial && sources.length === 1 && only !== undefined)
				from.push({ from: only, to: i, isRead: true });
		});
	};
	look(a, b, out, back);
	look(b, a, back, out);
	return { out, back };
}

function isReadFrom(from: Access, to: Access): boolean {
	return from.isWrite && to.isRead;
}

/** `out`: the second access of A is read by the first of B; `back`: the second of B by the first of A. */
function isForbidden(ab: number, rs: number, out: boolean, back: boolean): boolean {
	if ((ab & IN_SECTION) !== 0 && (rs & GRACE_PERIOD) !== 0) return true;
	if ((rs & IN_SECTION) !== 0 && (ab & GRACE_PERIOD) !== 0) return true;
	const has = (bits: number, wanted: number): boolean => (bits & wanted) !== 0;
	if (out && back) return has(ab, HB) && has(rs, HB);
	if (back) return has(ab, HB) && has(rs, CUMULATIVE | STRONG);
	if (out) return has(rs, HB) && has(ab, CUMULATIVE | STRONG);
	return has(ab, STRONG) && has(rs, STRONG);
}

/** Whether values allow access `at` of a run to come before `other` of the other run on their location. */
function isPossible(
	program: LitmusProgram,
	{
		from,
		at,
		to,
		other,
	}: {
		readonly from: OrderedRun;
		readonly at: number;
		readonly to: OrderedRun;
		readonly other: number;
	},
): boolean {
	const before = from.accesses[at] as Access;
	const after = to.accesses[other] as Access;
	if (before.isWrite) return !after.isRead || meet(before.values, after.values);
	// What it reads is older than the other's write.
	const initial = program.locations[before.location]?.initial ?? 0;
	if (before.values === null || before.values.includes(initial)) return true;
	const older = (run: OrderedRun, end: number): boolean =>
		run.accesses.some(
			(a, i) =>
				i < end && a.isWrite && a.location === before.location && meet(a.values, before.values),
		);
	return older(to, other) || older(from, at);
}

function meet(a: readonly number[] | null, b: readonly number[] | null): boolean {
	return a === null || b === null || a.some((v) => b.includes(v));
}
