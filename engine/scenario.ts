/**
 * Scenarios of a walk: world × flags × adversary, and the machine that runs one.
 *
 * Invariant: the list depends on the program and the request only; a scenario's name finds it again.
 */
import { unreachable } from './base/unreachable.js';
import type { CheckRequest } from './check.js';
import { type Calling, callingOf, harness } from './harness.js';
import { Automata } from './memory/automaton.js';
import type { Cell, Intrinsic, Monitor } from './memory/event.js';
import { Ground } from './memory/ground.js';
import { link } from './memory/link.js';
import { Machine } from './memory/machine.js';
import {
	demanding,
	FOLL,
	flagSetsOf,
	flagSetsWith,
	isTelling,
	type KnownFlags,
	printFlags,
	seldomFlagsTested,
} from './mm/foll.js';
import { readsHalves } from './mm/halves.js';
import { intrinsicsOf } from './mm/intrinsics.js';
import { frameOfPage } from './mm/layout.js';
import { PAIRED, pairsIn, takesLocks } from './mm/pairs.js';
import { isReaderWorld, type ReaderWorldSpec } from './mm/reader_spec.js';
import { buildReaderWorld } from './mm/reader_world.js';
import { READER_WORLDS } from './mm/reader_worlds.js';
import { requirementsOf, requirementsOfActor, telltaleFlags } from './mm/requirements.js';
import type { Violation } from './mm/violation.js';
import { type Scenario as Watched, watchedOffsets } from './mm/watch.js';
import { type BuiltWorld, buildWorld } from './mm/world.js';
import type { WorldSpec } from './mm/world_spec.js';
import { WORLDS } from './mm/worlds.js';
import type { FunctionIndex, SiteIndex } from './program/op.js';
import { findFunction, type Program, type ProgramFunction } from './program/program.js';
import { reachable } from './program/reach.js';
import { monitorOf } from './properties/catalog.js';
import { type ReaderCalling, readerCallingOf } from './reader_calling.js';
import { readerHarness, readerParts, readerScenariosOf } from './reader_scenario.js';
import { sectionUnder, takeAway } from './vary/take_away.js';
import type { Taken, WhatIf } from './what_ifs.js';

/** Rounds of one loop and frames of one stack before a scenario is `inconclusive`. */
export const LOOP_MAX = 8;
const CALL_DEPTH_MAX = 40;

export interface Scenario {
	/** Index in WORLDS, index among its flag sets, adversary: `3.1.zap`, `3.1.truncate+evict`; `3.1` when the walk is alone. */
	readonly name: string;
	/** For people. */
	readonly title: string;
	readonly spec: WorldSpec;
	readonly flags: number;
	/** A thread each. */
	readonly actors: readonly string[];
	/** The actors as one word, by which verdicts name them: `truncate+evict`; null when the walk is alone. */
	readonly adversary: string | null;
	readonly tier: Tier;
}

/**
 * What is explored before what: `first` and `core` are each adversary alone in the common worlds, `first` under the flags
 * that ask most of a walk; `deep` is rarer worlds and two adversaries at once.
 */
const TIERS = ['first', 'core', 'deep'] as const;
export type Tier = (typeof TIERS)[number];

/** True for what is explored when exploration goes that deep. */
export function isWithin({ tier }: Scenario, depth: Tier): boolean {
	return TIERS.indexOf(tier) <= TIERS.indexOf(depth);
}

/** What all scenarios of one request share. */
export interface Bench {
	readonly kind: 'ready';
	/** With what the request's what-ifs take away taken away. */
	readonly request: CheckRequest;
	readonly calling: Calling;
	readonly taken: readonly Taken<SiteIndex>[];
	readonly path: string;
	readonly automata: Map<string, Automata>;
	readonly worlds: Map<WorldSpec, BuiltWorld>;
	/** The walk takes locks of the adversaries'. */
	readonly takesLocks: boolean;
	/** What the scenario prepared last shares with others in the same world: most are prepared world by world. */
	readonly latest: { makings: Makings | null };
}

/** Prepares a request; a reason when its root cannot be called. */
export function benchOf(
	request: CheckRequest,
): Bench | { readonly kind: 'unknown'; readonly why: string } {
	const called = request.reader ? readerCalling(request) : callingOf(request.program, request.root);
	if (called.kind === 'unknown') return called;
	const path = request.program.functions[request.root]?.path ?? '';
	const latest = { makings: null };
	const locks = takesLocks(request.program, request.root);
	const shared = { path, automata: new Map(), worlds: new Map(), takesLocks: locks, latest };
	const { whatIf = [] } = request;
	if (whatIf.length === 0) return { kind: 'ready', request, calling: called, taken: [], ...shared };
	const { program, taken } = takeAway(request);
	const calling = callingUnder(called, whatIf);
	return { kind: 'ready', request: { ...request, program }, calling, taken, ...shared };
}

