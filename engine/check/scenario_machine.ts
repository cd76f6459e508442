/**
 * Builds the state machine of a scenario and keeps the parts that scenarios share: the world, the program that calls the root in
 * it, automata, the monitor, steps that were made. Scenarios that differ only in who acts share all of it; those that differ in flags too
 * share what flags do not decide.
 */

import { reduced } from '../explore/reduced.js';
import { Automata } from '../memory/sc/automaton.js';
import type { AutomataOptions } from '../memory/sc/automaton_node.js';
import { Machine } from '../memory/sc/machine.js';
import { SharedSteps } from '../memory/sc/shared_steps.js';
import type { Cell, Intrinsic, Monitor } from '../memory/thread/event.js';
import { link } from '../memory/thread/link.js';
import { headerOf } from '../mm/actors/headers.js';
import { isUnannounced } from '../mm/actors/requirements.js';
import {
	cutCount,
	cutFrameWord,
	cutIndexOfFile,
	cutSequence,
	cutValue,
	derivedSource,
	isCompared,
	upperEntry,
	type Widths,
} from '../mm/model/cut.js';
import { highHalf, readsHalves } from '../mm/model/halves.js';
import { frameOfPage } from '../mm/model/layout.js';
import { partAccess } from '../mm/model/part_access.js';
import { isReaderWorld, type ReaderKind, type ReaderWorldSpec } from '../mm/model/reader_spec.js';
import { buildReaderWorld, type ReaderWorld } from '../mm/model/reader_world.js';
import type { Violation } from '../mm/model/violation.js';
import { type BuiltWorld, buildWorld, type ObjectName, objectAddress } from '../mm/model/world.js';
import type { WorldSpec } from '../mm/model/world_spec.js';
import type { WatchedReader } from '../mm/monitor/reader_watch.js';
import { cellsAbove } from '../mm/monitor/refetched.js';
import { type Watched, watchedOffsets } from '../mm/monitor/watch.js';
import { intrinsicsOf } from '../mm/operations/intrinsics.js';
import { readerIntrinsics } from '../mm/operations/reader_intrinsics.js';
import { READER_WORLDS } from '../mm/worlds/reader/reader_worlds.js';
import { hasHalves } from '../program/arch.js';
import type { FieldIndex, FunctionIndex } from '../program/op.js';
import { fieldOffset, findFunction, type Program } from '../program/program.js';
import { monitorOf } from '../rules/catalog.js';
import { readerMonitorOf } from '../rules/reader.js';
import { CALL_DEPTH_MAX, LOOP_MAX } from './bounds.js';
import { harness, sectionsIn } from './call/harness.js';
import type { ReaderCalling } from './call/reader_calling.js';
import { readerHarness } from './call/reader_harness.js';
import { type PageTest, pageTestsOf } from './coverage/page_order.js';
import { rangeTestsOf } from './coverage/range_length.js';
import { type PreparedWalk, prepare } from './prepare.js';
import type { CheckRequest } from './request.js';
import type { Scenario } from './scenario.js';

/** A scenario ready to be explored. */
export interface ScenarioMachine {
	readonly scenario: Scenario;
	readonly world: BuiltWorld;
	readonly machine: Machine<Violation>;
	/** Program with the harness in it. */
	readonly program: Program;
	readonly threads: readonly string[];
	/** Why what is right there is not known for certain; null: it is. */
	readonly unclear: string | null;
	/** What a message of what goes wrong ends with, by how the root is called. */
	readonly premise: string;
	/** Functions that thread 0 entered in any step made so far. */
	readonly entered: Set<FunctionIndex>;
}

/** Readers that may hand a folio out locked. */
const LOCKING: readonly ReaderKind[] = ['page-cache', 'stable-node'];
/** States of a reader with nobody else about that are looked at for what it hands out locked. */
const LOCKS_STATES_MAX = 20_000;

/** What is watched for in walks instead of the rules, with the cells that needs. */
export interface Watching {
	readonly cells: readonly Cell[];
	monitor(watched: Watched): Monitor<Violation>;
}

const RULES_ALONE: Watching = { cells: [], monitor: (watched) => monitorOf(watched) };

