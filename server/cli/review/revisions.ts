/**
 * The commits of a range, or what is staged, as a series: each commit against its first parent, from the repository's objects.
 */
import type { KernelTree } from '../../tree/kernel_tree.js';
import { UsageError } from '../options.js';
import { type Git, GitEnded, type GitLimit, openGit } from './git.js';
import { type Repository, referenceIn, repositoryAt, repositoryNear } from './git_folder.js';
import { type Blobs, BlobTexts, blobsIn, gitTree } from './git_tree.js';
import type { ChangedPath, Series, Step } from './series.js';

/** Commits of one range. */
const COMMITS_MAX = 200;
/** A commit's name, or how it begins. */
const HASH = /^[0-9a-f]{4,64}$/;
export const REVISION = /^([\w./+@-]{0,250}?)((?:[~^]\d{0,9}){0,20})$/;

/** The series of `A..B`, `A..`, `..B` or a single commit; null: it reads as none of these. */
export function revisionSeries(words: string, folder: string, limit: GitLimit): Series | null {
	const [from = '', to, more] = words.split('..');
	if (more !== undefined || to?.startsWith('.') === true)
		throw new UsageError(`'${words}' is no range of commits: A..B`);
	if (!REVISION.test(from) || (to !== undefined && !REVISION.test(to))) return null;
	return within(folder, limit, (git, repository) => {
		const last = commitOf(git, repository, to === undefined ? from : to || 'HEAD');
		const excluded = to === undefined ? null : commitOf(git, repository, from || 'HEAD');
		const commits = excluded === null ? [last] : firstParents(git, [last, `^${excluded}`]);
		if (commits.length === 0) throw new UsageError(`there is no commit in ${words}`);
		if (commits.length > COMMITS_MAX)
			throw new UsageError(`${words} has more than ${COMMITS_MAX} commits: review a part of it`);
		return commitSteps(git, repository, commits);
	});
}

/** Whether a name, which is a file's too, would be taken for commits. A path that says that it is one is none. */
export function isRevision(words: string, folder: string, limit: GitLimit): boolean {
	if (/^(?:\.{1,2}\/|\/|-$)/.test(words)) return false;
	const sides = words.split('..');
	if (sides.length > 2 || !sides.every((side) => REVISION.test(side))) return false;
	const repository = repositoryNear(folder);
	if (repository === null) return false;
	const names = sides.map((side) => REVISION.exec(side)?.[1] || 'HEAD');
	const hashes = names.filter((name) => referenceIn(repository, name) === null);
	if (!hashes.every((name) => HASH.test(name))) return false;
	if (hashes.length === 0) return true;
	const git = openGit(repository, limit);
	try {
		for (const name of hashes) commitOf(git, repository, name);
		return true;
	} catch (error) {
		if (!(error instanceof UsageError) || error instanceof GitEnded) throw error;
		return false;
	} finally {
		git.end();
	}
}

/** What is staged, against HEAD. */
export function stagedSeries(folder: string, limit: GitLimit): Series {
	return within(folder, limit, (git, repository) => {
		const head = commitOf(git, repository, 'HEAD');
		const files = changedIn(
			git.run('diff-index', [
				'--cached',
				'--raw',
				'-r',
				'-z',
				'-M',
				'--no-ext-diff',
				'--no-textconv',
				head,
			]),
		);
		if (files.length === 0) throw new UsageError('nothing is staged');
		const texts = new BlobTexts(git);
		const before = treeAt(git, repository, head, texts);
		const staged = blobsIn(git.run('ls-files', ['--stage', '-z']));
		const after = gitTree(`${rootOf(repository)}\0staged ${hashed(staged)}`, staged, texts);
		return [{ title: 'what is staged', name: 'the index', files, before, after }];
	});
}

function within(
	folder: string,
	limit: GitLimit,
	make: (git: Git, repository: Repository) => readonly Step[],
): Series {
	return withGit(folder, limit, (git, repository) => {
		const [first, ...rest] = make(git, repository);
		if (first === undefined) throw new UsageError('there is no patch to review');
		const trees = new Map<string, KernelTree>();
		for (const { before, after } of [first, ...rest])
			for (const tree of [before, after]) trees.set(tree.root, tree);
		requireKernel((rest.at(-1) ?? first).after, repository);
		return {
			shown: repository.shown,
			steps: [first, ...rest],
			open: openedOf(trees),
			end: () => git.end(),
		};
	});
}

/** What `make` gives of the repository that a folder lies in; it ends git, which is ended here where it throws. */
export function withGit<T>(
	folder: string,
	limit: GitLimit,
	make: (git: Git, repository: Repository) => T,
): T {
	const repository = repositoryAt(folder);
	const git = openGit(repository, limit);
	try {
		return make(git, repository);
	} catch (error) {
		git.end();
		throw error;
	}
}