/** How the root is called where its caller's protection is taken away too. */
function callingUnder(calling: Calling, whatIf: readonly WhatIf[]): Calling {
	const sections = calling.sectionsAtEntry.flatMap((kind) => sectionUnder(kind, whatIf) ?? []);
	return { ...calling, sectionsAtEntry: sections };
}

function readerCalling(request: CheckRequest): ReturnType<typeof callingOf> {
	const reader = readerCallingOf(request.program, request.root);
	if ('why' in reader) return { kind: 'unknown', why: reader.why };
	const { assumption } = reader;
	const lock = request.reader === 'locked' && reader.lock === null ? true : reader.lock;
	return {
		kind: 'reader',
		levels: [],
		sectionsAtEntry: [],
		countInMemory: false,
		onlyWrite: false,
		assumption,
		reader: { ...reader, lock },
	};
}

/** Scenarios of a request, most suspicious first. */
export function scenariosOf(bench: Bench): readonly Scenario[] {
	const { request, calling } = bench;
	const known = (name: string): boolean =>
		requirementsOfActor(name).every((need) => isMet(request, need)) &&
		findFunction(request.program, `actor_${name}`) !== null;
	// `truncate+evict` asks for the two together, `truncate` and `evict` for both alone and for the two together
	const named = (name: string): boolean =>
		request.actors.length === 0 || request.actors.includes(name);
	const wanted = (threads: readonly string[]): boolean =>
		threads.every(named) || named(threads.join('+'));
	if (calling.reader !== undefined) {
		const may = (actor: string): boolean => known(actor) && named(actor);
		return readerScenariosOf(calling.reader, { met: (need) => isMet(request, need), may });
	}
	const others = usersActors(request.program);
	const flagsKnown = {
		pin: !calling.onlyWrite && isMet(request, 'RACEWALK_FOLL_PIN'),
		longterm: !calling.onlyWrite && isMet(request, 'RACEWALK_FOLL_LONGTERM'),
	};
	const seldom = flagSetsOf(seldomFlagsTested(walkFunctions(request)), flagsKnown);
	const core: Scenario[] = [];
	const deep: Scenario[] = [];
	const pairs: Scenario[] = [];
	WORLDS.forEach((spec, w) => {
		if (!calling.levels.includes(spec.level)) return;
		if (!requirementsOf(spec).every((need) => isMet(request, need))) return;
		if (calling.kind === 'folio' && !isGivenFolio(spec)) return;
		// one table is all that a function given an entry is asked to walk
		if (calling.kind !== 'range' && spec.crosses) return;
		const usual = usualFlags(spec, flagsKnown);
		const more = spec.flags !== undefined ? [] : seldom.filter((set) => !usual.includes(set));
		[...usual, ...more].forEach((flags, f) => {
			const common = isTelling(flags, flagsKnown) ? 'first' : 'core';
			const tier: Tier = f < usual.length ? (spec.tier ?? common) : 'deep';
			// mm->write_protect_seq is the business of the caller of a function that is looked at alone
			const isCallers = (a: string): boolean =>
				(a === 'fork' && calling.kind !== 'range' && isPin(flags)) ||
				// and a reference on a device's page was taken while the device could not go
				(a === 'unplug' && calling.kind === 'folio');
			const can = (a: string): boolean => known(a) && !isCallers(a);
			const possible = spec.actors.length > 0 ? [...spec.actors, ...others] : [];
			const actors = possible.filter((a) => can(a) && wanted([a]));
			const at = { place: `${w}.${f}`, spec, flags };
			const alone = tier === 'deep' ? deep : core;
			if (actors.length === 0) alone.push(scenarioOf(at, [], tier));
			for (const actor of actors) alone.push(scenarioOf(at, [actor], tier));
			if (f >= usual.length) return;
			for (const pair of pairsIn(spec)) {
				if (pair.every(can) && wanted(pair)) pairs.push(scenarioOf(at, pair, 'deep'));
			}
		});
	});
	return [...core, ...deep, ...pairs];
}

function usualFlags(spec: WorldSpec, known: KnownFlags): readonly number[] {
	if (spec.flags === 'demanding') return demanding(known);
	const sets = flagSetsWith(telltaleFlags(spec), known);
	return spec.flags === undefined ? sets : sets.filter((set) => (set & FOLL.FOLL_LONGTERM) !== 0);
}

