/**
 * Which generation of the memory model a kernel tree has: read from its own tools/memory-model, told by the facts that
 * differ, never by a version number.
 */
import type { Generation } from '../../engine/memory/lkmm/axioms.js';
import { DISK, now } from '../reading/disk.js';
import { readNow, resolvedRoot, TREE_BYTES_MAX } from '../reading/file.js';

/** What is taken when there is no tree. */
export const BUILT_IN_GENERATION: Generation = '6.12';

/** The generation of a tree's model, or null when the tree has none. */
export function generationOf(tree: string): Generation | null {
	const root = now(resolvedRoot(DISK, tree));
	if (root === null) return null;
	const text = (name: string): string => {
		const path = `tools/memory-model/${name}`;
		const read = readNow({ root, path, bytesMax: TREE_BYTES_MAX });
		return read.kind === 'text' ? read.text : '';
	};
	const bell = text('linux-kernel.bell');
	if (bell === '') return null;
	if (/\blkmmv2\b/.test(text('linux-kernel.cfg'))) return 'lkmmv2';
	// carry-dep came with the rework of plain accesses and SRCU between 6.1 and 6.12.
	return /\bcarry-dep\b/.test(bell) ? '6.12' : '6.1';
}