/** Opens the trees that there are, by root. */
export function openedOf(trees: ReadonlyMap<string, KernelTree>): (root: string) => KernelTree {
	return (root) => {
		const tree = trees.get(root);
		if (tree === undefined) throw new Error(`no tree of these commits: ${root}`);
		return tree;
	};
}

/** A UsageError where a commit holds no kernel tree. */
export function requireKernel(tree: KernelTree, { shown }: Repository): void {
	if (tree.list('mm').length > 0 && tree.list('include/linux').length > 0) return;
	throw new UsageError(
		`the commits of ${shown} hold no kernel tree: they lack mm/ or include/linux/`,
	);
}

/** The commit that words name; a UsageError where there is none. */
export function commitOf(git: Git, repository: Repository, words: string): string {
	const [, name = '', steps = ''] = REVISION.exec(words) ?? [];
	const start = referenceIn(repository, name) ?? (HASH.test(name) ? name : null);
	if (start === null)
		throw new UsageError(`${repository.shown} has no file, branch, tag or commit '${words}'`);
	try {
		const out = git.run('rev-parse', ['--verify', '--end-of-options', `${start}${steps}^{commit}`]);
		return out.toString('latin1').trim();
	} catch (error) {
		if (!(error instanceof UsageError) || error instanceof GitEnded) throw error;
		throw new UsageError(
			`${repository.shown} has no commit '${words}' (or not all of its history)`,
		);
	}
}

function commitSteps(
	git: Git,
	repository: Repository,
	commits: readonly string[],
): readonly Step[] {
	const texts = new BlobTexts(git);
	const titles = titlesOf(git, commits);
	const steps: Step[] = [];
	let before: KernelTree | null = null;
	for (const [i, commit] of commits.entries()) {
		const [parent = null] = parentsOf(git, commit);
		const raw = ['--raw', '-r', '-z', '-M', '--no-commit-id', '--no-ext-diff', '--no-textconv'];
		const files = changedIn(
			git.run('diff-tree', parent === null ? [...raw, '--root', commit] : [...raw, parent, commit]),
		);
		const first: KernelTree = before ?? treeAt(git, repository, parent, texts);
		const after = treeAt(git, repository, commit, texts);
		steps.push({ title: titles[i] ?? '', name: commit.slice(0, 12), files, before: first, after });
		before = after;
	}
	return steps;
}

/** The commits of a range by first parents, oldest first. */
export function firstParents(git: Git, range: readonly string[]): readonly string[] {
	return git
		.run('rev-list', ['--first-parent', '--reverse', ...range])
		.toString('latin1')
		.split('\n')
		.filter((line) => line !== '');
}

/** The parents of a commit, the first one first. */
export function parentsOf(git: Git, commit: string): readonly string[] {
	const out = git.run('rev-list', ['--parents', '--max-count=1', commit]).toString('latin1');
	return out.trim().split(' ').slice(1);
}

/** First lines of the commits' messages. */
export function titlesOf(git: Git, commits: readonly string[]): readonly string[] {
	return commits.map((commit) => {
		const text = git.run('cat-file', ['commit', commit]).toString('utf8');
		return text.slice(text.indexOf('\n\n') + 2).split('\n', 1)[0] ?? '';
	});
}

/** The tree of a commit; null: an empty one. */
export function treeAt(
	git: Git,
	repository: Repository,
	commit: string | null,
	texts: BlobTexts,
): KernelTree {
	const blobs: Blobs =
		commit === null ? new Map() : blobsIn(git.run('ls-tree', ['-r', '-z', '--full-tree', commit]));
	return gitTree(`${rootOf(repository)}\0${commit ?? 'nothing'}`, blobs, texts);
}

function rootOf({ common }: Repository): string {
	return common;
}

function hashed(blobs: Blobs): string {
	return [...blobs].map(([path, name]) => `${name} ${path}`).join('\n');
}

/** `:mode mode name name status\0path\0[path\0]`. */
function changedIn(raw: Buffer): readonly ChangedPath[] {
	const words = raw.toString('utf8').split('\0');
	const found: ChangedPath[] = [];
	for (let i = 0; i + 1 < words.length; ) {
		const status = (words[i] ?? '').split(' ').at(-1) ?? '';
		const first = words[i + 1] ?? '';
		const isTwo = /^[RC]/.test(status);
		const second = isTwo ? (words[i + 2] ?? '') : first;
		i += isTwo ? 3 : 2;
		found.push({
			from: status.startsWith('A') ? null : first,
			to: status.startsWith('D') ? null : second,
			isBinary: false,
		});
	}
	return found;
}
