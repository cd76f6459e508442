/**
 * An adversary held against the kernel functions that it stands for: which of its steps they make, and which they no longer make, or
 * make elsewhere.
 *
 * A step counts as made where some function that is cited for it, or for what calls it in the adversary, has its effect. What an
 * adversary waits for between two of its steps counts only where every way of the kernel's function from the one to the other has it.
 *
 * Invariant: what a function does that the tree does not have, or of which a part was not understood, is `unknown`.
 */
import {
	type Actor,
	type CitedFunction,
	type Doubt,
	type Found,
	type Looked,
	look,
	type Tree,
} from './cited.js';
import { type Effect, isProtective, type Place } from './effect.js';
import {
	ENTRY,
	nearestAfter,
	nearestBefore,
	nodesWith,
	reachedFrom,
	type Skeleton,
	type SkeletonNode,
	stepsOf,
} from './graph.js';

export type Held =
	| 'made'
	/** The function does not do it any more. */
	| 'gone'
	/** It does it, but not on every way between what stands before it and what stands behind it in the adversary. */
	| 'elsewhere'
	/** No function that is cited for it is there, or part of it was not understood. */
	| 'unknown';

/** A step of an adversary with one effect. */
export interface HeldStep {
	readonly actor: string;
	readonly effect: Effect;
	/** What the adversary calls. */
	readonly name: string;
	/** From the adversary's own text down to the step. */
	readonly trail: readonly Place[];
	readonly held: Held;
	/** The function that it was looked for in; null: none is there. */
	readonly at: CitedFunction | null;
	/** Where that function does it, where it does. */
	readonly made: Place | null;
	/** It ends what another step began, which decides. */
	readonly isEnd: boolean;
	/** Why it is `unknown`, where it is; none where the configuration leaves the function out. */
	readonly doubts: readonly Doubt[];
}

/** The steps of an adversary by its skeleton, in the order of its text. */
export function heldSteps(held: Actor, tree: Tree): readonly HeldStep[] {
	const { name, skeleton: actor } = held;
	const steps = stepsOf(actor);
	const looked = new Map(
		steps.map(
			({ node, index }) =>
				[index, node.effects.map((e) => look(node, e, { actor: held, tree }))] as const,
		),
	);
	const heldAt = (index: number, effect: Effect): HeldStep => {
		const node = actor.nodes[index] as SkeletonNode;
		const found = looked.get(index)?.[node.effects.indexOf(effect)];
		const given = { effect, kernel: found?.in ?? null, looked };
		const isBetween =
			found?.held !== 'made' ||
			!isProtective(effect) ||
			(ASKED_FIRST.has(effect)
				? effect !== 'emptied' || isEmptiedFirst(found.in)
				: isInOrder(actor, index, given) &&
					(!WAITS.has(effect) || standsBetween(actor, index, given)));
		return {
			...{ actor: name, effect, name: node.name, trail: node.trail, isEnd: false },
			held: isBetween ? (found?.held ?? 'unknown') : 'elsewhere',
			at: found?.in?.at ?? null,
			made: found?.made ?? null,
			doubts: found?.doubts ?? [],
		};
	};
	return steps.flatMap(({ node, index }) =>
		node.effects.map((effect): HeldStep => {
			const begun = beginningOf(node, effect);
			if (begun === null) return heldAt(index, effect);
			// what ends with it began somewhere: that decides
			const isBegin = (other: SkeletonNode): boolean =>
				other.effects.includes(begun) && beginningOf(other, begun) === null;
			const [first, ...rest] = nearestBefore(actor, index, isBegin).map((at) => heldAt(at, begun));
			const own = { actor: name, effect, name: node.name, trail: node.trail, isEnd: true };
			if (first === undefined) return { ...own, held: 'unknown', at: null, made: null, doubts: [] };
			const isSame = rest.every(({ held }) => isLost(held) === isLost(first.held));
			return { ...first, ...own, held: isSame ? first.held : 'unknown' };
		}),
	);
}

