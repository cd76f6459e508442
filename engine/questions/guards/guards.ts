/**
 * The guards of a lowered walk, found by what they do, each with the edit that takes it away: branches one side of which
 * gives up or turns back (each operand of `a || b` is one), results that decide, sections, barriers, marked reads, and what
 * is undone on the way out.
 *
 * A loop's own condition is no guard, nor is what only chooses between two ways to succeed; functions that are only called
 * once the walk has given up hold none.
 *
 * Invariant: no guard is known by the name of a function or by its text.
 */
import { unreachable } from '../../base/unreachable.js';
import { type Edit, edited, inserted } from '../../program/edit/edit.js';
import type {
	BinaryOperator,
	FunctionIndex,
	Op,
	Operand,
	OpIndex,
	RegisterIndex,
	SectionKind,
	SiteIndex,
} from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';
import { reachable } from '../../program/reach.js';
import { readBy } from '../../program/reads.js';
import type { Arm, Failure, GivingUp } from './giving_up.js';
import type { GuardKind } from './guard_result.js';
import { type FunctionEnds, walkEnds } from './walk_ends.js';

export interface Guard {
	/** Function and op, and nothing else: finds it again in the same program (`gup_fast_pte_range.58`). */
	readonly id: string;
	readonly function: FunctionIndex;
	readonly op: OpIndex;
	readonly site: SiteIndex;
	readonly kind: GuardKind;
	/** Of a check: what its condition is when the walk gives up. */
	readonly givesUpWhen: boolean | null;
	/** Takes it away; for `GuardedWalk.program`. */
	readonly removal: readonly Edit[];
	/** Of a section: where it ends. */
	readonly ends?: readonly SiteIndex[];
	readonly acts: Acts;
}

/** When a guard acts: control takes an arm of its branch, comes to an op, or returns what fails. */
export type Acts =
	| { readonly kind: 'arm'; readonly arm: Arm }
	| { readonly kind: 'op' }
	| { readonly kind: 'failing'; readonly fails: Failure };

export interface GuardedWalk {
	/** The program given, with functions behind its own that removals call. */
	readonly program: Program;
	/** In the order of the source. */
	readonly guards: readonly Guard[];
}

/** The guards in the functions of the root's file that the root reaches. */
export function guardsOf(given: Program, root: FunctionIndex): GuardedWalk {
	const path = given.functions[root]?.path;
	const clones = new Clones(given);
	const guards = walkEnds(given, root)
		.filter((f) => !f.cleansUp && given.functions[f.function]?.path === path)
		.flatMap((f) => guardsIn(given, f, clones));
	const line = (g: Guard): number => given.sites[g.site]?.line ?? 0;
	const column = (g: Guard): number => given.sites[g.site]?.column ?? 0;
	return {
		program: { ...given, functions: [...given.functions, ...clones.made] },
		guards: guards.sort((a, b) => line(a) - line(b) || column(a) - column(b)),
	};
}

/** The program without some of its guards. */
export function without({ program }: GuardedWalk, guards: readonly Guard[]): Program {
	return edited(
		program,
		guards.flatMap((g) => g.removal),
	);
}

/**
 * The program with a call of a function of its own wherever one of the guards acts, and wherever control comes to it. The calls
 * do nothing; entering function `first + i` says that guard `i` acted, `first + guards.length + i` that a run came to it.
 */
export function marked(
	program: Program,
	guards: readonly Guard[],
): { readonly program: Program; readonly first: number } {
	const first = program.functions.length;
	const mark =
		(name: string) =>
		(g: Guard, i: number): ProgramFunction => {
			const { path } = program.functions[g.function] as ProgramFunction;
			return {
				...{ name: `${name}_${i}`, path: `racewalk:${path}`, site: g.site, origin: 'primitive' },
				...{ parameters: [], registers: 0, registerNames: [], slots: [] },
				ops: [{ kind: 'return', value: null, site: g.site }],
			};
		};
	const marks = [...guards.map(mark('__rw_acts')), ...guards.map(mark('__rw_met'))];
	const edits = guards.flatMap((g, i) =>
		marking(program, g, {
			acts: (first + i) as FunctionIndex,
			met: (first + guards.length + i) as FunctionIndex,
		}),
	);
	return {
		program: edited({ ...program, functions: [...program.functions, ...marks] }, edits),
		first,
	};
}

