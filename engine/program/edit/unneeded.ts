/**
 * What nobody needs once some ops of a function are gone: reads and calls without any other effect whose results only fed
 * them.
 */
import type { FunctionIndex, Op, OpIndex, RegisterIndex } from '../op.js';
import type { Program } from '../program.js';
import { reachable } from '../reach.js';
import { readBy } from '../reads.js';

/** Ops without an effect beyond their result. */
const SILENT: ReadonlySet<Op['kind']> = new Set([
	...(['move', 'use', 'unary', 'binary', 'convert'] as const),
	...(['frame-address', 'field', 'symbol', 'load'] as const),
]);
/** Ops a function may hold beside those and still have no effect. */
const CONTROL: ReadonlySet<Op['kind']> = new Set(['jump', 'branch', 'return', 'call']);

/** The ops of `fn` whose results only `gone` and each other read, `gone` left out. */
export function unneeded(
	program: Program,
	fn: FunctionIndex,
	gone: readonly number[],
): readonly OpIndex[] {
	const ops = program.functions[fn]?.ops ?? [];
	const dead = new Set<number>(gone);
	for (let again = true; again; ) {
		again = false;
		for (const [i, op] of ops.entries()) {
			if (dead.has(i) || !isSilent(program, op)) continue;
			const { dst } = op as { readonly dst: RegisterIndex | null };
			if (dst === null || !feedsOnly(ops, dst, dead)) continue;
			dead.add(i);
			again = true;
		}
	}
	return [...dead].filter((i) => !gone.includes(i)) as OpIndex[];
}

/** Somebody reads the register, and all who do are dead. */
function feedsOnly(
	ops: readonly Op[],
	register: RegisterIndex,
	dead: ReadonlySet<number>,
): boolean {
	let read = false;
	for (const [i, op] of ops.entries()) {
		if (!reads(op, register)) continue;
		if (!dead.has(i)) return false;
		read = true;
	}
	return read;
}

function reads(op: Op, register: RegisterIndex): boolean {
	return readBy(op).includes(register);
}

function isSilent(program: Program, op: Op): boolean {
	if (SILENT.has(op.kind)) return true;
	if (op.kind !== 'call') return false;
	return [...reachable(program, op.callee)].every((f) =>
		(program.functions[f]?.ops ?? []).every((o) => SILENT.has(o.kind) || CONTROL.has(o.kind)),
	);
}
