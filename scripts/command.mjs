/**
 * Child programs of the scripts: run to the end, or kept until we stop. Each runs in a process group of its own, so
 * that Ctrl-C and our own exit end everything that was started, grandchildren included.
 *
 * Invariant: needs nothing but Node (it runs before `npm ci`).
 */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const running = new Set();

/** @param {ChildProcess} child @param {NodeJS.Signals} signal */
function signalGroup(child, signal) {
	if (child.pid === undefined) return;
	try {
		process.kill(-child.pid, signal);
	} catch {
		// The group has ended already.
	}
}

process.on('exit', () => {
	for (const child of running) signalGroup(child, 'SIGKILL');
});
for (const [signal, code] of /** @type {const} */ ([
	['SIGINT', 130],
	['SIGTERM', 143],
	['SIGHUP', 129],
])) {
	process.on(signal, () => process.exit(code));
}

/** Milliseconds between two looks at who our parent is. */
const PARENT_LOOK = 500;
// npm sends a signal to the shell it started, which dies of it and tells nobody.
if (process.env['npm_lifecycle_event'] !== undefined) {
	const parent = process.ppid;
	setInterval(() => {
		if (process.ppid !== parent) process.exit(143);
	}, PARENT_LOOK).unref();
}

/**
 * Starts a program that lives on beside us; it is killed with its children when we exit.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function start(command, args, options = {}) {
	const child = spawn(command, args, { ...options, detached: true });
	running.add(child);
	child.once('exit', () => running.delete(child));
	child.once('error', () => running.delete(child));
	return child;
}

/**
 * Ends a program and its children: politely, then (after two seconds) not.
 * @param {ChildProcess} child
 */
export async function stop(child) {
	if (child.exitCode !== null || child.signalCode !== null) return signalGroup(child, 'SIGKILL');
	const ended = new Promise((resolve) => child.once('exit', resolve));
	signalGroup(child, 'SIGTERM');
	const patience = setTimeout(() => signalGroup(child, 'SIGKILL'), 2000);
	await ended;
	clearTimeout(patience);
	signalGroup(child, 'SIGKILL');
}

/**
 * Runs a program to its end. `status` is its exit code (127 when it could not be started, 128 when a signal ended it);
 * `output` is what it printed on both streams when `quiet`, else empty: it went straight to ours.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options]
 * @returns {Promise<{ status: number, output: string }>}
 */
export function run(command, args, { cwd, env, quiet = false } = {}) {
	return new Promise((resolve) => {
		const child = start(command, args, {
			...(cwd === undefined ? {} : { cwd }),
			env: env ?? process.env,
			stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
		});
		let output = '';
		child.stdout?.on('data', (chunk) => {
			output += chunk;
		});
		child.stderr?.on('data', (chunk) => {
			output += chunk;
		});
		child.once('error', (error) =>
			resolve({ status: 127, output: `${command}: ${error.message}` }),
		);
		child.once('close', (code) => resolve({ status: code ?? 128, output }));
	});
}

/**
 * Like `run` with `quiet`, but a failure throws, with the end of what the program printed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export async function must(command, args, options = {}) {
	const { status, output } = await run(command, args, { ...options, quiet: true });
	if (status === 0) return output;
	const end = output.trim().split('\n').slice(-40).join('\n');
	throw new Error(`\`${command} ${args.join(' ')}\` ended with ${status}:\n${end}`);
}

/**
 * Absolute path of a program on PATH, or null.
 * @param {string} name
 */
export function which(name) {
	for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
		const path = join(folder, name);
		try {
			accessSync(path, constants.X_OK);
			return path;
		} catch {
			// Not in this folder.
		}
	}
	return null;
}
