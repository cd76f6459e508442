/**
 * An execution of the engine as cat's base sets and relations, with every fence as an event of its own, as herd7 has it.
 */
import type { Relation } from '../../engine/base/relation.js';
import type { Generation } from '../../engine/memory/lkmm/axioms.js';
import * as tag from '../../engine/memory/lkmm/event.js';
import type { EventStructure } from '../../engine/memory/lkmm/structure.js';
import type { CatValue, Environment } from './cat.js';

interface CatEvent {
	readonly thread: number;
	readonly tags: number;
	readonly fence: string | null;
	readonly location: number | null;
	/** Index in the structure, -1 for fences. */
	readonly placed: number;
	readonly dependencies: {
		readonly addr: readonly number[];
		readonly data: readonly number[];
		readonly ctrl: readonly number[];
	};
}

const NOTHING = { addr: [], data: [], ctrl: [] };

const SETS: Readonly<Record<string, number>> = {
	IW: tag.IW,
	Once: tag.ONCE,
	Noreturn: tag.NORETURN,
	RMW: tag.RMW,
	LKR: tag.LKR,
	LKW: tag.LKW,
	UL: tag.UL,
	LF: tag.LF,
	RU: tag.RU,
	R: tag.R,
	W: tag.W,
	M: tag.R | tag.W,
	Acquire: tag.ACQUIRE | tag.LKR,
	Release: tag.RELEASE | tag.UL,
	// lkmmv2 writes syntactic tags in capitals
	ONCE: tag.ONCE,
	NORETURN: tag.NORETURN,
	ACQUIRE: tag.ACQUIRE | tag.LKR,
	RELEASE: tag.RELEASE | tag.UL,
	'Rcu-lock': tag.RCU_LOCK,
	'Rcu-unlock': tag.RCU_UNLOCK,
	'Sync-rcu': tag.SYNC_RCU,
	'Srcu-lock': tag.SRCU_LOCK,
	'Srcu-unlock': tag.SRCU_UNLOCK,
	'Sync-srcu': tag.SYNC_SRCU,
};

const FENCES: Readonly<Record<string, string>> = {
	Mb: 'mb',
	Rmb: 'rmb',
	Wmb: 'wmb',
	Barrier: 'barrier',
	'Before-atomic': 'before-atomic',
	'After-atomic': 'after-atomic',
	'After-spinlock': 'after-spinlock',
	'After-unlock-lock': 'after-unlock-lock',
	'After-srcu-read-unlock': 'after-srcu-read-unlock',
};

/** Number of events that cat sees. */
export function catSize(structure: EventStructure): number {
	return structure.initials + structure.runs.reduce((n, run) => n + run.events.length, 0);
}

/** What stands before linux-kernel.bell and, after lock.cat, before linux-kernel.cat. */
export function catEnvironment(
	structure: EventStructure,
	{ rf, co }: { readonly rf: Relation; readonly co: Relation },
	generation: Generation,
): Environment {
	// lkmmv2 has a tag where the others have two fences around a read-modify-write
	const events = catEvents(structure, { isImplied: generation !== 'lkmmv2' });
	const size = events.length;
	const relation = (pair: (a: number, b: number) => boolean): CatValue => ({
		kind: 'relation',
		rows: events.map((_, a) =>
			events.reduce((bits, __, b) => (pair(a, b) ? bits | (1 << b) : bits), 0),
		),
	});
	const lifted = (r: Relation): CatValue =>
		relation((a, b) => {
			const [from, to] = [events[a]?.placed ?? -1, events[b]?.placed ?? -1];
			return from >= 0 && to >= 0 && structure.space.has(r, from, to);
		});
	const set = (test: (e: CatEvent) => boolean): CatValue => ({
		kind: 'set',
		bits: events.reduce((bits, e, i) => (test(e) ? bits | (1 << i) : bits), 0),
	});
	const same = (a: number, b: number): boolean =>
		a === b || (events[a]?.thread === events[b]?.thread && (events[a]?.thread ?? -1) >= 0);
	const po = (a: number, b: number): boolean => a < b && same(a, b);
	const loc = (a: number, b: number): boolean =>
		events[a]?.location !== null && events[a]?.location === events[b]?.location;
	const depends = (kind: 'addr' | 'data' | 'ctrl'): CatValue =>
		relation((a, b) => events[b]?.dependencies[kind].includes(a) ?? false);
	const out = new Map<string, CatValue>();
	for (const [name, tags] of Object.entries(SETS))
		out.set(
			name,
			set((e) => (e.tags & tags) !== 0),
		);
	for (const [name, fence] of Object.entries(FENCES))
		out.set(
			name,
			set((e) => e.fence === fence),
		);
	out.set(
		'MB',
		set((e) => e.fence === 'mb' || (e.tags & tag.MB) !== 0),
	);
	const internal = relation(same);
	const external = relation((a, b) => !same(a, b));
	const and = (a: CatValue, b: CatValue): CatValue => ({
		kind: 'relation',
		rows: events.map((_, i) =>
			a.kind === 'relation' && b.kind === 'relation' ? (a.rows[i] ?? 0) & (b.rows[i] ?? 0) : 0,
		),
	});
	const fr = fromReads(structure, rf, co);
	const all = { rf: lifted(rf), co: lifted(co), fr: lifted(fr) };
	for (const [name, r] of Object.entries(all)) {
		out.set(name, r);
		out.set(`${name}e`, and(r, external));
		out.set(`${name}i`, and(r, internal));
	}
	out.set('RL', { kind: 'set', bits: 0 });
	out.set('po', relation(po));
	out.set('loc', relation(loc));
	out.set(
		'po-loc',
		relation((a, b) => po(a, b) && loc(a, b)),
	);
	out.set('int', internal);
	out.set('ext', external);
	out.set(
		'id',
		relation((a, b) => a === b),
	);
	out.set('rmw', lifted(structure.rmw));
	for (const kind of ['addr', 'data', 'ctrl'] as const) out.set(kind, depends(kind));
	if (size !== catSize(structure)) throw new Error('events lost');
	return out;
}

function fromReads(structure: EventStructure, rf: Relation, co: Relation): Relation {
	const { space: s } = structure;
	const mark = s.mark();
	const fr = s.keep(s.sequence(s.inverse(rf), co));
	s.release(mark);
	return fr;
}

function catEvents(
	structure: EventStructure,
	{ isImplied }: { readonly isImplied: boolean },
): readonly CatEvent[] {
	const out: CatEvent[] = structure.events.slice(0, structure.initials).map((e, placed) => ({
		thread: -1,
		tags: e.tags,
		fence: null,
		location: e.location,
		placed,
		dependencies: NOTHING,
	}));
	structure.runs.forEach((run, thread) => {
		const first = out.length;
		run.events.forEach((e, i) => {
			const here = (list: readonly number[]): readonly number[] => list.map((d) => first + d);
			out.push({
				thread,
				tags: e.tags,
				fence: e.implied && !isImplied ? null : e.fence,
				location: e.location,
				placed: structure.placed[thread]?.[i] ?? -1,
				dependencies: { addr: here(e.addr), data: here(e.data), ctrl: here(e.ctrl) },
			});
		});
	});
	return out;
}