/** The machines of a walk's scenarios. */
export class ScenarioMachines {
	readonly kind = 'ready';
	readonly walk: PreparedWalk;
	/** By the ops of the harness and the symbols. */
	readonly #automata = new Map<string, Automata>();
	/** Worlds as one adversary sees them, and as several do. */
	readonly #alone = new Map<WorldSpec, WorldParts>();
	readonly #crowded = new Map<WorldSpec, WorldParts>();
	/** Most scenarios are prepared world by world: the last one's parts are most likely the next one's. */
	#latest: SharedParts | null = null;
	#pageTests: readonly PageTest[] | null = null;
	/** What a reader hands out locked; null: not looked for yet. */
	#locks: ReadonlySet<number> | null = null;
	/** Why not all that it hands out locked is known. */
	#locksCut: string | null = null;

	constructor(walk: PreparedWalk) {
		this.walk = walk;
	}

	/** Branches of the walk that tell pages apart, or long ranges from short ones. */
	pageTests(): readonly PageTest[] {
		const { program, root } = this.walk.request;
		this.#pageTests ??= [...pageTestsOf(program, root), ...rangeTestsOf(program, root)];
		return this.#pageTests;
	}

	/** The machine of a scenario, not yet run. */
	of(scenario: Scenario, watching: Watching = RULES_ALONE): ScenarioMachine {
		const parts = this.#shared(sharedKeyOf(this.walk, scenario, watching));
		const { world, program, entry } = parts;
		const { request } = this.walk;
		const rootName = request.program.functions[request.root]?.name ?? 'walk';
		const machine = new Machine<Violation>({
			...parts,
			world: {
				cells: parts.cells,
				symbols: world.symbols,
				threads: [
					{ name: rootName, entry, arguments: [scenario.flags] },
					...scenario.actors.map((name) => ({
						name,
						entry: findFunction(program, `actor_${name}`) as FunctionIndex,
						arguments: [],
					})),
				],
				loopMax: LOOP_MAX,
				callDepthMax: CALL_DEPTH_MAX,
			},
		});
		const threads = [rootName, ...scenario.actors];
		const premise = this.walk.calling.reader?.premise ?? '';
		const { entered } = machine;
		const unclear = this.#locksCut;
		return { scenario, world, machine, program, threads, unclear, premise, entered };
	}

	#shared(key: SharedKey): SharedParts {
		const known = this.#latest;
		if (known !== null && isSame(known.key, key)) return known;
		const { spec, watching } = key;
		const { reader } = this.walk.calling;
		const parts =
			reader !== undefined && isReaderWorld(spec)
				? this.#readerParts(spec, reader)
				: this.#walkParts(key);
		const { world } = parts;
		const more = [...this.#cellsOfLook(world), ...watching.cells];
		const cells = more.length === 0 ? world.cells : [...world.cells, ...more];
		const sharedSteps = new SharedSteps({ ...parts, cells, threads: 1 + key.adversaries });
		const made = { ...parts, key, cells, sharedSteps };
		this.#latest = made;
		return made;
	}

