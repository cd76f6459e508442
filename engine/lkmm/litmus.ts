/**
 * The smallest litmus test that shows an execution of a walk: operations are left out as long as the outcome stays
 * allowed and the missing order still forbids it. It has no dependencies but those it prints, so that whoever runs it
 * sees what was tried here.
 *
 * Invariant: what is printed has been searched: allowed as it stands, forbidden with the order named in it.
 */

import type { ThreadRun } from '../memory/lkmm/event.js';
import { type AccessPair, executionsOf, type Ordering, ordered } from '../memory/lkmm/pair.js';
import type { ProgramRun } from '../memory/lkmm/program_run.js';
import { keeping } from '../memory/lkmm/run_edit.js';
import type { Snapshot } from '../memory/lkmm/snapshot.js';
import { operate } from '../memory/lkmm/value.js';
import { type PrintedOperation, printLitmus } from './print.js';
import { type LkmmCandidate, operationsIn } from './scenario_runs.js';

const FULL: Ordering = { kind: 'fence', fence: 'mb', text: 'smp_mb()' };

export interface LitmusOptions {
	readonly pair: AccessPair;
	readonly ordering: Ordering | null;
	/** The checked file. */
	readonly path: string;
}

/** Events that stay, by thread. */
type Kept = readonly [ReadonlySet<number>, ReadonlySet<number>];

/** A read that must have had its value, by thread and index in the full run. */
interface Seen {
	readonly thread: 0 | 1;
	readonly index: number;
	readonly value: number;
	/** Decides whether a conditional read-modify-write stores: never left out. */
	readonly decides: boolean;
}

/** The test as text; null when it cannot be said without dependencies, or not in herd7's C. */
export function litmusOf(candidate: LkmmCandidate, options: LitmusOptions): string | null {
	const runs: readonly [ProgramRun, ProgramRun] = [candidate.walk, candidate.adversary];
	const trial = new Trial(candidate, options, runs);
	const all: Kept = [indices(runs[0]), indices(runs[1])];
	if (!trial.flips(all, null)) return null;
	// With all that changes the count, its numbers are the walk's own: such a test can be attached to the walk.
	return (
		printed(trial, { candidate, options, runs, kept: trial.reduce(all, true) }) ??
		printed(trial, { candidate, options, runs, kept: trial.reduce(all, false) })
	);
}

function printed(
	trial: Trial,
	{
		candidate,
		options,
		runs,
		kept,
	}: {
		readonly candidate: LkmmCandidate;
		readonly options: LitmusOptions;
		readonly runs: readonly [ProgramRun, ProgramRun];
		readonly kept: Kept;
	},
): string | null {
	const execution = trial.execution(kept, null);
	if (execution === null || execution === 'none') return null;
	const seen = trial.reduceSeen(kept, seenIn(runs, kept, execution));
	if (seen === null) return null;
	const operations = ([0, 1] as const).map((thread) =>
		operationsIn(runs[thread])
			.filter((op) => op.every((i) => kept[thread].has(i)))
			.map(
				(events): PrintedOperation => ({
					events,
					run: runs[thread],
					value: (index) =>
						execution.value(thread, [...kept[thread]].sort(byNumber).indexOf(index)) ?? 0,
					seen: seen.filter((s) => s.thread === thread && events.includes(s.index)),
				}),
			),
	);
	return printLitmus(candidate, { operations, ...options, ordering: options.ordering ?? FULL });
}

function indices(run: ProgramRun): ReadonlySet<number> {
	return new Set(run.run.events.keys());
}

const byNumber = (a: number, b: number): number => a - b;

function seenIn(
	runs: readonly [ProgramRun, ProgramRun],
	kept: Kept,
	execution: Snapshot,
): readonly Seen[] {
	return ([0, 1] as const).flatMap((thread) =>
		[...kept[thread]].sort(byNumber).flatMap((index, at): readonly Seen[] => {
			const event = runs[thread].run.events[index];
			if (!runs[thread].run.possible.has(index) || event === undefined) return [];
			const value = execution.value(thread, at);
			if (value === null) return [];
			const op = runs[thread].notes[index]?.op;
			const decides = op?.kind === 'rmw' && op.expected !== null;
			return [{ thread, index, value, decides }];
		}),
	);
}

