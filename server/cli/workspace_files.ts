/**
 * What the workspace of a command's files brings to their verdicts: the adversaries in `.racewalk/actors` of the tree and of the
 * current folder; and what the command's options restrict them to.
 *
 * Invariant: `.racewalk` is taken from the tree that was named, from the current folder, and from a tree found at or below it;
 * from a folder above, which may be somebody else's, it is not.
 */
import { ACTORS_FOLDER, type WorkspaceActors, workspaceActors } from '../actors/sources.js';
import type { AnalysedAssumption } from '../ide/analysis/analysis.js';
import { DISK, now } from '../reading/disk.js';
import { isInside, listNow, resolvedRoot } from '../reading/file.js';

interface Options {
	readonly tree?: string;
	readonly config?: string;
	readonly set: readonly string[];
}

/** The adversaries that a file's tree and the current folder bring. */
export function actorsNear(tree: string | null, options: Pick<Options, 'tree'>): WorkspaceActors {
	const isNear = options.tree !== undefined || tree === null || isInsideCurrent(tree);
	const brought = workspaceActors(isNear ? tree : null, process.cwd());
	if (isNear || tree === null) return brought;
	const { names } = listNow({ root: tree, path: ACTORS_FOLDER });
	if (names.length === 0) return brought;
	const problem = `${ACTORS_FOLDER} of ${tree} is not below the current folder: --tree ${tree} takes it`;
	return { ...brought, problems: [...brought.problems, problem] };
}

/** What the options, and where the tree was found, have to do with every verdict. */
export function conditionsOf(options: Options, tree: string | null): readonly AnalysedAssumption[] {
	const said: string[] = [];
	if (options.tree === undefined && tree !== null && !isInsideCurrent(tree))
		said.push(`the kernel tree is ${tree}, found above the file`);
	if (options.config !== undefined) said.push(`the configuration is that of ${options.config}`);
	if (options.set.length > 0) said.push(`set on the command line: ${options.set.join(', ')}`);
	return said.map((what) => ({ what, line: null }));
}

function isInsideCurrent(tree: string): boolean {
	const current = now(resolvedRoot(DISK, process.cwd()));
	return current !== null && isInside(current, tree);
}
