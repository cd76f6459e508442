/**
 * Adversaries follow the tree: what of an adversary keeps it from doing harm (what it waits for, its locks, its barriers, its looking
 * for pins) and is not done by the kernel function that it stands for is left out of it. What of it is not found in the tree
 * otherwise stays, and is said.
 *
 * Model: what the tree does in addition is not added to an adversary.
 */

import type { Citation, KernelFunction } from '../../engine/program/program.js';
import type { Source } from '../syntax/source.js';
import { actorHeaders } from './actor_header.js';
import { citationAt } from './citations.js';
import { doubted, isDoubtful } from './doubted.js';
import { isWorkspaces, type Unit } from './names.js';
import type { Around } from './skeleton/around.js';
import { Skeletons } from './skeleton/build.js';
import { type Actor, standsIn } from './skeleton/cited.js';
import { definedIn, lookup, type SourceFiles } from './skeleton/definitions.js';
import { type Effect, effectText, isProtective, LEFT_OUT, type Place } from './skeleton/effect.js';
import { type Skeleton, stepsOf } from './skeleton/graph.js';
import { type Added, addedSteps, type HeldStep, heldSteps, isLost } from './skeleton/hold.js';
import type { Untold } from './untold.js';

export interface Followed {
	readonly steps: readonly HeldStep[];
	readonly added: readonly Added[];
	/** Whether a call in an adversary's text is left out, and then what it is taken to give. */
	leftOut(source: Source, offset: number): 0 | 1 | null;
	/** The same, and what is not known to be done by the kernel is left out as well. */
	leftOutInDoubt(source: Source, offset: number): 0 | 1 | null;
	readonly untold: readonly Untold[];
	/** False: the tree has not been read for it. */
	readonly isFollowing: boolean;
}

export const FOLLOWS_NOTHING: Followed = {
	isFollowing: true,
	steps: [],
	added: [],
	leftOut: () => null,
	leftOutInDoubt: () => null,
	untold: [],
};

export interface Following {
	/** Throws once the budget is over. */
	readonly spend: () => void;
	readonly actors: readonly Unit[];
	readonly primitives: readonly Unit[];
	readonly files: SourceFiles;
	readonly archFolder: string;
	/** A TLB flush is an IPI that every CPU has to answer. */
	readonly flushWaits: boolean;
	/** Whether an adversary has what it needs: a CONFIG_ symbol, a feature. */
	met(need: string): boolean;
	/** What the tree is preprocessed under. */
	readonly key: string;
}

interface Kept {
	readonly texts: ReadonlyMap<string, string | null>;
	readonly actors: readonly Source[];
	readonly followed: Followed;
}

/** By tree and configuration; asked again for every text that is checked, and the same until a file of these changes. */
const kept = new Map<string, Kept>();
const keptMax = 16;

/** `isKnown`: only what was found out before counts. */
export function followedBy(
	request: Following,
	{ isKnown }: { readonly isKnown: boolean },
): Followed {
	const { files, actors, key } = request;
	const known = kept.get(key);
	if (
		known !== undefined &&
		known.actors.length === actors.length &&
		known.actors.every((source, i) => source === actors[i]?.source) &&
		[...known.texts].every(([path, text]) => files.text(path) === text)
	)
		return known.followed;
	if (isKnown) return { ...FOLLOWS_NOTHING, isFollowing: false };
	const texts = new Map<string, string | null>();
	const noting: SourceFiles = {
		source: (path) => files.source(path),
		list: (folder) => files.list(folder),
		text(path) {
			const text = files.text(path);
			texts.set(path, text);
			return text;
		},
	};
	const followed = follow({ ...request, files: noting });
	if (kept.size >= keptMax) kept.clear();
	kept.set(key, { texts, actors: actors.map(({ source }) => source), followed });
	return followed;
}

function follow(request: Following): Followed {
	const { actors, primitives, files } = request;
	const theirs = actors.filter(isWorkspaces).map(({ source }) => source);
	const own = [...actors.filter((u) => !isWorkspaces(u)), ...primitives].map((u) => u.source);
	const ofActors = new Skeletons({
		resolve(name, from) {
			for (const source of [from, ...(theirs.includes(from) ? theirs : []), ...own]) {
				const found = definedIn(source, name);
				if (found !== null) return found;
			}
			return null;
		},
		citation: citationAt,
		isFar: () => false,
		spend: request.spend,
		isTree: false,
		flushWaits: false,
	});
	const skeletons = skeletonsIn(request, null);
	const headers = actors.flatMap(({ source }) => actorHeaders(source.original));
	const acts = (name: string): boolean =>
		headers.every((h) => h.name !== name || h.needs.every((need) => request.met(need)));
	const named = actors.flatMap(({ source }) =>
		[...source.functions.keys()].flatMap((name) => {
			const isActor = name.startsWith(PREFIX) && acts(name.slice(PREFIX.length));
			const defined = isActor ? definedIn(source, name) : null;
			return defined === null
				? []
				: [
						{
							name: name.slice(PREFIX.length),
							skeleton: ofActors.of(defined),
							isOwn: !theirs.includes(source),
						},
					];
		}),
	);
	const held = withOthers(named, files);
	const anywhere = lookup(files, request.archFolder, { isWide: true });
	const tree = {
		...{ files, skeletons, wider: skeletonsIn(request, skeletons) },
		named: (name: string) => anywhere(name, null),
	};
	const steps = held.flatMap((actor) => heldSteps(actor, tree));
	const purposely = new Map(
		headers.map(({ name, leavesOut }) => [
			name,
			new Set(leavesOut.flatMap((word) => LEFT_OUT.get(word) ?? [])),
		]),
	);
	const added = held
		.flatMap((actor) => addedSteps(actor, tree))
		.filter(({ actor, effect }) => purposely.get(actor)?.has(effect) !== true);
	return followedBySteps(steps, added);
}

