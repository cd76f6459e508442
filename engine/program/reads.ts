/**
 * Which registers an op reads.
 */
import { unreachable } from '../base/unreachable.js';
import type { Op, Operand, RegisterIndex } from './op.js';

/** Visits each register that an op reads, as often as it names it, in the order of its fields. */
export function eachRead(op: Op, visit: (register: RegisterIndex) => void): void {
	const operand = (o: Operand): void => {
		if (o.kind === 'register') visit(o.register);
	};
	switch (op.kind) {
		case 'move':
			operand(op.from);
			return;
		case 'use':
			visit(op.from);
			return;
		case 'unary':
		case 'convert':
			operand(op.operand);
			return;
		case 'binary':
			operand(op.left);
			operand(op.right);
			return;
		case 'branch':
		case 'assume':
			operand(op.condition);
			return;
		case 'call':
		case 'intrinsic':
			for (const argument of op.arguments) operand(argument);
			return;
		case 'return':
			if (op.value !== null) operand(op.value);
			return;
		case 'field':
			operand(op.base);
			return;
		case 'load':
			operand(op.address);
			return;
		case 'store':
			operand(op.address);
			operand(op.value);
			return;
		case 'rmw':
			operand(op.address);
			operand(op.operand);
			if (op.expected !== null) operand(op.expected);
			return;
		case 'frame-address':
		case 'symbol':
		case 'choose':
		case 'section':
		case 'jump':
		case 'fence':
		case 'bug':
		case 'unsupported':
			return;
		default:
			unreachable(op);
	}
}

/** Visits each register that an op reads or writes. */
export function eachNamed(op: Op, visit: (register: RegisterIndex) => void): void {
	eachRead(op, visit);
	if ('dst' in op && op.dst !== null) visit(op.dst);
}

/** Registers an op reads. */
export function readBy(op: Op): readonly RegisterIndex[] {
	const read: RegisterIndex[] = [];
	eachRead(op, (register) => read.push(register));
	return read;
}
