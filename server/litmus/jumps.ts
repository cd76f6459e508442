/**
 * Jumps out of statements: they make a branch decide about what follows it, which matters to control dependencies.
 */
import type { Statement } from '../../engine/memory/lkmm/litmus_program.js';

/** Whether a statement can end by a jump out of it. */
export function leaves(s: Statement): boolean {
	switch (s.kind) {
		case 'break':
		case 'continue':
		case 'goto':
		case 'return':
			return true;
		case 'if':
			return leaves(s.then) || (s.otherwise !== null && leaves(s.otherwise));
		case 'block':
			return s.statements.some(leaves);
		case 'switch':
			return s.cases.some((c) => c.statements.some(leaves));
		default:
			return false;
	}
}
