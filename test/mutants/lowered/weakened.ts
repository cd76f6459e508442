/**
 * Operators that weaken a guard instead of taking it away: it is asked for the first page only, for all but the first, with
 * some flags, for large folios, while few pages have been taken; it is asked of another page of the batch; it is asked once
 * for all, or behind what it guards.
 *
 * Invariant: what a guard reads is still read where it is not asked; only what follows from it changes.
 */
import { mapRegisters } from '../../../engine/program/builder.js';
import { type Edit, inserted } from '../../../engine/program/edit/edit.js';
import { loopsOf } from '../../../engine/program/edit/loops.js';
import type { FieldIndex, Op, OpIndex, RegisterIndex } from '../../../engine/program/op.js';
import { OBJECT_STRIDE } from '../../../engine/program/program.js';
import { readBy } from '../../../engine/program/reads.js';
import type { Guard } from '../../../engine/questions/guards/guards.js';
import { type Change, lineOf, placeOf, type Subject } from './mutant.js';
import { acts } from './operators.js';
import { sequences } from './segments.js';

/** A weakening, and the guard it is of. */
export interface Weakening extends Change {
	readonly guard: Guard;
}

/** Every weakening of a guard in its function. */
export function weakenings(subject: Subject, guard: Guard): readonly Weakening[] {
	const made = [
		...asked(subject, guard),
		...ofAnotherPage(subject, guard),
		...elsewhere(subject, guard),
	];
	return made.map((change) => ({ ...change, guard }));
}

type BareOp = Op extends infer T ? (T extends unknown ? Omit<T, 'site'> : never) : never;
/** Ops that leave in a register whether the guard is asked; `fresh` gives registers. */
type When = (fresh: () => RegisterIndex) => readonly [readonly BareOp[], RegisterIndex] | null;

const S32 = { bits: 32, signed: true } as const;
const U64 = { bits: 64, signed: false } as const;

/** Flags that a guard is asked with only, and without only (engine/mm/model/foll.ts). */
const WITH: Readonly<Record<string, number>> = {
	write: 0x01,
	get: 0x02,
	force: 0x08,
	nofault: 0x20,
	longterm: 0x100,
	pin: 0x80000,
};
const WITHOUT: Readonly<Record<string, number>> = {
	write: 0x01,
	longterm: 0x100,
	pin: 0x80000,
	'fast-only': 0x100000,
};
/** Pages up to which a guard is asked: fewer than a run walks, and as many as a table has. */
const COUNTS = [2, 512] as const;

/** The guard is asked sometimes only. */
function asked(subject: Subject, guard: Guard): readonly Change[] {
	const { fn } = subject;
	const count = fn.registerNames.indexOf('nr');
	const flags = fn.registerNames.findIndex((name) => name === 'flags' || name === 'gup_flags');
	const conditions: [string, When][] = [];
	if (count >= 0 && count < fn.parameters.length) {
		const pages = count as RegisterIndex;
		conditions.push(['first-page-only', compared(pages, '==', 0)]);
		conditions.push(['all-but-first', compared(pages, '!=', 0)]);
		for (const n of COUNTS) conditions.push([`fewer-than-${n}`, compared(pages, '<', n)]);
	}
	if (flags >= 0 && flags < fn.parameters.length) {
		const word = flags as RegisterIndex;
		for (const [name, bit] of Object.entries(WITH))
			conditions.push([`only-if-${name}`, flagged(word, bit, '!=')]);
		for (const [name, bit] of Object.entries(WITHOUT))
			conditions.push([`unless-${name}`, flagged(word, bit, '==')]);
	}
	const folio = folioAt(subject, guard.op);
	const head = subject.program.fields.findIndex((f) => f.struct === 'page' && f.name === 'PG_head');
	if (folio !== null && head >= 0) {
		conditions.push(['large-only', large(folio, head as FieldIndex, '!=')]);
		conditions.push(['small-only', large(folio, head as FieldIndex, '==')]);
	}
	return conditions.flatMap(([operator, when]) => {
		const edits = askedWhen(subject, guard, when);
		return edits === null ? [] : [{ operator, at: guard.op, edits }];
	});
}

function compared(pages: RegisterIndex, operator: '==' | '!=' | '<', n: number): When {
	return (fresh) => {
		const [loaded, is] = [fresh(), fresh()];
		return [
			[
				{ kind: 'load', dst: loaded, address: register(pages), order: 'plain', type: S32 },
				{
					kind: 'binary',
					dst: is,
					operator,
					left: register(loaded),
					right: constant(n),
					type: S32,
				},
			],
			is,
		];
	};
}

function flagged(flags: RegisterIndex, bit: number, operator: '==' | '!='): When {
	return (fresh) => {
		const [masked, is] = [fresh(), fresh()];
		const type = { bits: 32, signed: false } as const;
		return [
			[
				{
					kind: 'binary',
					dst: masked,
					operator: '&',
					left: register(flags),
					right: constant(bit),
					type,
				},
				{ kind: 'binary', dst: is, operator, left: register(masked), right: constant(0), type },
			],
			is,
		];
	};
}

