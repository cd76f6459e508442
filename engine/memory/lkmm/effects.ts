/**
 * What evaluating an expression does besides giving a value.
 */
import type { Expression, LitmusProgram } from './litmus_program.js';

/** Whether it may access memory or change a register: then it is evaluated only where C evaluates it. */
export function touchesMemory(expression: Expression): boolean {
	switch (expression.kind) {
		case 'constant':
		case 'address':
		case 'register':
			return false;
		case 'unary':
			return touchesMemory(expression.operand);
		case 'binary':
			return touchesMemory(expression.left) || touchesMemory(expression.right);
		case 'conditional':
			return [expression.condition, expression.whenTrue, expression.whenFalse].some(touchesMemory);
		default:
			return true;
	}
}

/** Whether a thread waits for a word other than a spinlock (an `await` anywhere in it). */
export function awaits(program: LitmusProgram): boolean {
	return program.threads.some(({ body }) => JSON.stringify(body).includes('"kind":"await"'));
}
