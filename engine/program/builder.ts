/**
 * Making a Program: interned tables, and functions whose jumps are labels until they are finished. Finishing drops what
 * cannot be reached, so that only ops that may run count.
 *
 * Invariant: a finished function is well formed (`wellformed.ts`) up to the indices of its callees.
 */
import { unreachable } from '../base/unreachable.js';
import type {
	FieldIndex,
	FunctionIndex,
	Op,
	Operand,
	OpIndex,
	RegisterIndex,
	SiteIndex,
	SymbolIndex,
} from './op.js';
import { type Field, type FrameCell, type Site, successors } from './program.js';
import { eachNamed } from './reads.js';

/** A place in a function under construction. */
export type Label = number & { readonly brand: 'Label' };

/** A point to return to with `rewind`. */
export interface Mark {
	readonly ops: number;
}

/** `Omit` that keeps a union a union. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** An op without its site. */
export type BareOp = Without<Op, 'site'>;

export interface Tables {
	/** `size`: bytes of a scalar; what is said first holds. */
	field(struct: string, name: string, size?: number): FieldIndex;
	symbol(name: string): SymbolIndex;
	site(site: Site): SiteIndex;
	readonly fields: readonly Field[];
	readonly symbols: readonly string[];
	readonly sites: readonly Site[];
}

/** Interning tables of one program. */
export function tables(): Tables {
	const fields = interner<Field>((f) => `${f.struct}.${f.name}`);
	const symbols = interner<string>((s) => s);
	const sites = interner<Site>(
		(s) =>
			`${s.path}:${s.line}:${s.column}:${s.endLine}:${s.endColumn}:${s.cites === null ? '' : `${s.cites.path}:${s.cites.function}`}`,
	);
	return {
		field: (struct, name, size) =>
			fields.index(size === undefined ? { struct, name } : { struct, name, size }) as FieldIndex,
		symbol: (name) => symbols.index(name) as SymbolIndex,
		site: (site) => sites.index(site) as SiteIndex,
		fields: fields.items,
		symbols: symbols.items,
		sites: sites.items,
	};
}

function interner<T>(key: (item: T) => string): {
	index(item: T): number;
	readonly items: readonly T[];
} {
	const items: T[] = [];
	const known = new Map<string, number>();
	return {
		items,
		index(item) {
			const name = key(item);
			const found = known.get(name);
			if (found !== undefined) return found;
			known.set(name, items.length);
			items.push(item);
			return items.length - 1;
		},
	};
}

export interface FinishedFunction {
	readonly ops: readonly Op[];
	readonly registers: number;
	readonly registerNames: readonly (string | null)[];
	readonly slots: readonly string[];
	/** As in ProgramFunction. */
	readonly cells?: readonly FrameCell[];
	/** For each op of the finished function, its number when it was emitted (see `FunctionBuilder.emitted`). */
	readonly origins: readonly number[];
}

export interface FunctionBuilder {
	/** A fresh register. */
	register(name: string | null): RegisterIndex;
	/** The first of `words` consecutive fresh words of frame memory. */
	slot(name: string, words: number): number;
	/** The first cell of a fresh object of `size` bytes; offsets of `cells` are from its beginning. */
	object(
		name: string,
		object: { readonly size: number; readonly cells: readonly FrameCell[] },
	): number;
	label(): Label;
	/** The label stands before the next op. A label never placed is an assertion when jumped to. */
	place(label: Label): void;
	emit(op: BareOp, site: SiteIndex): void;
	jump(label: Label, site: SiteIndex): void;
	branch(condition: Operand, then: Label, otherwise: Label, site: SiteIndex): void;
	mark(): Mark;
	/** Forgets what was emitted since the mark; labels placed since stand where the mark is. */
	rewind(mark: Mark): void;
	/** Ops emitted so far; the number of the next one. */
	emitted(): number;
	/** Whether the next op can be reached by falling through from the previous. */
	fallsThrough(): boolean;
	/** Registers in use are renumbered; the first `parameters` stay where they are. */
	finish(options: { readonly parameters: number }): FinishedFunction;
}

/** Bytes of a word of frame memory. */
const WORD = 8;

