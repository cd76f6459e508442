/**
 * Files of a kernel tree in the order in which a definition is looked for: what the file includes, then mm's own
 * headers, the architecture's, include/linux, and at last mm/*.c.
 *
 * Invariant: a tree's texts are read once per `KernelTree`; reading is bounded.
 */

import { keptReader } from './kept_texts.js';

/** Read access, as `KernelTree` gives it. */
export interface FileAccess {
	read(path: string): string | null;
	list(folder: string): readonly string[];
	stamp?(path: string): string | null;
	hasFolder?(folder: string): boolean;
}

export interface TreeFiles {
	/** Text of a file, or null. */
	text(path: string): string | null;
	/** Headers reached from a file by `#include`, nearest first. */
	included(path: string, text: string): readonly string[];
	/** All other files a definition may stand in, best first. */
	elsewhere(): readonly string[];
	/** mm's own headers. */
	ownHeaders(): readonly string[];
	/** The architecture's own headers that concern page tables, best first. */
	archHeaders(): readonly string[];
}

const includedMax = 400;
const elsewhereMax = 4000;
const fileBytesMax = 4_000_000;

/** `root`: of the tree that is read. */
export function treeFiles(
	tree: FileAccess,
	{ root, archFolder }: { readonly root: string; readonly archFolder: string },
): TreeFiles {
	const read = keptReader(root, tree);
	const texts = new Map<string, string | null>();
	const lists = new Map<string, readonly string[]>();
	const list = (folder: string): readonly string[] => {
		let found = lists.get(folder);
		if (found === undefined) {
			found = tree.list(folder).map((p) => (p.includes('/') ? p : `${folder}/${p}`));
			lists.set(folder, found);
		}
		return found;
	};
	const text = (path: string): string | null => {
		let found = texts.get(path);
		if (found === undefined) {
			found = read(path);
			if (found !== null && found.length > fileBytesMax) found = null;
			texts.set(path, found);
		}
		return found;
	};
	const resolveInclude = (spec: string, from: string): string | null => {
		const own = from.slice(0, from.lastIndexOf('/') + 1);
		const candidates = spec.startsWith('asm/')
			? [`arch/${archFolder}/include/${spec}`, `include/asm-generic/${spec.slice(4)}`]
			: [
					`${own}${spec}`,
					`include/${spec}`,
					`arch/${archFolder}/include/${spec}`,
					`include/uapi/${spec}`,
				];
		return candidates.find((c) => text(c) !== null) ?? null;
	};
	const headers = (folder: string): readonly string[] =>
		list(folder).filter((p) => p.endsWith('.h'));
	let rest: readonly string[] | null = null;
	return {
		text,
		included(path, source) {
			const found: string[] = [];
			const seen = new Set<string>([path]);
			let layer: { path: string; text: string }[] = [{ path, text: source }];
			for (let depth = 0; depth < 3 && layer.length > 0; depth++) {
				const next: { path: string; text: string }[] = [];
				for (const file of layer) {
					for (const match of file.text.matchAll(
						/^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]/gm,
					)) {
						const resolved =
							found.length < includedMax ? resolveInclude(match[1] ?? '', file.path) : null;
						if (resolved === null || seen.has(resolved)) continue;
						seen.add(resolved);
						found.push(resolved);
						next.push({ path: resolved, text: text(resolved) ?? '' });
					}
				}
				layer = next;
			}
			return found;
		},
		elsewhere() {
			rest ??= [
				...headers('mm'),
				...headers(`arch/${archFolder}/include/asm`),
				...headers('include/linux'),
				...headers('include/asm-generic'),
				...headers('include/vdso'),
				...headers('include/uapi/linux'),
				...headers('include/uapi/asm-generic'),
				...headers(`arch/${archFolder}/include/uapi/asm`),
				...headers('include/asm-generic/bitops'),
				...list('mm').filter((p) => p.endsWith('.c')),
			].slice(0, elsewhereMax);
			return rest;
		},
		ownHeaders: () => headers('mm'),
		archHeaders() {
			const all = headers(`arch/${archFolder}/include/asm`);
			const near = all.filter((p) => /\/(pgtable|pgalloc|page|tlb|mmu)[\w-]*\.h$/.test(p));
			return near;
		},
	};
}
