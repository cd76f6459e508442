/**
 * Unreachable arms of P4D tests. With four levels the P4D is folded into the PGD: where the walk has already tested the PGD, and
 * uses the value that it read, the test of the P4D cannot fail.
 *
 * Model: levels are four, as is said with the architecture; what a walk does on such an arm is explored only where it reads the
 * entry again, and is named otherwise.
 */
import { sameTruth } from '../../program/computed_from.js';
import type { OpIndex } from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';
import { onlyWriter } from '../../program/writers.js';

const DEPTH_MAX = 8;
/** By the name of the helper: its answer on the arm. */
const TESTS: Readonly<Record<string, boolean>> = {
	p4d_none: true,
	p4d_present: false,
};

/** True for an arm on which a P4D is found to lead to no table. */
export function isFoldedTest(
	program: Program,
	fn: ProgramFunction,
	{ branch, then }: { readonly branch: OpIndex; readonly then: boolean },
): boolean {
	const op = fn.ops[branch];
	if (op?.kind !== 'branch') return false;
	let { condition } = op;
	let is = then;
	for (let depth = 0; depth < DEPTH_MAX; depth++) {
		const made = onlyWriter(fn, condition);
		if (made === null) return false;
		const same = sameTruth(made);
		if (same !== null) {
			is = same.inverted ? !is : is;
			condition = same.operand;
			continue;
		}
		switch (made.kind) {
			case 'binary': {
				const isZero = made.right.kind === 'constant' && made.right.value === 0;
				if (!isZero || (made.operator !== '==' && made.operator !== '!=')) return false;
				if (made.operator === '==') is = !is;
				condition = made.left;
				break;
			}
			case 'call': {
				const callee = program.functions[made.callee];
				return callee?.origin === 'primitive' && TESTS[callee.name] === is;
			}
			default:
				return false;
		}
	}
	return false;
}