export function functionBuilder(): FunctionBuilder {
	const ops: Op[] = [];
	const names: (string | null)[] = [];
	const slots: string[] = [];
	const cells: FrameCell[] = [];
	/** Bytes of frame memory so far. */
	let extent = 0;
	const places: number[] = [];
	const emit = (op: BareOp, site: SiteIndex): void => {
		ops.push({ site, ...op } as Op);
	};
	return {
		register(name) {
			names.push(name);
			return (names.length - 1) as RegisterIndex;
		},
		slot(name, words) {
			const first = slots.length;
			for (let i = 0; i < words; i++, extent += WORD) {
				slots.push(name);
				cells.push({ offset: extent, size: WORD });
			}
			return first;
		},
		object(name, object) {
			const first = slots.length;
			for (const { offset, size } of object.cells) {
				slots.push(name);
				cells.push({ offset: extent + offset, size });
			}
			extent += Math.ceil(object.size / WORD) * WORD;
			// what lies between members takes room, and every slot of a frame has at most a word of it
			while (slots.length * WORD < extent) {
				cells.push({ offset: -1 - slots.length, size: 0 });
				slots.push('');
			}
			return first;
		},
		label() {
			places.push(-1);
			return (places.length - 1) as Label;
		},
		place(label) {
			places[label] = ops.length;
		},
		emit,
		jump: (label, site) => emit({ kind: 'jump', target: asTarget(label) }, site),
		branch: (condition, then, otherwise, site) =>
			emit(
				{ kind: 'branch', condition, then: asTarget(then), otherwise: asTarget(otherwise) },
				site,
			),
		mark: () => ({ ops: ops.length }),
		rewind(mark) {
			ops.length = mark.ops;
			for (let i = 0; i < places.length; i++) {
				if ((places[i] ?? -1) > mark.ops) places[i] = mark.ops;
			}
		},
		emitted: () => ops.length,
		fallsThrough() {
			const last = ops.at(-1);
			if (places.includes(ops.length)) return true;
			return last === undefined || !['jump', 'branch', 'return', 'unsupported'].includes(last.kind);
		},
		finish({ parameters }) {
			const placed = ops.map((op) => resolve(op, places));
			const kept = withoutUnused(placed, reachable(placed));
			const moved = renumber(kept, placed.length);
			const registers = usedRegisters(
				kept.map((at) => placed[at] as Op),
				parameters,
			);
			const to = new Map(registers.map((from, index) => [from, index as RegisterIndex]));
			return {
				ops: kept.map((at) =>
					mapRegisters(retarget(placed[at] as Op, moved), (r) => to.get(r) ?? r),
				),
				registers: registers.length,
				registerNames: registers.map((r) => names[r] ?? null),
				slots,
				...(cells.every((c, i) => c.offset === i * WORD && c.size === WORD) ? {} : { cells }),
				origins: kept,
			};
		},
	};
}

function usedRegisters(ops: readonly Op[], parameters: number): readonly RegisterIndex[] {
	const used = new Set<RegisterIndex>();
	for (let i = 0; i < parameters; i++) used.add(i as RegisterIndex);
	for (const op of ops) eachNamed(op, (register) => used.add(register));
	return [...used].sort((a, b) => a - b);
}

