/** Ops in words, for tests: registers by their source names where they have one. */
import { unreachable } from '../base/unreachable.js';
import type { Op, Operand, RegisterIndex } from './op.js';
import type { Program, ProgramFunction } from './program.js';

/** One op without its site. */
export function printOp(program: Program, f: ProgramFunction, op: Op): string {
	const r = (index: RegisterIndex): string => register(f, index);
	const v = (operand: Operand): string =>
		operand.kind === 'constant' ? String(operand.value) : r(operand.register);
	const to = (dst: RegisterIndex | null): string => (dst === null ? '' : `${r(dst)} = `);
	switch (op.kind) {
		case 'move':
			return `${r(op.dst)} = ${v(op.from)}`;
		case 'use':
			return `${r(op.dst)} = use ${r(op.from)}`;
		case 'unary':
			return `${r(op.dst)} = ${op.operator}${v(op.operand)} ${type(op.type)}`;
		case 'binary':
			return `${r(op.dst)} = ${v(op.left)} ${op.operator} ${v(op.right)} ${type(op.type)}`;
		case 'convert':
			return `${r(op.dst)} = (${type(op.type)}) ${v(op.operand)}`;
		case 'jump':
			return `jump ${op.target}`;
		case 'branch':
			return `if ${v(op.condition)} jump ${op.then} else ${op.otherwise}`;
		case 'call': {
			const name = program.functions[op.callee]?.name ?? `function ${op.callee}`;
			return `${to(op.dst)}${name}(${op.arguments.map(v).join(', ')})`;
		}
		case 'return':
			return op.value === null ? 'return' : `return ${v(op.value)}`;
		case 'frame-address':
			return `${r(op.dst)} = &frame[${op.slot}] ${f.slots[op.slot] ?? ''}`;
		case 'field': {
			const field = program.fields[op.field];
			return `${r(op.dst)} = &${v(op.base)}->${field?.struct ?? '?'}.${field?.name ?? '?'}`;
		}
		case 'symbol':
			return `${r(op.dst)} = symbol ${program.symbols[op.symbol] ?? '?'}`;
		case 'load':
			return `${r(op.dst)} = load ${op.order}${op.half === undefined ? '' : ` ${op.half}`} [${v(op.address)}]`;
		case 'store':
			return `store ${op.order} [${v(op.address)}] = ${v(op.value)}`;
		case 'rmw': {
			const expected = op.expected === null ? '' : ` expecting ${v(op.expected)}`;
			return `${to(op.dst)}rmw ${op.operator} ${op.order} ${op.returns} [${v(op.address)}] ${v(op.operand)}${expected}`;
		}
		case 'fence':
			return `fence ${op.fence}`;
		case 'section':
			return `${to(op.dst)}${op.delta > 0 ? 'enter' : 'leave'} ${op.section}`;
		case 'intrinsic':
			return `${to(op.dst)}intrinsic ${op.name}(${op.arguments.map(v).join(', ')})`;
		case 'choose':
			return `${r(op.dst)} = choose ${op.alternatives}`;
		case 'assume':
			return `assume ${v(op.condition)}`;
		case 'bug':
			return `${op.severity} ${op.what}`;
		case 'unsupported':
			return `unsupported ${op.reason}`;
		default:
			return unreachable(op);
	}
}

function register(f: ProgramFunction, index: RegisterIndex): string {
	const name = f.registerNames[index] ?? null;
	return name === null ? `r${index}` : `r${index}:${name}`;
}

function type(integer: { readonly bits: number; readonly signed: boolean }): string {
	return `${integer.signed ? 's' : 'u'}${integer.bits}`;
}
