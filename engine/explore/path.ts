/**
 * A run as the vector of its choices, and its short text form: run-length coded threads, an alternative other than 0
 * after a point. `0*12,1*3,0.1,0` is twelve steps of thread 0, three of thread 1, one of thread 0 taking alternative 1, one more.
 */
import type { Choice } from '../base/step.js';

export type Path = readonly Choice[];

/** Choices in one text at most; longer ones do not parse. */
const PATH_LENGTH_MAX = 100_000;

/** The path's text; the empty path is the empty text. */
export function printPath(path: Path): string {
	const parts: string[] = [];
	for (let i = 0; i < path.length; ) {
		const choice = path[i] as Choice;
		let n = 1;
		while (same(path[i + n], choice)) n++;
		const alternative = choice.alternative === 0 ? '' : `.${choice.alternative}`;
		parts.push(`${choice.thread}${alternative}${n === 1 ? '' : `*${n}`}`);
		i += n;
	}
	return parts.join(',');
}

/** The path a text names, or null when it names none. */
export function parsePath(text: string): Path | null {
	const path: Choice[] = [];
	if (text === '') return path;
	for (const part of text.split(',')) {
		const match = /^(\d{1,4})(?:\.(\d{1,6}))?(?:\*(\d{1,6}))?$/.exec(part);
		if (match === null) return null;
		const choice = { thread: Number(match[1]), alternative: Number(match[2] ?? 0) };
		const count = Number(match[3] ?? 1);
		if (path.length + count > PATH_LENGTH_MAX) return null;
		for (let i = 0; i < count; i++) path.push(choice);
	}
	return path;
}

/** Times the run goes over from one thread to another. */
export function switches(path: Path): number {
	let count = 0;
	for (let i = 1; i < path.length; i++) if (path[i]?.thread !== path[i - 1]?.thread) count++;
	return count;
}

function same(a: Choice | undefined, b: Choice): boolean {
	return a !== undefined && a.thread === b.thread && a.alternative === b.alternative;
}
