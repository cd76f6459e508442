/**
 * What of a walk's code can tell one page from another: branches whose condition comes from what the walk carries from one
 * round of a loop to the next (an address, a count, a flag that it sets). Where there are none, what the walk does with a page
 * it does with each, and runs of one page say it of any number; where there are, worlds of several pages are explored.
 *
 * Followed are registers that a loop writes and the next round reads, and words of the walk's own frames that are written in a
 * loop or by pointer. What is read from tables and pages is the page's own. A loop's own end is no such branch, and neither
 * is a choice between two values (`pmd_addr_end()`): what was chosen is followed.
 *
 * Invariant: the answer depends on the program alone, and names a branch that there is.
 */
import { type Loop, loopsOf } from '../../program/edit/loops.js';
import {
	type FunctionIndex,
	isComparison,
	type Op,
	type Operand,
	type OpIndex,
	type RegisterIndex,
	type SiteIndex,
} from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';
import { reachable } from '../../program/reach.js';
import { readBy } from '../../program/reads.js';
import { carriedIn, reachedInRound } from './carried.js';
import { numbersIn } from './page_numbers.js';
import { choicesIn } from './value_choices.js';

/** A branch that tells pages apart. */
export interface PageTest {
	readonly function: FunctionIndex;
	readonly site: SiteIndex;
	/** Pages it takes to see all of what it tells: 2 where it only asks whether there was one before. */
	readonly pages: number;
	/** The largest number that decides; for messages. */
	readonly number: number;
}

/** Branches of the walk that tell pages apart. */
export function pageTestsOf(program: Program, root: FunctionIndex): readonly PageTest[] {
	const flow = new PageFlow(program, root, null);
	// what is learnt only grows, and there is an end to registers and words
	while (flow.round());
	const counting = new PageFlow(program, root, flow);
	if (flow.hasTests()) while (counting.round());
	return flow.tests(counting);
}

/** What the ops of a function say by themselves, whoever walks it. */
interface Shape {
	readonly loops: readonly Loop[];
	/** Registers that a round leaves to the next, and the ops that they reach from there. */
	readonly carried: ReadonlyMap<RegisterIndex, ReadonlySet<OpIndex>>;
	/** The registers that its copies are made of. */
	readonly copies: ReadonlyMap<RegisterIndex, RegisterIndex>;
	/** What the ends of its loops compare. */
	readonly ends: ReadonlySet<string>;
	/** Registers that hold addresses. */
	readonly pointers: ReadonlySet<RegisterIndex>;
	/** Branches that only choose between values, and the registers they choose for. */
	readonly choices: ReadonlyMap<OpIndex, readonly RegisterIndex[]>;
}

/** A function and what is known of it. */
interface View extends Shape {
	readonly fn: ProgramFunction;
	readonly index: FunctionIndex;
	/** Registers whose value comes from earlier rounds of a loop. */
	readonly tainted: Set<RegisterIndex>;
	/** Words of frames a register may point to. */
	readonly points: Map<RegisterIndex, Set<string>>;
	returnsTainted: boolean;
	/** It is called from a loop, or from what is. */
	repeats: boolean;
}

/** A branch of a loop by something of earlier rounds. */
interface Branch {
	readonly view: View;
	readonly site: SiteIndex;
	readonly condition: RegisterIndex;
}

class PageFlow {
	private readonly views = new Map<FunctionIndex, View>();
	/** Words of frames that carry something over. */
	private readonly kept = new Set<string>();
	private changed = false;
	private readonly all: PageFlow | null;

	/** `all`: of what that has found, what a round reads for the next one (an entry read ahead) counts nothing and is left out. */
	constructor(program: Program, root: FunctionIndex, all: PageFlow | null) {
		this.all = all;
		for (const index of reachable(program, root)) {
			const fn = program.functions[index] as ProgramFunction;
			this.views.set(index, {
				...{ ...shapeOf(program, fn), fn, index },
				...{ tainted: new Set(), points: new Map(), returnsTainted: false, repeats: false },
			});
		}
		const top = this.views.get(root);
		top?.fn.parameters.forEach(({ type }, i) => {
			// what is handed out is pages; what they are is no matter of order
			if (COUNT_POINTER.test(type)) this.point(top, i as RegisterIndex, [`parameter ${i}`]);
		});
	}

	/** One look at every op; true while something was learnt. */
	round(): boolean {
		this.changed = false;
		for (const view of this.views.values()) {
			for (const register of view.carried.keys())
				if (this.all?.isReadAfresh(view.index, register) !== true) this.taint(view, register);
			for (const [at, op] of view.fn.ops.entries()) this.look(view, op, at as OpIndex);
		}
		return this.changed;
	}

	hasTests(): boolean {
		return this.branches().length > 0;
	}

