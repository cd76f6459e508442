/**
 * Arms of branches that do nothing that a run could tell: on the way to where other runs go on they touch no memory, call
 * nothing that does, and leave no register changed that is read again. Text for people (pr_debug()) and statistics lower to that.
 *
 * Invariant: taking an idle arm gives the same states as not taking it, but for where the thread stands meanwhile.
 */
import { type LinkedFunction, link, registersOf } from '../../memory/thread/link.js';
import type { FunctionIndex, Op, OpIndex } from '../../program/op.js';
import { type Program, type ProgramFunction, successors } from '../../program/program.js';
import type { Arm } from './arms.js';

/** `reached`: ops of its function that runs execute. */
export function isIdle(program: Program, arm: Arm, reached: Uint8Array): boolean {
	const fn = link(program).functions[arm.function] as LinkedFunction;
	const branch = fn.source.ops[arm.branch];
	if (branch?.kind !== 'branch') return false;
	const start = arm.then ? branch.then : branch.otherwise;
	const written = new Set<number>();
	const joins = new Set<number>();
	const seen = new Set<number>();
	const todo: number[] = [start];
	for (let pc = todo.pop(); pc !== undefined; pc = todo.pop()) {
		if (reached[pc] === 1) {
			joins.add(pc);
			continue;
		}
		const op = fn.source.ops[pc] as Op;
		if (seen.has(pc) || !isQuiet(program, op, new Set())) return false;
		seen.add(pc);
		const { dst } = registersOf(op);
		if (dst >= 0) written.add(dst);
		todo.push(...successors(op, pc as OpIndex));
	}
	// the other way must go on at the same place
	const other = firstStop(fn.source, arm.then ? branch.otherwise : branch.then);
	return [...joins].every(
		(pc) => firstStop(fn.source, pc) === other && !fn.live(pc).some((r) => written.has(r)),
	);
}

/** True where what only the arm leads to writes no memory, enters and leaves nothing and takes nothing. */
export function isHarmless(program: Program, arm: Arm, reached: Uint8Array): boolean {
	const fn = program.functions[arm.function] as ProgramFunction;
	const branch = fn.ops[arm.branch];
	if (branch?.kind !== 'branch') return false;
	const todo: number[] = [arm.then ? branch.then : branch.otherwise];
	const seen = new Set<number>();
	const within = new Set([arm.function]);
	for (let pc = todo.pop(); pc !== undefined; pc = todo.pop()) {
		if (reached[pc] === 1 || seen.has(pc)) continue;
		seen.add(pc);
		const op = fn.ops[pc] as Op;
		if (op.kind !== 'load' && !isQuiet(program, op, within)) return false;
		todo.push(...successors(op, pc as OpIndex));
	}
	return true;
}

/** Where control is after jumps that do nothing. */
function firstStop(fn: ProgramFunction, from: number): number {
	let pc = from;
	for (let i = 0; i < fn.ops.length; i++) {
		const op = fn.ops[pc] as Op;
		if (op.kind !== 'jump') break;
		pc = op.target;
	}
	return pc;
}

/** Computes, and no more; on the way out of a function it may return what it computed. */
function isQuiet(program: Program, op: Op, within: Set<FunctionIndex>): boolean {
	switch (op.kind) {
		case 'move':
		case 'use':
		case 'unary':
		case 'convert':
		case 'field':
		case 'symbol':
		case 'jump':
		case 'branch':
			return true;
		case 'binary':
			return op.operator !== '/' && op.operator !== '%';
		case 'return':
			return within.size > 0;
		case 'call': {
			if (within.has(op.callee)) return false;
			const callee = program.functions[op.callee] as ProgramFunction;
			const inside = new Set([...within, op.callee]);
			const isLoop = callee.ops.some((o, pc) => successors(o, pc as OpIndex).some((n) => n <= pc));
			return !isLoop && callee.ops.every((o) => isQuiet(program, o, inside));
		}
		default:
			return false;
	}
}