	#cellsOfLook(world: BuiltWorld): readonly Cell[] {
		const { calling } = this.walk;
		return calling.handsOut || calling.kind !== 'range' ? [] : cellsAbove(world);
	}

	#readerParts(spec: ReaderWorldSpec, calling: ReaderCalling): Parts {
		const { request } = this.walk;
		const world = buildReaderWorld(request.program, spec);
		const { program, entry } = readerHarness(request.program, request.root, { world, calling });
		const automata = this.#automataOf({ program, entry, world });
		const parts = { world, program, entry, automata };
		this.#locks ??= this.#locksOf(calling);
		const locks = this.#locks;
		return { ...parts, ...watchedReader(this.walk, { ...parts, calling, locks }) };
	}

	/** Choices of arguments with which a reader hands folios out locked, with nobody else about. */
	#locksOf(calling: ReaderCalling): ReadonlySet<number> {
		const locks = new Set<number>();
		if (!LOCKING.includes(calling.kind) || calling.handsOut === 'list') return locks;
		const spec = READER_WORLDS.find((each) => each.reader === calling.kind);
		if (spec === undefined) return locks;
		const { request } = this.walk;
		const world = buildReaderWorld(request.program, spec);
		const { program, entry } = readerHarness(request.program, request.root, { world, calling });
		const automata = this.#automataOf({ program, entry, world });
		const watched = watchedReader(this.walk, {
			...{ program, world, calling, locks: new Set<number>() },
			noteLocked: (calledWith) => locks.add(calledWith),
		});
		const threads = [{ name: 'reader', entry, arguments: [0] }];
		const { cells, symbols } = world;
		const limits = { loopMax: LOOP_MAX, callDepthMax: CALL_DEPTH_MAX };
		const alone = { cells, symbols, threads, ...limits };
		const machine = new Machine<Violation>({ automata, ...watched, world: alone });
		const statesMax = Math.min(request.statesMax, LOCKS_STATES_MAX);
		const { end, cuts } = reduced(machine, { statesMax, endless: false });
		if (end !== 'exhausted' || cuts.length > 0)
			this.#locksCut = 'what it returns locked while no other CPU interferes is not known';
		return locks;
	}

	#walkParts(key: SharedKey): Parts {
		const parts = this.#worldParts(key);
		return { ...parts, monitor: key.watching.monitor(watchedWalk(this.walk, key, parts)) };
	}

	#worldParts({ spec, crowded }: SharedKey): WorldParts {
		const kept = crowded ? this.#crowded : this.#alone;
		const known = kept.get(spec);
		if (known !== undefined) return known;
		const { request, calling } = this.walk;
		const alone = buildWorld(request.program, spec);
		const world = crowded ? crowdedWorld(alone) : alone;
		const { program, entry } = harness(request.program, request.root, calling, world);
		const automata = this.#automataOf({ program, entry, world });
		const made = { world, program, entry, automata, intrinsics: intrinsicsOf(world) };
		kept.set(spec, made);
		return made;
	}

	/** Automata are shared by the scenarios whose threads run the same code on the same symbols. */
	#automataOf({
		program,
		entry,
		world,
	}: Pick<WorldParts, 'program' | 'entry' | 'world'>): Automata {
		const key = JSON.stringify([program.functions[entry]?.ops, [...world.symbols]]);
		const known = this.#automata.get(key);
		if (known) return known;
		const made = new Automata(link(program), {
			symbols: world.symbols,
			loopMax: LOOP_MAX,
			callDepthMax: CALL_DEPTH_MAX,
			...(isRead32(this.walk) ? {} : losses(program, this.walk.calling.reader !== undefined)),
			refusesAccess: (address, bytes) => partAccess(program, address, bytes),
		});
		this.#automata.set(key, made);
		return made;
	}
}

/**
 * All that a scenario's machine is made of besides its threads. Scenarios that agree on it share their steps, so nothing
 * else of a scenario may decide what its world, its monitor or its intrinsics are.
 */
interface SharedKey {
	readonly spec: WorldSpec;
	readonly flags: number;
	/** Threads beside the walk. */
	readonly adversaries: number;
	/** Adversaries take the locks that keep them off each other and off a walk that takes some. */
	readonly crowded: boolean;
	/** A device writes to what was handed out after it was written back. */
	readonly writesLater: boolean;
	/** What was pinned is looked at again later: fork() does not look for pins. */
	readonly sharesLater: boolean;
	readonly watching: Watching;
}

function sharedKeyOf(
	walk: PreparedWalk,
	{ spec, flags, actors }: Scenario,
	watching: Watching,
): SharedKey {
	return {
		...{ spec, flags, watching },
		adversaries: actors.length,
		crowded: actors.length > 1 || walk.takesLocks,
		sharesLater: walk.calling.kind === 'range' && isUnannounced(walk.request.program),
		writesLater:
			walk.calling.kind === 'range' &&
			actors.some((name) => headerOf(walk.request.program, name)?.makesClean === true),
	};
}

function isSame(a: SharedKey, b: SharedKey): boolean {
	return (Object.keys(a) as (keyof SharedKey)[]).every((key) => a[key] === b[key]);
}

/** What machines in one world share whatever the flags are and whatever is watched. */
interface WorldParts {
	readonly world: BuiltWorld;
	readonly program: Program;
	readonly entry: FunctionIndex;
	readonly automata: Automata;
	readonly intrinsics: ReadonlyMap<string, Intrinsic<Violation>>;
}

interface SharedParts extends WorldParts {
	readonly key: SharedKey;
	readonly monitor: Monitor<Violation>;
	/** Those of the world and of what is watched. */
	readonly cells: readonly Cell[];
	readonly sharedSteps: SharedSteps<Violation>;
}

/** Machines for a request; a reason when its root cannot be called. */
export function machinesOf(
	request: CheckRequest,
): ScenarioMachines | { readonly kind: 'unknown'; readonly why: string } {
	const walk = prepare(request);
	return walk.kind === 'unknown' ? walk : new ScenarioMachines(walk);
}