/** Functions of the walk itself: neither primitives nor adversaries. */
function walkFunctions({ program, root }: CheckRequest): readonly ProgramFunction[] {
	return [...reachable(program, root)]
		.map((index) => program.functions[index] as ProgramFunction)
		.filter((fn) => fn.origin === 'walk');
}

function scenarioOf(
	at: { readonly place: string; readonly spec: WorldSpec; readonly flags: number },
	actors: readonly string[],
	tier: Tier,
): Scenario {
	const { place, spec, flags } = at;
	const adversary = actors.length === 0 ? null : actors.join('+');
	const suffix = adversary === null ? [] : [adversary];
	return {
		name: [place, ...suffix].join('.'),
		title: [spec.name, printFlags(flags), ...suffix].join('; '),
		spec,
		flags,
		actors,
		adversary,
		tier,
	};
}

/** Names by which verdicts and findings may call an adversary of a scenario: the pair, and each of the two. */
export function namesOf(adversary: string): readonly string[] {
	const alone = adversary.split('+');
	return alone.length > 1 ? [adversary, ...alone] : alone;
}

/** The scenario of that name; `3.1` is that of `3.1.zap` without its adversary, listed or not. Null: there is none. */
export function scenarioNamed(bench: Bench, name: string): Scenario | null {
	const list = scenariosOf(bench);
	const exact = list.find((s) => s.name === name);
	if (exact !== undefined) return exact;
	const attacked = list.find((s) => aloneIn(s).name === name);
	return attacked === undefined ? null : aloneIn(attacked);
}

/** The scenario without its adversaries. */
export function aloneIn(scenario: Scenario): Scenario {
	if (scenario.actors.length === 0) return scenario;
	const name = scenario.name.split('.').slice(0, 2).join('.');
	const title = scenario.title.split('; ').slice(0, 2).join('; ');
	return { ...scenario, name, title, actors: [] };
}

/** Adversaries of the program that no world names: a user's own. They act in every world in which any does. */
function usersActors(program: Program): readonly string[] {
	const worlds = [...WORLDS, ...READER_WORLDS];
	const named = new Set([...worlds.flatMap((spec) => spec.actors), ...PAIRED]);
	return program.functions
		.filter((f) => f.origin === 'actor' && f.name.startsWith('actor_'))
		.map((f) => f.name.slice('actor_'.length))
		.filter((name) => !named.has(name));
}

/** Worlds in which somebody can hold a reference on the one page that is mapped. */
function isGivenFolio(spec: WorldSpec): boolean {
	const [folio] = spec.folios;
	if (folio === undefined || spec.pages > 1 || folio.refcount <= 0) return false;
	if (!folio.frames.includes(spec.entries[0]?.frame ?? 0)) return false;
	return !(folio.marks ?? []).includes('no-page');
}

/** A CONFIG_ symbol is set, or a feature of the generation holds; what is not known is taken to be there. */
export function isMet(request: CheckRequest, need: string): boolean {
	if (need.startsWith('CONFIG_')) return request.config.size === 0 || request.config.has(need);
	return request.program.features === undefined || request.program.features.includes(need);
}

/** A scenario ready to be explored. */
export interface Arena {
	readonly scenario: Scenario;
	readonly world: BuiltWorld;
	readonly machine: Machine<Violation>;
	/** Program with the harness in it. */
	readonly program: Program;
	readonly threads: readonly string[];
	/** Functions that thread 0 entered in any step made so far. */
	readonly entered: Set<FunctionIndex>;
}

/** What is watched for in walks instead of the properties, with the cells that needs. */
export interface Watching {
	readonly cells: readonly Cell[];
	monitor(watched: Watched): Monitor<Violation>;
}

const PROPERTIES_ALONE: Watching = { cells: [], monitor: monitorOf };

export function arenaOf(
	bench: Bench,
	scenario: Scenario,
	watching: Watching = PROPERTIES_ALONE,
): Arena {
	const parts = makings(bench, scenario, watching);
	const { world, program, entry } = parts;
	const rootName = bench.request.program.functions[bench.request.root]?.name ?? 'walk';
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
	return { scenario, world, machine, program, threads, entered: machine.entered };
}

/** What a scenario's machine is made of besides its threads. */
interface Parts {
	readonly world: BuiltWorld;
	readonly program: Program;
	readonly entry: FunctionIndex;
	readonly monitor: Monitor<Violation>;
	readonly intrinsics: ReadonlyMap<string, Intrinsic<Violation>>;
	/** Those of the world and of what is watched. */
	readonly cells: readonly Cell[];
}

