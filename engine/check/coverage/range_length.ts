/**
 * Branches of a walk's root that ask how long the range is: on the difference of two of its parameters, here and in what it
 * hands that to. What is done for a long range and not for a short one is done to every page of it, so that worlds of
 * several pages are needed to judge it, as where a loop tells pages apart (`page_order.ts`).
 */

import type { FunctionIndex, Op, RegisterIndex } from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';
import { readBy } from '../../program/reads.js';
import { pagesFor } from './page_numbers.js';
import type { PageTest } from './page_order.js';

/** A range of one page is short, and one of two pages is long, whatever it is compared with. */
const PAGES_LEAST = 2;

/** The branches, with the pages it takes to see both of their arms. */
export function rangeTestsOf(program: Program, root: FunctionIndex): readonly PageTest[] {
	const top = program.functions[root];
	if (top === undefined) return [];
	const tests: PageTest[] = [];
	const seen = new Set<string>();
	const open: { readonly index: FunctionIndex; readonly given: ReadonlySet<RegisterIndex> }[] = [
		{ index: root, given: new Set() },
	];
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		const { index, given } = next;
		const key = `${index} ${[...given].join()}`;
		const fn = program.functions[index];
		if (fn === undefined || seen.has(key)) continue;
		seen.add(key);
		const lengths = lengthsIn(fn, given, index === root);
		for (const op of fn.ops) {
			if (op.kind === 'branch' && isIn(lengths.registers, op.condition) && fn.origin === 'walk')
				tests.push({ function: index, site: op.site, ...lengths.asked });
			if (op.kind !== 'call') continue;
			const passed = op.arguments.flatMap((argument, i) =>
				isIn(lengths.registers, argument) ? [i as RegisterIndex] : [],
			);
			if (passed.length > 0) open.push({ index: op.callee, given: new Set(passed) });
		}
	}
	return tests;
}

/** Registers computed from a length, and the number that asks for most pages among those it is compared with. */
function lengthsIn(
	fn: ProgramFunction,
	given: ReadonlySet<RegisterIndex>,
	isRoot: boolean,
): {
	readonly registers: ReadonlySet<RegisterIndex>;
	readonly asked: { readonly pages: number; readonly number: number };
} {
	const parameters = new Set<RegisterIndex>();
	for (const i of isRoot ? fn.parameters.keys() : []) parameters.add(i as RegisterIndex);
	const registers = new Set(given);
	let asked = { pages: PAGES_LEAST, number: 0 };
	for (let before = -1; before !== registers.size + parameters.size; ) {
		before = registers.size + parameters.size;
		for (const op of fn.ops) {
			if (!('dst' in op) || op.dst === null || op.kind === 'call' || op.kind === 'load') continue;
			const read = readBy(op);
			if (isCopy(op) && read.some((r) => parameters.has(r))) parameters.add(op.dst);
			const isDifference =
				op.kind === 'binary' &&
				op.operator === '-' &&
				read.length === 2 &&
				read.every((r) => parameters.has(r));
			if (!isDifference && !read.some((r) => registers.has(r))) continue;
			registers.add(op.dst);
			if (op.kind !== 'binary') continue;
			for (const operand of [op.left, op.right]) {
				if (operand.kind !== 'constant') continue;
				const pages = pagesFor(op.operator, operand.value);
				if (pages > asked.pages) asked = { pages, number: operand.value };
			}
		}
	}
	return { registers, asked };
}

function isCopy(op: Op): boolean {
	return op.kind === 'move' || op.kind === 'use' || op.kind === 'convert';
}

function isIn(
	registers: ReadonlySet<RegisterIndex>,
	operand: { readonly kind: string; readonly register?: RegisterIndex },
): boolean {
	return operand.register !== undefined && registers.has(operand.register);
}
