/** What gcc makes of programs: compiled together, run, a number for each call. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prelude, type RandomProgram } from './program.js';

/** As the kernel compiles: Makefile of 6.12, and what keeps programs with wrapping numbers and casts of pointers defined. */
export const FLAGS = [
	'-std=gnu11',
	'-funsigned-char',
	'-fno-strict-overflow',
	'-fno-strict-aliasing',
	'-w',
];

export interface Compiling {
	readonly bits: 32 | 64;
	readonly optimise: '-O0' | '-O2';
}

/** Results of all calls of all programs, in order. */
export function compiledResults(
	programs: readonly RandomProgram[],
	how: Compiling,
): readonly (readonly number[])[] {
	const calls = programs.flatMap((p) =>
		p.calls.map((c) => `\tprintf("%u\\n", ${p.name}(${c.map(literal).join(', ')}));`),
	);
	const text = [
		'#include <stdio.h>',
		prelude,
		...programs.map((p) => p.text),
		`int main(void)\n{\n${calls.join('\n')}\n\treturn 0;\n}`,
	].join('\n');
	const numbers = runText(text, how);
	let at = 0;
	return programs.map((p) => p.calls.map(() => numbers[at++] ?? Number.NaN));
}

function literal(value: number): string {
	return value < 0 ? `(${value}L)` : `${value}L`;
}

function runText(text: string, { bits, optimise }: Compiling): readonly number[] {
	const folder = mkdtempSync(join(tmpdir(), 'racewalk-conformance-'));
	try {
		const [source, program] = [join(folder, 'all.c'), join(folder, 'all')];
		writeFileSync(source, text);
		must('gcc', [...FLAGS, optimise, `-m${bits}`, '-o', program, source]);
		return must(program, []).trim().split('\n').map(Number);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function must(command: string, args: readonly string[]): string {
	const { status, stdout, stderr, error } = spawnSync(command, args, {
		encoding: 'utf8',
		maxBuffer: 1 << 28,
	});
	if (error !== undefined) throw error;
	if (status !== 0)
		throw new Error(`${command} ${args.join(' ')}: ${status}\n${stderr.slice(0, 4000)}`);
	return stdout;
}

/** Whether gcc makes programs of that width here. */
export function compilesFor(bits: 32 | 64): boolean {
	try {
		runText('int main(void) { return 0; }', { bits, optimise: '-O0' });
		return true;
	} catch {
		return false;
	}
}
