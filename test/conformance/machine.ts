/** What the lowering and the engine's machine make of a program: run alone, with no world beside it. */
import { Automata } from '../../engine/memory/sc/automaton.js';
import { link } from '../../engine/memory/thread/link.js';
import type { FunctionIndex } from '../../engine/program/op.js';
import { findFunction, type Program } from '../../engine/program/program.js';
import { lower } from '../../server/lower/lower.js';
import { prelude, type RandomProgram } from './program.js';

export type Outcome =
	| { readonly kind: 'value'; readonly value: number }
	| { readonly kind: 'refused'; readonly why: string };

export const configurations = {
	64: { arch: 'x86_64', config: ['CONFIG_MMU', 'CONFIG_64BIT', 'CONFIG_X86', 'CONFIG_X86_64'] },
	32: { arch: 'i386-pae', config: ['CONFIG_MMU', 'CONFIG_X86', 'CONFIG_X86_32', 'CONFIG_X86_PAE'] },
} as const;

const LOOPS = 10_000;
const DEPTH = 100;
const STEPS = 100_000;

/** Lowers programs of one text and runs each call. */
export function loweredResults(
	programs: readonly RandomProgram[],
	bits: 32 | 64,
): readonly (readonly Outcome[])[] {
	const { arch, config } = configurations[bits];
	return programs.map((p) => {
		const { program } = lower({
			path: 'mm/random.c',
			text: `${prelude}\n${p.text}\n`,
			tree: null,
			arch,
			config: new Map(config.map((name) => [name, 'y'])),
			actors: [],
			primitives: [],
			also: [p.name],
		});
		return p.calls.map((given) => outcomeOf(program, p.name, given));
	});
}

function outcomeOf(program: Program, name: string, given: readonly number[]): Outcome {
	const entry = findFunction(program, name);
	if (entry === null)
		return { kind: 'refused', why: program.unsupported[0]?.reason ?? 'it is not lowered' };
	return run(program, entry, given);
}

function run(program: Program, entry: FunctionIndex, given: readonly number[]): Outcome {
	const automata = new Automata(link(program), {
		symbols: new Map(),
		loopMax: LOOPS,
		callDepthMax: DEPTH,
	});
	const passed = [given[0] ?? 0, (given[1] ?? 0) >>> 0, given[2] ?? 0];
	let node = automata.startNode(0, { name: 'program', entry, arguments: passed });
	for (let step = 0; step < STEPS; step++) {
		const { pending } = node;
		if (pending.kind === 'end') return { kind: 'value', value: pending.value ?? Number.NaN };
		if (pending.kind !== 'start') return { kind: 'refused', why: `it stops at ${pending.kind}` };
		const edge = automata.resume(node, 0);
		const [incident] = edge.incidents;
		if (incident !== undefined)
			return { kind: 'refused', why: incident.kind === 'limit' ? incident.limit : incident.reason };
		const fault = edge.events.find((e) => e.event.kind === 'fault');
		if (fault !== undefined) return { kind: 'value', value: Number.NaN };
		node = edge.node;
	}
	return { kind: 'refused', why: 'too many steps' };
}
