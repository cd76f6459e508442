/**
 * The scenarios of a request: world × flags × adversary, of walks and of readers.
 *
 * Invariant: the list depends on the program and the request only.
 */
import { headerOf } from '../mm/actors/headers.js';
import { paired, pairsIn } from '../mm/actors/pairs.js';
import { requirementsOf, requirementsOfActor, telltaleFlags } from '../mm/actors/requirements.js';
import { type Change, changeCode, changed, changeOfCode } from '../mm/model/change.js';
import {
	demanding,
	FAST_ONLY,
	FOLL,
	flagSetsOf,
	flagSetsWith,
	isFree,
	isTelling,
	type KnownFlags,
	printFlags,
	seldomFlagsTested,
} from '../mm/model/foll.js';
import { LEVELS, type Level } from '../mm/model/layout.js';
import { isReaderWorld } from '../mm/model/reader_spec.js';
import type { FolioSpec, WorldSpec } from '../mm/model/world_spec.js';
import { READER_WORLDS } from '../mm/worlds/reader/reader_worlds.js';
import { WORLDS } from '../mm/worlds/walk/worlds.js';
import { findFunction, type Program, type ProgramFunction } from '../program/program.js';
import { reachable } from '../program/reach.js';
import type { Calling } from './call/calling.js';
import { offCallers } from './call/harness.js';
import type { ReaderCalling } from './call/reader_calling.js';
import type { PreparedWalk } from './prepare.js';
import { type CheckRequest, isMet, type Tier } from './request.js';
import { aloneIn, isPin, type Scenario } from './scenario.js';

/** Scenarios of a request, most suspicious first. */
export function scenariosOf(walk: PreparedWalk): readonly Scenario[] {
	const { request, calling } = walk;
	const knownOnes = new Map<string, boolean>();
	const known = (name: string): boolean => {
		let is = knownOnes.get(name);
		if (is === undefined) {
			is =
				requirementsOfActor(request.program, name).every((need) => isMet(request, need)) &&
				findFunction(request.program, `actor_${name}`) !== null;
			knownOnes.set(name, is);
		}
		return is;
	};
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
	const flagsKnown = knownFlags(walk);
	const tested = seldomFlagsTested(walkFunctions(request));
	const seldom = flagSetsOf(tested, flagsKnown);
	const off = calling.kind === 'range' ? offCallers(request.program, request.root) : 'nobody';
	const isToldOff = off === 'fast-only' && tested.includes(FAST_ONLY);
	const mayBeOff = off === 'everybody' || isToldOff;
	const topLeaves = calling.handsOut || asksForTopLeaf(request);
	const core: Scenario[] = [];
	const deep: Scenario[] = [];
	const pairs: Scenario[] = [];
	WORLDS.forEach((spec, w) => {
		if (!calling.levels.includes(spec.level)) return;
		if (!requirementsOf(spec).every((need) => isMet(request, need))) return;
		if (calling.kind === 'folio' && !isGivenFolio(spec)) return;
		if (calling.filesOnly === true && !spec.folios.every(isOfFile)) return;
		if (!takesBoundary(walk, spec)) return;
		if (spec.interruptsOff && !mayBeOff) return;
		if (spec.level === 'pgd' && spec.entries[0]?.bits !== 0 && !topLeaves) return;
		const usual =
			spec.interruptsOff && isToldOff
				? flagSetsOf([FAST_ONLY], flagsKnown)
				: usualFlags(spec, flagsKnown);
		const possible = actorsIn(request.program, spec, others);
		const together = pairsIn(request.program, spec);
		const more = spec.flags !== undefined ? [] : seldom.filter((set) => !usual.includes(set));
		[...usual, ...more].forEach((flags, f) => {
			const isPlain = WORLDS.find(({ level }) => level === spec.level) === spec;
			const isTold = isTelling(flags, flagsKnown) || (isPlain && isFree(flags, flagsKnown));
			const common = isTold ? 'first' : 'core';
			const tier: Tier = f < usual.length ? (spec.tier ?? common) : 'deep';
			const isCallers = (a: string): boolean =>
				isLeftToCallers(request.program, a, { calling, flags });
			const can = (a: string): boolean => known(a) && !isCallers(a);
			const actors = possible.filter((a) => can(a) && wanted([a]));
			const at = { place: `${w}.${f}`, spec, flags };
			const alone = tier === 'deep' ? deep : core;
			if (actors.length === 0) alone.push(scenarioOf(at, [], tier));
			for (const actor of actors) alone.push(scenarioOf(at, [actor], tier));
			if (f >= usual.length) return;
			for (const pair of together) {
				if (pair.every(can) && wanted(pair)) pairs.push(scenarioOf(at, pair, 'deep'));
			}
		});
	});
	return [...core, ...deep, ...pairs];
}

