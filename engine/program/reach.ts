/** Which functions a function can call, directly or not. */
import type { FunctionIndex } from './op.js';
import type { Program } from './program.js';

/** The function itself and all it reaches through calls. */
export function reachable(program: Program, from: FunctionIndex): ReadonlySet<FunctionIndex> {
	const seen = new Set<FunctionIndex>([from]);
	const todo: FunctionIndex[] = [from];
	for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
		for (const op of program.functions[index]?.ops ?? []) {
			if (op.kind !== 'call' || seen.has(op.callee)) continue;
			seen.add(op.callee);
			todo.push(op.callee);
		}
	}
	return seen;
}
