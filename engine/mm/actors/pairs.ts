/**
 * Which adversaries act at once, and in which worlds. Two adversaries take the locks that keep them off each other
 * in the kernel (engine/mm/actors/common.c); each takes part with all it does alone.
 *
 * A pair costs ten times what its two cost alone, and what two do one after the other is mostly what one of them does: it is
 * named when it shows what neither shows alone (collapse and split_pmd bring a PMD back to the value it began with), or
 * when two objects go at once and no lock orders them. Tried and left out: each guard of 6.12's and 6.1's walks was taken away,
 * and reclaim+reuse, zap+reuse, zap+fork, remap+fork, reclaim+fork, collapse+fork, mprotect+fork, reclaim+fault, zap+fault,
 * ksm+reclaim, collapse+reclaim, zap+truncate, mprotect+zap, unplug+zap and writeback with zap, truncate and reclaim broke
 * nothing that one of the two did not break by itself. Model: migrate, numa and unshare take no locks and stand in no
 * pair.
 *
 * The pairs stand in the headers of their C (server/lower/actor_header.ts); a test holds the worlds named there against
 * engine/mm/worlds.
 */
import type { Program } from '../../program/program.js';
import type { WorldSpec } from '../model/world_spec.js';

/** The pairs that meet in a world. */
export function pairsIn({ actors = [] }: Program, spec: WorldSpec): readonly (readonly string[])[] {
	return actors.flatMap(({ name, beside }) =>
		beside.flatMap(({ actor, worlds }) => (worlds.includes(spec.name) ? [[name, actor]] : [])),
	);
}

/** Adversaries that stand in some pair. */
export function paired({ actors = [] }: Pick<Program, 'actors'>): ReadonlySet<string> {
	return new Set(
		actors.flatMap(({ name, beside }) =>
			beside.length === 0 ? [] : [name, ...beside.map(({ actor }) => actor)],
		),
	);
}
