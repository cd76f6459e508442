/**
 * Natural loops of a function (Aho, Lam, Sethi, Ullman, "Compilers", 9.6): an edge to an op that dominates its source leads
 * back, what reaches that source without passing the head is the loop. Which of a loop's exits is its own end, and which
 * leaves it early, is told from where the branch stands.
 */

import { dominatorsOf, type Flow } from '../dominators.js';
import type { Op, OpIndex, RegisterIndex } from '../op.js';
import { type ProgramFunction, successors } from '../program.js';
import { readBy } from '../reads.js';
import { writersOf } from '../writers.js';

export interface Loop {
	readonly head: OpIndex;
	/** The loop's ops, its head among them. */
	readonly body: ReadonlySet<OpIndex>;
	/** Branches that are the loop's own condition. Empty: it goes on until something in it leaves (`for (;;)`, `goto again`). */
	readonly tests: ReadonlySet<OpIndex>;
}

export interface Loops {
	readonly loops: readonly Loop[];
	/** The edge leads back to a loop's head. */
	isBack(from: OpIndex, to: OpIndex): boolean;
}

export function loopsOf(fn: ProgramFunction): Loops {
	const flow = fn.ops.map((op, at) => successors(op, at as OpIndex));
	const before = backwards(flow);
	const { dominates } = dominatorsOf(flow, before);
	const isBack = (from: OpIndex, to: OpIndex): boolean => dominates(to, from);
	const latches = new Map<OpIndex, OpIndex[]>();
	flow.forEach((targets, at) => {
		for (const to of targets) {
			if (!isBack(at as OpIndex, to)) continue;
			const known = latches.get(to);
			if (known === undefined) latches.set(to, [at as OpIndex]);
			else known.push(at as OpIndex);
		}
	});
	const loops = [...latches].map(([head, from]): Loop => {
		const body = bodyOf(before, head, from);
		return { head, body, tests: testsOf(fn, { head, body, from, flow }) };
	});
	return { loops, isBack };
}

/** Where each op may have come from. */
function backwards(flow: Flow): Flow {
	const before = flow.map((): OpIndex[] => []);
	flow.forEach((targets, at) => {
		for (const to of targets) before[to]?.push(at as OpIndex);
	});
	return before;
}

function bodyOf(before: Flow, head: OpIndex, latches: readonly OpIndex[]): ReadonlySet<OpIndex> {
	const body = new Set<OpIndex>([head]);
	const open = [...latches];
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		if (body.has(at)) continue;
		body.add(at);
		open.push(...(before[at] ?? []));
	}
	return body;
}

/** Of `do … while`: the branch that leads back. Of `while` and `for`: branches before anything is done in the loop. */
function testsOf(
	fn: ProgramFunction,
	loop: {
		readonly head: OpIndex;
		readonly body: ReadonlySet<OpIndex>;
		readonly from: readonly OpIndex[];
		readonly flow: Flow;
	},
): ReadonlySet<OpIndex> {
	const { head, body, from, flow } = loop;
	const exits = (at: OpIndex): boolean =>
		fn.ops[at]?.kind === 'branch' && flow[at]?.some((to) => !body.has(to)) === true;
	const atEnd = from.filter(exits);
	if (atEnd.length > 0) return new Set(atEnd.filter((at) => !triesAgain(fn, at, body)));
	const tests = new Set<OpIndex>();
	const seen = new Set<OpIndex>();
	const open = [head];
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		if (seen.has(at) || !body.has(at)) continue;
		seen.add(at);
		if (exits(at)) tests.add(at);
		if (QUIET.has(fn.ops[at]?.kind ?? 'bug')) open.push(...(flow[at] ?? []));
	}
	return tests;
}

/** Ops that only look at what is there. */
const QUIET: ReadonlySet<Op['kind']> = new Set([
	...(['move', 'use', 'unary', 'binary', 'convert', 'frame-address'] as const),
	...(['field', 'symbol', 'load', 'branch', 'jump'] as const),
]);

/**
 * The loop goes round until what it reads is good: its condition comes from a call or an atomic access in the loop and not
 * from what the round before left (`while (read_seqcount_retry(…))`).
 */
function triesAgain(fn: ProgramFunction, at: OpIndex, body: ReadonlySet<OpIndex>): boolean {
	const branch = fn.ops[at];
	if (branch?.kind !== 'branch' || branch.condition.kind !== 'register') return false;
	const writers = writersIn(fn, body);
	const closure = (from: readonly RegisterIndex[]): ReadonlySet<RegisterIndex> => {
		const seen = new Set<RegisterIndex>();
		const open = [...from];
		for (let r = open.pop(); r !== undefined; r = open.pop()) {
			if (seen.has(r)) continue;
			seen.add(r);
			open.push(...writers(r).flatMap(readBy));
		}
		return seen;
	};
	const made = [...closure([branch.condition.register])];
	if (made.some((r) => closure(writers(r).flatMap(readBy)).has(r))) return false;
	return made.some((r) =>
		writers(r).some(
			(op) =>
				op.kind === 'call' ||
				op.kind === 'rmw' ||
				op.kind === 'intrinsic' ||
				(op.kind === 'load' && op.order !== 'plain'),
		),
	);
}

/** The ops of a part of a function that write each register. */
function writersIn(
	fn: ProgramFunction,
	body: ReadonlySet<OpIndex>,
): (register: RegisterIndex) => readonly Op[] {
	const writers = writersOf(fn);
	return (register) =>
		(writers.get(register) ?? []).filter((at) => body.has(at)).map((at) => fn.ops[at] as Op);
}
