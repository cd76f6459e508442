/**
 * Callers in the checked file that call a reader before they have entered the RCU section which they enter themselves: who
 * enters one does not have it from its own callers. By lowered operations.
 *
 * Leaves out: callers that enter no section of their own. Behind what may or may not enter one, or is not looked into, it is not
 * known where a call stands: what readers are taken to be called under stays then.
 */
import type { Op, OpIndex, SiteIndex } from '../../engine/program/op.js';
import { successors } from '../../engine/program/program.js';
import { named } from '../syntax/named.js';
import type { LoweredFunction } from './function.js';
import type { DefinedFunction, Names, Unit } from './names.js';

/** Where a reader is called outside the section. */
export interface OutsideCall {
	readonly reader: string;
	readonly caller: string;
	readonly site: SiteIndex;
}

/** What finding it takes of lowering: functions by their numbers. */
export interface Lowering {
	readonly names: Names;
	lower(definition: DefinedFunction): LoweredFunction;
	definition(id: number): DefinedFunction | undefined;
}

/** Sections deep, and functions that are looked into. */
const DEPTH_MAX = 4;
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

/** What an op does to the depth of RCU sections. */
interface Effect {
	/** null: not known, or not the same on every way through. */
	readonly change: number | null;
	/** A section may be entered and not left. */
	readonly enters: boolean;
}

const UNKNOWN: Effect = { change: null, enters: false };

function effectOf(change: number): Effect {
	return { change, enters: change > 0 };
}

/** What functions do to the depth of RCU sections. */
class Sections {
	readonly #lowering: Lowering;
	readonly #effects = new Map<DefinedFunction, Effect>();
	readonly #lowered = new Map<DefinedFunction, readonly Op[]>();

	constructor(lowering: Lowering) {
		this.#lowering = lowering;
	}

	/** The first call of the reader outside the section that the caller enters later; null: there is none. */
	outside(caller: DefinedFunction, reader: string): SiteIndex | null {
		let found: SiteIndex | null = null;
		let enters = false;
		const isReader = (op: Op): boolean =>
			op.kind === 'call' && this.#lowering.definition(op.callee)?.syntax.name === reader;
		this.#walk(this.#opsOf(caller) ?? [], (op, depth, effect) => {
			if (depth !== 0) return;
			if (isReader(op)) found ??= op.site;
			enters ||= effect.enters;
		});
		return enters ? found : null;
	}

	/** Goes through the ops at each depth at which they may be come to, the function being entered outside; null: at any. */
	#walk(ops: readonly Op[], see: (op: Op, depth: number | null, effect: Effect) => void): void {
		const seen = new Set<string>();
		const todo: (readonly [number, number | null])[] = [[0, 0]];
		for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
			const [pc, depth] = next;
			const op = ops[pc];
			const key = `${pc} ${depth}`;
			if (op === undefined || seen.has(key)) continue;
			seen.add(key);
			const effect = this.#effectOf(op);
			see(op, depth, effect);
			const after = depth === null || effect.change === null ? null : depth + effect.change;
			const isCounted = after !== null && Math.abs(after) <= DEPTH_MAX;
			for (const to of successors(op, pc as OpIndex)) todo.push([to, isCounted ? after : null]);
		}
	}

	#effectOf(op: Op): Effect {
		if (op.kind === 'section') return effectOf(op.section === 'rcu' ? op.delta : 0);
		if (op.kind !== 'call') return effectOf(0);
		const callee = this.#lowering.definition(op.callee);
		return callee === undefined ? UNKNOWN : this.#effectOfCall(callee);
	}

	/** Sections that a function enters and does not leave, less those it leaves. */
	#effectOfCall(callee: DefinedFunction): Effect {
		const known = this.#effects.get(callee);
		if (known !== undefined) return known;
		// while it is being found out: who calls himself
		this.#effects.set(callee, UNKNOWN);
		const effects = new Set<number | null>();
		const ops = this.#opsOf(callee);
		this.#walk(ops ?? [], (op, depth) => {
			if (op.kind === 'return') effects.add(depth);
		});
		const [only = null] = effects;
		const change = effects.size === 1 ? only : null;
		const effect = { change, enters: [...effects].some((depth) => depth !== null && depth > 0) };
		this.#effects.set(callee, effect);
		return effect;
	}

	/** null: too many functions were looked into. */
	#opsOf(definition: DefinedFunction): readonly Op[] | null {
		const known = this.#lowered.get(definition);
		if (known !== undefined) return known;
		if (this.#lowered.size >= FUNCTIONS_MAX) return null;
		const { ops } = this.#lowering.lower(definition).finished;
		this.#lowered.set(definition, ops);
		return ops;
	}
}
