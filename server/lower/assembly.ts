/**
 * Inline assembly without an instruction, as the kernel hides values from the compiler with it: barrier(), barrier_data(),
 * OPTIMIZER_HIDE_VAR() (include/linux/compiler.h). Its operands are evaluated, a value that goes through it is no longer one
 * that the compiler may load again, and one that comes out of it alone is not known.
 *
 * Invariant: a template that is not empty is never looked into; it is refused.
 */
import type { AsmOperand, Expression } from '../syntax/ast.js';
import {
	constant,
	type FunctionState,
	inRegister,
	type Lvalue,
	type Piece,
	siteOf,
	Unlowerable,
} from './context.js';
import { lowerEffect, lowerValue } from './expression.js';
import { lowerPlace, readPlace, writePlace } from './place.js';
import { int64 } from './types.js';

type Assembly = Expression & { kind: 'asm' };

/** Lowers a statement of inline assembly. */
export function lowerAssembly(state: FunctionState, piece: Piece, assembly: Assembly): void {
	const isEmpty = /^(?:\s*"\s*")*$/.test(assembly.template);
	if (!isEmpty || assembly.jumps)
		throw new Unlowerable('inline assembly with instructions', assembly);
	const places = assembly.outputs.map((o) => lowerPlace(state, piece, o.value));
	const given = new Map<number, AsmOperand>();
	for (const input of assembly.inputs) {
		const matched = /^\d+$/.test(input.constraint) ? Number(input.constraint) : null;
		if (matched !== null) given.set(matched, input);
		else if (/^[=+%&]*[mo]/.test(input.constraint)) lowerPlace(state, piece, input.value);
		else lowerEffect(state, piece, input.value);
	}
	for (const [index, output] of assembly.outputs.entries())
		passThrough(state, piece, { output, place: places[index], from: given.get(index) }, assembly);
	if (assembly.clobbers.includes('memory'))
		state.builder.emit({ kind: 'fence', fence: 'barrier' }, siteOf(state, piece, assembly));
}

/** A value that goes in and comes out as the same, by a way that the compiler does not see. */
function passThrough(
	state: FunctionState,
	piece: Piece,
	{
		output,
		place,
		from,
	}: {
		readonly output: AsmOperand;
		readonly place: Lvalue | undefined;
		readonly from: AsmOperand | undefined;
	},
	assembly: Assembly,
): void {
	if (place === undefined) return;
	const site = siteOf(state, piece, assembly);
	const isKept = output.constraint.startsWith('+');
	if (!isKept && from === undefined)
		throw new Unlowerable('inline assembly that gives a value of its own', assembly);
	if (place.type.kind === 'struct' || place.type.kind === 'array')
		throw new Unlowerable('inline assembly on a whole object', assembly);
	const isMemory = /^[+=][^r]*[mo]/.test(output.constraint);
	if (isKept && isMemory) return;
	const value =
		from === undefined
			? readPlace(state, place, site)
			: lowerValue(state, piece, from.value, 'use');
	const dst = state.builder.register(null);
	const right = constant(0, int64).operand;
	state.builder.emit(
		{
			kind: 'binary',
			dst,
			operator: '+',
			left: value.operand,
			right,
			type: { bits: 64, signed: true },
		},
		site,
	);
	writePlace(state, place, inRegister(dst, value.type), site);
}