	tests(counting: PageFlow): readonly PageTest[] {
		const isCounted = (view: View, register: RegisterIndex): boolean =>
			counting.views.get(view.index)?.tainted.has(register) === true;
		return this.branches().map(({ view, site, condition }) => {
			const { pages, number } = pagesToSee({ views: this.views, isCounted }, view, condition);
			return { function: view.index, site, pages, number };
		});
	}

	private branches(): readonly Branch[] {
		return [...this.views.values()].flatMap((view) => {
			if (view.fn.origin !== 'walk') return [];
			return view.fn.ops.flatMap((op, i): readonly Branch[] => {
				const at = i as OpIndex;
				if (op.kind !== 'branch' || op.condition.kind !== 'register') return [];
				const { register: condition } = op.condition;
				if (!view.tainted.has(condition)) return [];
				if (view.choices.has(at) || view.loops.some((l) => l.tests.has(at))) return [];
				if (isPlaceTest(view, at, condition)) return [];
				if (!view.repeats && !view.loops.some((l) => l.body.has(at))) return [];
				return [{ view, site: op.site, condition }];
			});
		});
	}

	/** Every round gives the register what it finds in memory: nothing of earlier rounds is left in it. */
	private isReadAfresh(index: FunctionIndex, register: RegisterIndex): boolean {
		const view = this.views.get(index);
		if (view === undefined) return false;
		return view.loops.every(({ body }) =>
			[...body].every((at) => {
				const op = view.fn.ops[at] as Op;
				if (!('dst' in op) || op.dst !== register) return true;
				if (op.kind === 'load')
					return ![...this.pointed(view, op.address)].some((word) => this.kept.has(word));
				if (op.kind === 'call') return this.views.get(op.callee)?.returnsTainted !== true;
				// a constant is a flag
				if (op.kind !== 'use' && (op.kind !== 'move' || op.from.kind === 'constant')) return false;
				return !readBy(op).some((from) => view.tainted.has(from));
			}),
		);
	}

	private look(view: View, op: Op, at: OpIndex): void {
		switch (op.kind) {
			case 'frame-address':
				this.point(view, op.dst, [`${view.index}:${op.slot}`]);
				return;
			case 'load': {
				const from = this.pointed(view, op.address);
				if ([...from].some((word) => this.kept.has(word))) this.taint(view, op.dst);
				return;
			}
			case 'store':
				this.store(view, op, at);
				return;
			case 'call':
				this.call(view, op, at);
				return;
			case 'return':
				if (op.value !== null && this.isTainted(view, op.value) && !view.returnsTainted) {
					view.returnsTainted = true;
					this.changed = true;
				}
				return;
			case 'branch': {
				if (!this.isTainted(view, op.condition)) return;
				for (const register of view.choices.get(at) ?? []) this.taint(view, register);
				return;
			}
			case 'move':
			case 'use':
			case 'unary':
			case 'binary':
			case 'convert':
			case 'field': {
				const read = readBy(op);
				if (isPlace(view, op) || isEnd(view, op)) return;
				if (read.some((r) => view.tainted.has(r))) this.taint(view, op.dst);
				for (const r of read) this.point(view, op.dst, view.points.get(r) ?? []);
				return;
			}
			default:
				return;
		}
	}

	/** Memory carries something over: a tainted value, or one that is written for the next round. */
	private store(view: View, op: Extract<Op, { kind: 'store' }>, at: OpIndex): void {
		for (const word of this.pointed(view, op.address)) {
			const isOwn = word.startsWith(`${view.index}:`);
			const isNext = isOwn
				? view.loops.some((l) => l.body.has(at) && !isSetFirst(view, l, word))
				: view.repeats || view.loops.some((l) => l.body.has(at));
			if (!isNext && !this.isTainted(view, op.value)) continue;
			if (this.kept.has(word)) continue;
			this.kept.add(word);
			this.changed = true;
		}
	}

	private call(view: View, op: Extract<Op, { kind: 'call' }>, at: OpIndex): void {
		const callee = this.views.get(op.callee);
		if (callee === undefined) return;
		op.arguments.forEach((argument, i) => {
			if (this.isTainted(view, argument)) this.taint(callee, i as RegisterIndex);
			this.point(callee, i as RegisterIndex, this.pointed(view, argument));
		});
		if (callee.returnsTainted && op.dst !== null) this.taint(view, op.dst);
		const repeats = view.repeats || view.loops.some((l) => l.body.has(at));
		if (!repeats || callee.repeats) return;
		callee.repeats = true;
		this.changed = true;
	}

	private isTainted(view: View, operand: Operand): boolean {
		return operand.kind === 'register' && view.tainted.has(operand.register);
	}

	private taint(view: View, register: RegisterIndex): void {
		if (view.tainted.has(register)) return;
		view.tainted.add(register);
		this.changed = true;
	}