function marking(
	program: Program,
	guard: Guard,
	marks: { readonly acts: FunctionIndex; readonly met: FunctionIndex },
): readonly Edit[] {
	const at = { function: guard.function, op: guard.op };
	const fn = program.functions[guard.function] as ProgramFunction;
	const op = fn.ops[guard.op] as Op;
	const { site } = op;
	const call: Op = { kind: 'call', dst: null, callee: marks.acts, arguments: [], site };
	const come: Op = { kind: 'call', dst: null, callee: marks.met, arguments: [], site };
	switch (guard.acts.kind) {
		case 'op':
			return [{ kind: 'insert', before: at, ops: [call, come] }];
		case 'arm': {
			if (op.kind !== 'branch') return [];
			const { arm } = guard.acts;
			const jump: Op = { kind: 'jump', target: op[arm], site };
			return [{ kind: 'replace', at, ops: [come, { ...op, [arm]: inserted(2) }, call, jump] }];
		}
		case 'failing': {
			if (op.kind !== 'return' || op.value === null) return [];
			const dst = fn.registers as RegisterIndex;
			const condition: Operand = { kind: 'register', register: dst };
			const zero: Operand = { kind: 'constant', value: 0 };
			const operator = FAILS[guard.acts.fails];
			const type = { bits: 64, signed: true } as const;
			const ops: readonly Op[] = [
				come,
				{ kind: 'binary', dst, operator, left: op.value, right: zero, type, site },
				{ kind: 'branch', condition, then: inserted(3), otherwise: inserted(4), site },
				call,
				{ kind: 'move', dst, from: zero, site },
			];
			return [{ kind: 'insert', before: at, ops }];
		}
		default:
			return unreachable(guard.acts);
	}
}

/** How a value that fails compares with 0. */
const FAILS: Readonly<Record<Failure, BinaryOperator>> = {
	zero: '==',
	nonzero: '!=',
	negative: '<',
	'not-positive': '<=',
};

function guardsIn(
	program: Program,
	{ function: index, ends }: FunctionEnds,
	clones: Clones,
): Guard[] {
	const fn = program.functions[index] as ProgramFunction;
	const named = (op: OpIndex) => ({
		id: `${fn.name}.${op}`,
		function: index,
		op,
		site: (fn.ops[op] as Op).site,
	});
	const guards: Guard[] = [];
	for (const [op, arm] of ends.arms) {
		const other = arm === 'then' ? 'otherwise' : 'then';
		guards.push({
			...named(op),
			kind: 'check',
			givesUpWhen: arm === 'then',
			removal: [{ kind: 'force', at: { function: index, op }, arm: other }],
			acts: { kind: 'arm', arm },
		});
	}
	for (const op of ends.deciding) {
		if (ends.fails === null) continue;
		const at = { function: index, op };
		const { site } = fn.ops[op] as Op;
		const success: Op = {
			kind: 'return',
			value: { kind: 'constant', value: SUCCESS[ends.fails] },
			site,
		};
		const removal: Edit[] = [{ kind: 'replace', at, ops: [success] }];
		const acts: Acts = { kind: 'failing', fails: ends.fails };
		guards.push({ ...named(op), kind: 'result', givesUpWhen: null, removal, acts });
	}
	fn.ops.forEach((op, i) => {
		const at = { function: index, op: i as OpIndex };
		const kind = simpleKind(program, fn, i as OpIndex, ends);
		if (kind === null) return;
		const removal = kind === 'read-once' ? clones.plain(at, op) : [{ kind: 'drop', at } as const];
		if (removal === null) return;
		const acts: Acts = { kind: 'op' };
		guards.push({ ...named(i as OpIndex), kind, givesUpWhen: null, removal, acts });
	});
	return [...guards, ...sectionsIn(program, index)];
}

/** A value that callers take for success. */
const SUCCESS: Readonly<Record<Failure, number>> = {
	zero: 1,
	nonzero: 0,
	negative: 0,
	'not-positive': 1,
};

/** What an op is by itself, if it is a guard. */
function simpleKind(
	program: Program,
	fn: ProgramFunction,
	at: OpIndex,
	ends: GivingUp,
): 'barrier' | 'read-once' | 'undo' | null {
	const op = fn.ops[at] as Op;
	if (op.kind === 'fence') return 'barrier';
	if (op.kind === 'load' || op.kind === 'call') {
		const isRead = op.kind === 'load' ? op.order !== 'plain' : readsItsPointer(program, op.callee);
		if (isRead) return isKept(fn, at, op.dst) ? 'read-once' : null;
	}
	if (op.kind !== 'call') return null;
	const shared = sharedOps(program, op.callee);
	if (shared.length === 0) return null;
	if (shared.every((o) => o.kind === 'fence')) return 'barrier';
	if (op.dst !== null && fn.ops.some((o) => readBy(o).includes(op.dst as never))) return null;
	const givesBack = shared.some((o) => ['store', 'rmw', 'section', 'intrinsic'].includes(o.kind));
	return givesBack && !isSection(shared) && isOnTheWayOut(at, ends) ? 'undo' : null;
}

/** A function that returns what its first argument points to, read once, and does nothing else. */
function readsItsPointer(program: Program, index: FunctionIndex): boolean {
	const fn = program.functions[index] as ProgramFunction;
	if (sharedOps(program, index).length !== 1) return false;
	const from = (register: RegisterIndex): Op | undefined => {
		const writers = fn.ops.filter((op) => 'dst' in op && op.dst === register);
		const [writer] = writers;
		if (writers.length !== 1 || writer === undefined) return undefined;
		if (writer.kind === 'use') return from(writer.from) ?? writer;
		if (writer.kind === 'move' && writer.from.kind === 'register')
			return from(writer.from.register) ?? writer;
		return writer;
	};
	const last = fn.ops.at(-1);
	if (last?.kind !== 'return' || last.value?.kind !== 'register') return false;
	const read = from(last.value.register);
	if (read?.kind === 'call') {
		const [argument] = read.arguments;
		const isOwn = argument?.kind === 'register' && argument.register === 0;
		return isOwn && readsItsPointer(program, read.callee);
	}
	if (read?.kind !== 'load' || read.order === 'plain') return false;
	if (read.address.kind !== 'register') return false;
	if (read.address.register === 0) return true;
	const pointer = from(read.address.register);
	if (pointer?.kind === 'use') return pointer.from === 0;
	return (
		pointer?.kind === 'move' && pointer.from.kind === 'register' && pointer.from.register === 0
	);
}

