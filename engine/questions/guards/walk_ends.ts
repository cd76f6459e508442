/**
 * Where the functions of a walk give up, with what their callers take for failure: worked out from the root down, for it
 * shows in the caller's branches on the result.
 */
import type { FunctionIndex, Op, OpIndex, RegisterIndex } from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';
import { type Failure, type GivingUp, givingUp } from './giving_up.js';

export interface FunctionEnds {
	readonly function: FunctionIndex;
	readonly ends: GivingUp;
	/** It is only called where its caller has given up already: it undoes, and decides nothing. */
	readonly cleansUp: boolean;
}

/** The walk's functions that the root reaches, callers before callees; those too large to be followed are left out. */
export function walkEnds(program: Program, root: FunctionIndex): readonly FunctionEnds[] {
	const found = new Map<FunctionIndex, FunctionEnds>();
	for (const index of callersFirst(program, root)) {
		const fn = program.functions[index] as ProgramFunction;
		const calls = [...found.values()].flatMap((caller) => callsOf(program, caller, index));
		const fails =
			index === root
				? failureOfRoot(fn)
				: (calls.map((call) => call.fails).find((f) => f !== null) ?? null);
		const cleansUp = index !== root && calls.length > 0 && calls.every((call) => call.isLost);
		const ends = givingUp(fn, fails) ?? (fails === null ? null : givingUp(fn, null));
		if (ends !== null) found.set(index, { function: index, ends, cleansUp });
	}
	return [...found.values()];
}

/** Functions of walk text in an order in which every caller comes before what it calls (recursion apart). */
function callersFirst(program: Program, root: FunctionIndex): readonly FunctionIndex[] {
	const order: FunctionIndex[] = [];
	const seen = new Set<FunctionIndex>();
	const visit = (index: FunctionIndex): void => {
		if (seen.has(index)) return;
		seen.add(index);
		const fn = program.functions[index];
		if (fn?.origin !== 'walk') return;
		for (const op of fn.ops) if (op.kind === 'call') visit(op.callee);
		order.unshift(index);
	};
	visit(root);
	return order;
}

/** A root hands out a count, a pointer or a success; a negative number or 0 is none, unless it returns nothing else. */
function failureOfRoot(fn: ProgramFunction): Failure | null {
	const values = fn.ops.flatMap((op) =>
		op.kind === 'return' && op.value !== null ? [op.value] : [],
	);
	if (values.length === 0) return null;
	const constants = values.flatMap((v) => (v.kind === 'constant' ? [v.value] : []));
	const isStatus = constants.length === values.length && constants.every((value) => value <= 0);
	return isStatus ? 'negative' : 'not-positive';
}

interface Call {
	/** What this call's caller takes for failure, as far as it shows. */
	readonly fails: Failure | null;
	/** The caller has given up by then, or is itself only called then. */
	readonly isLost: boolean;
}

function callsOf(program: Program, caller: FunctionEnds, callee: FunctionIndex): readonly Call[] {
	const fn = program.functions[caller.function] as ProgramFunction;
	return fn.ops.flatMap((op, at): readonly Call[] => {
		if (op.kind !== 'call' || op.callee !== callee) return [];
		const isLost = caller.cleansUp || caller.ends.lost.has(at as OpIndex);
		const fails = op.dst === null ? null : failureOfCall(fn, at, op.dst, caller);
		return [{ fails, isLost }];
	});
}

/** How a register relates to a call's result: equal, true when that is 0, true when that is negative. */
type Sense = 'same' | 'zero' | 'negative';

/** The first branch on the result, or the caller's own failure where the result is handed through. */
function failureOfCall(
	fn: ProgramFunction,
	at: number,
	result: RegisterIndex,
	caller: FunctionEnds,
): Failure | null {
	const senses = new Map<RegisterIndex, Sense>([[result, 'same']]);
	for (let i = at + 1; i < fn.ops.length; i++) {
		const op = fn.ops[i] as Op;
		if (op.kind === 'branch' && op.condition.kind === 'register') {
			const sense = senses.get(op.condition.register);
			const arm = caller.ends.arms.get(i as OpIndex);
			if (sense === undefined || arm === undefined) continue;
			return failureWhen(sense, arm === 'then');
		}
		if (op.kind === 'return' && op.value?.kind === 'register') {
			const sense = senses.get(op.value.register);
			if (sense === 'same') return caller.ends.fails;
		}
		if (!('dst' in op) || op.dst === null) continue;
		const sense = senseOf(op, senses);
		if (sense !== null) senses.set(op.dst, sense);
		else if (op.dst !== result) senses.delete(op.dst);
	}
	return null;
}

function failureWhen(sense: Sense, isTrue: boolean): Failure | null {
	switch (sense) {
		case 'same':
			return isTrue ? 'nonzero' : 'zero';
		case 'zero':
			return isTrue ? 'zero' : 'nonzero';
		case 'negative':
			return isTrue ? 'negative' : null;
	}
}

function senseOf(op: Op, senses: ReadonlyMap<RegisterIndex, Sense>): Sense | null {
	const of = (o: { readonly kind: string; readonly register?: RegisterIndex }): Sense | null =>
		o.register === undefined ? null : (senses.get(o.register) ?? null);
	switch (op.kind) {
		case 'move':
			return of(op.from);
		case 'use':
			return senses.get(op.from) ?? null;
		case 'convert':
			return of(op.operand);
		case 'unary':
			return op.operator === '!' ? inverted(of(op.operand)) : null;
		case 'binary': {
			if (op.right.kind !== 'constant' || op.right.value !== 0) return null;
			const sense = of(op.left);
			if (op.operator === '!=') return sense;
			if (op.operator === '==') return inverted(sense);
			return op.operator === '<' && sense === 'same' ? 'negative' : null;
		}
		default:
			return null;
	}
}

function inverted(sense: Sense | null): Sense | null {
	if (sense === 'same') return 'zero';
	return sense === 'zero' ? 'same' : null;
}
