/** The headers of the adversaries' C (server/lower/actor_header.ts), and what of the walk decides how they act. */
import type { FunctionIndex } from '../../program/op.js';
import type { ActorHeader, Program } from '../../program/program.js';
import { reachable } from '../../program/reach.js';

/** What an adversary says of itself; null: nothing is known of one of that name. */
export function headerOf({ actors = [] }: Program, name: string): ActorHeader | null {
	return actors.find((actor) => actor.name === name) ?? null;
}

/** Fields of struct mm_struct that adversaries lock when they are not alone (engine/mm/actors/common.c). */
const LOCKS: readonly string[] = ['page_table_lock', 'mmap_lock'];

/** Whether the walk takes a lock of theirs itself: then they take it too, alone or not. */
export function takesLocks(program: Program, root: FunctionIndex): boolean {
	const fields = program.fields.map((f) => f.struct === 'mm_struct' && LOCKS.includes(f.name));
	return [...reachable(program, root)].some((index) =>
		program.functions[index]?.ops.some((op) => op.kind === 'field' && fields[op.field]),
	);
}
