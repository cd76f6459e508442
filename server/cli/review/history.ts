/**
 * The commits between two, for a search among them. Trees are read when they are asked for.
 */
import type { KernelTree } from '../../tree/kernel_tree.js';
import { UsageError } from '../options.js';
import { BlobTexts } from './git_tree.js';
import {
	commitOf,
	firstParents,
	openedOf,
	parentsOf,
	REVISION,
	requireKernel,
	titlesOf,
	treeAt,
	withGit,
} from './revisions.js';

/** Commits of one range. */
const COMMITS_MAX = 100_000;

export interface History {
	readonly good: string;
	/** From the first behind `good` to `bad`, by first parents. */
	readonly commits: readonly [string, ...string[]];
	/** What a merge brings: the commits of its second parent's side, and where that side began; null: it is no merge of two. */
	sideOf(commit: string): Pick<History, 'good' | 'commits'> | null;
	title(commit: string): string;
	treeAt(commit: string): KernelTree;
	/** Opens the trees that were asked for, by root. */
	open(root: string): KernelTree;
	end(): void;
}

/** The history of `GOOD..BAD`; a UsageError where the words are no such range. */
export function historyOf(words: string, folder: string): History {
	const [from = '', to, more] = words.split('..');
	if (more !== undefined || to === undefined || to.startsWith('.') || from === '')
		throw new UsageError(`bisect takes a range of commits GOOD..BAD, not '${words}'`);
	for (const word of [from, to])
		if (!REVISION.test(word)) throw new UsageError(`'${word}' is no commit`);
	return withGit(folder, {}, (git, repository) => {
		const texts = new BlobTexts(git);
		const trees = new Map<string, KernelTree>();
		const roots = new Map<string, KernelTree>();
		const between = (first: string, last: string): readonly string[] =>
			firstParents(git, [last, `^${first}`]);
		const good = commitOf(git, repository, from);
		const bad = commitOf(git, repository, to === '' ? 'HEAD' : to);
		const [first, ...rest] = between(good, bad);
		if (first === undefined) throw new UsageError(`there is no commit in ${words}`);
		if (rest.length >= COMMITS_MAX)
			throw new UsageError(`${words} has more than ${COMMITS_MAX} commits`);
		const at = (commit: string): KernelTree => {
			const tree = trees.get(commit) ?? treeAt(git, repository, commit, texts);
			trees.set(commit, tree);
			roots.set(tree.root, tree);
			return tree;
		};
		requireKernel(at(bad), repository);
		return {
			good,
			commits: [first, ...rest],
			sideOf(commit) {
				const [main, side, more] = parentsOf(git, commit);
				if (main === undefined || side === undefined || more !== undefined) return null;
				const [oldest, ...newer] = between(main, side);
				const [begin] = oldest === undefined ? [] : parentsOf(git, oldest);
				if (oldest === undefined || begin === undefined) return null;
				return { good: begin, commits: [oldest, ...newer] };
			},
			title: (commit) => titlesOf(git, [commit])[0] ?? '',
			treeAt: at,
			open: openedOf(roots),
			end: () => git.end(),
		};
	});
}
