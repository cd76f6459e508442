/**
 * Which runs of two threads can have executions together at all, location by location: an execution is coherent and its
 * read-modify-writes are atomic, so on each location the accesses of the two interleave so that every read takes what was
 * written last (`acyclic po-loc | com`, `empty rmw & (fre ; coe)`). Where no interleaving gives a read what its run wants, the
 * runs have no execution together.
 *
 * Invariant: only runs without an execution together are told apart; what is not known counts as possible.
 */
import { possibleValues } from './contents.js';
import type { ThreadRun } from './event.js';
import * as tag from './event.js';
import type { LitmusProgram, LocationIndex } from './litmus_program.js';
import { evaluate, type SymbolicValue } from './value.js';

/** Accesses of a run to one location. */
interface Projection {
	readonly key: number;
	/** What is done to which location, as text. */
	readonly name: string;
	readonly steps: readonly Step[];
}

/** A read, a write, or the two of a read-modify-write at once. */
interface Step {
	/** What is read may be; null: anything. Undefined: nothing is read. */
	readonly reads: ReadonlySet<number> | null | undefined;
	/** What is written, given what was read; undefined: nothing is written. */
	readonly writes: ((read: number | null) => readonly number[] | null) | undefined;
}

/** Values a location may hold at one place; null: anything. */
type Held = number | null;

/** The runs of threads told apart by what they do to each location. */
export class Compatibility {
	readonly #program: LitmusProgram;
	readonly #keys = new Map<string, number>();
	readonly #projections = new Map<Recorded, ReadonlyMap<LocationIndex, Projection>>();
	readonly #known = new Map<number, boolean>();

	constructor(program: LitmusProgram) {
		this.#program = program;
	}

