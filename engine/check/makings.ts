/**
 * What scenarios' machines are made of: the world, the program that calls the root in it, automata, monitor, ground. Scenarios
 * that differ only in who acts share all of it; those that differ in flags too share what flags do not decide.
 */

import { Automata } from '../memory/sc/automaton.js';
import { Ground } from '../memory/sc/ground.js';
import type { Cell, Intrinsic, Monitor } from '../memory/thread/event.js';
import { link } from '../memory/thread/link.js';
import { readsHalves } from '../mm/model/halves.js';
import { frameOfPage, narrowEntry } from '../mm/model/layout.js';
import { isReaderWorld, type ReaderWorldSpec } from '../mm/model/reader_spec.js';
import { buildReaderWorld } from '../mm/model/reader_world.js';
import type { Violation } from '../mm/model/violation.js';
import { type BuiltWorld, buildWorld } from '../mm/model/world.js';
import type { WorldSpec } from '../mm/model/world_spec.js';
import { watchedOffsets } from '../mm/monitor/watch.js';
import { intrinsicsOf } from '../mm/operations/intrinsics.js';
import type { FunctionIndex } from '../program/op.js';
import type { Program } from '../program/program.js';
import { harness } from './call/harness.js';
import type { ReaderCalling } from './call/reader_calling.js';
import { readerHarness, readerParts } from './reader_scenario.js';
import type { Bench, Scenario, Watching } from './scenario.js';

/** Rounds of one loop and frames of one stack before a scenario is `inconclusive`. */
export const LOOP_MAX = 8;
export const CALL_DEPTH_MAX = 40;

/**
 * All that a scenario's machine is made of besides its threads. Scenarios that agree on it share a ground, so nothing
 * else of a scenario may decide what its world, its monitor or its intrinsics are.
 */
export interface Setting {
	readonly spec: WorldSpec;
	readonly flags: number;
	/** Threads beside the walk. */
	readonly adversaries: number;
	/** Adversaries take the locks that keep them off each other and off a walk that takes some. */
	readonly crowded: boolean;
	/** A device writes to what was handed out after it was written back. */
	readonly writesLater: boolean;
	readonly watching: Watching;
}

export function settingOf(
	bench: Bench,
	{ spec, flags, actors }: Scenario,
	watching: Watching,
): Setting {
	return {
		...{ spec, flags, watching },
		adversaries: actors.length,
		crowded: actors.length > 1 || bench.takesLocks,
		writesLater: bench.calling.kind === 'range' && actors.includes('writeback'),
	};
}

function isSame(a: Setting, b: Setting): boolean {
	return (Object.keys(a) as (keyof Setting)[]).every((key) => a[key] === b[key]);
}

/** What a bench keeps of them. */
export class MakingsKept {
	/** By the ops of the harness and the symbols. */
	readonly automata = new Map<string, Automata>();
	/** Worlds as one adversary sees them, and as several do. */
	readonly alone = new Map<WorldSpec, Place>();
	readonly crowded = new Map<WorldSpec, Place>();
	/** Most scenarios are prepared world by world: the last one's makings are most likely the next one's. */
	latest: Makings | null = null;
}

/** What a setting rests on whatever the flags are and whatever is watched. */
interface Place {
	readonly world: BuiltWorld;
	readonly program: Program;
	readonly entry: FunctionIndex;
	readonly automata: Automata;
	readonly intrinsics: ReadonlyMap<string, Intrinsic<Violation>>;
}

export interface Makings extends Place {
	readonly setting: Setting;
	readonly monitor: Monitor<Violation>;
	/** Those of the world and of what is watched. */
	readonly cells: readonly Cell[];
	readonly ground: Ground<Violation>;
}

/** The makings of a setting. */
export function makings(bench: Bench, setting: Setting): Makings {
	const known = bench.kept.latest;
	if (known !== null && isSame(known.setting, setting)) return known;
	const { spec, watching } = setting;
	const { reader } = bench.calling;
	const parts =
		reader !== undefined && isReaderWorld(spec)
			? readerMakings(bench, spec, reader)
			: walkMakings(bench, setting);
	const { world } = parts;
	const cells = watching.cells.length === 0 ? world.cells : [...world.cells, ...watching.cells];
	const ground = new Ground({ ...parts, cells, threads: 1 + setting.adversaries });
	const made = { ...parts, setting, cells, ground };
	bench.kept.latest = made;
	return made;
}

type Parts = Omit<Makings, 'setting' | 'cells' | 'ground'>;

function readerMakings(bench: Bench, spec: ReaderWorldSpec, calling: ReaderCalling): Parts {
	const { request, path } = bench;
	const world = buildReaderWorld(request.program, spec);
	const { program, entry } = readerHarness(request.program, request.root, { world, calling });
	const root = { index: request.root, path, calling };
	const automata = automataOf(bench, { program, entry, world });
	return { world, program, entry, automata, ...readerParts(program, world, root) };
}

function walkMakings(bench: Bench, setting: Setting): Parts {
	const { request, calling } = bench;
	const place = placeOf(bench, setting);
	const { program, world } = place;
	const monitor = setting.watching.monitor({
		program,
		world,
		flags: setting.flags,
		root: request.root,
		path: bench.path,
		offsets: watchedOffsets(world),
		handsOut: calling.kind !== 'folio',
		countInMemory: calling.countInMemory,
		sectionsAtEntry: calling.sectionsAtEntry,
		writesLater: setting.writesLater,
		halves: readsHalves(program),
		heldAtEntry:
			calling.kind === 'folio' ? frameOfPage(world.symbols.get('victim_page') ?? 0) : null,
	});
	return { ...place, monitor };
}

function placeOf(bench: Bench, { spec, crowded }: Setting): Place {
	const places = crowded ? bench.kept.crowded : bench.kept.alone;
	const known = places.get(spec);
	if (known !== undefined) return known;
	const alone = buildWorld(bench.request.program, spec);
	const world = crowded ? crowdedWorld(alone) : alone;
	const { program, entry } = harness(
		bench.request.program,
		bench.request.root,
		bench.calling,
		world,
	);
	const automata = automataOf(bench, { program, entry, world });
	const made = { world, program, entry, automata, intrinsics: intrinsicsOf(world) };
	places.set(spec, made);
	return made;
}

/** The world as several adversaries see it, or one beside a walk that takes locks: they take those that keep others off. */
function crowdedWorld(world: BuiltWorld): BuiltWorld {
	return { ...world, symbols: new Map([...world.symbols, ['crowded', 1]]) };
}

/** Automata are shared by the scenarios whose threads run the same code on the same symbols. */
function automataOf(
	bench: Bench,
	{ program, entry, world }: Pick<Place, 'program' | 'entry' | 'world'>,
): Automata {
	const key = JSON.stringify([program.functions[entry]?.ops, [...world.symbols]]);
	const known = bench.kept.automata.get(key);
	if (known) return known;
	const made = new Automata(link(program), {
		symbols: world.symbols,
		loopMax: LOOP_MAX,
		callDepthMax: CALL_DEPTH_MAX,
		...(readsHalves(program) ? {} : { refusesNarrow: narrowEntry }),
	});
	bench.kept.automata.set(key, made);
	return made;
}
