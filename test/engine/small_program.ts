/**
 * Small programs for tests of the machine and the search: threads given as lists of ops without sites and brands.
 */

import { Automata } from '../../engine/memory/sc/automaton.js';
import { Machine } from '../../engine/memory/sc/machine.js';
import type {
	Intrinsic,
	MachineEvent,
	Monitor,
	View,
	World,
} from '../../engine/memory/thread/event.js';
import { link } from '../../engine/memory/thread/link.js';
import type { Op } from '../../engine/program/op.js';
import type { Program, ProgramFunction } from '../../engine/program/program.js';

type Brandless<T> = T extends number
	? number
	: T extends readonly (infer E)[]
		? readonly Brandless<E>[]
		: T extends object
			? { [K in keyof T]: Brandless<T[K]> }
			: T;
type DistributiveOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never;
/** An op as tests write it. */
export type SmallOp = DistributiveOmit<Brandless<Op>, 'site'>;

export interface SmallFunction {
	readonly parameters?: number;
	readonly registers: number;
	readonly slots?: number;
	readonly ops: readonly SmallOp[];
	readonly origin?: ProgramFunction['origin'];
}

/** Address of shared cell `index` of a small program. */
export function cellAddress(index: number): number {
	return 0x1000_0000 + index * 0x10000;
}

export const reg = (register: number) => ({ kind: 'register', register }) as const;
export const lit = (value: number) => ({ kind: 'constant', value }) as const;
export const cell = (index: number) => lit(cellAddress(index));
/** Goes to op `yes` if the condition is not 0. */
export function branch(condition: ReturnType<typeof reg>, yes: number, no: number): SmallOp {
	return { kind: 'branch', condition, then: yes, otherwise: no };
}
export const U64 = { bits: 64, signed: false } as const;

/** A program whose op sites count up through all functions (path `small.c`, line = site + 1). */
export function smallProgram(functions: readonly SmallFunction[]): Program {
	let site = 0;
	const made = functions.map((f, index) => {
		const ops = f.ops.map((op) => ({ ...op, site: site++ }) as unknown as Op);
		const own = { ops, site: ops[0]?.site ?? 0 };
		return {
			name: `f${index}`,
			path: 'small.c',
			parameters: Array.from({ length: f.parameters ?? 0 }, (_, i) => ({
				name: `p${i}`,
				type: 'unsigned long',
			})),
			registers: f.registers,
			registerNames: new Array(f.registers).fill(null),
			slots: new Array(f.slots ?? 0).fill(''),
			origin: f.origin ?? 'walk',
			...own,
		} as unknown as ProgramFunction;
	});
	return {
		functions: made,
		fields: [],
		symbols: [],
		sites: Array.from({ length: site }, (_, i) => ({
			path: 'small.c',
			line: i + 1,
			column: 1,
			endLine: i + 1,
			endColumn: 2,
			cites: null,
		})),
		assumptions: [],
		unsupported: [],
	};
}

export interface SmallWorld {
	readonly functions: readonly SmallFunction[];
	/** Function of each thread; default: function t is thread t. */
	readonly entries?: readonly number[];
	readonly cells: readonly number[];
	readonly loopMax?: number;
	readonly onEvent?: (event: MachineEvent, view: View<string>) => void;
	readonly intrinsics?: ReadonlyMap<string, Intrinsic<string>>;
}

/** A machine over a small program, edited if asked; violations are their own keys. */
export function smallMachine(
	small: SmallWorld,
	edit: (program: Program) => Program = (program) => program,
): Machine<string> {
	const entries = small.entries ?? small.functions.map((_, i) => i);
	const world: World = {
		cells: small.cells.map((initial, i) => ({ address: cellAddress(i), initial })),
		symbols: new Map(),
		threads: entries.map((entry, t) => ({
			name: `t${t}`,
			entry: entry as World['threads'][number]['entry'],
			arguments: [],
		})),
		loopMax: small.loopMax ?? 4,
		callDepthMax: 8,
	};
	const monitor: Monitor<string> = {
		frameAccesses: false,
		onEvent: small.onEvent ?? (() => {}),
		key: (violation) => violation,
	};
	const automata = new Automata(link(edit(smallProgram(small.functions))), {
		symbols: world.symbols,
		loopMax: world.loopMax,
		callDepthMax: world.callDepthMax,
	});
	return new Machine({ automata, world, intrinsics: small.intrinsics ?? new Map(), monitor });
}

/** Values of the first `count` cells in a state, as text. */
export function cellsOf(machine: Machine<string>, state: number, count: number): string {
	return Array.from({ length: count }, (_, i) => machine.valueAt(state, cellAddress(i))).join(' ');
}
