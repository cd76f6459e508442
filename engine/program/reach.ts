/** Which functions a function can call, directly or not. */
import type { FunctionIndex, Op } from './op.js';
import type { Program } from './program.js';

/** Functions an op may enter: what it calls, or what text that was not lowered mentions. */
export function calleesOf(op: Op): readonly FunctionIndex[] {
	if (op.kind === 'call') return [op.callee];
	return op.kind === 'unsupported' ? (op.mentions ?? []) : [];
}

/** The function itself and all it reaches through calls. */
export function reachable(program: Program, from: FunctionIndex): ReadonlySet<FunctionIndex> {
	const seen = new Set<FunctionIndex>([from]);
	const todo: FunctionIndex[] = [from];
	for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
		for (const op of program.functions[index]?.ops ?? []) {
			for (const callee of calleesOf(op)) {
				if (seen.has(callee)) continue;
				seen.add(callee);
				todo.push(callee);
			}
		}
	}
	return seen;
}
