/**
 * Which registers an op reads.
 */
import { mapRegisters } from '../builder.js';
import type { Op, RegisterIndex } from '../op.js';

/** Registers an op reads. */
export function readBy(op: Op): readonly RegisterIndex[] {
	const named: RegisterIndex[] = [];
	mapRegisters(op, (register) => {
		named.push(register);
		return register;
	});
	const dst = 'dst' in op ? op.dst : null;
	if (dst === null || dst === undefined) return named;
	const own = named.indexOf(dst);
	// `mapRegisters` names what is written last or among what is read: one mention is the writing
	return named.filter((_, i) => i !== own);
}