/** The op with every register it names replaced. */
export function mapRegisters(op: Op, map: (register: RegisterIndex) => RegisterIndex): Op {
	const operand = (o: Operand): Operand =>
		o.kind === 'register' ? { kind: 'register', register: map(o.register) } : o;
	const all = (list: readonly Operand[]): readonly Operand[] => list.map(operand);
	const maybe = (r: RegisterIndex | null): RegisterIndex | null => (r === null ? null : map(r));
	switch (op.kind) {
		case 'move':
			return { ...op, from: operand(op.from), dst: map(op.dst) };
		case 'use':
			return { ...op, from: map(op.from), dst: map(op.dst) };
		case 'unary':
		case 'convert':
			return { ...op, operand: operand(op.operand), dst: map(op.dst) };
		case 'binary':
			return { ...op, left: operand(op.left), right: operand(op.right), dst: map(op.dst) };
		case 'branch':
		case 'assume':
			return { ...op, condition: operand(op.condition) };
		case 'call':
		case 'intrinsic':
			return { ...op, arguments: all(op.arguments), dst: maybe(op.dst) };
		case 'return':
			return { ...op, value: op.value === null ? null : operand(op.value) };
		case 'frame-address':
		case 'symbol':
		case 'choose':
			return { ...op, dst: map(op.dst) };
		case 'field':
			return { ...op, base: operand(op.base), dst: map(op.dst) };
		case 'load':
			return { ...op, address: operand(op.address), dst: map(op.dst) };
		case 'store':
			return { ...op, address: operand(op.address), value: operand(op.value) };
		case 'rmw':
			return {
				...op,
				address: operand(op.address),
				operand: operand(op.operand),
				expected: op.expected === null ? null : operand(op.expected),
				dst: maybe(op.dst),
			};
		case 'section':
			return { ...op, dst: maybe(op.dst) };
		case 'jump':
		case 'fence':
		case 'bug':
		case 'unsupported':
			return op;
		default:
			return unreachable(op);
	}
}

/** Labels travel in the target fields until `finish` resolves them. */
function asTarget(label: Label): OpIndex {
	return label as number as OpIndex;
}

function resolve(op: Op, places: readonly number[]): Op {
	return retargetWith(op, (label) => {
		const place = places[label] ?? -1;
		if (place < 0) throw new Error('a jump to a label that was never placed');
		return place as OpIndex;
	});
}

function retarget(op: Op, moved: readonly number[]): Op {
	return retargetWith(op, (target) => (moved[target] ?? 0) as OpIndex);
}

function retargetWith(op: Op, map: (target: number) => OpIndex): Op {
	if (op.kind === 'jump') return { ...op, target: map(op.target) };
	if (op.kind === 'branch') return { ...op, then: map(op.then), otherwise: map(op.otherwise) };
	return op;
}

/** Ops that control can reach from the first, jumps that only lead on left out, in order. */
function reachable(ops: readonly Op[]): readonly number[] {
	const seen = new Set<number>();
	const open: number[] = ops.length > 0 ? [0] : [];
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		const op = ops[at];
		if (op === undefined || seen.has(at)) continue;
		seen.add(at);
		open.push(...successors(op, at as OpIndex));
	}
	return ops.map((_, at) => at).filter((at) => seen.has(at) && !leadsOn(ops, at, seen));
}

/** The ops without addresses of globals that nobody uses: a world need not have those. */
function withoutUnused(ops: readonly Op[], kept: readonly number[]): readonly number[] {
	const read = new Set<RegisterIndex>();
	for (const at of kept) {
		const op = ops[at] as Op;
		if (op.kind !== 'symbol') eachNamed(op, (register) => read.add(register));
	}
	return kept.filter((at) => {
		const op = ops[at] as Op;
		return op.kind !== 'symbol' || read.has(op.dst);
	});
}

/** A jump over nothing but dropped ops. */
function leadsOn(ops: readonly Op[], at: number, seen: ReadonlySet<number>): boolean {
	const op = ops[at];
	if (op?.kind !== 'jump' || op.target <= at) return false;
	for (let i = at + 1; i < op.target; i++) if (seen.has(i)) return false;
	return true;
}

/** New number of each old op; a dropped one gets its successor's. */
function renumber(kept: readonly number[], count: number): readonly number[] {
	const moved: number[] = new Array<number>(count).fill(0);
	let next = kept.length;
	let k = kept.length - 1;
	for (let at = count - 1; at >= 0; at--) {
		if (k >= 0 && kept[k] === at) {
			next = k;
			k--;
		}
		moved[at] = next;
	}
	return moved;
}

/** The function's ops with callees renumbered. */
export function renumberCallees(
	ops: readonly Op[],
	map: (callee: FunctionIndex) => FunctionIndex,
): readonly Op[] {
	return ops.map((op) => {
		if (op.kind === 'call') return { ...op, callee: map(op.callee) };
		if (op.kind !== 'unsupported' || op.mentions === undefined) return op;
		return { ...op, mentions: op.mentions.map(map) };
	});
}