	private pointed(view: View, operand: Operand): Iterable<string> {
		return operand.kind === 'register' ? (view.points.get(operand.register) ?? []) : [];
	}

	private point(view: View, register: RegisterIndex, words: Iterable<string>): void {
		const known = view.points.get(register) ?? new Set<string>();
		const before = known.size;
		for (const word of words) known.add(word);
		if (known.size === before) return;
		view.points.set(register, known);
		this.changed = true;
	}
}

const COUNT_POINTER = /^(unsigned )?(int|long) \*$/;

/** Shapes of a program's functions: each is asked for by every root, and twice. */
const shapes = new WeakMap<Program, Map<ProgramFunction, Shape>>();

function shapeOf(program: Program, fn: ProgramFunction): Shape {
	const known = shapes.get(program) ?? new Map<ProgramFunction, Shape>();
	shapes.set(program, known);
	let shape = known.get(fn);
	if (shape === undefined) {
		const { loops } = loopsOf(fn);
		shape = {
			...{ loops, carried: carriedIn(fn, loops), choices: choicesIn(fn) },
			...{ pointers: pointersIn(program, fn), ends: endsOf(fn, loops), copies: copiesOf(fn) },
		};
		known.set(fn, shape);
	}
	return shape;
}

/** Registers that are used as addresses, are parameters of a pointer's type, or are copies or steps of such. */
function pointersIn(program: Program, fn: ProgramFunction): ReadonlySet<RegisterIndex> {
	const pointers = new Set<RegisterIndex>();
	const note = (operand: Operand | undefined): void => {
		if (operand?.kind === 'register') pointers.add(operand.register);
	};
	fn.parameters.forEach(({ type }, i) => {
		if (type.endsWith('*')) pointers.add(i as RegisterIndex);
	});
	for (const op of fn.ops) {
		if (op.kind === 'load' || op.kind === 'store' || op.kind === 'rmw') note(op.address);
		if (op.kind === 'field') note(op.base);
		if (op.kind !== 'call') continue;
		program.functions[op.callee]?.parameters.forEach(({ type }, i) => {
			if (type.endsWith('*')) note(op.arguments[i]);
		});
	}
	for (let before = -1; before !== pointers.size; ) {
		before = pointers.size;
		for (const op of fn.ops) {
			for (const [from, to] of copiesIn(op)) {
				if (pointers.has(from)) pointers.add(to);
				if (op.kind !== 'binary' && pointers.has(to)) pointers.add(from);
			}
		}
	}
	return pointers;
}

/** What an op copies, or steps by a constant, and where to. */
function copiesIn(op: Op): readonly (readonly [RegisterIndex, RegisterIndex])[] {
	if (op.kind === 'use') return [[op.from, op.dst]];
	if (op.kind === 'move' && op.from.kind === 'register') return [[op.from.register, op.dst]];
	if (op.kind === 'binary' && op.operator === '+' && op.right.kind === 'constant')
		return op.left.kind === 'register' ? [[op.left.register, op.dst]] : [];
	return [];
}

/**
 * An address reckoned from a number, or from where something of the page lies: another one for each page, as its renaming
 * asks.
 */
function isPlace({ pointers, tainted }: View, op: Op): boolean {
	if (op.kind !== 'binary' || op.operator !== '+' || !pointers.has(op.dst)) return false;
	const registers = [op.left, op.right].flatMap((o) => (o.kind === 'register' ? [o.register] : []));
	const [first, second] = registers;
	if (first === undefined) return false;
	if (second === undefined) return !pointers.has(first);
	return tainted.has(first) !== tainted.has(second);
}

/** The comparison that ends a loop, made again (`return addr == end;`). */
function isEnd({ copies, ends }: View, op: Op): boolean {
	return op.kind === 'binary' && isComparison(op.operator) && ends.has(comparedIn(copies, op));
}

/** Of each register that a use of another makes, that other: the first one's. */
function copiesOf(fn: ProgramFunction): View['copies'] {
	const copies = new Map<RegisterIndex, RegisterIndex>();
	for (const op of fn.ops)
		if (op.kind === 'use' && !copies.has(op.dst)) copies.set(op.dst, op.from);
	return copies;
}

/** What is compared, by its registers; empty where a constant is. */
function comparedIn(copies: View['copies'], op: Extract<Op, { kind: 'binary' }>): string {
	const variable = (operand: Operand): string => {
		if (operand.kind === 'constant') return '';
		return `${copies.get(operand.register) ?? operand.register}`;
	};
	const [left, right] = [variable(op.left), variable(op.right)];
	return left === '' || right === '' ? '' : `${left} ${right}`;
}