/** What the kernel waits for between two steps of an adversary that waits for nothing there. */
export interface Added {
	readonly actor: string;
	readonly effect: Effect;
	/** The adversary's step before it. */
	readonly trail: readonly Place[];
	readonly at: CitedFunction;
	/** Where the function does it. */
	readonly made: Place;
}

const SYNCHRONISES: readonly Effect[] = ['ipi', 'grace-period', 'full-barrier', 'sequence-begin'];

/** Where every way of a kernel's function from one step of an adversary to its next has an effect that no way of the adversary has. */
export function addedSteps(held: Actor, tree: Tree): readonly Added[] {
	const { name, skeleton: actor } = held;
	return stepsOf(actor).flatMap(({ node, index }): readonly Added[] => {
		if (!isHarm(node)) return [];
		const effect = node.effects.find((e) => !isProtective(e)) as Effect;
		const found = look(node, effect, { actor: held, tree });
		const kernel = found.held === 'made' ? found.in : null;
		if (kernel === null) return [];
		const { skeleton } = kernel;
		const from = namedLike(node, skeleton);
		const next = nearestAfter(actor, index, isHarm);
		const wanted = new Set(next.flatMap((at) => actor.nodes[at]?.effects ?? []));
		const isNext = (at: number): boolean =>
			skeleton.nodes[at]?.effects.some((e) => wanted.has(e)) === true &&
			!from.some((first) => isWithin(skeleton.nodes[at], skeleton.nodes[first]));
		return SYNCHRONISES.flatMap((added): readonly Added[] => {
			const has = (other: SkeletonNode): boolean => other.effects.includes(added);
			// flushes wait for a walk in some steps only: server/lower/primitives/page_table.c
			const isAmong = (other: SkeletonNode): boolean =>
				has(other) &&
				!other.effects.includes('tlb-flush') &&
				!from.some((first) => isWithin(other, skeleton.nodes[first]));
			const reached = [...reachedFrom(skeleton, from)];
			const without = reachedFrom(skeleton, from, isAmong);
			if (!reached.some(isNext) || [...without].some(isNext)) return [];
			const own = reachedFrom(actor, [index], has);
			if (!next.some((at) => own.has(at))) return [];
			const at = reached.find((other) => isAmong(skeleton.nodes[other] as SkeletonNode));
			const made = at === undefined ? undefined : skeleton.nodes[at]?.trail[0];
			if (made === undefined) return [];
			return [{ actor: name, effect: added, trail: node.trail, at: kernel.at, made }];
		});
	});
}

function isHarm(node: SkeletonNode): boolean {
	return node.effects.some((e) => !isProtective(e));
}

/** The tree does not do it, or not where the adversary does. */
export function isLost(held: Held): boolean {
	return held === 'gone' || held === 'elsewhere';
}

/** The effect that a step ends, where it ends one. */
function beginningOf({ name }: SkeletonNode, effect: Effect): Effect | null {
	if (name.endsWith('_end')) return effect.startsWith('sequence') ? null : effect;
	return effect.startsWith('unlock ') ? `lock ${effect.slice('unlock '.length)}` : null;
}

/** What an adversary asks right before its step, in no order with what is around. */
const ASKED_FIRST: ReadonlySet<Effect> = new Set<Effect>(['references', 'frozen', 'emptied']);

/** Whether the kernel's function empties the entry on every way to where it looks for pins or at the reference count. */
function isEmptiedFirst(kernel: Looked | null): boolean {
	if (kernel === null) return true;
	const { skeleton } = kernel;
	const without = reachedFrom(skeleton, [ENTRY], ({ effects }) => effects.includes('emptied'));
	return !(['pins', 'references'] as const).some((effect) =>
		nodesWith(skeleton, effect).some((at) => without.has(at)),
	);
}

/** What others are kept off by while it lasts. */
const WAITS: ReadonlySet<Effect> = new Set<Effect>(['ipi', 'grace-period']);

/**
 * Whether every way of the kernel's function from what the adversary does before the step to what it does behind it has the
 * effect. Where the function does none of either, or in another order altogether, nothing is said.
 */
