/**
 * Whether code looks at the tags in the low bits of `->mapping` (include/linux/page-flags.h, PAGE_MAPPING_FLAGS), which say
 * that the folio is no file's.
 */
import type { Op, Operand, RegisterIndex } from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';

/** PAGE_MAPPING_ANON and PAGE_MAPPING_MOVABLE. */
const TAGS = 3;

/** True where the function masks what it has loaded from a `->mapping`. */
export function asksForTag(program: Program, { ops }: ProgramFunction): boolean {
	const places = new Set<RegisterIndex>();
	const values = new Set<RegisterIndex>();
	const has = (set: ReadonlySet<RegisterIndex>, operand: Operand): boolean =>
		operand.kind === 'register' && set.has(operand.register);
	for (let size = -1; size !== places.size + values.size; ) {
		size = places.size + values.size;
		for (const op of ops) {
			if (!('dst' in op) || op.dst === null) continue;
			if (op.kind === 'field' && isMapping(program, op)) places.add(op.dst);
			if (op.kind === 'load' && has(places, op.address)) values.add(op.dst);
			const from = copied(op);
			if (from !== null && has(places, from)) places.add(op.dst);
			if (from !== null && has(values, from)) values.add(op.dst);
		}
	}
	return ops.some(
		(op) =>
			op.kind === 'binary' &&
			op.operator === '&' &&
			[op.left, op.right].some((o) => o.kind === 'constant' && o.value > 0 && o.value <= TAGS) &&
			[op.left, op.right].some((o) => has(values, o)),
	);
}

function copied(op: Op): Operand | null {
	switch (op.kind) {
		case 'move':
			return op.from;
		case 'use':
			return { kind: 'register', register: op.from };
		case 'convert':
			return op.operand;
		default:
			return null;
	}
}

function isMapping({ fields }: Program, op: Op & { kind: 'field' }): boolean {
	const field = fields[op.field];
	return field?.struct === 'page' && field.name === 'mapping';
}
