/**
 * Commands on hostile texts: each must end within its budget and three seconds, whatever it says.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fuzzText, randomOf } from './texts.js';
import { makeHostileTree } from './trees.js';

export interface CommandReport {
	readonly cases: number;
	/** What did not end in time, or in no way a command may end. */
	readonly hangs: readonly string[];
	readonly deaths: readonly string[];
	/** Milliseconds of the longest. */
	readonly slowest: number;
}

/** Seconds on top of the budget; `slack` more for a machine that does other things, too. */
export const OVERTIME = 3;

export interface CommandOptions {
	readonly cli: string;
	readonly seed: number;
	readonly cases: number;
	readonly size: number;
	readonly budget: number;
	readonly slack: number;
}

/** What is called with a file of C in a hostile tree. */
const COMMANDS: readonly [Calling, ...Calling[]] = [
	(file) => ['check', file],
	(file, tree) => ['check', '--tree', tree, '--format', 'json', file],
	(file, tree) => ['check', '--config', join(tree, '.config'), '--format', 'sarif', file],
	(file) => ['check', '--memory', 'lkmm', '--scenario', `${file}.litmus`, file],
	(file) => ['check', '--format', 'github', '--coverage', file],
	(file) => ['claims', file],
	(file) => ['guards', file],
	(file) => ['explain', `${file}:9`],
	(file) => ['simulate', `${file}:gup_a`],
	(file) => ['simulate', '--trace', 'gup_a.0/0.0:0*7', `${file}:gup_a`],
];

const LITMUS_COMMANDS: readonly [Calling, ...Calling[]] = [
	(file) => ['litmus', file],
	(file, tree) => ['litmus', '--tree', tree, file],
	(file) => ['litmus', '--explain', file],
	(file) => ['litmus', '--explain', '--format', 'svg', file],
];

type Calling = (file: string, tree: string) => readonly string[];

export async function fuzzCommands(options: CommandOptions): Promise<CommandReport> {
	const random = randomOf(options.seed);
	const folder = mkdtempSync(join(tmpdir(), 'racewalk-fuzz-'));
	const hangs: string[] = [];
	const deaths: string[] = [];
	let slowest = 0;
	try {
		for (let i = 0; i < options.cases; i++) {
			const { kind, text, name } = fuzzText(random, options.size);
			const tree = join(folder, `tree${i}`);
			makeHostileTree(tree, random, options.size);
			const file = join(tree, 'mm', `fuzz${i}.${kind}`);
			writeFileSync(file, text);
			writeFileSync(`${file}.litmus`, fuzzText(random, options.size).text);
			const command = random.pick(kind === 'litmus' ? LITMUS_COMMANDS : COMMANDS)(file, tree);
			const args = [...command, '--budget', `${options.budget}`];
			const { code, signal, ms, err } = await spawnCommand({ ...options, cwd: tree }, args);
			slowest = Math.max(slowest, ms);
			const what = `${command.join(' ')}: ${name} (case ${i} of seed ${options.seed})`;
			if (code === null && signal === 'SIGKILL') hangs.push(what);
			else if (code === null || code > 3) deaths.push(`${what}: ${signal ?? code}`);
			else if (err.includes('internal error')) deaths.push(`${what}: ${err.slice(0, 400)}`);
			rmSync(tree, { recursive: true, force: true });
		}
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
	return { cases: options.cases, hangs, deaths, slowest };
}

export interface Ended {
	readonly code: number | null;
	readonly signal: string | null;
	readonly ms: number;
	readonly out: string;
	readonly err: string;
}

/** Runs a command on a file with its budget; ends it when it does not end by itself in time. */
export function runCommand(
	options: Pick<CommandOptions, 'cli' | 'budget' | 'slack'>,
	command: string,
	file: string,
): Promise<Ended> {
	return spawnCommand(options, [command, '--budget', `${options.budget}`, file]);
}

/** Runs a command line; ends it when it does not end by itself within `budget` and what comes on top. */
export function spawnCommand(
	options: Pick<CommandOptions, 'cli' | 'budget' | 'slack'> & { readonly cwd?: string },
	args: readonly string[],
): Promise<Ended> {
	const began = performance.now();
	const child = spawn(process.execPath, [options.cli, ...args], {
		stdio: ['ignore', 'pipe', 'pipe'],
		...(options.cwd === undefined ? {} : { cwd: options.cwd }),
	});
	let [out, err] = ['', ''];
	child.stdout.on('data', (chunk) => {
		out += chunk;
	});
	child.stderr.on('data', (chunk) => {
		err += chunk;
	});
	const limit = (options.budget + OVERTIME + options.slack) * 1000;
	const timer = setTimeout(() => child.kill('SIGKILL'), limit);
	return new Promise((resolve) => {
		child.on('close', (code, signal) => {
			clearTimeout(timer);
			resolve({ code, signal, ms: Math.round(performance.now() - began), out, err });
		});
	});
}