type Parts = Omit<SharedParts, 'key' | 'cells' | 'sharedSteps'>;

/** The world as several adversaries see it, or one beside a walk that takes locks: they take those that keep others off. */
function crowdedWorld(world: BuiltWorld): BuiltWorld {
	return { ...world, symbols: new Map([...world.symbols, ['crowded', 1]]) };
}

/** What the monitor of a walk is told of its scenarios. */
function watchedWalk(
	{ request, calling, path }: PreparedWalk,
	key: SharedKey,
	{ program, world }: WorldParts,
): Watched {
	return {
		program,
		world,
		flags: key.flags,
		root: request.root,
		path,
		offsets: watchedOffsets(world),
		handsOut: calling.handsOut && calling.kind !== 'folio',
		countInMemory: calling.countInMemory,
		sectionsAtEntry: [...calling.sectionsAtEntry, ...sectionsIn(key.spec)],
		writesLater: key.writesLater,
		sharesLater: key.sharesLater,
		halves: readsHalves(program),
		heldAtEntry:
			calling.kind === 'folio' ? frameOfPage(world.symbols.get('victim_page') ?? 0) : null,
	};
}

/** What watches a reader, and the operations of its world. */
function watchedReader(
	{ request, path }: PreparedWalk,
	parts: {
		readonly program: Program;
		readonly world: ReaderWorld;
		readonly calling: ReaderCalling;
	} & Pick<WatchedReader, 'locks' | 'noteLocked'>,
): Pick<Parts, 'monitor' | 'intrinsics'> {
	const { program, world, calling, locks, noteLocked } = parts;
	const watched: Watched & WatchedReader = {
		program,
		world,
		flags: 0,
		root: request.root,
		path,
		offsets: watchedOffsets(world),
		handsOut: false,
		countInMemory: false,
		sectionsAtEntry: calling.rcu ? ['rcu'] : calling.lru ? ['irq'] : [],
		out: calling.handsOut,
		values: calling.values,
		locks,
		...(noteLocked === undefined ? {} : { noteLocked }),
		heldAtEntry: null,
		writesLater: false,
		sharesLater: false,
		halves: readsHalves(program),
	};
	return {
		monitor: readerMonitorOf(watched),
		intrinsics: readerIntrinsics(watched, intrinsicsOf(world)),
	};
}

/** Words of 32 bits, and entries in one piece: what is lost there is looked at where entries have halves. */
function isRead32({ request }: PreparedWalk): boolean {
	return request.memory === 'lkmm' && hasHalves(request.arch);
}

/** What a walk's values lose: as the architecture's words and entries are wide. */
function losses(
	program: Program,
	isReader: boolean,
): Pick<AutomataOptions, 'cuts' | 'derives' | 'upper'> {
	const halves = readsHalves(program);
	const x86 = program.features?.includes('RACEWALK_X86_ENTRIES') ?? true;
	const widths: Widths = { word: halves ? 32 : 64, frame: halves ? 24 : 36, x86 };
	const nr = halves ? null : objectAddress('nr');
	const sequence = wordAddress(program, 'mm', 'mm_struct.write_protect_seq');
	const kpfn = wordAddress(program, 'stable_node', 'ksm_stable_node.kpfn');
	return {
		cuts: (value, source, kept) => {
			// halves of entries are put together by masks and shifts
			if (halves && kept.by !== 'conversion') return null;
			if (isCompared(source)) return null;
			const address = Math.floor(source);
			if (address === nr) return cutCount(value, kept);
			if (address === sequence) return cutSequence(kept);
			if (address === kpfn) return cutFrameWord(value, kept, widths);
			const index = isReader ? cutIndexOfFile(value, kept) : null;
			return index ?? cutValue(value, source, kept, widths);
		},
		derives: ({ operator, counts = false }, values, from) =>
			derivedSource(operator, values, { from, counts, widths }),
		upper: (value, source) =>
			isCompared(source) ? null : (halves ? upperHalf : upperEntry)(value, Math.floor(source)),
	};
}

/** Address of an object's word, by `struct.field`; null: the program never names it. */
function wordAddress({ fields }: Program, object: ObjectName, word: string): number | null {
	const field = fields.findIndex(({ struct, name }) => `${struct}.${name}` === word);
	return field < 0 ? null : objectAddress(object) + fieldOffset(field as FieldIndex);
}

function upperHalf(value: number, source: number): number | null {
	return upperEntry(value, source) === null ? null : highHalf(value);
}