/** Tries parts of the execution. */
class Trial {
	readonly #candidate: LkmmCandidate;
	readonly #options: LitmusOptions;
	readonly #runs: readonly [ProgramRun, ProgramRun];

	constructor(
		candidate: LkmmCandidate,
		options: LitmusOptions,
		runs: readonly [ProgramRun, ProgramRun],
	) {
		this.#candidate = candidate;
		this.#options = options;
		this.#runs = runs;
	}

	/** Leaves out whole operations, the adversary's last ones first; `counting`: none of the walk that changes what the pair's first changes. */
	reduce(all: Kept, counting: boolean): Kept {
		let kept = all;
		const { pair } = this.#options;
		const place = pair.isOther === true ? 1 : 0;
		for (const thread of [1, 0] as const) {
			for (const events of [...operationsIn(this.#runs[thread])].reverse()) {
				if (thread === place && (events.includes(pair.first) || events.includes(pair.second)))
					continue;
				if (counting && thread === 0 && this.#counts(events)) continue;
				const fewer = new Set([...kept[thread]].filter((i) => !events.includes(i)));
				const tried: Kept = thread === 0 ? [fewer, kept[1]] : [kept[0], fewer];
				if (this.flips(tried, null)) kept = tried;
			}
		}
		return kept;
	}

	#counts(events: readonly number[]): boolean {
		const [{ notes }] = this.#runs;
		const { address } = notes[this.#options.pair.first] ?? {};
		return events.some((i) => notes[i]?.op.kind === 'rmw' && notes[i].address === address);
	}

	/** Leaves out what the outcome need not say; null when what must stay does not flip. */
	reduceSeen(kept: Kept, all: readonly Seen[]): readonly Seen[] | null {
		let seen = all;
		if (!this.flips(kept, seen)) return null;
		for (const s of [...all].reverse()) {
			if (s.decides) continue;
			const tried = seen.filter((t) => t !== s);
			if (this.flips(kept, tried)) seen = tried;
		}
		return seen;
	}

	/** Allowed as it stands, forbidden with the missing order. */
	flips(kept: Kept, seen: readonly Seen[] | null): boolean {
		const as = this.execution(kept, seen);
		return as !== null && as !== 'none' && this.execution(kept, seen, true) === 'none';
	}

	/** A consistent execution of what is kept, `none`, or null when a limit was met; `seen` instead of the runs' own constraints. */
	execution(kept: Kept, seen: readonly Seen[] | null, isOrdered = false): Snapshot | 'none' | null {
		const runs = this.#threads(kept, seen);
		let tried: readonly ThreadRun[] = runs;
		if (isOrdered) {
			const thread = this.#options.pair.isOther === true ? 1 : 0;
			const place = (index: number): number => [...kept[thread]].sort(byNumber).indexOf(index);
			const { first, second } = this.#options.pair;
			const pair = { first: place(first), second: place(second) };
			const edited = ordered(runs[thread], pair, this.#options.ordering ?? FULL);
			if (edited === null) return null;
			tried = runs.map((run, i) => (i === thread ? edited : run));
		}
		let found: Snapshot | null = null;
		const isComplete = executionsOf(tried, this.#candidate.lkmm.options, (snapshot) => {
			found = snapshot;
			return false;
		});
		return found ?? (isComplete ? 'none' : null);
	}

	#threads(kept: Kept, seen: readonly Seen[] | null): readonly [ThreadRun, ThreadRun] {
		const make = (thread: 0 | 1): ThreadRun => {
			const { snapshot } = this.#candidate;
			const run = keeping(
				this.#runs[thread].run,
				kept[thread],
				(read) => snapshot.value(thread, read) ?? 0,
			);
			if (seen === null) return run;
			const place = [...kept[thread]].sort(byNumber);
			const constraints = seen
				.filter((s) => s.thread === thread)
				.map((s) => operate('==', { read: place.indexOf(s.index) }, s.value));
			// Only sums of read-modify-writes still rest on what was read; other stores are constants.
			const events = run.events.map((e, i) => {
				if (e.value === null || typeof e.value === 'number' || e.rmw !== null) return e;
				return { ...e, value: snapshot.value(thread, place[i] as number) };
			});
			return { ...run, events, constraints, possible: new Map() };
		};
		return [make(0), make(1)];
	}
}
