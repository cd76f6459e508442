/**
 * Read-modify-writes of the IR as LKMM has them (linux-kernel.def): a full one stands between two full barriers when it
 * stores, a relaxed one whose value nobody uses is `noreturn`, one that does not store is a mere read.
 */
import { unreachable } from '../../base/unreachable.js';
import type { Op } from '../../program/op.js';
import * as tag from './event.js';
import type { LocationIndex } from './litmus_program.js';
import { join, type RunRecorder, type Dependent as Word } from './run_recorder.js';
import { operate, type SymbolicValue } from './value.js';

interface At {
	readonly address: number;
	readonly deps: readonly number[];
}

/** What a read-modify-write needs of the run it is part of. */
export interface RmwMemory {
	readonly recorder: RunRecorder;
	/** The location of an address whose accesses are events; null: they are none. */
	locationOf(address: number): LocationIndex | null;
	load(tags: number, at: At): Word;
	store(
		tags: number,
		at: At,
		value: Word,
		partner: {
			readonly read: number;
			readonly operand: SymbolicValue;
			readonly expected: SymbolicValue | null;
		} | null,
	): void;
	fence(): void;
}

export interface RmwRequest {
	readonly op: Extract<Op, { kind: 'rmw' }>;
	readonly at: At;
	readonly operand: Word;
	readonly expected: Word | null;
	/** Whether somebody reads its result. */
	readonly used: boolean;
}

/** Performs it and gives what it leaves in its register. */
export function performRmw(memory: RmwMemory, request: RmwRequest): Word {
	const { op, at, operand, expected, used } = request;
	const contended = memory.locationOf(at.address) !== null;
	const { recorder } = memory;
	if (expected !== null && contended && recorder.choose(2) === 1) {
		const read = memory.load(tag.R | tag.RMW | tag.ONCE, at);
		recorder.require(stores(op, read.value, expected.value, false));
		return result(op, read, read.value, false, join(read.deps, expected.deps));
	}
	const full = op.order === 'full' && contended;
	if (full) memory.fence();
	const noreturn = op.order === 'relaxed' && !used;
	const readTags = op.order === 'acquire' ? tag.ACQUIRE : noreturn ? tag.NORETURN : tag.ONCE;
	const ordered = tag.RMW | (full ? tag.MB : 0);
	const read = memory.load(tag.R | ordered | readTags, at);
	const partner = recorder.events.length - 1;
	if (expected !== null) {
		const condition = stores(op, read.value, expected.value, true);
		// Contended, the choice has been made; own memory decides by itself.
		if (contended) recorder.require(condition);
		else if (!recorder.decide(condition))
			return result(op, read, read.value, false, join(read.deps, expected.deps));
	}
	const value = updated(op, read.value, operand.value);
	const isExchange = op.operator === 'xchg' || op.operator === 'cmpxchg';
	const stored = { value, deps: isExchange ? operand.deps : join(read.deps, operand.deps) };
	const writeTags = op.order === 'release' ? tag.RELEASE : tag.ONCE;
	memory.store(tag.W | ordered | writeTags, at, stored, {
		read: partner,
		operand: operand.value,
		expected: expected?.value ?? null,
	});
	if (full) memory.fence();
	return result(op, read, value, true, join(read.deps, join(operand.deps, expected?.deps ?? [])));
}

/** Non-zero when it stores (or, `wanted` false, when it does not). */
function stores(
	op: RmwRequest['op'],
	old: SymbolicValue,
	expected: SymbolicValue,
	wanted: boolean,
): SymbolicValue {
	return operate((op.operator === 'cmpxchg') === wanted ? '==' : '!=', old, expected);
}

function updated(op: RmwRequest['op'], old: SymbolicValue, operand: SymbolicValue): SymbolicValue {
	switch (op.operator) {
		case 'add':
		case 'add-unless':
			return operate('+', old, operand);
		case 'and':
			return operate('&', old, operand);
		case 'or':
			return operate('|', old, operand);
		case 'xor':
			return operate('^', old, operand);
		case 'xchg':
		case 'cmpxchg':
			return operand;
		default:
			return unreachable(op.operator);
	}
}

function result(
	op: RmwRequest['op'],
	read: Word,
	now: SymbolicValue,
	stored: boolean,
	deps: readonly number[],
): Word {
	switch (op.returns) {
		case 'old':
			return read;
		case 'new':
			return { value: now, deps };
		case 'success':
			return { value: stored ? 1 : 0, deps };
		case 'zero':
			return { value: operate('==', now, 0), deps };
		default:
			return unreachable(op.returns);
	}
}
