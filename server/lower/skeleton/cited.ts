/**
 * The kernel functions that an adversary cites for a step, looked for in a tree: where each is, and whether it has an effect. One that
 * does not stand where it is cited is looked for by its name where the protocol stands.
 *
 * Invariant: where none is found, or one was not read to its end, it is said what was looked for.
 */
import type { Citation, KernelFunction } from '../../../engine/program/program.js';
import type { Source } from '../../syntax/source.js';
import type { Defined } from './around.js';
import type { Skeletons } from './build.js';
import { definedAnyway, definedIn, definedOften, type SourceFiles } from './definitions.js';
import { type Effect, isProtective, type Place } from './effect.js';
import { nodesWith, type Skeleton, type SkeletonNode, stepsOf } from './graph.js';

/** A kernel function in a tree. */
export interface CitedFunction extends KernelFunction {
	/** 1-based. */
	readonly line: number;
}

/** Why it is not known whether the kernel makes a step. */
export interface Doubt {
	/** What is cited for the step. */
	readonly cites: Citation;
	readonly kind: /** None of the files is in the tree. */
		| 'no-file'
		/** The files have no such function, nor has any other place where it would be looked for. */
		| 'no-function'
		/** The function or its file is there, and was not read to its end. */
		| 'not-read';
}

export interface Tree {
	readonly files: SourceFiles;
	readonly skeletons: Skeletons;
	/** The same, with names looked for in all of mm/ and the architecture's: asked before something counts as gone. */
	readonly wider: Skeletons;
	/** A function by its name alone, where the protocol stands, in mm/ and in the architecture's mm/. */
	named(name: string): Defined | null;
}

/** An adversary, as its steps are looked for. */
export interface Actor {
	readonly name: string;
	readonly skeleton: Skeleton;
	/** Whether a place is in a function that only others of racewalk's adversaries cite: what is done there is not done for this one. */
	isOthers(place: Place): boolean;
}

export interface Looked {
	readonly at: CitedFunction;
	readonly defined: Defined;
	readonly skeleton: Skeleton;
}

export interface Found {
	readonly held: 'made' | 'gone' | 'unknown';
	readonly in: Looked | null;
	readonly made: Place | null;
	readonly doubts: readonly Doubt[];
}

/** Looks for an effect in what is cited for a step, the nearest citation first. */
export function look(
	{ trail }: SkeletonNode,
	effect: Effect,
	{ actor, tree }: { readonly actor: Pick<Actor, 'isOthers'>; readonly tree: Tree },
): Found {
	let gone: Looked | null = null;
	const seen: { readonly cites: Citation; readonly found: Looked }[] = [];
	const doubts: Doubt[] = [];
	let isOpen = false;
	const cited = new Set<Citation>();
	for (const { cites } of [...trail].reverse()) if (cites !== null) cited.add(cites);
	for (const cites of cited) {
		const [found, ...others] = citedIn(cites, tree);
		if (typeof found === 'string') {
			isOpen = true;
			if (found !== 'not-compiled') doubts.push({ cites, kind: found });
			continue;
		}
		if (found === undefined) continue;
		// what keeps from harm counts in the first alone: the others may be there for who else calls them
		for (const one of isProtective(effect) ? [found] : [found, ...others]) {
			const made = typeof one === 'string' ? null : madeIn(one, effect);
			if (made !== null) return calledFrom(cites, effect, { actor, tree }) ?? made;
		}
		seen.push({ cites, found });
	}
	// what is cited and is not there may do it
	if (isOpen)
		return { held: 'unknown', in: seen[0]?.found ?? null, made: null, doubts: doubts.slice(0, 1) };
	for (const { cites, found } of seen) {
		const wider = { ...found, skeleton: tree.wider.of(found.defined) };
		const made = madeIn(wider, effect);
		if (made !== null) return calledFrom(cites, effect, { actor, tree }) ?? made;
		const { isBroken, unread } = wider.skeleton;
		const isUnread = isBroken || unread.has(effect);
		if (isUnread) doubts.push({ cites: found.at, kind: 'not-read' });
		if (isUnread || isLeftOutByConfiguration(wider)) isOpen = true;
		gone ??= wider;
	}
	const held = gone === null || isOpen ? 'unknown' : 'gone';
	return { held, in: gone, made: null, doubts };
}

