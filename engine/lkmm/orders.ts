/**
 * What the rules say of an execution that no interleaving gives: it is told to the monitor of interleavings in every order that
 * it leaves open. An order keeps each thread's own, puts a write before who reads it and writes of one location as co has
 * them, and a read before the writes that overwrite what it read (fr), but for as few reads as it takes: these see what has
 * been overwritten, or is not written yet. On an execution that interleavings give no read does, and its orders are its
 * interleavings.
 *
 * What no such order breaks is not broken. What one breaks is broken where the order also keeps hb around these reads: a
 * write that the read does not see comes behind what is before the read, one that it sees before what is behind it and before
 * the thread's end. Else it is `open`: the order may be one that nobody can see.
 *
 * A pin is judged by what memory holds in the end besides, which is the same in every order: an order ends where the walk
 * returns, and what the adversary does on the strength of a count read too early may come later.
 *
 * Model: the fewest reads, at most three; orders with more of them are not looked at.
 *
 * Invariant: `told` means that every rule was looked at in every such order.
 */

import type { Moves, Step } from '../base/step.js';
import type { PairOptions } from '../memory/lkmm/pair.js';
import type { EventNote, ProgramRun } from '../memory/lkmm/program_run.js';
import type { ProgramRuns } from '../memory/lkmm/program_runs.js';
import { isKept, type OrderedRun, orderedRun } from '../memory/lkmm/robust.js';
import type { SeenEvent, Snapshot } from '../memory/lkmm/snapshot.js';
import type { Pending } from '../memory/sc/automaton_node.js';
import { GHOST_BASE } from '../mm/model/ghost.js';
import { UNMODELLED, type Violation } from '../mm/model/violation.js';
import { type EndedScenario, sharedAtEnd } from './at_end.js';

/** What is said of an execution. */
export type Said =
	| {
			readonly kind: 'told';
			readonly violations: readonly Violation[];
			/** Broken in some order, but in none that keeps hb. */
			readonly open: readonly Violation[];
	  }
	/** It could not be told: why. */
	| { readonly kind: 'untold'; readonly why: string };

/** A scenario whose executions are told. */
export interface OrderedScenario extends EndedScenario {
	readonly made: Pick<ProgramRuns, 'addresses'>;
	readonly options: Pick<PairOptions, 'program' | 'generation'>;
}

/** Reads that may see what has been overwritten, at once. */
const STALE_MAX = 3;
/** States of the machine per execution. */
const STATES_MAX = 20_000;

/** Judges an execution of a pair of runs. */
export function judgeOrders(
	lkmm: OrderedScenario,
	runs: readonly ProgramRun[],
	snapshot: Snapshot,
): Said {
	const telling = new Telling(lkmm, runs, snapshot);
	const every = toldBy(telling, { keepsHb: false });
	if (every === null)
		return { kind: 'untold', why: 'no order of its writes agrees with who reads from whom' };
	if (every.kind === 'untold') return every;
	const certain = every.violations.filter((v) => every.atEnd.has(v));
	if (every.violations.length === certain.length)
		return { kind: 'told', violations: certain, open: [] };
	const kept = toldBy(telling, { keepsHb: true });
	const violations = kept?.kind === 'told' ? kept.violations : certain;
	const rules = new Set(violations.map((v) => v.rule));
	return { kind: 'told', violations, open: every.violations.filter((v) => !rules.has(v.rule)) };
}

/** What all orders with the fewest moved reads show. */
interface Shown {
	readonly kind: 'told';
	readonly violations: readonly Violation[];
	/** Those that follow from what memory holds in the end. */
	readonly atEnd: ReadonlySet<Violation>;
}

type Untold = Extract<Said, { readonly kind: 'untold' }>;

