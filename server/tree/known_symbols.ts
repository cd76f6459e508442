/**
 * Which CONFIG_ symbols there are: a word that no Kconfig declares decides nothing, and whoever sets it has mistyped one.
 *
 * A tree that holds only a part of the kernel has not all of its Kconfig: there a symbol counts as known when the files that
 * the analysis reads name it.
 */

import { named } from '../syntax/named.js';
import { foldersThatSet } from './arch_profiles.js';
import type { KernelTree } from './kernel_tree.js';

/** Folders whose files are read where the Kconfig is not all there. */
const READ = ['mm', 'include/linux', 'include/asm-generic'];
/** Kconfig files that one may source, of the whole kernel. */
const FILES_MAX = 5000;

/** Whether there is such a symbol, in the tree or in the texts at hand. */
export function isKnownSymbol(
	symbol: string,
	{ texts, tree }: { readonly texts: readonly string[]; readonly tree: KernelTree | null },
): boolean {
	if (foldersThatSet(symbol).size > 0) return true;
	const mentioned = new RegExp(`\\b${named(symbol)}\\b`);
	if (texts.some((text) => mentioned.test(text))) return true;
	if (tree === null) return false;
	if (tree.read('Kconfig') === null || tree.read('init/Kconfig') === null)
		return filesRead(tree).some((path) => mentioned.test(tree.read(path) ?? ''));
	const declared = new RegExp(
		`^[ \\t]*(?:menu)?config[ \\t]+${named(symbol).replace('CONFIG_', '')}[ \\t\\r]*$`,
		'm',
	);
	return isDeclared(tree, declared);
}

function filesRead(tree: KernelTree): readonly string[] {
	const headers = tree.list('arch').map((arch) => `${arch}/include/asm`);
	return [...READ, ...headers]
		.flatMap((folder) => tree.list(folder))
		.filter((path) => /(?:\.[ch]|Kconfig)$/.test(path));
}

/** Follows `source` from the top, for every architecture. */
function isDeclared(tree: KernelTree, declared: RegExp): boolean {
	const archs = tree.list('arch').map((path) => path.replace('arch/', ''));
	const open = ['Kconfig'];
	const seen = new Set(open);
	for (let path = open.pop(); path !== undefined && seen.size < FILES_MAX; path = open.pop()) {
		const text = tree.read(path);
		if (text === null) continue;
		if (declared.test(text)) return true;
		for (const [, relative, target = ''] of text.matchAll(
			/^[ \t]*o?(r?)source[ \t]+"([^"\n]+)"/gm,
		)) {
			const folder = relative === '' ? '' : path.slice(0, path.lastIndexOf('/') + 1);
			const isByArch = target.includes('$(SRCARCH)');
			const targets = isByArch ? archs.map((arch) => target.replace('$(SRCARCH)', arch)) : [target];
			for (const next of targets.map((name) => `${folder}${name}`)) {
				if (seen.has(next)) continue;
				seen.add(next);
				open.push(next);
			}
		}
	}
	return false;
}
