/**
 * Which generation of the memory model a kernel tree has: read from its own tools/memory-model.
 */
import type { Generation } from '../../engine/memory/lkmm/axioms.js';
import { generationOfTexts } from '../../engine/memory/lkmm/generation.js';
import { DISK, now } from '../reading/disk.js';
import { readNow, resolvedRoot, TREE_BYTES_MAX } from '../reading/file.js';

/** The generation of a tree's model, or null when the tree has none. */
export function generationOf(tree: string): Generation | null {
	const root = now(resolvedRoot(DISK, tree));
	if (root === null) return null;
	const text = (name: string): string | null => {
		const path = `tools/memory-model/${name}`;
		const read = readNow({ root, path, bytesMax: TREE_BYTES_MAX });
		return read.kind === 'text' ? read.text : null;
	};
	return generationOfTexts({ bell: text('linux-kernel.bell'), cfg: text('linux-kernel.cfg') });
}
