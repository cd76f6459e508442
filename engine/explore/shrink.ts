/**
 * Makes a violating run easier to read without searching: takes out stretches of threads, joins stretches of one thread
 * that need not be apart, for as long as the violation stays. For runs whose state space is too large for `shortest`.
 *
 * Invariant: the result violates the same key, and never switches more often or takes more steps than what was given.
 */
import type { Choice } from '../base/step.js';
import type { Model } from './model.js';
import { type Path, switches } from './path.js';
import { stepOf, violates } from './replay.js';

/** Rewrites tried on one path. */
const ATTEMPTS_MAX = 5000;

type Stretch = readonly Choice[];

/** A run no worse than `path` that still violates `key`; `path` itself must. */
export function shrink<S, V>(model: Model<S, V>, path: Path, key: string): Path {
	let best = path;
	let attempts = 0;
	for (let better = true; better; ) {
		better = false;
		for (const candidate of candidates(stretches(best))) {
			if (++attempts > ATTEMPTS_MAX) return best;
			const run = violating(model, candidate, key);
			if (run === null || !less(run, best)) continue;
			best = run;
			better = true;
			break;
		}
	}
	return best;
}

/** The part of the choices that can be made, up to the violation; null if it is not met. */
function violating<S, V>(model: Model<S, V>, choices: Path, key: string): Path | null {
	const path: Choice[] = [];
	let state = model.initial();
	for (const choice of choices) {
		const made =
			stepOf(model, state, choice) ??
			stepOf(model, state, { thread: choice.thread, alternative: 0 });
		if (made === null) continue;
		path.push({ thread: choice.thread, alternative: made.alternative });
		if (violates(model, made, key)) return path;
		state = model.successor(state, choice.thread, made);
	}
	return null;
}

function less(a: Path, b: Path): boolean {
	const difference = switches(a) - switches(b);
	return difference < 0 || (difference === 0 && a.length < b.length);
}

function stretches(path: Path): readonly Stretch[] {
	const list: Choice[][] = [];
	for (const choice of path) {
		const last = list.at(-1);
		if (last !== undefined && last[0]?.thread === choice.thread) last.push(choice);
		else list.push([choice]);
	}
	return list;
}

/** Rewrites, boldest first. */
function* candidates(list: readonly Stretch[]): Generator<Path> {
	for (let i = 0; i < list.length; i++) yield list.filter((_, j) => j !== i).flat();
	for (let i = 0; i < list.length; i++) {
		const stretch = list[i] as Stretch;
		const rest = list.filter((_, j) => j !== i);
		const same = (s: Stretch): boolean => s[0]?.thread === stretch[0]?.thread;
		const before = rest.slice(0, i).findLastIndex(same);
		if (before >= 0) yield insert(rest, before + 1, stretch);
		const after = rest.findIndex((s, j) => j >= i && same(s));
		if (after >= 0) yield insert(rest, after, stretch);
	}
	for (let i = 0; i < list.length; i++) {
		const stretch = list[i] as Stretch;
		for (let keep = stretch.length >> 1; keep > 0; keep >>= 1) {
			yield insert(
				list.filter((_, j) => j !== i),
				i,
				stretch.slice(0, keep),
			);
		}
		yield insert(
			list.filter((_, j) => j !== i),
			i,
			stretch.slice(0, -1),
		);
	}
}

function insert(list: readonly Stretch[], at: number, stretch: Stretch): Path {
	return [...list.slice(0, at), stretch, ...list.slice(at)].flat();
}
