/**
 * The manual page and the completions have every command and every option, and are what their readers read: man without a warning, bash with
 * the words that come of it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARCHS } from '../../engine/program/arch.js';
import { RULES } from '../../engine/rules/verdict.js';
import { completionFor, SHELLS } from '../../server/cli/completion.js';
import { COMMAND_NAMES } from '../../server/cli/help.js';
import { manPage } from '../../server/cli/man.js';
import { bundle } from './bundle.js';

let programs = '';
let folder = '';

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-words-'));
	writeFileSync(join(folder, 'walk.c'), '');
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

function said(...args: readonly string[]): string {
	const ended = spawnSync(process.execPath, [join(programs, 'cli.js'), ...args], {
		encoding: 'utf8',
	});
	expect({ args, status: ended.status, err: ended.stderr }).toEqual({ args, status: 0, err: '' });
	return ended.stdout;
}

/** Options that help has, of all commands. */
function options(): readonly string[] {
	const helps = COMMAND_NAMES.map((name) => said(name, '--help'));
	return helps.flatMap((help) => [...help.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, o]) => o ?? ''));
}

it('every command and option is in the page and in each shell’s completion', () => {
	const all = [...new Set(options())].filter((option) => option !== '--help');
	expect(all.length).toBeGreaterThan(20);
	const page = said('man').replaceAll('\\-', '-');
	const texts = SHELLS.map((shell) => said('completion', shell));
	for (const name of COMMAND_NAMES) {
		expect(page).toContain(`.SS "racewalk ${name} `);
		for (const text of texts) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
	}
	for (const option of all) {
		expect(page).toContain(option);
		for (const text of texts) expect(text).toMatch(new RegExp(`(?:--|-l )${option.slice(2)}\\b`));
	}
});

it('man reads the page without a warning', () => {
	const page = join(folder, 'racewalk.1');
	writeFileSync(page, said('man'));
	const { status, stdout, stderr, error } = spawnSync('man', ['--warnings', '-l', page], {
		encoding: 'utf8',
		env: { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8' },
	});
	// a machine without man has nobody to warn
	if (error !== undefined) return;
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	expect(stdout).toContain('0  no finding, and everything was decided');
});

it('text that roff or a shell would obey is shown', () => {
	const option = {
		...{ flags: '--x', long: '--x', value: 'none' as const, choices: [] },
		about: ".so /etc/passwd \\fB 'a' $(touch x)",
	};
	const command = { name: 'check', usage: '', about: "'tis", options: [option], below: '.sh' };
	const table = { about: 'x', commands: [command] };
	const page = manPage(table);
	expect(page).not.toMatch(/^[.'](?:so|tis|sh)\b/m);
	expect(page).toContain('\\&.so /etc/passwd \\efB');
	expect(completionFor('fish', table)).toContain("'.so /etc/passwd \\\\fB \\'a\\' $(touch x)'");
});

describe('bash completes', () => {
	function completed(...words: readonly string[]): readonly string[] {
		const file = join(folder, 'completion');
		writeFileSync(file, said('completion', 'bash'));
		const script = `. '${file}'; COMP_WORDS=(racewalk "$@"); COMP_CWORD=$#; _racewalk; printf '%s\\n' "\${COMPREPLY[@]}"`;
		const ended = spawnSync('bash', ['--norc', '-c', script, 'bash', ...words], {
			...{ cwd: folder, encoding: 'utf8' },
		});
		expect(ended.stderr).toBe('');
		return ended.stdout.split('\n').filter((word) => word !== '');
	}

	it.each([
		['commands', ['bi'], ['bisect']],
		['files', ['check', 'wa'], ['walk.c']],
		['options', ['check', '--sh'], ['--shard']],
		['formats', ['simulate', 'a:b', '--format', 'd'], ['dot']],
		['architectures', ['check', '--arch', ''], [...ARCHS, 'all']],
		['rules', ['bisect', '--rule', 'stale'], RULES.filter((rule) => rule.startsWith('stale'))],
		['nothing for what only the user knows', ['check', '--budget', ''], []],
	])('%s', (_, words, expected) => {
		expect(completed(...words)).toEqual(expected);
	});
});
