/**
 * The easiest run to read that meets a violation: fewest context switches, then fewest steps. A uniform-cost search over
 * (state, thread that moved last), one level per number of switches, as in context-bounded search (Qadeer and Rehof,
 * TACAS 2005): most races need two or three switches, so few states are looked at although nothing is reduced.
 */
import type { Choice } from '../base/step.js';
import type { Model } from './model.js';
import type { Path } from './path.js';
import { violates } from './replay.js';

export interface ShortestOptions {
	/** Key of the violation to meet. */
	readonly key: string;
	/** (state, thread) pairs looked at before giving up. */
	readonly nodesMax: number;
	cancelled?(): boolean;
}

interface Visit<S> {
	readonly state: S;
	/** Thread that made the last step, -1 at the beginning. */
	readonly thread: number;
	readonly previous: Visit<S> | null;
	readonly choice: Choice | null;
	/** The last step met the violation. */
	readonly hit: boolean;
}

/** Visits of one number of switches, by number of steps. */
type Level<S> = (Visit<S>[] | undefined)[];

const CANCEL_INTERVAL = 2048;

/** A run with the fewest switches, and among those the fewest steps; null when the budget does not reach one. */
export function shortest<S, V>(model: Model<S, V>, options: ShortestOptions): Path | null {
	const seen = new Map<string | number, number>();
	const begin = { state: model.initial(), thread: -1, previous: null, choice: null, hit: false };
	let nodes = 0;
	let level: Level<S> = [[begin]];
	while (level.length > 0) {
		const after: Level<S> = [];
		for (let steps = 0; steps < level.length; steps++) {
			for (const visit of level[steps] ?? []) {
				if (visit.hit) return pathTo(visit);
				if (!first(model, seen, visit)) continue;
				if (++nodes > options.nodesMax) return null;
				if (nodes % CANCEL_INTERVAL === 0 && options.cancelled?.()) return null;
				expand(model, options.key, { visit, steps, level, after });
			}
			level[steps] = undefined;
		}
		level = after;
	}
	return null;
}

/** True when (state, last thread) was not looked at before; whatever comes first is cheapest. */
function first<S, V>(
	model: Model<S, V>,
	seen: Map<string | number, number>,
	visit: Visit<S>,
): boolean {
	const key = model.fingerprint(visit.state);
	const threads = seen.get(key) ?? 0;
	const bit = 1 << (visit.thread + 1);
	if (threads & bit) return false;
	seen.set(key, threads | bit);
	return true;
}

function expand<S, V>(
	model: Model<S, V>,
	key: string,
	at: {
		readonly visit: Visit<S>;
		readonly steps: number;
		readonly level: Level<S>;
		readonly after: Level<S>;
	},
): void {
	const { visit, steps, level, after } = at;
	for (let thread = 0; thread < model.threads; thread++) {
		const into = thread === visit.thread || visit.thread < 0 ? level : after;
		for (const step of model.moves(visit.state, thread).steps) {
			const choice = { thread, alternative: step.alternative };
			const hit = step.incidents.length > 0 && violates(model, step, key);
			const state = model.successor(visit.state, thread, step);
			const next = { state, thread, previous: visit, choice, hit };
			const bucket = into[steps + 1];
			if (bucket === undefined) into[steps + 1] = [next];
			else bucket.push(next);
		}
	}
}

function pathTo<S>(visit: Visit<S>): Path {
	const path: Choice[] = [];
	for (let v: Visit<S> | null = visit; v !== null; v = v.previous) {
		if (v.choice !== null) path.push(v.choice);
	}
	return path.reverse();
}
