/**
 * Kernels with something changed on the adversary's side: how they differ from the adversaries, and what is said of their walk.
 */
import type { ArchName } from '../engine/program/arch.js';
import type { Memory } from '../engine/rules/verdict.js';
import { differencesOf, differenceText } from '../server/actors/protocol.js';
import { ownActors } from '../server/actors/sources.js';
import { analyse } from '../server/ide/analysis/analyse.js';
import { followedOf } from '../server/lower/lower.js';
import { changedTree } from '../server/tree/changed_tree.js';
import type { KernelTree } from '../server/tree/kernel_tree.js';
import { openTree } from '../server/tree/workspace.js';
import { realEngine } from '../server/worker/engine.js';
import { requestOf } from './analysis.js';
import { type Edit, edited, gup } from './kernel_text.js';
import { kernelTree } from './trees.js';

type Version = '6.12' | '6.1';

export interface Change {
	readonly what: string;
	readonly version: Version;
	readonly file: string;
	readonly edits: readonly Edit[];
	/** Other files as they are then; null: the file is gone. */
	readonly others?: Readonly<Record<string, string | null>>;
	/** Adversaries that can show it. */
	readonly actor: string;
	readonly arch?: ArchName;
	readonly memory?: Memory;
}

/** A kernel with some of its files edited, as an editor has it: at the same place. */
function treeOf({
	version,
	file,
	edits,
	others = {},
}: Pick<Change, 'version' | 'file' | 'edits' | 'others'>): KernelTree {
	const tree = openTree(kernelTree(version));
	const text = edits.length === 0 ? tree.read(file) : edited(tree.read(file) ?? '', edits);
	return changedTree(tree, new Map([[file, text], ...Object.entries(others)]));
}

/** The walk of that kernel, to be checked. */
export function requestFor(change: Change) {
	const { version, actor, arch = 'arm64', memory = 'sc' } = change;
	const request = requestOf({
		...{ path: 'mm/gup.c', text: gup(version), arch, memory },
		actors: actor === '' ? [] : [actor],
	});
	return { ...request, tree: treeOf(change) };
}

/** What differs from the adversaries, without lines. */
export function differencesFor(change: Change): readonly string[] {
	const { path, text, tree, arch, config } = requestFor(change);
	const followed = followedOf({ path, text, tree, arch, config, actors: ownActors() });
	return differencesOf(followed).map((d) => differenceText(d).replace(/:\d+/g, ''));
}

/** The walk of that kernel. */
export function checked(change: Change) {
	return analyse(realEngine, requestFor(change), {
		observer: { cancelled: () => false },
		cache: null,
	});
}