/** Whoever calls a function that is looked at alone keeps some adversaries off what it is given or gives back. */
function isLeftToCallers(
	program: Program,
	actor: string,
	{ calling, flags }: { readonly calling: Calling; readonly flags: number },
): boolean {
	switch (headerOf(program, actor)?.leftToCallers ?? null) {
		case 'pins':
			// mm->write_protect_seq is looked at by the caller
			return calling.kind !== 'range' && isPin(flags);
		case 'references':
			return calling.kind === 'folio';
		case null:
			return false;
	}
}

/** Adversaries that can act in a world: those it names, a user's own where it names any, and those that name it. */
function actorsIn(
	{ actors = [] }: Program,
	spec: WorldSpec,
	others: readonly string[],
): readonly string[] {
	const wide = others.filter((name) => actors.find((a) => a.name === name)?.worlds == null);
	const own = actors.flatMap(({ name, worlds }) => (worlds?.includes(spec.name) ? [name] : []));
	const named = spec.actors.length > 0 ? [...spec.actors, ...wide] : [];
	return [...named, ...own.filter((name) => !named.includes(name))];
}

/** One table is all that a function given an entry is asked to walk. */
export function takesBoundary({ calling }: PreparedWalk, { crosses }: WorldSpec): boolean {
	return calling.kind === 'range' || crosses === undefined || liesWithin(crosses, calling);
}

/** The boundary lies in the range of the one entry that the function is given. */
function liesWithin(level: Level, { given }: Calling): boolean {
	return given !== undefined && LEVELS.indexOf(level) > LEVELS.indexOf(given);
}

function knownFlags({ request, calling: { asked } }: PreparedWalk): KnownFlags {
	const isAsked = asked === 'flags';
	return {
		pin: isAsked && isMet(request, 'RACEWALK_FOLL_PIN'),
		longterm: isAsked && isMet(request, 'RACEWALK_FOLL_LONGTERM'),
		fixed: asked === 'reference' ? 0 : asked === 'pin' ? FOLL.FOLL_PIN : null,
	};
}

/** Flags that a walk tests, of which it may be given every combination. */
const COMBINED_MAX = 5;

/**
 * All flags that callers may pass, as far as the walk tells them apart: FOLL_GET or FOLL_PIN and not both, FOLL_LONGTERM
 * with FOLL_PIN only (mm/gup.c, is_valid_gup_args()). Null: it tests more than are combined.
 */
export function legalFlags(walk: PreparedWalk): readonly number[] | null {
	const tested = seldomFlagsTested(walkFunctions(walk.request));
	if (tested.length > COMBINED_MAX) return null;
	const combinations = [0];
	for (const flag of tested) combinations.push(...combinations.map((set) => set | flag));
	return flagSetsWith(0, knownFlags(walk)).flatMap((set) => combinations.map((c) => set | c));
}

