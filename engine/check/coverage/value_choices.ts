/**
 * Branches that only choose between two values (`pmd_addr_end()`, `a ? b : c`): both arms compute, touch nothing that others
 * see, and meet again. What was chosen goes on as a value; the branch itself decides nothing else.
 */
import type { Op, OpIndex, RegisterIndex } from '../../program/op.js';
import type { ProgramFunction } from '../../program/program.js';

/** Ops between a branch and where its arms meet, at most. */
const CHOICE_MAX = 24;

/** Branches whose arms compute and no more until they meet. */
export function choicesIn(fn: ProgramFunction): ReadonlyMap<OpIndex, readonly RegisterIndex[]> {
	const choices = new Map<OpIndex, readonly RegisterIndex[]>();
	for (const [i, op] of fn.ops.entries()) {
		if (op.kind !== 'branch') continue;
		const then = straight(fn, op.then);
		const otherwise = straight(fn, op.otherwise);
		const meet = then.find((at) => otherwise.includes(at));
		if (meet === undefined) continue;
		const arms = [then, otherwise].flatMap((arm) => arm.slice(0, arm.indexOf(meet)));
		const chosen = arms.flatMap((at) => {
			const each = fn.ops[at] as Op;
			return 'dst' in each && each.dst !== null ? [each.dst] : [];
		});
		// `if (first) goto next;` chooses where to go, and nothing else
		if (chosen.length > 0) choices.set(i as OpIndex, chosen);
	}
	return choices;
}

const COMPUTES: ReadonlySet<Op['kind']> = new Set([
	...(['move', 'use', 'unary', 'binary', 'convert', 'field', 'symbol'] as const),
	...(['frame-address', 'jump'] as const),
]);

/** Ops from there on, one after the other, as long as they compute; the last is the first that does more. */
function straight(fn: ProgramFunction, from: OpIndex): readonly OpIndex[] {
	const way: OpIndex[] = [];
	let at = from;
	while (way.length < CHOICE_MAX && !way.includes(at)) {
		way.push(at);
		const op = fn.ops[at];
		if (op === undefined || !COMPUTES.has(op.kind)) break;
		at = op.kind === 'jump' ? op.target : ((at + 1) as OpIndex);
	}
	return way;
}
