/**
 * Temporary folders of the scripts are nobody else's and are gone when the script is, however it ends, though a program it
 * started writes into them to the last.
 */
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../trees.js';

const script = (name: string) =>
	JSON.stringify(pathToFileURL(join(repositoryRoot, 'scripts', name)).href);

/** Writes a folder full for ever, and makes the folder again should it be gone. */
const WRITER = `
	const { mkdirSync, writeFileSync } = require('node:fs');
	for (let i = 0; ; i++) {
		mkdirSync(process.argv[1] + '/deep', { recursive: true });
		writeFileSync(process.argv[1] + '/deep/' + (i % 50), '');
	}`;

/** A script as ours are: a folder, a program that writes into it. Says both and goes on until it is ended. */
const SCRIPT = `
	import { start } from ${script('command.mjs')};
	import { temporaryFolder } from ${script('temporary.mjs')};
	const folder = temporaryFolder('ending');
	const child = start(process.execPath, ['-e', ${JSON.stringify(WRITER)}, folder], { stdio: 'ignore' });
	process.stdin.once('data', (what) => {
		if (String(what) === 'throw') throw new Error('asked to');
		process.exit(0);
	});
	console.log(JSON.stringify({ folder, pids: [process.pid, child.pid] }));`;

interface Said {
	readonly folder: string;
	readonly pids: readonly number[];
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

async function until(what: string, probe: () => boolean): Promise<void> {
	for (let tries = 0; tries < 600; tries++) {
		if (probe()) return;
		await new Promise((done) => setTimeout(done, 50));
	}
	throw new Error(`waited in vain for ${what}`);
}

/** Ends the script in one of the ways; `npm` ends as npm does, the shell between it and the script first. */
async function ended(how: NodeJS.Signals | 'exit' | 'throw' | 'npm'): Promise<Said> {
	const node = [process.execPath, '--input-type=module', '-e', SCRIPT] as const;
	const [command, ...args] =
		how === 'npm' ? (['sh', '-c', '"$@"; true', 'sh', ...node] as const) : node;
	const runner = spawn(command, args, {
		stdio: ['pipe', 'pipe', 'ignore'],
		env: { ...process.env, ...(how === 'npm' ? { npm_lifecycle_event: 'start' } : {}) },
	});
	const said = await new Promise<Said>((done) => {
		let text = '';
		runner.stdout.on('data', (chunk) => {
			text += String(chunk);
			if (text.endsWith('\n')) done(JSON.parse(text) as Said);
		});
	});
	await until('the program to write', () => existsSync(join(said.folder, 'deep/49')));
	expect(statSync(said.folder).mode & 0o777).toBe(0o700);
	if (how === 'exit' || how === 'throw') runner.stdin.write(how);
	else runner.kill(how === 'npm' ? 'SIGTERM' : how);
	await until('the end', () => !said.pids.some(isAlive));
	return said;
}

describe('a temporary folder', () => {
	it.concurrent.each(['exit', 'throw', 'SIGINT', 'SIGTERM', 'SIGHUP', 'npm'] as const)(
		'is gone after %s',
		async (how) => {
			const { folder } = await ended(how);
			expect(existsSync(folder)).toBe(false);
		},
	);
});