/** No kernel has leaves in the PGD on an architecture here: who only looks need not ask, but who does is given some. */
function asksForTopLeaf({ program, root }: CheckRequest): boolean {
	return [...reachable(program, root)].some((index) => {
		const { name, origin } = program.functions[index] as ProgramFunction;
		return origin === 'primitive' && (name === 'pgd_leaf' || name === 'pgd_huge');
	});
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

/** The scenario of that name; `3.1` is that of `3.1.zap` without its adversary, listed or not. Null: there is none. */
export function scenarioNamed(walk: PreparedWalk, name: string): Scenario | null {
	const after = /^(\d+\.\d+|r\d+)~([^.]+)(\..*)?$/.exec(name);
	if (after !== null) return namedAfter(walk, after);
	const list = scenariosOf(walk);
	const exact = list.find((s) => s.name === name);
	if (exact !== undefined) return exact;
	const attacked = list.find((s) => aloneIn(s).name === name);
	return attacked === undefined ? null : aloneIn(attacked);
}

/** `3.1~m0:PG_dirty.zap`: that of `3.1.zap` in the changed world. */
function namedAfter(walk: PreparedWalk, parts: readonly string[]): Scenario | null {
	const [, place = '', codes = '', actors = ''] = parts;
	const changes = codes.split('~').map(changeOfCode);
	// who acts on demand is no adversary of the world that was changed
	const isOnDemand = changes.some((c) => c?.kind === 'actor');
	const base = scenarioNamed(walk, isOnDemand ? place : `${place}${actors}`);
	if (base === null || changes.includes(null)) return null;
	return changes.reduce<Scenario>((s, c) => (c === null ? s : scenarioAfter(s, c)), base);
}

/** The scenario in the changed world: its name says how. */
export function scenarioAfter(scenario: Scenario, change: Change): Scenario {
	const spec = changed(scenario.spec, [change]);
	const parts = scenario.name.split('.');
	const [at, actors] = isReaderWorld(spec)
		? [parts.slice(0, 1), parts.slice(1)]
		: [parts.slice(0, 2), parts.slice(2)];
	const place = `${at.join('.')}~${changeCode(change)}`;
	const [, ...others] = scenario.title.split('; ');
	const title = [spec.name, ...others].join('; ');
	const after = { ...scenario, spec, tier: 'deep' as const };
	if (change.kind !== 'actor') return { ...after, name: [place, ...actors].join('.'), title };
	const { actor } = change;
	return {
		...{ ...after, name: `${place}.${actor}`, title: `${title}; ${actor}` },
		...{ actors: [actor], adversary: actor },
	};
}

/** Adversaries of the program that no world names: a user's own. */
function usersActors(program: Program): readonly string[] {
	const worlds = [...WORLDS, ...READER_WORLDS];
	const named = new Set([...worlds.flatMap((spec) => spec.actors), ...paired(program)]);
	return program.functions
		.filter((f) => f.origin === 'actor' && f.name.startsWith('actor_'))
		.map((f) => f.name.slice('actor_'.length))
		.filter((name) => !named.has(name));
}

/** Its ->mapping is an address_space and carries no tag; it may go while the folio stays. */
function isOfFile({ mapping }: FolioSpec): boolean {
	return !['anon', 'ksm', 'movable', 'none'].includes(mapping);
}

/** Worlds in which somebody can hold a reference on the one page that is mapped. */
function isGivenFolio(spec: WorldSpec): boolean {
	const [folio] = spec.folios;
	if (folio === undefined || spec.pages > 1 || folio.refcount <= 0) return false;
	if (!folio.frames.includes(spec.entries[0]?.frame ?? 0)) return false;
	return !(folio.marks ?? []).includes('no-page');
}

/** Scenarios of a reader; `met`: a requirement is there; `may`: an adversary can act. */
function readerScenariosOf(
	calling: ReaderCalling,
	is: { met(need: string): boolean; may(actor: string): boolean },
): readonly Scenario[] {
	const list: Scenario[] = [];
	READER_WORLDS.forEach((spec, w) => {
		if (spec.reader !== calling.kind) return;
		if (calling.lock !== null && calling.lock !== spec.callerHolds.lock) return;
		if (spec.needs !== undefined && !is.met(spec.needs)) return;
		const actors = spec.actors.filter(is.may);
		const of = (name: string, title: string, acting: readonly string[]): Scenario => ({
			name,
			title,
			spec,
			flags: 0,
			actors: acting,
			adversary: acting.length === 0 ? null : acting.join('+'),
			tier: 'first',
		});
		if (actors.length === 0) list.push(of(`r${w}`, spec.name, []));
		for (const actor of actors) list.push(of(`r${w}.${actor}`, `${spec.name}; ${actor}`, [actor]));
	});
	return list;
}
