/**
 * Which generation of the memory model the text of a tree's tools/memory-model is, told by the facts that differ, never by a
 * version number.
 *
 * What differs: 6.1 carries no dependency through plain accesses, has no `rmw-sequence`, and smp_mb__after_unlock_lock()
 * orders along co; since 6.12 a dependency goes through a plain access of the thread (`carry-dep`), a chain of
 * read-modify-writes keeps the order of what it began with, and SRCU's sections are matched by value; `lkmmv2` gives full read-modify-writes the
 * tag Mb in place of two fences around them, and forbids what 6.12 does.
 */
import type { Generation } from './axioms.js';

/** What is taken where no tree says. */
export const BUILT_IN_GENERATION: Generation = '6.12';

export interface ModelTexts {
	/** linux-kernel.bell; null: there is none. */
	readonly bell: string | null;
	/** linux-kernel.cfg. */
	readonly cfg: string | null;
}

/** The generation, or null where there is no model. */
export function generationOfTexts({ bell, cfg }: ModelTexts): Generation | null {
	if (bell === null || bell === '') return null;
	if (/\blkmmv2\b/.test(cfg ?? '')) return 'lkmmv2';
	return /\bcarry-dep\b/.test(bell) ? '6.12' : '6.1';
}

/** A generation in words. */
export function generationName(generation: Generation): string {
	return generation === 'lkmmv2' ? 'lkmmv2, since 6.15' : generation;
}
