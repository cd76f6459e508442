/**
 * Progress on a terminal: no wider than it is, and none where nothing can be erased. The terminal is one that `script` makes.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { repositoryRoot } from '../trees.js';
import { bundle } from './bundle.js';

const HOLDS = join(repositoryRoot, 'test/fixtures/holds/stale-pin.c');
const ESCAPE = String.fromCharCode(27);

let programs = '';

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
});

afterAll(() => rmSync(dirname(programs), { recursive: true, force: true }));

function onTerminal(env: Readonly<Record<string, string>>): string {
	const command = `'${process.execPath}' '${join(programs, 'cli.js')}' check '${HOLDS}'`;
	const ended = spawnSync('script', ['-qefc', command, '/dev/null'], {
		encoding: 'utf8',
		env: { PATH: process.env['PATH'] ?? '', ...env },
	});
	expect({ status: ended.status, error: ended.error }).toEqual({ status: 0, error: undefined });
	return ended.stdout;
}

it('is no wider than COLUMNS says, and erased at the end', () => {
	const said = onTerminal({ TERM: 'xterm', COLUMNS: '24' });
	const lines = said
		.split(`\r${ESCAPE}[K`)
		.slice(1)
		.filter((line) => line.startsWith('['));
	expect(lines.length).toBeGreaterThan(0);
	for (const line of lines) expect(line.length).toBeLessThan(24);
	const last = said.lastIndexOf(`\r${ESCAPE}[K`);
	expect(said.slice(last)).not.toContain('[1/');
});

it('is not there on a dumb terminal, nor are colours', () => {
	const said = onTerminal({ TERM: 'dumb' });
	expect(said).toContain('walk_ptes');
	expect(said).not.toContain(ESCAPE);
});