/** What the ends of loops compare. */
function endsOf(fn: ProgramFunction, loops: readonly Loop[]): ReadonlySet<string> {
	const ends = new Set<string>();
	const copies = copiesOf(fn);
	for (const at of loops.flatMap((loop) => [...loop.tests])) {
		const test = fn.ops[at];
		if (test?.kind !== 'branch' || test.condition.kind !== 'register') continue;
		const { register } = test.condition;
		for (const op of fn.ops)
			if (op.kind === 'binary' && op.dst === register) ends.add(comparedIn(copies, op));
	}
	ends.delete('');
	return ends;
}

/** Whether an address is NULL is asked, of one that no round before left as it is. */
function isPlaceTest(view: View, at: OpIndex, condition: RegisterIndex): boolean {
	const { fn, carried, pointers } = view;
	const seen = new Set<RegisterIndex>();
	const open = [condition];
	for (let r = open.pop(); r !== undefined; r = open.pop()) {
		if (seen.has(r)) continue;
		seen.add(r);
		if (pointers.has(r)) {
			if (carried.get(r)?.has(at) === true && !isStepped(view, r)) return false;
			continue;
		}
		const asked = fn.ops.filter((op) => 'dst' in op && op.dst === r).map(askedOf);
		if (asked.length === 0 || asked.includes(null)) return false;
		open.push(...asked.flatMap((a) => a ?? []));
	}
	return true;
}

/** What an op asks the truth of; null: it does more. */
function askedOf(op: Op): readonly RegisterIndex[] | null {
	switch (op.kind) {
		case 'use':
			return [op.from];
		case 'move':
		case 'convert':
		case 'unary': {
			const operand = op.kind === 'move' ? op.from : op.operand;
			return operand.kind === 'register' ? [operand.register] : [];
		}
		case 'binary': {
			const isZero = op.right.kind === 'constant' && op.right.value === 0;
			if (!isZero || (op.operator !== '==' && op.operator !== '!=')) return null;
			return op.left.kind === 'register' ? [op.left.register] : [];
		}
		default:
			return null;
	}
}

/** All that is written to the register within loops is it and a constant. */
function isStepped({ fn, loops }: View, register: RegisterIndex): boolean {
	return loops.every(({ body }) =>
		[...body].every((at) => {
			const op = fn.ops[at] as Op;
			if (!('dst' in op) || op.dst !== register) return true;
			return op.kind !== 'call' && op.kind !== 'load';
		}),
	);
}

/** Every round of the loop begins with a store to the word: what is read of it is that round's. */
function isSetFirst({ fn, index }: View, { head, body }: Loop, word: string): boolean {
	const addresses = new Set<RegisterIndex>();
	for (const op of fn.ops)
		if (op.kind === 'frame-address' && `${index}:${op.slot}` === word) addresses.add(op.dst);
	const isAt = (o: Operand): boolean => o.kind === 'register' && addresses.has(o.register);
	const isSet = (op: Op): boolean => op.kind === 'store' && isAt(op.address);
	return [...reachedInRound(fn, { head, body }, isSet)].every((at) => {
		const op = fn.ops[at] as Op;
		if (isSet(op) || op.kind === 'frame-address') return true;
		return !readBy(op).some((r) => addresses.has(r));
	});
}

/** Pages after which a condition has been all it can be, by the numbers it is made with. */
function pagesToSee(
	{
		views,
		isCounted,
	}: {
		readonly views: ReadonlyMap<FunctionIndex, View>;
		readonly isCounted: (view: View, register: RegisterIndex) => boolean;
	},
	where: View,
	condition: RegisterIndex,
): { readonly pages: number; readonly number: number } {
	let most = { pages: 2, number: 0 };
	const seen = new Set<string>();
	const open = [{ view: where, register: condition }];
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		const { view, register } = next;
		const key = `${view.index} ${register}`;
		if (seen.has(key)) continue;
		seen.add(key);
		for (const op of view.fn.ops) {
			if (!('dst' in op) || op.dst !== register) continue;
			if (op.kind === 'call') {
				const callee = views.get(op.callee);
				if (callee?.returnsTainted) open.push(...returnedBy(callee));
				continue;
			}
			const read = readBy(op).filter((from) => view.tainted.has(from));
			if (op.kind === 'binary' && read.some((from) => isCounted(view, from))) {
				for (const asked of numbersIn(op)) if (asked.pages > most.pages) most = asked;
			}
			// a step of the count is not a number that is compared with
			const isStep = op.kind === 'binary' && view.carried.has(register);
			if (!isStep) open.push(...read.map((from) => ({ view, register: from })));
		}
	}
	return most;
}

function returnedBy(
	view: View,
): readonly { readonly view: View; readonly register: RegisterIndex }[] {
	return view.fn.ops.flatMap((op) =>
		op.kind === 'return' && op.value?.kind === 'register'
			? [{ view, register: op.value.register }]
			: [],
	);
}
