/**
 * The script that *Install 'racewalk' in PATH* writes, run as a shell runs it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installInPath } from '../../client/path_script.js';

let home = '';
let cli = '';

beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), "racewalk's home $(false) "));
	cli = join(home, "cli's.cjs");
	writeFileSync(cli, 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 3;');
});

afterEach(() => rmSync(home, { recursive: true }));

const install = (path = '/usr/bin') =>
	installInPath({ cli, program: process.execPath, home, path });

it('passes its arguments on, and the exit status back', () => {
	const bin = join(home, '.local/bin');
	const script = join(bin, 'racewalk');
	expect(install()).toEqual({ kind: 'written', path: script, isOnPath: false });
	expect(install(`/usr/bin:${bin}`)).toMatchObject({ isOnPath: true });
	const args = ['check', 'a b', "'", '$HOME'];
	const { status, stdout } = spawnSync(script, args, { encoding: 'utf8' });
	expect({ status, args: JSON.parse(stdout) }).toEqual({ status: 3, args });
	expect(readdirSync(bin)).toEqual(['racewalk']);
});

it('says that the extension is gone', () => {
	install();
	rmSync(cli);
	const ended = spawnSync(join(home, '.local/bin/racewalk'), [], { encoding: 'utf8' });
	expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining('in PATH again') });
});

it('leaves what is not its own', () => {
	const bin = join(home, '.local/bin');
	mkdirSync(bin, { recursive: true });
	writeFileSync(join(bin, 'racewalk'), '#!/bin/sh\n');
	expect(install()).toMatchObject({ kind: 'refused', why: expect.stringContaining('not the') });
	rmSync(bin, { recursive: true });
	writeFileSync(bin, '');
	expect(install()).toMatchObject({ kind: 'refused' });
});
