/**
 * What is reviewed: a sequence of steps, each with the tree before and the tree after it. From patches, applied to a tree's texts in
 * memory, or from the commits of a range.
 */
import { patchesOf } from '../../patch/mail.js';
import type { FilePatch, Patch } from '../../patch/patch.js';
import { applied, hunkName } from '../../patch/patch.js';
import { unnoted } from '../../tree/asked_files.js';
import { changedTree } from '../../tree/changed_tree.js';
import type { KernelTree } from '../../tree/kernel_tree.js';
import { UsageError } from '../options.js';

/** A file that a step changes; one of the paths is null where it makes or removes it. */
export interface ChangedPath {
	readonly from: string | null;
	readonly to: string | null;
	readonly isBinary: boolean;
}

export interface Step {
	readonly title: string;
	/** A commit, a file, a mail. */
	readonly name: string;
	readonly files: readonly ChangedPath[];
	readonly before: KernelTree;
	readonly after: KernelTree;
}

export interface Series {
	/** Folder of the tree, as it is shown. */
	readonly shown: string;
	readonly steps: readonly [Step, ...Step[]];
	/** Opens the trees of steps by root; absent: they are folders of the disk with changes. */
	readonly open?: (root: string) => KernelTree;
	end(): void;
}

/** The patches of a file, a mail or an mbox; a UsageError where they are no series. */
export async function patchesIn(text: string, shown: string): Promise<readonly Patch[]> {
	const { patches, problems } = await patchesOf(text, shown);
	const [problem] = problems;
	if (problem !== undefined) throw new UsageError(problem);
	if (patches.length === 0) throw new UsageError(`${shown} holds no patch`);
	const versions = [...new Set(patches.map(({ version }) => version))];
	if (versions.length > 1)
		throw new UsageError(
			`${shown} holds versions ${versions.join(' and ')} of a series: give it one of them`,
		);
	return patches;
}

/** Patches applied one behind the other; a UsageError names the first that does not apply. */
export function patchedSeries(base: KernelTree, patches: readonly Patch[]): Series {
	const changed = new Map<string, string | null>();
	let before = base;
	const steps = patches.map((patch): Step => {
		for (const file of patch.files) applyTo(base, changed, { file, patch });
		const after = changedTree(base, new Map(changed));
		const step = { title: patch.title, name: patch.name, files: patch.files, before, after };
		before = after;
		return step;
	});
	const [first, ...rest] = steps;
	if (first === undefined) throw new UsageError('there is no patch to review');
	return { shown: base.root, steps: [first, ...rest], end: () => {} };
}

function applyTo(
	base: KernelTree,
	changed: Map<string, string | null>,
	{ file, patch }: { readonly file: FilePatch; readonly patch: Patch },
): void {
	const { from, to, hunks, isBinary, isCopy, isLink } = file;
	if (isBinary) {
		if (to !== null) changed.set(to, null);
		return;
	}
	const now = (path: string): string | null =>
		changed.has(path) ? (changed.get(path) ?? null) : unnoted(() => base.read(path));
	const refused = (why: string): UsageError =>
		new UsageError(`${patch.name} does not apply: ${why}`);
	const text = from === null ? '' : now(from);
	if (text === null)
		throw refused(`the tree has no ${from} that can be read (is it for another kernel?)`);
	if (from === null && to !== null && now(to) !== null) throw refused(`${to} is already there`);
	const made = applied(text, hunks);
	if (typeof made === 'number') {
		const hunk = hunks[made];
		const where = hunk === undefined ? '' : ` ${hunkName(hunk)}`;
		const isDone = typeof applied(text, hunks.map(reversed)) === 'string';
		throw refused(
			isDone
				? `${from} has these changes already`
				: `hunk ${made + 1} of ${from}${where} is not found there (is it for another kernel?)`,
		);
	}
	if (from !== null && from !== to && !isCopy) changed.set(from, null);
	if (to !== null) changed.set(to, isLink ? null : made);
}

function reversed({ oldStart, oldLines, newStart, newLines, lines }: FilePatch['hunks'][number]) {
	const turned: Record<string, string> = { '+': '-', '-': '+' };
	return {
		...{ oldStart: newStart, oldLines: newLines, newStart: oldStart, newLines: oldLines },
		lines: lines.map((line) => `${turned[line[0] ?? ' '] ?? line[0] ?? ' '}${line.slice(1)}`),
	};
}