function large(folio: RegisterIndex, field: FieldIndex, operator: '==' | '!='): When {
	return (fresh) => {
		const [place, loaded, is] = [fresh(), fresh(), fresh()];
		return [
			[
				{ kind: 'field', dst: place, base: register(folio), field },
				{ kind: 'load', dst: loaded, address: register(place), order: 'once' },
				{
					kind: 'binary',
					dst: is,
					operator,
					left: register(loaded),
					right: constant(0),
					type: U64,
				},
			],
			is,
		];
	};
}

/** The folio that is known on every way to an op: a parameter, or a local written before it and tested. */
function folioAt({ fn }: Subject, at: OpIndex): RegisterIndex | null {
	for (const [i, name] of fn.registerNames.entries()) {
		if (name !== 'folio') continue;
		if (i < fn.parameters.length) return i as RegisterIndex;
		// written once from a call, and behind the branch that asks whether there is one
		const written = fn.ops.findIndex(
			(op) => op.kind === 'move' && op.dst === i && isCalled(fn.ops, op.from),
		);
		const tested = fn.ops.findIndex((op, n) => n > written && op.kind === 'branch');
		if (written >= 0 && tested >= 0 && at > tested) return i as RegisterIndex;
	}
	return null;
}

function isCalled(ops: readonly Op[], from: { kind: string; register?: RegisterIndex }): boolean {
	return (
		from.kind === 'register' && ops.some((op) => op.kind === 'call' && op.dst === from.register)
	);
}

/** Where the condition is false the guard passes, or what it undoes is not undone. */
function askedWhen(subject: Subject, guard: Guard, when: When): readonly Edit[] | null {
	const op = subject.fn.ops[guard.op] as Op;
	const made = when(freshIn(subject));
	if (made === null) return null;
	const [test, is] = made;
	const { site } = op;
	const ops = test.map((each) => ({ ...each, site }) as Op);
	const at = placeOf(subject, guard.op);
	const go = (otherwise: OpIndex): Op => ({
		kind: 'branch',
		condition: register(is),
		then: inserted(ops.length + 1),
		otherwise,
		site,
	});
	if (guard.kind === 'check' && guard.acts.kind === 'arm' && op.kind === 'branch') {
		const passes = guard.acts.arm === 'then' ? op.otherwise : op.then;
		return [{ kind: 'replace', at, ops: [...ops, go(passes), op] }];
	}
	if (guard.kind !== 'undo') return null;
	return [{ kind: 'replace', at, ops: [...ops, go((guard.op + 1) as OpIndex), op] }];
}

/** Bytes from an entry to the next, from a page to the next, by what a pointer is called. */
const STRIDES: readonly (readonly [RegExp, number])[] = [
	[/^(?:ptep|pmdp|pudp|p4dp|pgdp)$/, 8],
	[/^page$/, OBJECT_STRIDE],
];

/** The guard looks at the entry or the page behind, or at those of the round before. */
function ofAnotherPage(subject: Subject, guard: Guard): readonly Change[] {
	const { fn } = subject;
	if (guard.kind !== 'check') return [];
	const slice = sliceOf(subject, guard.op);
	// what takes something is no question
	if (slice.some((at) => acts(subject, fn.ops[at] as Op))) return [];
	const used = new Set(slice.flatMap((at) => readBy(fn.ops[at] as Op)));
	const named = [...used].filter((r) => fn.registerNames[r] !== null);
	const next = named.flatMap((r): readonly Change[] => {
		const stride = STRIDES.find(([name]) => name.test(fn.registerNames[r] ?? ''))?.[1];
		if (stride === undefined) return [];
		const other = freshIn(subject)();
		const site = (fn.ops[slice[0] as OpIndex] as Op).site;
		const add: Op = {
			...{ kind: 'binary', dst: other, operator: '+', left: register(r), type: U64, site },
			right: constant(stride),
		};
		return [
			{
				operator: 'of-the-next',
				at: guard.op,
				edits: redirected(subject, slice, { of: r, to: other, ops: [add] }),
			},
		];
	});
	const loop = loopsOf(fn).loops.find((l) => l.body.has(guard.op));
	const before = named.flatMap((r): readonly Change[] => {
		if (loop === undefined || r < fn.parameters.length) return [];
		if (!fn.ops.some((op, i) => loop.body.has(i as OpIndex) && 'dst' in op && op.dst === r))
			return [];
		const fresh = freshIn(subject);
		const [kept, other] = [fresh(), fresh()];
		const site = (fn.ops[slice[0] as OpIndex] as Op).site;
		const ops: readonly Op[] = [
			{ kind: 'move', dst: other, from: register(r), site },
			{
				kind: 'branch',
				condition: register(kept),
				then: inserted(2),
				otherwise: inserted(3),
				site,
			},
			{ kind: 'move', dst: other, from: register(kept), site },
			{ kind: 'move', dst: kept, from: register(r), site },
		];
		const none: Op = { kind: 'move', dst: kept, from: constant(0), site };
		const edits = redirected(subject, slice, { of: r, to: other, ops });
		return [
			{
				operator: 'of-the-page-before',
				at: guard.op,
				edits: [{ kind: 'insert', before: placeOf(subject, 0), ops: [none] }, ...edits],
			},
		];
	});
	return [...next, ...before];
}

