/**
 * Whether a kernel tree has what the adversaries cite: where each function is defined, and for one that is not where it was
 * cited where it went.
 */
import type { KernelFunction } from '../../engine/program/program.js';
import type { KernelTree } from '../tree/kernel_tree.js';
import { definitionLine, splitLines } from '../tree/source_lines.js';

/** A definition in the tree. */
export interface Definition extends KernelFunction {
	/** 1-based. */
	readonly line: number;
}

export type Resolved =
	| { readonly kind: 'found'; readonly at: Definition }
	/** None of them stands where it is cited; `now`: where one of that name does. */
	| { readonly kind: 'moved'; readonly now: Definition }
	| { readonly kind: 'gone'; readonly noFile: boolean }
	/** The tree at hand is a part of one: the folder is not in it. */
	| { readonly kind: 'no-folder'; readonly folder: string };

/** Where functions go when they leave a file. */
const FOLDERS: readonly string[] = [
	...['mm', 'mm/damon', 'include/linux', 'include/asm-generic', 'include/linux/atomic', 'kernel'],
	...['kernel/events', 'kernel/rcu', 'kernel/sched', 'fs', 'fs/proc', 'fs/hugetlbfs', 'lib'],
	...['arch/x86/mm', 'arch/x86/kernel', 'arch/x86/include/asm', 'arch/arm64/mm'],
	...['arch/arm64/include/asm', 'drivers/dax', 'drivers/nvdimm'],
];
/** Files looked through for one tree, at most. */
const FILES_MAX = 5000;

/** Looks citations up in one tree; files are read once. */
export function resolverIn(tree: KernelTree): (candidates: readonly KernelFunction[]) => Resolved {
	const texts = new Map<string, readonly string[] | null>();
	const linesOf = (path: string): readonly string[] | null => {
		const known = texts.get(path);
		if (known !== undefined) return known;
		const text = tree.read(path);
		const lines = text === null ? null : splitLines(text);
		texts.set(path, lines);
		return lines;
	};
	const definedAt = (path: string, name: string): Definition | null => {
		const lines = linesOf(path);
		const line = lines === null ? null : definitionLine(lines, name);
		return line === null ? null : { path, function: name, line };
	};
	let elsewhere: readonly string[] | null = null;
	const everywhere = (): readonly string[] => {
		elsewhere ??= FOLDERS.flatMap((folder) => tree.list(folder))
			.filter((path) => /\.[chS]$/.test(path))
			.slice(0, FILES_MAX);
		return elsewhere;
	};
	const wentTo = (name: string): Definition | null => {
		for (const path of everywhere()) {
			const found = definedAt(path, name);
			if (found !== null) return found;
		}
		return null;
	};
	return (candidates) => {
		for (const one of candidates) {
			const at = definedAt(one.path, one.function);
			if (at !== null) return { kind: 'found', at };
		}
		for (const one of candidates) {
			const now = wentTo(one.function);
			if (now !== null) return { kind: 'moved', now };
		}
		const [first] = candidates;
		const folder = (first?.path ?? '').replace(/\/[^/]*$/, '');
		if (tree.list(folder).length === 0) return { kind: 'no-folder', folder };
		return { kind: 'gone', noFile: candidates.every((one) => linesOf(one.path) === null) };
	};
}
