/**
 * What every command ends with, in every format it prints: a row an outcome, a column a command. Nothing that was undecided or lost
 * ends with 0, nothing at all with an internal error, and what is undecided is said.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ARCHS } from '../../engine/program/arch.js';
import { COMMAND_NAMES } from '../../server/cli/help.js';
import { repositoryRoot as root } from '../trees.js';
import { bundle } from './bundle.js';

/** A command: how it is called about `NAME.c` or `NAME.litmus`, and the formats it has. */
const COMMANDS = {
	check: { args: ['check', 'C'], formats: ['text', 'json', 'sarif', 'github'] },
	guards: { args: ['guards', 'C'], formats: ['text', 'json'] },
	explain: { args: ['explain', 'C:9'], formats: ['text', 'json'] },
	claims: { args: ['claims', 'C'], formats: ['text', 'json'] },
	facts: { args: ['facts', 'C'], formats: ['text', 'json'] },
	simulate: { args: ['simulate', 'C:walk_ptes'], formats: ['text', 'json'] },
	litmus: { args: ['litmus', 'LITMUS'], formats: ['text', 'json'] },
	why: { args: ['litmus', '--explain', 'LITMUS'], formats: ['text', 'json', 'dot', 'svg'] },
	actors: { args: ['actors'], formats: ['text', 'json'] },
} as const;

type Command = keyof typeof COMMANDS;

const NAMES = Object.keys(COMMANDS) as readonly Command[];

interface Outcome {
	/** Base name of the files that have it. */
	readonly file: string;
	readonly more?: readonly string[];
	/** How the output is taken, in words of a shell. */
	readonly shell?: string;
	/** The exit status of each command; one that is left out cannot have the outcome. */
	readonly status: Partial<Record<Command, 0 | 1 | 2 | 3>>;
	/** What is said of it, in every format. */
	readonly said?: RegExp;
}

const all = (status: 0 | 1 | 2 | 3): Outcome['status'] =>
	Object.fromEntries(NAMES.map((name) => [name, status]));

const walks = (status: 0 | 1 | 2 | 3): Outcome['status'] => {
	const { litmus: _, why: __, actors: ___, ...rest } = all(status);
	return rest;
};

const OUTCOMES: Readonly<Record<string, Outcome>> = {
	holds: { file: 'holds', status: all(0) },
	violated: {
		file: 'violated',
		status: { ...all(0), check: 1, simulate: 1, litmus: 1 },
	},
	unsupported: {
		file: 'unsupported',
		// its comments make no claims, and its facts are read all the same
		status: { check: 3, guards: 3, explain: 3, simulate: 3, litmus: 3, why: 3 },
		said: /unsupported|no execution ends/,
	},
	'out of its budget': {
		file: 'long',
		more: ['--budget', '0.01'],
		// the facts of a small file are read before anybody looks at the clock
		status: { check: 3, guards: 3, explain: 3, claims: 3, simulate: 3, litmus: 3, why: 3 },
		said: /budget|time was over|stopped in|s in (?:loading|reading|exploring|explaining)/,
	},
	'a function that was not reached in time': {
		file: 'long',
		more: ['--budget', '0.01', '--function', 'nobody'],
		status: { check: 3, guards: 3, explain: 3, claims: 3 },
		said: /budget|time was over/,
	},
	'an architecture without a profile': {
		file: 'tree/arch/sh/mm/holds',
		status: { check: 3, guards: 2, explain: 2, claims: 2, facts: 2, simulate: 2 },
		said: /no profile for arch\/sh/,
	},
	'no walk': { file: 'plain', status: { ...walks(0), simulate: 2 } },
	'no such file': { file: 'nowhere', status: { ...all(2), actors: 0 }, said: /nowhere/ },
	'an empty file': {
		file: 'empty',
		status: { ...walks(0), explain: 2, simulate: 2, litmus: 2, why: 2 },
		said: /empty/,
	},
	'nothing on standard input': {
		file: '-',
		shell: '"$@" < /dev/null',
		status: { check: 2, guards: 2, claims: 2, facts: 2 },
		said: /standard input is empty/,
	},
	'a patch': { file: 'patch', status: { ...walks(2) }, said: /is a patch: use racewalk review/ },
	'a litmus test as C': {
		file: 'litmus_as',
		more: ['--as', 'mm/gup.c'],
		status: walks(2),
		said: /is a litmus test: use racewalk litmus/,
	},
	'text that no compiler reads': {
		file: 'utf16',
		status: { ...all(2), actors: 0 },
		said: /is UTF-16/,
	},
	'no such function': {
		file: 'holds',
		more: ['--function', 'nobody'],
		status: { check: 2, guards: 2, explain: 2, claims: 2, facts: 2 },
		said: /'nobody'|leave out --function/,
	},
	'no such option': { file: 'holds', more: ['--nope'], status: all(2), said: /unknown option/ },
	'no such format': { file: 'holds', more: ['--format', 'xml'], status: all(2), said: /xml/ },
	'no such architecture': {
		file: 'holds',
		more: ['--arch', 'x86'],
		status: walks(2),
		said: /unknown arch 'x86'; known: x86_64/,
	},
	'no such adversary': {
		file: 'holds',
		more: ['--actor', 'zapp'],
		status: { ...walks(2), actors: 2 },
		said: /unknown actor 'zapp'; known: |leave out --actor/,
	},
	'no such symbol': {
		file: 'holds',
		more: ['--set', 'CONFIG_NOSUCH=y'],
		status: walks(2),
		said: /CONFIG_NOSUCH: the file knows no such symbol/,
	},
	'a configuration that is none': {
		file: 'holds',
		more: ['--config', 'plain.c'],
		status: walks(2),
		said: /plain\.c sets no CONFIG_ symbol/,
	},
	'a tree that is none': {
		file: 'holds',
		more: ['--tree', '.'],
		status: walks(2),
		said: /is no kernel tree: it lacks mm\//,
	},
	'no such rule': {
		file: 'holds',
		more: ['--rule', 'stale_pin'],
		status: { simulate: 2 },
		said: /unknown rule 'stale_pin'; known: .*stale-pin/,
	},
	'a full disk': {
		file: 'holds',
		shell: '"$@" > /dev/full',
		status: all(2),
		said: /cannot write the output/,
	},
	'a closed pipe': {
		file: 'violated',
		shell: 'set -o pipefail; { sleep 0.2; "$@"; } | true',
		status: all(2),
	},
	'nowhere to complain': { file: 'nowhere', shell: '"$@" 2> /dev/full', status: { check: 2 } },
};