function toldBy(telling: Telling, options: { readonly keepsHb: boolean }): Shown | Untold | null {
	for (let size = 0; size <= STALE_MAX; size++) {
		let isTold = false;
		const violations = new Map<string, Violation>();
		const atEnd = new Set<Violation>();
		for (const stale of subsets(telling.movable, size)) {
			const shown = telling.tell(new Set(stale), options);
			if (shown === null) continue;
			if (shown.kind === 'untold') return shown;
			isTold = true;
			for (const v of shown.violations) {
				violations.set(telling.key(v), v);
				if (shown.atEnd.has(v)) atEnd.add(v);
			}
		}
		if (isTold) return { kind: 'told', violations: [...violations.values()], atEnd };
	}
	return null;
}

function* subsets<T>(list: readonly T[], size: number, from = 0): Generator<readonly T[]> {
	if (size === 0) {
		yield [];
		return;
	}
	for (let i = from; i <= list.length - size; i++)
		for (const rest of subsets(list, size - 1, i + 1)) yield [list[i] as T, ...rest];
}

/** An access of a run. */
interface Told {
	readonly event: SeenEvent;
	readonly note: EventNote;
	/** Read besides an access: whether what it accesses is gone. */
	readonly isLiveness: boolean;
	/** Index of the read that is one with this write. */
	readonly rmw: number | null;
}

/** Accesses of a read's thread that hb has before and behind it. */
interface Kept {
	readonly before: readonly SeenEvent[];
	readonly behind: readonly SeenEvent[];
}

/** Where threads are in telling their accesses, and the machine's state. */
interface Place {
	readonly at: readonly number[];
	readonly state: number;
}

class Telling {
	/** Reads, other than those of read-modify-writes, that another thread's write is in some order with. */
	readonly movable: readonly SeenEvent[];
	readonly #lkmm: OrderedScenario;
	readonly #snapshot: Snapshot;
	readonly #threads: readonly (readonly Told[])[];
	readonly #contended: ReadonlySet<number>;
	readonly #runs: readonly ProgramRun[];
	readonly #ordered = new Map<number, OrderedRun>();
	readonly #keptOf = new Map<SeenEvent, Kept>();
	readonly #ended: { readonly walk: ProgramRun; readonly snapshot: Snapshot };
	#keepsHb = false;

