/**
 * Which generation of the memory model a kernel tree has: read from its own tools/memory-model, told by the facts that
 * differ, never by a version number.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Generation } from '../../engine/memory/lkmm/axioms.js';

/** What is taken when there is no tree. */
export const BUILT_IN_GENERATION: Generation = '6.12';

/** The generation of a tree's model, or null when the tree has none. */
export function generationOf(tree: string): Generation | null {
	const folder = join(tree, 'tools/memory-model');
	const text = (name: string): string => {
		const path = join(folder, name);
		return existsSync(path) ? readFileSync(path, 'utf8') : '';
	};
	const bell = text('linux-kernel.bell');
	if (bell === '') return null;
	if (/\blkmmv2\b/.test(text('linux-kernel.cfg'))) return 'lkmmv2';
	// carry-dep came with the rework of plain accesses and SRCU between 6.1 and 6.12.
	return /\bcarry-dep\b/.test(bell) ? '6.12' : '6.1';
}