const THREAD = 'int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\n';
const FINE = `C fine\n\n(* Result: Always *)\n\n{}\n\nP0(${THREAD}\nexists (x=1)\n`;
const MANY = Array.from({ length: 3000 }, (_, i) => `P${i}(${THREAD}`).join('\n');

let programs = '';
let folder = '';

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-exit-'));
	const fixture = (kind: string): string =>
		readFileSync(join(root, `test/fixtures/${kind}/stale-pin.c`), 'utf8');
	const holds = fixture('holds');
	const files: Readonly<Record<string, string | Buffer>> = {
		'litmus_as.c': FINE,
		'utf16.c': Buffer.from(`\ufeff${holds}`, 'utf16le'),
		'utf16.litmus': Buffer.from(`\ufeff${FINE}`, 'utf16le'),
		'holds.c': holds,
		'violated.c': fixture('violated'),
		'unsupported.c': holds.replace('int done = 0;', 'int done = 0;\n\tnobody_knows(ptep);'),
		'long.c': holds,
		'plain.c': `${'\n'.repeat(10)}int main(void)\n{\n\treturn 0;\n}\n`,
		'patch.c': '--- a/mm/gup.c\n+++ b/mm/gup.c\n@@ -1,2 +1,1 @@\n int a;\n-int b;\n',
		'empty.c': '',
		'empty.litmus': '',
		'holds.litmus': FINE,
		'violated.litmus': FINE.replace('Always', 'Never'),
		'unsupported.litmus': FINE.replace('Result:', '').replace(
			'WRITE_ONCE(*x, 1)',
			'do {\n\t} while (READ_ONCE(*x) == 0)',
		),
		'long.litmus': `C many\n\n{}\n\n${MANY}\nexists (x=1)\n`,
		'tree/mm/Makefile': '',
		'tree/include/linux/mm.h': '',
		'tree/arch/sh/mm/holds.c': holds,
	};
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), text);
	}
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

/** How a command is called about an outcome. */
function argsOf(command: Command, outcome: Outcome, format: string): readonly string[] {
	const { args, formats } = COMMANDS[command];
	const { file, more = [] } = outcome;
	const named = args.map((arg) =>
		arg.replace(/^C\b/, file === '-' ? file : `${file}.c`).replace(/^LITMUS$/, `${file}.litmus`),
	);
	const asked = formats[0] === format ? [] : ['--format', format];
	return [...named, ...quick(command, more), ...asked, ...more];
}

/** One adversary and common scenarios are enough to come to an outcome. */
function quick(command: Command, more: readonly string[]): readonly string[] {
	if (['litmus', 'why', 'actors', 'facts'].includes(command) || more.includes('--actor')) return [];
	// one adversary leaves guards against others undecided
	return command === 'guards' ? [] : ['--actor', 'zap', '--depth', 'core'];
}

function run(args: readonly string[], shell = '"$@"') {
	const cli = join(programs, 'cli.js');
	const ended = spawnSync('bash', ['-c', shell, 'bash', process.execPath, cli, ...args], {
		encoding: 'utf8',
		cwd: folder,
		maxBuffer: 64 * 1024 * 1024,
	});
	return { status: ended.status, said: ended.stdout + ended.stderr };
}

/** What is wrong with the words of a command is said before any format is. */
function formatsOf(command: Command, { shell, status }: Outcome): readonly string[] {
	const { formats } = COMMANDS[command];
	return status[command] === 2 && shell === undefined ? formats.slice(0, 1) : formats;
}

describe.each(Object.entries(OUTCOMES))('%s', (_, outcome) => {
	const columns = NAMES.filter((name) => outcome.status[name] !== undefined);
	test.each(columns)('%s', (command) => {
		for (const format of formatsOf(command, outcome)) {
			const args = argsOf(command, outcome, format);
			const { status, said } = run(args, outcome.shell);
			expect({ args, status, said }).toMatchObject({ status: outcome.status[command] });
			expect(said).not.toMatch(/internal error|^ {4}at /m);
			if (status !== 0 && outcome.said !== undefined) expect(said).toMatch(outcome.said);
		}
	});
});

test.each(COMMAND_NAMES)(
	'%s --help says what each exit status means, and has an example',
	(name) => {
		const { status, said } = run([name, '--help']);
		expect(status).toBe(0);
		expect(said).toMatch(/\nExit status:\n {2}0 {2}.*\n {2}2 {2}/s);
		expect(said).toContain(`\n  racewalk ${name} `);
		const words = said.replace(/\s+/g, ' ');
		if (words.includes('--arch <')) for (const arch of ARCHS) expect(words).toContain(arch);
	},
);
