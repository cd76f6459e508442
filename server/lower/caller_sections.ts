/**
 * Callers in the checked file that call a reader before they have entered the RCU section which they enter themselves: who
 * enters one does not have it from its own callers. By lowered operations.
 *
 * Leaves out: callers that enter no section of their own; what cannot be lowered is taken to enter and leave none.
 */
import type { Op, OpIndex, SiteIndex } from '../../engine/program/op.js';
import { successors } from '../../engine/program/program.js';
import { named } from '../syntax/named.js';
import type { LoweredFunction } from './function.js';
import type { Definition, Names, Unit } from './names.js';

type FunctionDefinition = Definition & { kind: 'function' };

/** Where a reader is called outside the section. */
export interface OutsideCall {
	readonly reader: string;
	readonly caller: string;
	readonly site: SiteIndex;
}

/** What finding it takes of lowering: functions by their numbers. */
export interface Lowering {
	readonly names: Names;
	lower(definition: FunctionDefinition): LoweredFunction;
	definition(id: number): FunctionDefinition | undefined;
}

/** Sections deep, functions within each other, and functions that are looked into. */
const DEPTH_MAX = 4;
const CALLS_MAX = 2;
const FUNCTIONS_MAX = 100;

/** Calls of the readers outside the section, by callers that are no readers themselves. */
export function callsOutside(
	file: Unit,
	readers: readonly string[],
	lowering: Lowering,
): readonly OutsideCall[] {
	const sections = new Sections(lowering);
	return readers.flatMap((reader) =>
		callersOf(file, reader, readers).flatMap((caller) => {
			const definition = lowering.names.value(caller, file, 'without-macros');
			if (definition?.kind !== 'function' || !definition.unit.checked) return [];
			const site = sections.outside(definition, reader);
			return site === null ? [] : [{ reader, caller, site }];
		}),
	);
}

/** Functions of the file whose text may call it. */
function callersOf(file: Unit, reader: string, readers: readonly string[]): readonly string[] {
	const { functions, preprocessed } = file.source;
	return [...functions].flatMap(([name, [item]]) => {
		if (item === undefined || item.body < 0 || readers.includes(name)) return [];
		const text = preprocessed.text.slice(item.body, item.end);
		return new RegExp(`\\b${named(reader)}\\s*\\(`).test(text) ? [name] : [];
	});
}

/** What functions do to the depth of RCU sections. */
class Sections {
	readonly #lowering: Lowering;
	readonly #effects = new Map<FunctionDefinition, number>();
	readonly #lowered = new Map<FunctionDefinition, readonly Op[]>();

	constructor(lowering: Lowering) {
		this.#lowering = lowering;
	}

	/** The first call of the reader outside the section that the caller enters later; null: there is none. */
	outside(caller: FunctionDefinition, reader: string): SiteIndex | null {
		let found: SiteIndex | null = null;
		let enters = false;
		const ops = this.#opsOf(caller);
		const isReader = (op: Op): boolean =>
			op.kind === 'call' && this.#lowering.definition(op.callee)?.syntax.name === reader;
		this.#walk(ops, CALLS_MAX, (op, depth, change) => {
			if (depth === 0 && isReader(op)) found ??= op.site;
			enters ||= depth === 0 && change > 0;
		});
		return enters ? found : null;
	}

	/** Goes through the ops at each depth at which they may be come to, the function being entered outside. */
	#walk(
		ops: readonly Op[],
		calls: number,
		see: (op: Op, depth: number, change: number) => void,
	): void {
		const seen = new Set<string>();
		const todo: (readonly [number, number])[] = [[0, 0]];
		for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
			const [pc, depth] = next;
			const op = ops[pc];
			const key = `${pc} ${depth}`;
			if (op === undefined || seen.has(key) || Math.abs(depth) > DEPTH_MAX) continue;
			seen.add(key);
			const change = this.#changeOf(op, calls);
			see(op, depth, change);
			for (const to of successors(op, pc as OpIndex)) todo.push([to, depth + change]);
		}
	}

	#changeOf(op: Op, calls: number): number {
		if (op.kind === 'section') return op.section === 'rcu' ? op.delta : 0;
		if (op.kind !== 'call' || calls === 0) return 0;
		const callee = this.#lowering.definition(op.callee);
		return callee === undefined ? 0 : this.#effectOf(callee, calls - 1);
	}

	/** Sections that a function enters and does not leave, less those it leaves; 0 where that depends. */
	#effectOf(callee: FunctionDefinition, calls: number): number {
		const known = this.#effects.get(callee);
		if (known !== undefined) return known;
		this.#effects.set(callee, 0);
		const effects = new Set<number>();
		this.#walk(this.#opsOf(callee), calls, (op, depth) => {
			if (op.kind === 'return') effects.add(depth);
		});
		const [only = 0] = effects;
		const effect = effects.size === 1 ? only : Math.max(0, ...effects);
		this.#effects.set(callee, effect);
		return effect;
	}

	#opsOf(definition: FunctionDefinition): readonly Op[] {
		const known = this.#lowered.get(definition);
		if (known !== undefined) return known;
		if (this.#lowered.size >= FUNCTIONS_MAX) return [];
		const { ops } = this.#lowering.lower(definition).finished;
		this.#lowered.set(definition, ops);
		return ops;
	}
}
