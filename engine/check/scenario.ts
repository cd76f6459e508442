/**
 * Scenarios of a walk: world × flags × adversary, and the machine that runs one.
 *
 * Invariant: the list depends on the program and the request only; a scenario's name finds it again.
 */
import { unreachable } from '../base/unreachable.js';
import { Machine } from '../memory/sc/machine.js';
import type { Cell, Monitor } from '../memory/thread/event.js';
import { PAIRED, pairsIn, takesLocks } from '../mm/actors/pairs.js';
import { requirementsOf, requirementsOfActor, telltaleFlags } from '../mm/actors/requirements.js';
import {
	demanding,
	FOLL,
	flagSetsOf,
	flagSetsWith,
	isTelling,
	type KnownFlags,
	printFlags,
	seldomFlagsTested,
} from '../mm/model/foll.js';
import { readsHalves } from '../mm/model/halves.js';
import type { Violation } from '../mm/model/violation.js';
import type { BuiltWorld } from '../mm/model/world.js';
import type { WorldSpec } from '../mm/model/world_spec.js';
import type { Scenario as Watched } from '../mm/monitor/watch.js';
import { READER_WORLDS } from '../mm/worlds/reader/reader_worlds.js';
import { WORLDS } from '../mm/worlds/walk/worlds.js';
import type { FunctionIndex, SiteIndex } from '../program/op.js';
import { findFunction, type Program, type ProgramFunction } from '../program/program.js';
import { reachable } from '../program/reach.js';
import { monitorOf } from '../rules/catalog.js';
import { type Calling, callingOf } from './call/harness.js';
import { readerCallingOf } from './call/reader_calling.js';
import type { CheckRequest } from './check.js';
import { CALL_DEPTH_MAX, LOOP_MAX, MakingsKept, makings, settingOf } from './makings.js';
import { readerScenariosOf } from './reader_scenario.js';
import { sectionUnder, takeAway } from './take_away.js';
import type { Taken, WhatIf } from './what_ifs.js';

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
	/** The walk takes locks of the adversaries'. */
	readonly takesLocks: boolean;
	readonly kept: MakingsKept;
}

/** Prepares a request; a reason when its root cannot be called. */
export function benchOf(
	request: CheckRequest,
): Bench | { readonly kind: 'unknown'; readonly why: string } {
	const called = request.reader ? readerCalling(request) : callingOf(request.program, request.root);
	if (called.kind === 'unknown') return called;
	const path = request.program.functions[request.root]?.path ?? '';
	const locks = takesLocks(request.program, request.root);
	const shared = { path, takesLocks: locks, kept: new MakingsKept() };
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
	const parts = makings(bench, settingOf(bench, scenario, watching));
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