/** What becomes of a step that a function makes whose caller does not, or is not known to; null: it stays made. */
function calledFrom(
	cites: Citation,
	effect: Effect,
	{ actor, tree }: Parameters<typeof look>[2],
): Found | null {
	const { from } = cites;
	if (from === undefined || !isProtective(effect)) return null;
	const [caller] = citedIn(from, tree);
	if (caller === undefined || caller === 'not-compiled') return null;
	if (typeof caller === 'string') {
		const doubts = [{ cites: from, kind: caller }];
		return { held: 'unknown', in: null, made: null, doubts };
	}
	const named = [cites, ...(cites.otherwise ?? [])];
	/** What the function that is cited for the step calls is its own, whoever else cites that. */
	const isOthers = (place: Place): boolean | null =>
		named.some((one) => standsIn(place, one, tree.files)) ? false : actor.isOthers(place) || null;
	const isMade = ({ skeleton }: Looked): boolean =>
		nodesWith(skeleton, effect).some((at) => {
			const whose = skeleton.nodes[at]?.trail.map(isOthers).find((others) => others !== null);
			return whose !== true;
		});
	if (isMade(caller)) return null;
	const wider = { ...caller, skeleton: tree.wider.of(caller.defined) };
	if (isMade(wider)) return null;
	const { isBroken, unread } = wider.skeleton;
	const doubts: readonly Doubt[] =
		isBroken || unread.has(effect) ? [{ cites: caller.at, kind: 'not-read' }] : [];
	return { held: doubts.length > 0 ? 'unknown' : 'gone', in: wider, made: null, doubts };
}

/** Whether a place is in a function of the kernel. */
export function standsIn(
	{ path, offset }: Place,
	one: KernelFunction,
	files: Pick<SourceFiles, 'source'>,
): boolean {
	if (one.path !== path) return false;
	const [item] = files.source(path)?.functions.get(one.function) ?? [];
	return item !== undefined && item.start <= offset && offset < item.end;
}

function madeIn(found: Looked, effect: Effect): Found | null {
	const [index] = nodesWith(found.skeleton, effect);
	if (index === undefined) return null;
	const made = found.skeleton.nodes[index]?.trail[0] ?? null;
	return { held: 'made', in: found, made, doubts: [] };
}

/** The function does nothing at all here, and the file has another of that name that is not compiled. */
function isLeftOutByConfiguration({ at, defined, skeleton }: Looked): boolean {
	return stepsOf(skeleton).length === 0 && definedOften(defined.source, at.function);
}

/** The functions that a citation names and a tree has, else why there is none. */
function citedIn(
	cites: Citation,
	{ files, skeletons, named }: Tree,
): readonly (Looked | Doubt['kind'] | 'not-compiled')[] {
	const candidates = [cites, ...(cites.otherwise ?? [])];
	const looked = (defined: Defined, name: string): Looked => {
		const at = { path: defined.source.path, function: name, line: lineOf(defined) };
		return { at, defined, skeleton: skeletons.of(defined) };
	};
	const found: Looked[] = [];
	const why = new Set<Doubt['kind'] | 'not-compiled'>();
	for (const { path, function: name } of candidates) {
		const text = files.text(path);
		const source = text === null ? null : files.source(path);
		if (text === null) continue;
		if (source === null) why.add('not-read');
		if (source === null || !text.includes(name)) {
			why.add('no-function');
			continue;
		}
		const defined = definedIn(source, name);
		if (defined !== null) found.push(looked(defined, name));
		else why.add(definedAnyway(source, name) ? 'not-compiled' : 'no-function');
	}
	if (found.length > 0) return found;
	for (const kind of ['not-compiled', 'not-read'] as const) if (why.has(kind)) return [kind];
	const isThere = (path: string): boolean => files.list(path.replace(/\/[^/]*$/, '')).length > 0;
	for (const { path, function: name } of candidates) {
		const defined = isThere(path) ? named(name) : null;
		if (defined !== null) return [looked(defined, name)];
	}
	return why.has('no-function') ? ['no-function'] : ['no-file'];
}

function lineOf(defined: Defined): number {
	const { source } = defined;
	const offset = defined.kind === 'function' ? defined.item.nameStart : defined.macro.offset;
	return positionIn(source, offset);
}

function positionIn({ lines }: Source, offset: number): number {
	return lines.positionAt(offset).line;
}
