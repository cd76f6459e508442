/**
 * Edits of a lowered program: an op replaced, dropped, inserted, a branch forced, a range of ops moved, copied or dropped. They
 * are what "without this guard", "what if" and mutations of a walk are made of. A program is plain data; the result is a new
 * one that shares every function that was not edited.
 *
 * All edits of one call name ops by their numbers in the program given, whatever the others move: jumps lead to labels that
 * stand before the ops, edits move ops and leave labels, and the numbers are worked out at the end.
 *
 * Invariant: a well-formed program stays one (`wellformed.ts`), and a function that is not named is the same object.
 */
import { assert, unreachable } from '../../base/unreachable.js';
import { mapRegisters } from '../builder.js';
import type { FunctionIndex, Op, Operand, OpIndex } from '../op.js';
import type { Program, ProgramFunction } from '../program.js';

/** An op of a program. */
export interface OpPlace {
	readonly function: FunctionIndex;
	readonly op: OpIndex;
}

/** Ops `from` … `to - 1` of a function. */
export interface OpRange {
	readonly function: FunctionIndex;
	readonly from: OpIndex;
	readonly to: OpIndex;
}

/**
 * Jumps inside `ops` of a replacement or an insertion name ops of the function as it was given, or ops of the same
 * `ops` by `inserted(k)`.
 */
export type Edit =
	/** Jumps to the op land at the first of the new ones. Without new ones: as `drop`. */
	| { readonly kind: 'replace'; readonly at: OpPlace; readonly ops: readonly Op[] }
	/** Control goes on at the next op; the register the op would write gets `value` (default 0). */
	| { readonly kind: 'drop'; readonly at: OpPlace; readonly value?: Operand }
	/** A branch always goes one way; its condition is still evaluated. */
	| { readonly kind: 'force'; readonly at: OpPlace; readonly arm: 'then' | 'otherwise' }
	/** Jumps to the op land at the first of the new ones. */
	| { readonly kind: 'insert'; readonly before: OpPlace; readonly ops: readonly Op[] }
	/** The op twice, one after the other. */
	| { readonly kind: 'duplicate'; readonly at: OpPlace }
	/** The op and the one behind it change places; jumps to either land where they did. */
	| { readonly kind: 'swap'; readonly at: OpPlace }
	/**
	 * The ops of a range stand before another op instead. Jumps from outside to the range's ops land behind where it was, jumps
	 * from inside to its end land behind where it is.
	 */
	| { readonly kind: 'move'; readonly range: OpRange; readonly before: OpIndex }
	/** The ops of a range a second time, before another op. */
	| { readonly kind: 'copy'; readonly range: OpRange; readonly before: OpIndex }
	/** Control that comes to a range goes on behind it; what it would write keeps its value. */
	| { readonly kind: 'drop-range'; readonly range: OpRange };

/** Names op `k` of the same `ops` as the target of a jump. */
export function inserted(k: number): OpIndex {
	return (-1 - k) as OpIndex;
}

/** The function an edit is made in. */
function editedFunction(edit: Edit): FunctionIndex {
	switch (edit.kind) {
		case 'insert':
			return edit.before.function;
		case 'move':
		case 'copy':
		case 'drop-range':
			return edit.range.function;
		default:
			return edit.at.function;
	}
}

/** The program with the edits made, in order. */
export function edited(program: Program, edits: readonly Edit[]): Program {
	if (edits.length === 0) return program;
	const byFunction = new Map<FunctionIndex, Edit[]>();
	for (const edit of edits) {
		const fn = editedFunction(edit);
		const known = byFunction.get(fn);
		if (known === undefined) byFunction.set(fn, [edit]);
		else known.push(edit);
	}
	const functions = [...program.functions];
	for (const [fn, own] of byFunction) {
		const source = functions[fn];
		assert(source !== undefined, `function ${fn} is there to be edited`);
		functions[fn] = editFunction(source, own);
	}
	return { ...program, functions };
}

/** True when control never goes on at the next op by itself. */
export function endsFlow(op: Op): boolean {
	return ['jump', 'branch', 'return', 'unsupported'].includes(op.kind);
}

/** What jumps lead to: the op that stands behind it in the end. */
interface Label {
	readonly kind: 'label';
}

interface Item {
	readonly kind: 'op';
	op: Op;
	/** Of a jump; of the two arms of a branch. */
	targets: readonly Label[];
}

interface Draft {
	/** By number of the op given. */
	readonly labels: readonly Label[];
	readonly given: readonly Item[];
	/** Every label stands right before its op at first. */
	line: (Label | Item)[];
}

function editFunction(source: ProgramFunction, edits: readonly Edit[]): ProgramFunction {
	const draft = draftOf(source);
	for (const edit of edits) apply(draft, edit);
	return finish(source, draft);
}

function draftOf(source: ProgramFunction): Draft {
	const labels = source.ops.map((): Label => ({ kind: 'label' }));
	const given = source.ops.map(
		(op): Item => ({ kind: 'op', op, targets: targetsOf(op, (n) => member(labels, n)) }),
	);
	const line = given.flatMap((item, i) => [member(labels, i), item]);
	return { labels, given, line };
}

function targetsOf(op: Op, label: (target: number) => Label): readonly Label[] {
	if (op.kind === 'jump') return [label(op.target)];
	if (op.kind === 'branch') return [label(op.then), label(op.otherwise)];
	return [];
}

function member<T>(list: readonly T[], index: number): T {
	const found = list[index];
	assert(found !== undefined, `op ${index} is there to be edited`);
	return found;
}