function standsBetween(
	actor: Skeleton,
	index: number,
	{
		effect,
		kernel,
		looked,
	}: {
		readonly effect: Effect;
		readonly kernel: Looked | null;
		readonly looked: ReadonlyMap<number, readonly Found[]>;
	},
): boolean {
	if (kernel === null) return true;
	const { skeleton } = kernel;
	const before = nearestBefore(actor, index, isHarm);
	const after = nearestAfter(actor, index, (node) => isHarm(node) || isFolioLock(node));
	const from = before.flatMap((at) => namedLike(actor.nodes[at], skeleton));
	const isElsewhere = (at: number): boolean =>
		looked.get(at)?.[0]?.in?.at.function !== kernel.at.function;
	if (from.length === 0 || before.some(isElsewhere)) return true;
	const has = (node: SkeletonNode): boolean => node.effects.includes(effect);
	const without = reachedFrom(skeleton, from, has);
	const wanted = after.flatMap((at) => actor.nodes[at]?.effects ?? []);
	const isOfFirst = (at: number): boolean =>
		from.some((first) => isWithin(skeleton.nodes[at], skeleton.nodes[first]));
	return !wanted.some((e) =>
		nodesWith(skeleton, e).some((at) => without.has(at) && !isOfFirst(at)),
	);
}

/**
 * Whether the kernel's function has the effect on some way behind what stands before the step in the adversary, and on some way
 * before what stands behind it: of that what the function does itself.
 */
function isInOrder(
	actor: Skeleton,
	index: number,
	{ effect, kernel, looked }: Parameters<typeof standsBetween>[2],
): boolean {
	if (kernel === null) return true;
	const { skeleton } = kernel;
	const isStep = (node: SkeletonNode): boolean =>
		node.effects.some((e) => e !== effect && (e === 'pins' || !isProtective(e)));
	const here = nodesWith(skeleton, effect);
	/** Where the function, by itself or by what it calls, does what the adversary does there. */
	const own = (at: number): readonly number[] => {
		const found = looked.get(at)?.[0];
		const [first] = actor.nodes[at]?.effects ?? [];
		if (found?.held !== 'made' || found.in === null || first === undefined) return [];
		const { skeleton: other } = found.in;
		const places = new Set(nodesWith(other, first).map((n) => deepest(other.nodes[n])));
		return nodesWith(skeleton, first).filter((n) => places.has(deepest(skeleton.nodes[n])));
	};
	const before = nearestBefore(actor, index, isStep)
		.map(own)
		.filter((nodes) => nodes.length > 0);
	const after = nearestAfter(actor, index, isStep)
		.map(own)
		.filter((nodes) => nodes.length > 0);
	const leads = (from: readonly number[], to: readonly number[]): boolean => {
		const reached = reachedFrom(skeleton, from);
		return to.some((at) => reached.has(at));
	};
	return (
		(before.length === 0 || before.some((nodes) => leads(nodes, here))) &&
		(after.length === 0 || after.some((nodes) => leads(here, nodes)))
	);
}

/** Where a step stands that others may call. */
function deepest(node: SkeletonNode | undefined): string {
	const place = node?.trail.at(-1);
	return place === undefined ? '' : `${place.path}:${place.offset}`;
}

/** A step that the call of another one makes, or that step itself. */
function isWithin(node: SkeletonNode | undefined, call: SkeletonNode | undefined): boolean {
	if (node === undefined || call === undefined) return false;
	return call.trail.every(
		({ path, offset }, i) => node.trail[i]?.path === path && node.trail[i]?.offset === offset,
	);
}

function isFolioLock({ effects }: SkeletonNode): boolean {
	return effects.includes('lock folio');
}

/** The nodes of the kernel's function that call what the adversary's step calls. */
function namedLike(node: SkeletonNode | undefined, skeleton: Skeleton): readonly number[] {
	if (node === undefined) return [];
	return stepsOf(skeleton).flatMap(({ node: other, index }) =>
		other.name === node.name && other.effects.some((e) => node.effects.includes(e)) ? [index] : [],
	);
}
