/**
 * Explores the arm behind a WARN_ON() that no run takes as if its condition were true: the kernel's own text says that it cannot
 * be. What breaks a rule then is a warning.
 *
 * Model: the arm is forced whatever memory holds; of what would make the condition true nothing else changes.
 *
 * Invariant: an edit for an arm changes one op into one op, so that arms keep their numbers.
 */

import { binary, convert, unary } from '../../memory/thread/word.js';
import { edited } from '../../program/edit/edit.js';
import type { FunctionIndex, Op, OpIndex } from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';
import type { Finding } from '../../rules/verdict.js';
import type { Arm } from './arms.js';

/** What an arm leads to with nothing in between that touches memory. */
export function leadsToWarning(
	fn: ProgramFunction,
	{ branch, then }: Omit<Arm, 'function'>,
): Extract<Op, { kind: 'bug' }> | null {
	const op = fn.ops[branch];
	if (op?.kind !== 'branch') return null;
	const known = new Map<number, number>();
	let pc: number = then ? op.then : op.otherwise;
	for (let steps = 0; steps < fn.ops.length; steps++) {
		const at = fn.ops[pc] as Op;
		if (at.kind === 'bug') return at;
		const next = advance(at, pc, known);
		if (next === null) return null;
		pc = next;
	}
	return null;
}

/** The next op, where it follows from constants alone. */
function advance(op: Op, pc: number, known: Map<number, number>): number | null {
	switch (op.kind) {
		case 'jump':
			return op.target;
		case 'branch': {
			const condition =
				op.condition.kind === 'constant' ? op.condition.value : known.get(op.condition.register);
			if (condition === undefined) return null;
			return condition !== 0 ? op.then : op.otherwise;
		}
		case 'move':
		case 'use':
		case 'unary':
		case 'convert':
		case 'binary': {
			const value = computed(op, known);
			if (value === null) known.delete(op.dst);
			else known.set(op.dst, value);
			return pc + 1;
		}
		default:
			return null;
	}
}

function computed(
	op: Extract<Op, { kind: 'move' | 'use' | 'unary' | 'convert' | 'binary' }>,
	known: ReadonlyMap<number, number>,
): number | null {
	const of = (x: { kind: 'constant'; value: number } | { kind: 'register'; register: number }) =>
		(x.kind === 'constant' ? x.value : known.get(x.register)) ?? null;
	switch (op.kind) {
		case 'move':
			return of(op.from);
		case 'use':
			return known.get(op.from) ?? null;
		case 'unary': {
			const value = of(op.operand);
			return value === null ? null : unary(op.operator, value, op.type);
		}
		case 'convert': {
			const value = of(op.operand);
			return value === null ? null : convert(value, op.type);
		}
		default: {
			const left = of(op.left);
			const right = of(op.right);
			if (left === null || right === null || right === 0) return null;
			return binary(op.operator, left, right, op.type);
		}
	}
}

/** What a message about a run with an arm forced ends with. */
function warningPremise(program: Program, arm: Arm): string {
	const fn = program.functions[arm.function] as ProgramFunction;
	const { line } = program.sites[fn.ops[arm.branch]?.site ?? -1] ?? { line: 0 };
	const what = leadsToWarning(fn, arm)?.what ?? 'WARN_ON';
	return ` (once ${what}() at line ${line} has fired)`;
}

/** The finding as a warning: what is wrong once the arm was taken. */
export function warningOf(program: Program, arm: Arm, finding: Finding): Finding {
	const message = `${finding.message}${warningPremise(program, arm)}`;
	const trace = { ...finding.trace, id: idWhen(program, arm, finding.trace.id) };
	return { ...finding, severity: 'warning', message, trace };
}

/** The program whose branch always goes that way. */
export function forcedProgram(program: Program, arm: Arm): Program {
	const at = { function: arm.function, op: arm.branch };
	return edited(program, [{ kind: 'force', at, arm: arm.then ? 'then' : 'otherwise' }]);
}

const WHEN = /^when ([^/]+)\.(\d+)=([01])\/(.*)$/s;

/** Id of a run in which an arm is forced; `id` is the run's own. */
export function idWhen(program: Program, arm: Arm, id: string): string {
	const { name } = program.functions[arm.function] as ProgramFunction;
	return `when ${name}.${arm.branch}=${arm.then ? 1 : 0}/${id}`;
}

/** The arm that an id says is forced, and the run's own id; null for others. */
export function armOfId(
	program: Program,
	id: string,
): { readonly arm: Arm; readonly id: string } | null {
	const [, name, op, then, own] = WHEN.exec(id) ?? [];
	if (own === undefined) return null;
	const index = program.functions.findIndex((f) => f.name === name);
	const branch = Number(op) as OpIndex;
	if (index < 0 || program.functions[index]?.ops[branch]?.kind !== 'branch') return null;
	return { arm: { function: index as FunctionIndex, branch, then: then === '1' }, id: own };
}