	constructor(lkmm: OrderedScenario, runs: readonly ProgramRun[], snapshot: Snapshot) {
		this.#lkmm = lkmm;
		this.#snapshot = snapshot;
		this.#ended = { walk: runs[0] as ProgramRun, snapshot };
		this.#contended = new Set(lkmm.made.addresses);
		this.#runs = runs;
		this.#threads = runs.map((run, thread) =>
			snapshot.events
				.filter((e) => e.thread === thread)
				.map((event): Told => {
					const note = run.notes[event.index] as EventNote;
					return {
						event,
						note,
						isLiveness: note.op.kind !== 'intrinsic' && (note.address ?? 0) >= GHOST_BASE,
						rmw: run.run.events[event.index]?.rmw ?? null,
					};
				}),
		);
		const stored = new Set(
			this.#threads.flatMap((list) =>
				list.flatMap((t) => (t.rmw === null ? [] : [`${t.event.thread} ${t.rmw}`])),
			),
		);
		const isForeign = (r: SeenEvent): boolean =>
			r.source !== null && ![-1, r.thread].includes(snapshot.events[r.source]?.thread ?? -1);
		this.movable = snapshot.events.filter(
			(r) =>
				r.isRead &&
				!stored.has(`${r.thread} ${r.index}`) &&
				(isForeign(r) || snapshot.events.some((w) => this.#overwrites(w, r))),
		);
	}

	key(violation: Violation): string {
		return this.#lkmm.scenarioMachine.machine.key(violation);
	}

	/** What the monitor says in all orders in which these reads see what was overwritten; null: there is none. */
	tell(
		stale: ReadonlySet<SeenEvent>,
		{ keepsHb }: { readonly keepsHb: boolean },
	): Shown | Untold | null {
		const { machine } = this.#lkmm.scenarioMachine;
		const violations = new Map<string, Violation>();
		const atEnd = new Set<Violation>();
		this.#keepsHb = keepsHb;
		const seen = new Set<string>();
		const pending: Place[] = [{ at: this.#threads.map(() => 0), state: machine.initial() }];
		let isTold = false;
		for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
			const key = `${place.at.join()} ${place.state}`;
			if (seen.has(key)) continue;
			seen.add(key);
			if (seen.size > STATES_MAX)
				return { kind: 'untold', why: `more than ${STATES_MAX} states in telling it` };
			if (this.#isOver(place)) {
				isTold = true;
				const shared = sharedAtEnd(this.#lkmm, this.#ended, place.state);
				const key = shared === null ? '' : machine.key(shared);
				if (shared !== null && !violations.has(key)) {
					violations.set(key, shared);
					atEnd.add(shared);
				}
			}
			for (const next of this.#next(place, stale)) {
				if (typeof next === 'string') return { kind: 'untold', why: next };
				for (const v of next.violations) {
					if (v.rule === UNMODELLED) return { kind: 'untold', why: v.message };
					violations.set(machine.key(v), v);
				}
				pending.push(next);
			}
		}
		return isTold ? { kind: 'told', violations: [...violations.values()], atEnd } : null;
	}

	#isOver({ at, state }: Place): boolean {
		const { machine } = this.#lkmm.scenarioMachine;
		return this.#threads.every(
			(list, thread) =>
				at[thread] === list.length && ['done', 'cut'].includes(machine.pending(state, thread).kind),
		);
	}

	*#next(
		place: Place,
		stale: ReadonlySet<SeenEvent>,
	): Generator<(Place & { readonly violations: readonly Violation[] }) | string> {
		const { machine } = this.#lkmm.scenarioMachine;
		const order = this.#threads.map((_, thread) => thread);
		// what only concerns a thread itself comes at once
		const own = order.find((thread) => this.#isOwn(place, thread));
		for (const thread of own === undefined ? order : [own]) {
			const told = this.#accesses(place, thread);
			if (told === null || !told.every(({ event }) => this.#isReady(place, event, stale))) continue;
			if (this.#keepsHb && !this.#mayEnd(place, thread, told.length)) continue;
			const read = told.find((t) => t.event.isRead && !t.isLiveness);
			const isStored = told.some((t) => t.event.isWrite);
			const { kind } = machine.pending(place.state, thread);
			const address = read?.note.address ?? null;
			const held = address === null ? null : machine.valueAt(place.state, address);
			const isLate =
				kind !== 'intrinsic' && held !== null && read !== undefined && read.event.value !== held;
			if (isLate && isStored) continue;
			const from =
				isLate && address !== null
					? machine.withCell(place.state, address, read.event.value)
					: place.state;
			const at = place.at.map((n, i) => (i === thread ? n + told.length : n));
			for (const step of stepsOf(machine.moves(from, thread), kind)) {
				const cut = step.incidents.find((i) => i.kind !== 'violation');
				if (cut !== undefined) {
					yield cut.kind === 'unsupported' ? cut.reason : `the bound on ${cut.limit} was met`;
					continue;
				}
				const after = machine.successor(from, thread, step);
				const state =
					isLate && address !== null ? machine.withCell(after, address, held as number) : after;
				const violations = step.incidents.flatMap((i) =>
					i.kind === 'violation' ? [i.violation] : [],
				);
				yield { at, state, violations };
			}
		}
	}

	/** A step that touches nothing that others touch. */
	#isOwn(place: Place, thread: number): boolean {
		const { machine } = this.#lkmm.scenarioMachine;
		const { kind } = machine.pending(place.state, thread);
		if (kind === 'start') return true;
		if (kind !== 'load' && kind !== 'store' && kind !== 'rmw') return false;
		return this.#accesses(place, thread)?.length === 0;
	}

	/** The accesses that the next step of a thread is; null: it is not what the run does next. */
	#accesses({ at, state }: Place, thread: number): readonly Told[] | null {
		const pending = this.#lkmm.scenarioMachine.machine.pending(state, thread);
		const list = this.#threads[thread] as readonly Told[];
		let i = at[thread] as number;
		const begin = i;
		switch (pending.kind) {
			case 'done':
			case 'cut':
				return null;
			case 'load':
			case 'store':
			case 'rmw': {
				if (list[i]?.isLiveness === true && isOf(list[i], pending)) i++;
				if (!this.#contended.has(pending.address)) return list.slice(begin, i);
				const first = list[i];
				if (!isOf(first, pending) || first?.note.address !== pending.address) return null;
				i++;
				if (pending.kind === 'rmw' && list[i]?.rmw === first.event.index) i++;
				return list.slice(begin, i);
			}
			case 'intrinsic':
				while (isOf(list[i], pending)) i++;
				return list.slice(begin, i);
			default:
				return [];
		}
	}

	/** What must come first has come. */
	#isReady({ at }: Place, event: SeenEvent, stale: ReadonlySet<SeenEvent>): boolean {
		const has = (e: SeenEvent): boolean =>
			e.thread < 0 ||
			e.thread === event.thread ||
			(this.#threads[e.thread] ?? []).slice(0, at[e.thread]).some((t) => t.event === e);
		const { events } = this.#snapshot;
		if (!stale.has(event) && event.source !== null && !has(events[event.source] as SeenEvent))
			return false;
		for (const read of this.#keepsHb ? stale : []) {
			if (read.thread !== event.thread || read.source === null) continue;
			if (has(events[read.source] as SeenEvent)) continue;
			if (this.#kept(read).behind.includes(event)) return false;
		}
		if (!event.isWrite) return true;
		return events.every(
			(e) =>
				e.location !== event.location ||
				((has(e) || !(e.isWrite && e.rank < event.rank)) &&
					(!this.#overwrites(event, e) ||
						(stale.has(e) ? !this.#keepsHb || this.#kept(e).before.every(has) : has(e)))),
		);
	}

	/** A thread ends once all that it read is written. */
	#mayEnd({ at }: Place, thread: number, told: number): boolean {
		const list = this.#threads[thread] as readonly Told[];
		if ((at[thread] as number) + told < list.length) return true;
		return list.every(({ event }) => {
			const source = event.source === null ? null : this.#snapshot.events[event.source];
			if (source === null || source === undefined || source.thread < 0) return true;
			if (source.thread === thread) return true;
			const other = this.#threads[source.thread] as readonly Told[];
			return other.slice(0, at[source.thread]).some((t) => t.event === source);
		});
	}

	/** What the text of a read's thread puts before and behind it. */
	#kept(read: SeenEvent): Kept {
		const known = this.#keptOf.get(read);
		if (known !== undefined) return known;
		const { program, generation } = this.#lkmm.options;
		const run =
			this.#ordered.get(read.thread) ??
			orderedRun(program, (this.#runs[read.thread] as ProgramRun).run, generation);
		this.#ordered.set(read.thread, run);
		const own = this.#snapshot.events.filter((e) => e.thread === read.thread && e !== read);
		const made = {
			before: own.filter((e) => e.index < read.index && isKept(run, e.index, read.index)),
			behind: own.filter((e) => e.index > read.index && isKept(run, read.index, e.index)),
		};
		this.#keptOf.set(read, made);
		return made;
	}

	/** fr from a read to a write of another thread. */
	#overwrites(write: SeenEvent, read: SeenEvent): boolean {
		if (!write.isWrite || !read.isRead || read.source === null) return false;
		if (write.location !== read.location || write.thread === read.thread) return false;
		return (this.#snapshot.events[read.source]?.rank ?? -1) < write.rank;
	}
}

function isOf(
	told: Told | undefined,
	pending: Extract<Pending, { readonly op: unknown }>,
): boolean {
	const { op } = pending;
	return told !== undefined && told.note.op.kind === op.kind && told.note.op.site === op.site;
}

/** A re-load is not repeated: the run kept what it had. */
function stepsOf({ steps }: Moves<Violation>, kind: Pending['kind']): readonly Step<Violation>[] {
	return kind === 'reload' ? steps.filter((s) => s.alternative === 0) : steps;
}