/** The same for all scenarios with as many adversaries in that world, under those flags, with the same watched. */
interface Makings extends Parts {
	readonly spec: WorldSpec;
	readonly flags: number;
	readonly adversaries: number;
	readonly watching: Watching;
	readonly automata: Automata;
	readonly ground: Ground<Violation>;
}

function makings(bench: Bench, scenario: Scenario, watching: Watching): Makings {
	const { spec, flags } = scenario;
	const adversaries = scenario.actors.length;
	const { makings: known } = bench.latest;
	if (
		known !== null &&
		known.spec === spec &&
		known.flags === flags &&
		known.adversaries === adversaries &&
		known.watching === watching
	)
		return known;
	const { reader } = bench.calling;
	const parts =
		reader !== undefined && isReaderWorld(spec)
			? readerMakings(bench, spec, reader)
			: walkMakings(bench, scenario, watching);
	const automata = automataOf(bench, parts);
	const ground = new Ground({ ...parts, automata, threads: 1 + adversaries });
	const made = { ...parts, spec, flags, adversaries, watching, automata, ground };
	bench.latest.makings = made;
	return made;
}

function readerMakings(bench: Bench, spec: ReaderWorldSpec, calling: ReaderCalling): Parts {
	const { request, path } = bench;
	const world = buildReaderWorld(request.program, spec);
	const { program, entry } = readerHarness(request.program, request.root, { world, calling });
	const root = { index: request.root, path, calling };
	return { world, program, entry, cells: world.cells, ...readerParts(program, world, root) };
}

function walkMakings(bench: Bench, scenario: Scenario, watching: Watching): Parts {
	const { request, calling } = bench;
	const alone = bench.worlds.get(scenario.spec) ?? buildWorld(request.program, scenario.spec);
	bench.worlds.set(scenario.spec, alone);
	const isCrowded = scenario.actors.length > 1 || bench.takesLocks;
	const world = isCrowded ? crowded(alone) : alone;
	const { program, entry } = harness(request.program, request.root, calling, world);
	const watched: Watched = {
		program,
		world,
		flags: scenario.flags,
		root: request.root,
		path: bench.path,
		offsets: watchedOffsets(world),
		handsOut: calling.kind !== 'folio',
		countInMemory: calling.countInMemory,
		sectionsAtEntry: calling.sectionsAtEntry,
		writesLater: calling.kind === 'range' && scenario.actors.includes('writeback'),
		halves: readsHalves(program),
		heldAtEntry:
			calling.kind === 'folio' ? frameOfPage(world.symbols.get('victim_page') ?? 0) : null,
	};
	const cells = watching.cells.length === 0 ? world.cells : [...world.cells, ...watching.cells];
	const monitor = watching.monitor(watched);
	return { world, program, entry, monitor, intrinsics: intrinsicsOf(world), cells };
}

/** The world as several adversaries see it, or one beside a walk that takes locks: they take those that keep others off. */
function crowded(world: BuiltWorld): BuiltWorld {
	return { ...world, symbols: new Map([...world.symbols, ['crowded', 1]]) };
}

/** Automata are shared by the scenarios whose threads run the same code on the same symbols. */
function automataOf(bench: Bench, { program, entry, world }: Parts): Automata {
	const key = JSON.stringify([program.functions[entry]?.ops, [...world.symbols]]);
	const known = bench.automata.get(key);
	if (known) return known;
	const made = new Automata(link(program), {
		symbols: world.symbols,
		loopMax: LOOP_MAX,
		callDepthMax: CALL_DEPTH_MAX,
	});
	bench.automata.set(key, made);
	return made;
}

/** What an architecture is taken to be beyond its CONFIG_ symbols. */
export function archAssumption({ arch, program }: CheckRequest): string {
	switch (arch) {
		case 'x86_64':
			return 'x86_64 with four page-table levels; entries are read in one piece';
		case 'arm64':
			return 'arm64; TLB invalidation by broadcast, page tables freed by RCU';
		case 'i386-pae':
			return readsHalves(program)
				? 'i386-pae with three page-table levels; PTEs and PMDs are read in halves, and a TLB flush waits for the walk'
				: 'i386-pae with three page-table levels; entries are read in one piece under this memory model';
		case 's390x':
			return 's390x with three page-table levels, as a process has until it maps more than 4 TB: pgd and p4d are folded';
		case 'powerpc64':
			return 'powerpc64; page tables freed by RCU';
		default:
			return unreachable(arch);
	}
}

/** True when the flags hold a pin. */
export function isPin(flags: number): boolean {
	return (flags & FOLL.FOLL_PIN) !== 0;
}
