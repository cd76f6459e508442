/**
 * Programs of gcc's own suite (gcc.c-torture/execute): each ends normally when it is compiled right, and calls abort() when it is
 * not. Lowered and run alone, a program that gets to its abort() is read otherwise than gcc reads it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Automata } from '../../engine/memory/sc/automaton.js';
import type { Node } from '../../engine/memory/sc/automaton_node.js';
import { link } from '../../engine/memory/thread/link.js';
import { findFunction, type Program } from '../../engine/program/program.js';
import { lower } from '../../server/lower/lower.js';
import { FLAGS } from './compiler.js';
import { configurations } from './machine.js';

/** `skipped`: gcc itself does not end it normally, compiled as the kernel is. */
export interface Judged {
	readonly kind: 'agree' | 'refused' | 'wrong' | 'skipped';
	readonly why: string;
}

/** How a program of the suite ends. */
const ends = `
void abort(void) { __rw_bug("abort"); }
void exit(int status) { __rw_intrinsic(exit, status); }
void __builtin_abort(void) { __rw_bug("abort"); }
void __builtin_exit(int status) { __rw_intrinsic(exit, status); }
`;

/** Programs that are about something else than C, and what. */
export const about: Readonly<Record<string, string>> = {
	'20021127-1.c': "gcc puts its own llabs() in the place of the program's",
};

const LOOPS = 2_000;
const DEPTH = 100;
const STEPS = 20_000;
/** Longer texts are not programs but tables. */
const lengthMax = 60_000;

export function judge(text: string, bits: 32 | 64): Judged {
	if (text.length > lengthMax) return { kind: 'skipped', why: 'it is too long' };
	const { arch, config } = configurations[bits];
	const { program } = lower({
		...{ path: 'mm/torture.c', text, tree: null, arch, actors: [], also: ['main'] },
		config: new Map(config.map((name) => [name, 'y'])),
		primitives: [{ path: 'racewalk:primitives/torture.c', text: ends }],
	});
	const ended = run(program);
	if (ended.kind === 'refused' || endsNormally(text, bits)) return ended;
	return { kind: 'skipped', why: 'gcc does not end it normally, compiled as the kernel is' };
}

function run(program: Program): Judged {
	const refused = (why: string): Judged => ({ kind: 'refused', why });
	const entry = findFunction(program, 'main');
	if (entry === null) return refused(program.unsupported[0]?.reason ?? 'it is not lowered');
	const automata = new Automata(link(program), {
		...{ symbols: new Map(), loopMax: LOOPS, callDepthMax: DEPTH },
	});
	let node = automata.startNode(0, { name: 'program', entry, arguments: [1, 0, 0] });
	for (let step = 0; step < STEPS; step++) {
		const end = endOf(node);
		if (end !== null) return end;
		const edge = automata.resume(node, 0);
		if (edge.events.some((e) => e.event.kind === 'bug'))
			return { kind: 'wrong', why: 'it gets to abort()' };
		const [incident] = edge.incidents;
		if (incident !== undefined)
			return refused(incident.kind === 'limit' ? incident.limit : incident.reason);
		if (edge.events.some((e) => e.event.kind === 'fault'))
			return { kind: 'wrong', why: 'it accesses memory that is not there' };
		node = edge.node;
	}
	return refused('too many steps');
}

/** What is said of a program that does not go on; null: it does. */
function endOf({ pending }: Node): Judged | null {
	switch (pending.kind) {
		case 'start':
			return null;
		case 'end':
			return (pending.value ?? 0) === 0
				? { kind: 'agree', why: '' }
				: { kind: 'wrong', why: `main() returns ${pending.value}` };
		case 'intrinsic':
			return pending.op.name === 'exit' && pending.arguments[0] === 0
				? { kind: 'agree', why: '' }
				: { kind: 'wrong', why: `${pending.op.name}(${pending.arguments.join(', ')})` };
		default:
			return { kind: 'refused', why: `it stops at ${pending.kind}` };
	}
}

function endsNormally(text: string, bits: 32 | 64): boolean {
	const folder = mkdtempSync(join(tmpdir(), 'racewalk-torture-'));
	try {
		const [source, program] = [join(folder, 'all.c'), join(folder, 'all')];
		writeFileSync(source, text);
		const args = [...FLAGS, '-O0', `-m${bits}`, '-o', program, source, '-lm'];
		if (spawnSync('gcc', args, { timeout: 60_000 }).status !== 0) return false;
		return spawnSync(program, { timeout: 20_000 }).status === 0;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