/** What is kept is made apart from the skeletons: closures that see both would keep the syntax of half of mm/ alive. */
function followedBySteps(steps: readonly HeldStep[], added: readonly Added[]): Followed {
	const out = leftOutOf(steps, ({ held }) => isLost(held));
	const inDoubt = leftOutOf(steps, (step) => isLost(step.held) || isDoubtful(step));
	return {
		isFollowing: true,
		steps,
		added,
		leftOut: (source, offset) => out.get(`${source.path}:${offset}`) ?? null,
		leftOutInDoubt: (source, offset) => inDoubt.get(`${source.path}:${offset}`) ?? null,
		untold: [...untoldOf(steps), ...doubted(steps), ...addedTold(added)],
	};
}

const PREFIX = 'actor_';

/** Adversaries with what racewalk's others cite: what a workspace brings changes nothing of them. */
function withOthers(
	named: readonly (Pick<Actor, 'name' | 'skeleton'> & { readonly isOwn: boolean })[],
	files: SourceFiles,
): readonly Actor[] {
	const cited = named.map((one) => ({ ...one, cites: citedBy(one.skeleton) }));
	const own = cited.filter(({ isOwn }) => isOwn);
	return cited.map(({ name, skeleton, cites }) => {
		// one of a workspace may stand in the place of racewalk's
		const others = new Map(own.flatMap((other) => (other.name === name ? [] : [...other.cites])));
		const isOthers = (place: Place): boolean =>
			[...others].some(([key, one]) => !cites.has(key) && standsIn(place, one, files));
		return { name, skeleton, isOthers };
	});
}

/** All that is cited for steps of an adversary, callers included. */
function citedBy(skeleton: Skeleton): ReadonlyMap<string, KernelFunction> {
	const list = (cites: Citation): readonly KernelFunction[] => [
		...[cites, ...(cites.otherwise ?? [])],
		...(cites.from === undefined ? [] : list(cites.from)),
	];
	const all = stepsOf(skeleton).flatMap(({ node }) =>
		node.trail.flatMap(({ cites }) => (cites === null ? [] : list(cites))),
	);
	return new Map(all.map((one) => [`${one.path} ${one.function}`, one]));
}

/** Skeletons of the kernel's functions; with those of the near ones, names are looked for in all of mm/ and the architecture's. */
function skeletonsIn(
	{ files, archFolder, primitives, flushWaits, spend }: Following,
	how: Skeletons | null,
): Skeletons {
	const near = lookup(files, archFolder, { isWide: false });
	const wide = how === null ? near : lookup(files, archFolder, { isWide: true });
	const far = new Set<Source>();
	const around: Around = {
		resolve(name, from) {
			const found = near(name, from);
			if (found !== null) return found;
			const other = how === null ? null : wide(name, from);
			if (other !== null) {
				far.add(other.source);
				return other;
			}
			// what the lowering takes it to do
			for (const { source } of primitives) {
				const primitive = definedIn(source, name);
				if (primitive !== null) return primitive;
			}
			return null;
		},
		citation: () => null,
		isFar: ({ source }) => far.has(source),
		spend,
		isTree: true,
		flushWaits,
	};
	return new Skeletons(around, how);
}

/** Calls of which nothing is left: all that they do in any adversary keeps it from harm, and is out. */
function leftOutOf(
	steps: readonly HeldStep[],
	isStepOut: (step: HeldStep) => boolean,
): ReadonlyMap<string, 0 | 1> {
	const all = new Map<string, 0 | 1 | null>();
	for (const step of steps) {
		const isOut = isProtective(step.effect) && isStepOut(step);
		for (const place of step.trail) {
			const key = keyOf(place);
			const value = ASKED.has(step.effect) ? 0 : 1;
			all.set(key, isOut && all.get(key) !== null ? value : null);
		}
	}
	return new Map(
		[...all].flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])),
	);
}

/** What an adversary asks, and acts on where it is so; everything else it has taken where it is left out. */
const ASKED: ReadonlySet<Effect> = new Set<Effect>(['pins', 'references', 'frozen', 'emptied']);

function keyOf({ path, offset }: Place): string {
	return `${path}:${offset}`;
}

function addedTold(added: readonly Added[]): readonly Untold[] {
	const told = added.map(({ actor, effect, at, made }) => ({
		actor,
		what: `${at.function}() ${effectText(effect)} in ${made.path}:${made.line}: the adversary ${actor} does not`,
	}));
	return [...new Map(told.map((t) => [t.what, t])).values()];
}

/** What is left out, and what stays although the tree does not do it. */
function untoldOf(steps: readonly HeldStep[]): readonly Untold[] {
	const told = new Map<string, Untold>();
	for (const { actor, effect, held, at, isEnd } of steps) {
		if (!isLost(held) || isEnd || at === null) continue;
		const where = `${at.function}() (${at.path}:${at.line})`;
		const does = effectText(effect);
		const what = isProtective(effect)
			? held === 'gone'
				? `nowhere in ${where} the kernel ${does}: the adversary ${actor} is explored without it`
				: `not on every way through ${where} the kernel ${does}: the adversary ${actor} is explored without it`
			: `the adversary ${actor} ${does}, and ${where} does not`;
		told.set(what, { actor, what });
	}
	return [...told.values()];
}
