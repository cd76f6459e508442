/**
 * Operators that keep what a walk does, each at every place of a function at once: racewalk must say nothing new of the result.
 */
import { mapRegisters } from '../../../engine/program/builder.js';
import { type Edit, inserted } from '../../../engine/program/edit/edit.js';
import type { Op, OpIndex, RegisterIndex } from '../../../engine/program/op.js';
import type { ProgramFunction } from '../../../engine/program/program.js';
import { placeOf, type Subject } from './mutant.js';

export interface Equivalent {
	readonly operator: string;
	/** Edits of one function; empty: the operator fits nowhere in it. */
	edits(subject: Subject): readonly Edit[];
}

/** By name of the operator. */
export const EQUIVALENTS: readonly Equivalent[] = [
	{ operator: 'dead-load', edits: deadLoads },
	{ operator: 'dead-copy', edits: deadCopies },
	{ operator: 'split-blocks', edits: splitBlocks },
	{ operator: 'negated-branch', edits: negatedBranches },
	{ operator: 'commuted', edits: commuted },
	{ operator: 'checked-twice', edits: checkedTwice },
	{ operator: 'reordered', edits: reordered },
	{ operator: 'renamed', edits: renamed },
	{ operator: 'second-barrier', edits: barriers },
];

function everywhere(
	subject: Subject,
	make: (op: Op, at: number) => readonly Edit[],
): readonly Edit[] {
	return subject.fn.ops.flatMap((op, at) => make(op, at));
}

/** A register nobody uses. */
function spare({ registers }: ProgramFunction): RegisterIndex {
	return registers as RegisterIndex;
}

/** The frame's own memory is read, and nothing is made of it. */
function deadLoads(subject: Subject): readonly Edit[] {
	const { slots, cells } = subject.fn;
	// a word of it, as the walk reads its own words
	const slot = slots.findIndex((_, i) => (cells?.[i]?.size ?? 8) === 8);
	if (slot < 0) return [];
	const address = spare(subject.fn);
	const dst = (address + 1) as RegisterIndex;
	return everywhere(subject, ({ site }, at) => [
		{
			kind: 'insert',
			before: placeOf(subject, at),
			ops: [
				{ kind: 'frame-address', dst: address, slot, site },
				{
					kind: 'load',
					dst,
					address: { kind: 'register', register: address },
					order: 'once',
					site,
				},
			],
		},
	]);
}

/** A parameter is copied into a variable nobody reads. */
function deadCopies(subject: Subject): readonly Edit[] {
	if (subject.fn.parameters.length === 0) return [];
	const from = { kind: 'register', register: 0 as RegisterIndex } as const;
	return everywhere(subject, ({ site }, at) => [
		{
			kind: 'insert',
			before: placeOf(subject, at),
			ops: [{ kind: 'move', dst: spare(subject.fn), from, site }],
		},
	]);
}

/** A jump to the next op stands before each. */
function splitBlocks(subject: Subject): readonly Edit[] {
	return everywhere(subject, ({ site }, at) => [
		{
			kind: 'insert',
			before: placeOf(subject, at),
			ops: [
				{ kind: 'jump', target: inserted(1), site },
				{
					kind: 'move',
					dst: spare(subject.fn),
					from: { kind: 'constant', value: 0 },
					site,
				},
			],
		},
	]);
}

/** `if (!c) B else A` for `if (c) A else B`. */
function negatedBranches(subject: Subject): readonly Edit[] {
	const dst = spare(subject.fn);
	return everywhere(subject, (op, at) =>
		op.kind !== 'branch'
			? []
			: [
					{
						kind: 'replace',
						at: placeOf(subject, at),
						ops: [
							{
								kind: 'unary',
								dst,
								operator: '!',
								operand: op.condition,
								type: { bits: 32, signed: true },
								site: op.site,
							},
							{
								kind: 'branch',
								condition: { kind: 'register', register: dst },
								then: op.otherwise,
								otherwise: op.then,
								site: op.site,
							},
						],
					},
				],
	);
}

const COMMUTE: ReadonlySet<string> = new Set(['+', '*', '&', '|', '^', '==', '!=']);

/** `b + a` for `a + b`. */
function commuted(subject: Subject): readonly Edit[] {
	return everywhere(subject, (op, at) =>
		op.kind === 'binary' && COMMUTE.has(op.operator)
			? [
					{
						kind: 'replace',
						at: placeOf(subject, at),
						ops: [{ ...op, left: op.right, right: op.left }],
					},
				]
			: [],
	);
}

const LOCAL: ReadonlySet<Op['kind']> = new Set([
	...(['binary', 'unary', 'convert', 'field', 'symbol', 'move', 'frame-address'] as const),
]);

/** What is worked out from registers is worked out twice. */
function checkedTwice(subject: Subject): readonly Edit[] {
	return everywhere(subject, (op, at) =>
		LOCAL.has(op.kind) && !readsWhatItWrites(op)
			? [{ kind: 'duplicate', at: placeOf(subject, at) }]
			: [],
	);
}

function readsWhatItWrites(op: Op): boolean {
	return 'dst' in op && op.dst !== null && readsOf(op).has(op.dst);
}

/** Neighbours that have nothing to do with each other and with memory change places. */
function reordered(subject: Subject): readonly Edit[] {
	const { ops } = subject.fn;
	const targets = new Set<OpIndex>(
		ops.flatMap((op) =>
			op.kind === 'jump' ? [op.target] : op.kind === 'branch' ? [op.then, op.otherwise] : [],
		),
	);
	const edits: Edit[] = [];
	for (let at = 0; at + 1 < ops.length; at++) {
		const [first, second] = [ops[at] as Op, ops[at + 1] as Op];
		if (targets.has((at + 1) as OpIndex) || !independent(first, second)) continue;
		edits.push({ kind: 'swap', at: placeOf(subject, at) });
		at++;
	}
	return edits;
}

function independent(a: Op, b: Op): boolean {
	if (!LOCAL.has(a.kind) || !LOCAL.has(b.kind) || !('dst' in a) || !('dst' in b)) return false;
	if (a.dst === null || b.dst === null || a.dst === b.dst) return false;
	return !readsOf(a).has(b.dst) && !readsOf(b).has(a.dst);
}

function readsOf(op: Op): ReadonlySet<RegisterIndex> {
	const all: RegisterIndex[] = [];
	mapRegisters(op, (register) => {
		all.push(register);
		return register;
	});
	// the register written is among them once; a second time when it is read as well
	const dst = 'dst' in op ? op.dst : null;
	const at = dst === null ? -1 : all.lastIndexOf(dst);
	return new Set(all.filter((_, i) => i !== at));
}

/** Registers other than parameters are numbered from the back. */
function renamed(subject: Subject): readonly Edit[] {
	const { parameters, registers } = subject.fn;
	const first = parameters.length;
	const other = (r: RegisterIndex): RegisterIndex =>
		r < first ? r : ((registers - 1 - (r - first)) as RegisterIndex);
	return everywhere(subject, (op, at) => [
		{ kind: 'replace', at: placeOf(subject, at), ops: [mapRegisters(op, other)] },
	]);
}

/** A full barrier stands before each call. */
function barriers(subject: Subject): readonly Edit[] {
	return everywhere(subject, (op, at) =>
		op.kind === 'call'
			? [
					{
						kind: 'insert',
						before: placeOf(subject, at),
						ops: [{ kind: 'fence', fence: 'mb', site: op.site }],
					},
				]
			: [],
	);
}