/** The value read comes to stand in a variable, so that a compiler could read again where it is used. */
function isKept(fn: ProgramFunction, at: OpIndex, dst: RegisterIndex | null): boolean {
	if (dst === null) return false;
	if (fn.registerNames[dst] !== null) return true;
	return fn.ops.some((op, i) => {
		if (i <= at || !readBy(op).includes(dst)) return false;
		return op.kind === 'call' || op.kind === 'return' || op.kind === 'move';
	});
}

/** Reached only after the walk gave up, or on every way out, behind the last place where it may give up. */
function isOnTheWayOut(at: OpIndex, ends: GivingUp): boolean {
	if (ends.lost.has(at)) return true;
	if (!ends.onTheWayOut.has(at)) return false;
	return ![...ends.arms.keys()].some((branch) => branch > at);
}

/** Ops on memory, sections and barriers that a function may run. */
function sharedOps(program: Program, callee: FunctionIndex): readonly Op[] {
	const kinds: readonly Op['kind'][] = [
		...(['load', 'store', 'rmw', 'fence'] as const),
		...(['section', 'intrinsic', 'unsupported', 'choose'] as const),
	];
	return [...reachable(program, callee)].flatMap(
		(f) => program.functions[f]?.ops.filter((op) => kinds.includes(op.kind)) ?? [],
	);
}

/** Sections begin and end there, and nothing else; what refuses to restore interrupts that were not saved is part of it. */
function isSection(shared: readonly Op[]): boolean {
	return (
		shared.some((op) => op.kind === 'section') &&
		shared.every((op) => op.kind === 'section' || op.kind === 'unsupported')
	);
}

/** A function's sections of each kind: all its entering and leaving at once, where it does both. */
function sectionsIn(program: Program, index: FunctionIndex): readonly Guard[] {
	const fn = program.functions[index] as ProgramFunction;
	const found = new Map<SectionKind, { op: OpIndex; delta: number }[]>();
	fn.ops.forEach((op, i) => {
		const shared = op.kind === 'call' ? sharedOps(program, op.callee) : [op];
		if (!isSection(shared)) return;
		for (const section of shared) {
			if (section.kind !== 'section') continue;
			const list = found.get(section.section) ?? [];
			list.push({ op: i as OpIndex, delta: section.delta });
			found.set(section.section, list);
		}
	});
	return [...found.values()].flatMap((list): readonly Guard[] => {
		const first = list.find((s) => s.delta > 0);
		if (first === undefined || !list.some((s) => s.delta < 0)) return [];
		const ops = [...new Set(list.map((s) => s.op))];
		const { op } = first;
		const ends = list.flatMap((s) => (s.delta < 0 ? [(fn.ops[s.op] as Op).site] : []));
		return [
			{
				ends,
				...{ id: `${fn.name}.${op}`, function: index, op, site: (fn.ops[op] as Op).site },
				...{ kind: 'section', givesUpWhen: null, acts: { kind: 'op' } },
				removal: ops.map((o) => ({ kind: 'drop', at: { function: index, op: o } })),
			},
		];
	});
}

/** Copies of the functions that read once, in which the read is plain. */
class Clones {
	readonly made: ProgramFunction[] = [];
	private readonly program: Program;
	private readonly known = new Map<FunctionIndex, FunctionIndex>();

	constructor(program: Program) {
		this.program = program;
	}

	/** The edit that makes the read at an op plain. */
	plain(at: { function: FunctionIndex; op: OpIndex }, op: Op): readonly Edit[] | null {
		if (op.kind === 'load') return [{ kind: 'replace', at, ops: [{ ...op, order: 'plain' }] }];
		if (op.kind !== 'call') return null;
		return [{ kind: 'replace', at, ops: [{ ...op, callee: this.clone(op.callee) }] }];
	}

	private clone(index: FunctionIndex): FunctionIndex {
		const known = this.known.get(index);
		if (known !== undefined) return known;
		const source = this.program.functions[index] as ProgramFunction;
		const ops = source.ops.map((op): Op => {
			if (op.kind === 'load') return { ...op, order: 'plain' };
			if (op.kind !== 'call' || sharedOps(this.program, op.callee).length === 0) return op;
			return { ...op, callee: this.clone(op.callee) };
		});
		this.made.push({ ...source, ops });
		const own = (this.program.functions.length + this.made.length - 1) as FunctionIndex;
		this.known.set(index, own);
		return own;
	}
}