	/** False when the two runs have no execution together. */
	meet(a: Recorded, b: Recorded): boolean {
		const first = this.#of(a);
		const second = this.#of(b);
		for (const [location, one] of first)
			if (!this.#agree(location, one, second.get(location) ?? NOTHING)) return false;
		for (const [location, other] of second)
			if (!first.has(location) && !this.#agree(location, NOTHING, other)) return false;
		return true;
	}

	/** What the runs of a thread do to each location, every sequence once, and what was known before that they do. */
	sequences(runs: readonly Recorded[], before: Sequences | null): Sequences {
		const found = new Map([...(before?.found ?? [])].map(([at, each]) => [at, new Map(each)]));
		const without = new Set(before?.without);
		for (const run of runs)
			for (const [location, projection] of this.#of(run)) {
				const here = found.get(location) ?? new Map<number, Projection>();
				here.set(projection.key, projection);
				found.set(location, here);
			}
		for (const [location] of found) {
			const isNew = before !== null && !before.found.has(location);
			if (isNew || runs.some((run) => !this.#of(run).has(location))) without.add(location);
		}
		return {
			found,
			without,
			signature: [...found]
				.flatMap(([at, each]) => [...each.values()].map(({ name }) => `${without.has(at)} ${name}`))
				.sort()
				.join('\n'),
			allow: ({ events, possible }, location, program) => {
				const list = events.flatMap((e, i) => (e.location === location ? [i] : []));
				const steps = stepsOf({ events, possible }, list);
				const initial = program.locations[location]?.initial ?? 0;
				const others = [...(found.get(location)?.values() ?? [])];
				if (others.length === 0 || without.has(location)) others.push(NOTHING);
				return others.some((other) => interleave(steps, other.steps, initial, true));
			},
		};
	}

	#agree(location: LocationIndex, a: Projection, b: Projection): boolean {
		const key = a.key * 2 ** 26 + b.key;
		const known = this.#known.get(key);
		if (known !== undefined) return known;
		const initial = this.#program.locations[location]?.initial ?? 0;
		const agree = interleave(a.steps, b.steps, initial);
		this.#known.set(key, agree);
		return agree;
	}

	#of(run: Recorded): ReadonlyMap<LocationIndex, Projection> {
		const known = this.#projections.get(run);
		if (known !== undefined) return known;
		const indices = new Map<LocationIndex, number[]>();
		run.events.forEach((e, i) => {
			if (e.location === null || (e.tags & (tag.R | tag.W)) === 0) return;
			const list = indices.get(e.location) ?? [];
			list.push(i);
			indices.set(e.location, list);
		});
		const made = new Map<LocationIndex, Projection>();
		for (const [location, list] of indices) {
			const text = list.map((i) => {
				const e = run.events[i];
				const possible = (read: number) => [...(run.possible.get(read) ?? [null])];
				return [e?.tags, e?.rmw === null ? 0 : 1, own(run, i, possible)];
			});
			const name = JSON.stringify([location, text]);
			const key = this.#keys.get(name) ?? this.#keys.size + 1;
			this.#keys.set(name, key);
			made.set(location, { key, name, steps: stepsOf(run, list) });
		}
		this.#projections.set(run, made);
		return made;
	}
}

/** A run, or what was recorded of one. */
export type Recorded = Pick<ThreadRun, 'events' | 'possible'>;

/** What a thread may do to each location. */
export interface Sequences {
	/** By location, by key. */
	readonly found: ReadonlyMap<LocationIndex, ReadonlyMap<number, Projection>>;
	/** Locations that a run may leave alone. */
	readonly without: ReadonlySet<LocationIndex>;
	/** Equal for equal sequences. */
	readonly signature: string;
	/**
	 * False where no run of the thread leaves room for what another has recorded at a location so far. `program` may have
	 * locations that it had not when the runs were made.
	 */
	allow(recorded: Recorded, location: LocationIndex, program: LitmusProgram): boolean;
}

const NOTHING: Projection = { key: 0, name: '', steps: [] };

/** What decides an access by itself, for comparing. */
function own(
	run: Recorded,
	index: number,
	possible: (read: number) => readonly (number | null)[],
): unknown {
	const e = run.events[index];
	if (e === undefined || e.value === null) return possible(index);
	if (e.rmw === null) return possibleValues(e.value, run.possible);
	const partner = e.rmw;
	return JSON.stringify(e.value, (_, v) =>
		typeof v === 'object' && v !== null && 'read' in v
			? { read: v.read === partner ? 'own' : possible(v.read) }
			: v,
	);
}

function stepsOf(run: Recorded, list: readonly number[]): readonly Step[] {
	const steps: Step[] = [];
	list.forEach((index, at) => {
		const e = run.events[index];
		if (e === undefined || e.rmw !== null) return;
		if ((e.tags & tag.W) !== 0) {
			const values = possibleValues(e.value ?? 0, run.possible);
			steps.push({ reads: undefined, writes: () => values });
			return;
		}
		const next = list[at + 1];
		const write = next === undefined ? undefined : run.events[next];
		const reads = run.possible.get(index) ?? null;
		if (write === undefined || write.rmw !== index) {
			steps.push({ reads, writes: undefined });
			return;
		}
		const value = write.value ?? 0;
		steps.push({ reads, writes: (read) => storedBy(run, value, { partner: index, read }) });
	});
	return steps;
}

function storedBy(
	run: Recorded,
	value: SymbolicValue,
	{ partner, read }: { readonly partner: number; readonly read: number | null },
): readonly number[] | null {
	if (read === null) return possibleValues(value, run.possible);
	const known = evaluate(value, (r) => (r === partner ? read : null));
	if (known !== null) return [known];
	return possibleValues(value, new Map([...run.possible, [partner, new Set([read])]]));
}

/** Whether the steps interleave so that each read takes what was written last; `open`: the second thread may be in the midst of its own. */
function interleave(
	a: readonly Step[],
	b: readonly Step[],
	initial: number,
	open = false,
): boolean {
	const dead = new Set<string>();
	const go = (i: number, j: number, held: Held): boolean => {
		if (i === a.length && (open || j === b.length)) return true;
		const key = `${i} ${j} ${held}`;
		if (dead.has(key)) return false;
		for (const [step, di, dj] of [
			[a[i], 1, 0],
			[b[j], 0, 1],
		] as const) {
			if (step === undefined) continue;
			for (const [, next] of taken(step, held)) if (go(i + di, j + dj, next)) return true;
		}
		dead.add(key);
		return false;
	};
	return go(0, 0, initial);
}

/** What a step may read where the location holds that, and what the location holds then. */
function* taken(step: Step, held: Held): Generator<readonly [Held, Held]> {
	const { reads, writes } = step;
	const read: readonly Held[] =
		reads === undefined
			? [held]
			: held === null
				? reads === null
					? [null]
					: [...reads]
				: reads === null || reads.has(held)
					? [held]
					: [];
	for (const value of read) {
		if (writes === undefined) yield [value, held === null ? value : held];
		else for (const stored of writes(value) ?? [null]) yield [value, stored];
	}
}