/** The ops of a condition read another register, which `ops` make right before them. */
function redirected(
	subject: Subject,
	slice: readonly OpIndex[],
	{
		of,
		to,
		ops,
	}: { readonly of: RegisterIndex; readonly to: RegisterIndex; readonly ops: readonly Op[] },
): readonly Edit[] {
	const readers = slice.filter((at) => readBy(subject.fn.ops[at] as Op).includes(of));
	const [first, ...others] = readers;
	if (first === undefined) return [];
	const now = (at: OpIndex): Op =>
		mapRegisters(subject.fn.ops[at] as Op, (r) => (r === of ? to : r));
	return [
		{ kind: 'replace', at: placeOf(subject, first), ops: [...ops, now(first)] },
		...others.map((at): Edit => ({ kind: 'replace', at: placeOf(subject, at), ops: [now(at)] })),
	];
}

/** The ops that work out a branch's condition, on its line, into registers without a name. */
function sliceOf(subject: Subject, branch: OpIndex): readonly OpIndex[] {
	const { fn } = subject;
	const wanted = new Set(readBy(fn.ops[branch] as Op));
	const slice: OpIndex[] = [];
	for (let at = branch - 1; at >= 0 && lineOf(subject, at) === lineOf(subject, branch); at--) {
		const op = fn.ops[at] as Op;
		if (op.kind === 'branch' || op.kind === 'jump') break;
		if (!('dst' in op) || op.dst === null || !wanted.has(op.dst)) continue;
		if (fn.registerNames[op.dst] != null) break;
		slice.unshift(at as OpIndex);
		for (const r of readBy(op)) wanted.add(r);
	}
	return slice;
}

/** The guard stands before its loop, behind it, or behind the next store. */
function elsewhere(subject: Subject, guard: Guard): readonly Change[] {
	const { fn } = subject;
	if (guard.kind !== 'check') return [];
	const loop = loopsOf(fn).loops.find((l) => l.body.has(guard.op));
	const changes: Change[] = [];
	for (const list of sequences(subject)) {
		const i = list.findIndex(({ from, to }) => from <= guard.op && guard.op < to);
		const segment = list[i];
		if (segment === undefined || segment.to - segment.from > SEGMENT_MAX) continue;
		const { from, to } = segment as { from: OpIndex; to: OpIndex };
		const range = { function: subject.index, from, to };
		const move = (operator: string, before: OpIndex): void => {
			changes.push({ operator, at: guard.op, edits: [{ kind: 'move', range, before }] });
		};
		const store = list.findIndex(
			(s, n) => n > i && fn.ops.slice(s.from, s.to).some((op) => op.kind === 'store'),
		);
		const behind = list[store + 1]?.from ?? list[store]?.to;
		if (store > i && behind !== undefined) move('behind-store', behind as OpIndex);
		if (loop === undefined || !loop.body.has(from) || loop.head === from) continue;
		if (isKnownBefore(subject, { from, to }, loop.head)) move('before-loop', loop.head);
		const exit = [...loop.tests].flatMap((at) => {
			const op = fn.ops[at] as Op;
			return op.kind === 'branch' ? [op.then, op.otherwise] : [];
		});
		const out = exit.find((at) => !loop.body.has(at));
		if (out !== undefined) move('behind-loop', out);
	}
	return changes;
}

/** Ops that are moved at once, at most. */
const SEGMENT_MAX = 16;

/** What the ops read is theirs, a parameter, or was written before the loop. */
function isKnownBefore(
	{ fn }: Subject,
	{ from, to }: { readonly from: OpIndex; readonly to: OpIndex },
	head: OpIndex,
): boolean {
	const own = new Set(fn.ops.slice(from, to).flatMap((op) => ('dst' in op ? [op.dst] : [])));
	const early = new Set(fn.ops.slice(0, head).flatMap((op) => ('dst' in op ? [op.dst] : [])));
	return fn.ops
		.slice(from, to)
		.flatMap(readBy)
		.every((r) => r < fn.parameters.length || own.has(r) || early.has(r));
}

function freshIn({ fn }: Subject): () => RegisterIndex {
	let next = fn.registers;
	return () => next++ as RegisterIndex;
}

function register(index: RegisterIndex) {
	return { kind: 'register', register: index } as const;
}

function constant(value: number) {
	return { kind: 'constant', value } as const;
}