function apply(draft: Draft, edit: Edit): void {
	const { given } = draft;
	switch (edit.kind) {
		case 'replace': {
			const item = member(given, edit.at.op);
			put(draft, item, fresh(draft, edit.ops));
			remove(draft, [item]);
			return;
		}
		case 'drop':
			drop(draft, member(given, edit.at.op), edit.value ?? { kind: 'constant', value: 0 });
			return;
		case 'force': {
			const item = member(given, edit.at.op);
			const { op } = item;
			assert(op.kind === 'branch', 'only a branch is forced');
			item.targets = [member(item.targets, edit.arm === 'then' ? 0 : 1)];
			item.op = { kind: 'jump', target: op[edit.arm], site: op.site };
			return;
		}
		case 'insert':
			put(draft, member(given, edit.before.op), fresh(draft, edit.ops));
			return;
		case 'duplicate': {
			const item = member(given, edit.at.op);
			assert(!endsFlow(item.op), `a ${item.op.kind} is not duplicated`);
			put(draft, item, [{ ...item }]);
			return;
		}
		case 'swap':
			swap(member(given, edit.at.op), member(given, edit.at.op + 1));
			return;
		case 'move':
		case 'copy': {
			const range = rangeOf(draft, edit.range);
			const before = member(given, edit.before);
			assert(edit.kind === 'copy' || !range.includes(before), 'a range is not moved into itself');
			const again = copied(draft, edit.range, range);
			if (edit.kind === 'move') remove(draft, range.filter(isItem));
			put(draft, before, again);
			return;
		}
		case 'drop-range':
			remove(draft, rangeOf(draft, edit.range).filter(isItem));
			return;
		default:
			unreachable(edit);
	}
}

function fresh(draft: Draft, ops: readonly Op[]): readonly (Label | Item)[] {
	const labels = ops.map((): Label => ({ kind: 'label' }));
	return ops.flatMap((op, i) => {
		const targets = targetsOf(op, (n) => member(n < 0 ? labels : draft.labels, n < 0 ? -1 - n : n));
		return [member(labels, i), { kind: 'op' as const, op, targets }];
	});
}

/** Between the op and the labels before it. */
function put(draft: Draft, item: Item, what: readonly (Label | Item)[]): void {
	const index = draft.line.indexOf(item);
	assert(index >= 0, 'the op was not edited away');
	draft.line.splice(index, 0, ...what);
}

function remove(draft: Draft, items: readonly Item[]): void {
	const gone = new Set<Label | Item>(items);
	draft.line = draft.line.filter((entry) => !gone.has(entry));
}

function drop(draft: Draft, item: Item, value: Operand): void {
	const { op } = item;
	assert(!endsFlow(op), `a ${op.kind} is not dropped; a branch is forced`);
	if ('dst' in op && op.dst !== null) {
		item.op = { kind: 'move', dst: op.dst, from: value, site: op.site };
	} else remove(draft, [item]);
}

function swap(first: Item, second: Item): void {
	assert(!endsFlow(first.op) && !endsFlow(second.op), 'ops that control leaves stay in place');
	[first.op, second.op] = [second.op, first.op];
}

/** What now stands where the ops of a range stood, the label of the first included. */
function rangeOf(draft: Draft, { from, to }: OpRange): readonly (Label | Item)[] {
	assert(from < to, 'a range holds an op');
	const first = draft.line.indexOf(member(draft.labels, from));
	const last = draft.line.indexOf(member(draft.given, to - 1));
	assert(first >= 0 && last > first, 'the range is still in one piece');
	return draft.line.slice(first, last + 1);
}

/** The entries with labels of their own; the label behind the range becomes one at the copy's end. */
function copied(
	draft: Draft,
	range: OpRange,
	entries: readonly (Label | Item)[],
): readonly (Label | Item)[] {
	const own = new Map<Label, Label>();
	for (const entry of entries) if (entry.kind === 'label') own.set(entry, { kind: 'label' });
	const end: Label = { kind: 'label' };
	const behind = draft.labels[range.to];
	if (behind !== undefined) own.set(behind, end);
	const again = entries.map((entry) =>
		entry.kind === 'label'
			? (own.get(entry) ?? end)
			: { ...entry, targets: entry.targets.map((t) => own.get(t) ?? t) },
	);
	return [...again, end];
}

function isItem(entry: Label | Item): entry is Item {
	return entry.kind === 'op';
}

function finish(source: ProgramFunction, { line }: Draft): ProgramFunction {
	const places = new Map<Label, OpIndex>();
	const items: Item[] = [];
	for (const entry of line) {
		if (entry.kind === 'label') places.set(entry, items.length as OpIndex);
		else items.push(entry);
	}
	const place = (label: Label | undefined): OpIndex => {
		const found = label === undefined ? undefined : places.get(label);
		assert(found !== undefined && found < items.length, 'a jump lands at an op that is there');
		return found;
	};
	const ops = items.map(({ op, targets }): Op => {
		if (op.kind === 'jump') return { ...op, target: place(targets[0]) };
		if (op.kind !== 'branch') return op;
		return { ...op, then: place(targets[0]), otherwise: place(targets[1]) };
	});
	const last = ops.at(-1);
	assert(last !== undefined && endsFlow(last), 'control does not fall off the end');
	const registers = Math.max(source.registers, registersIn(ops));
	const unnamed = new Array<null>(registers - source.registers).fill(null);
	return { ...source, ops, registers, registerNames: [...source.registerNames, ...unnamed] };
}

/** One more than the highest register named. */
function registersIn(ops: readonly Op[]): number {
	let count = 0;
	for (const op of ops) {
		mapRegisters(op, (register) => {
			count = Math.max(count, register + 1);
			return register;
		});
	}
	return count;
}
