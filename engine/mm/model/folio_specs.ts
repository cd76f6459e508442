/**
 * Folios that many worlds have: what they have in common is said once, what is special to a world stands with it.
 */
import { OWNER } from './owner.js';
import { type FolioSpec, FRAME } from './world_spec.js';

/** Frames of the one compound folio of a world. */
export const COMPOUND = [FRAME.head, FRAME.tail, FRAME.tail2] as const;

/** An anonymous folio that is exclusive to the process, mapped once. */
export function anonFolio(...frames: readonly number[]): FolioSpec {
	return { owner: OWNER.anon, mapping: 'anon', exclusive: true, frames, refcount: 1 };
}

/** Pages of a DAX file, behind an entry that is marked. */
export function daxFolio(...frames: readonly number[]): FolioSpec {
	return { frames, owner: OWNER.device, mapping: 'file', refcount: 2, marks: ['zone_device'] };
}
