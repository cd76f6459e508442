/**
 * The search for the first commit with a finding: halves what is left, as git bisect does, and passes over what is undecided.
 *
 * Invariant: a commit is told as the first only if the one before it is decided, and without the finding.
 */
import type { History } from './history.js';

/** What a commit is: `bad` has the finding, `good` is decided and has it not. */
export type State =
	| { readonly kind: 'good' }
	| { readonly kind: 'bad' }
	| { readonly kind: 'undecided'; readonly why: string };

/** Says what a commit is. */
export type Judge = (commit: string) => Promise<State>;

export interface Narrowed {
	/** The commits of which one is the first, oldest first; the last is bad. One: it is the first. */
	readonly first: readonly [string, ...string[]];
	/** Why each of the others is undecided. */
	readonly undecided: ReadonlyMap<string, string>;
	/** The last that is known to be good. */
	readonly good: string;
}

/** Narrows commits, of which the last is bad, behind one that is good. */
export async function narrowed(
	{ good, commits }: Pick<History, 'good' | 'commits'>,
	judge: Judge,
): Promise<Narrowed> {
	const undecided = new Map<string, string>();
	let low = -1;
	let high = commits.length - 1;
	for (;;) {
		const next = nearest(low, high, (i) => !undecided.has(commits[i] ?? ''));
		if (next === null) break;
		const commit = commits[next] ?? '';
		const state = await judge(commit);
		if (state.kind === 'good') low = next;
		else if (state.kind === 'bad') high = next;
		else undecided.set(commit, state.why);
	}
	const [first = '', ...rest] = commits.slice(low + 1, high + 1);
	return { first: [first, ...rest], undecided, good: commits[low] ?? good };
}

/** The place between two, both excluded, that is nearest to the middle and is looked at; null: none is left. */
function nearest(low: number, high: number, isOpen: (i: number) => boolean): number | null {
	const middle = Math.floor((low + high) / 2);
	for (let off = 0; off <= high - low; off++)
		for (const i of [middle - off, middle + off]) if (i > low && i < high && isOpen(i)) return i;
	return null;
}
