/**
 * The command line in a tree that somebody else made: every input that is no file gets a sentence and exit status 2, what lies
 * beside the files gets a sentence in the verdict, and a verdict that the workspace vouches for itself is none.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from './bundle.js';
import { HOSTILE, makeTree, put } from './hostile_tree.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const VIOLATED = readFileSync(join(root, 'test/fixtures/violated/stale-pin.c'), 'utf8');
const HOLDS = readFileSync(join(root, 'test/fixtures/holds/stale-pin.c'), 'utf8');
const IDLE = 'void actor_zap(void)\n{\n}\n';
/** Milliseconds within which a command has answered, whatever it was given. */
const ANSWER_MAX = 60_000;

let programs = '';
let folder = '';

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-hostile-'));
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

interface Ended {
	readonly status: number | null;
	readonly out: string;
	readonly err: string;
}

function run(args: readonly string[], cwd: string, shell?: string): Ended {
	const cli = join(programs, 'cli.js');
	const [command, given] =
		shell === undefined
			? [process.execPath, [cli, ...args]]
			: ['bash', ['-c', shell, 'bash', process.execPath, cli]];
	const ended = spawnSync(command, given, {
		...{ encoding: 'utf8', input: '', cwd, timeout: ANSWER_MAX },
		maxBuffer: 64 * 1024 * 1024,
	});
	return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

/** A new folder with one of each in it, and where they are. */
function hostileFolder(name: string, extension: string): readonly string[] {
	const home = join(folder, name);
	mkdirSync(home, { recursive: true });
	return HOSTILE.map(({ name: what, make }) => {
		const path = join(home, `${what.replaceAll(' ', '-')}${extension}`);
		make(path);
		return path;
	});
}

describe('what the user names', () => {
	test.each([
		['check', (path: string) => ['check', path]],
		['a .config', (path: string) => ['check', 'fine.c', '--config', path]],
		['a scenario', (path: string) => ['check', 'fine.c', '--memory', 'lkmm', '--scenario', path]],
		['litmus', (path: string) => ['litmus', path]],
		['litmus --explain', (path: string) => ['litmus', '--explain', path]],
	])('%s: a sentence and exit status 2', (name, args) => {
		const paths = hostileFolder(name.replaceAll(' ', '-'), '.c');
		put(join(folder, 'fine.c'), HOLDS);
		for (const [i, path] of paths.entries()) {
			const { status, out, err } = run(args(path), folder);
			expect(err).toMatch(HOSTILE[i]?.said ?? /never/);
			expect(err).not.toMatch(/internal error/);
			expect([path, status, out.replace(/^\[[\s\S]*\]\n$/, '')]).toEqual([path, 2, '']);
		}
	});

	test('a descriptor of the shell is read, as is standard input by its name', () => {
		put(join(folder, 'v.c'), VIOLATED);
		const piped = run([], folder, '"$1" "$2" check <(cat v.c) --actor zap');
		expect(piped.status).toBe(1);
		expect(run([], folder, '"$1" "$2" check /dev/stdin --actor zap < v.c').status).toBe(1);
	});

	test('more on standard input than anybody reads is refused', () => {
		const { status, err } = run([], folder, 'head -c 65000000 /dev/zero | "$1" "$2" check -');
		expect(err).toMatch(/standard input is larger than 64 MB/);
		expect(status).toBe(2);
	});
});

describe('what lies beside', () => {
	test('files that are none in .racewalk/actors are named by every verdict', () => {
		const home = join(folder, 'beside');
		hostileFolder('beside/.racewalk/actors', '.c');
		put(join(home, '.racewalk/actors/odd `name`.c'), IDLE);
		put(join(home, 'walk.c'), HOLDS);
		const { status, out } = run(['check', 'walk.c', '--actor', 'zap'], home);
		for (const { said } of HOSTILE)
			expect(out).toMatch(new RegExp(`assumes: .racewalk/actors/.*(?:${said.source})`));
		expect(out).toMatch(/a file of \.racewalk\/actors has an odd name/);
		expect(out).toMatch(/walk_ptes: holds/);
		expect(status).toBe(0);
	});

	test('headers of the tree that are none are named, and a link out of it is not followed', () => {
		const home = join(folder, 'tree');
		hostileFolder('tree/include/linux', '.h');
		const includes = HOSTILE.map(({ name }) => `#include <linux/${name.replaceAll(' ', '-')}.h>`);
		put(join(folder, 'outside.h'), '#define SECRET 1\n');
		symlinkSync(join(folder, 'outside.h'), join(home, 'include/linux/out.h'));
		makeTree(home, { 'mm/walk.c': `${includes.join('\n')}\n#include <linux/out.h>\n${HOLDS}` });
		const args = ['check', join(home, 'mm/walk.c'), '--actor', 'zap'];
		const { status, out, err } = run([...args, '--format', 'json'], folder);
		expect(err).toBe('');
		expect([0, 3]).toContain(status);
		expect(out).toMatch(/of the kernel tree, include\/linux\/[\w-]+\.h (?:is|leads|cannot)/);
		expect(out).toMatch(/more files of the kernel tree were not read/);
	});

	test.each([
		['more words than are read', `1 ${'|| 0 '.repeat(3000)}&& 0`],
		['something that is no word', '1 @ && 0'],
		['macros that grow', 'A0'],
	])('a condition with %s makes what its header defines unknown', (name, condition) => {
		const home = join(folder, `conditions-${name.replaceAll(' ', '-')}`);
		const grown = Array.from(
			{ length: 9 },
			(_, i) => `#define A${i} ${`A${i + 1} + `.repeat(20)}1\n`,
		);
		// a compiler takes the other arm, in which nothing is compared
		const header = [
			...grown,
			`#if ${condition}`,
			'static inline bool changed(pte_t a, pte_t b)\n{\n\treturn pte_val(a) != pte_val(b);\n}',
			'#else',
			'static inline bool changed(pte_t a, pte_t b)\n{\n\treturn false;\n}',
			'#endif\n',
		].join('\n');
		const walk = HOLDS.replace('pte_val(pte) != pte_val(*ptep)', 'changed(pte, *ptep)');
		expect(walk).not.toBe(HOLDS);
		makeTree(home, { 'mm/walk.c': walk, 'include/linux/changed.h': header });
		const { status, out } = run(['check', 'mm/walk.c', '--actor', 'zap'], home);
		expect(out).toMatch(
			/include\/linux\/changed\.h defines is not known: the condition in line \d+ was not read/,
		);
		expect(status).toBe(3);
	});

	test('a name that no pattern has room for is told, wherever it stands', () => {
		const long = 'a'.repeat(200_000);
		const home = join(folder, 'names');
		const body = HOLDS.replace('int done = 0;', `int done = ${long}(0);`);
		makeTree(home, { 'mm/call.c': body, 'mm/type.c': HOLDS.replace('int done', `${long} done`) });
		for (const file of ['mm/call.c', 'mm/type.c']) {
			const { status, out, err } = run(['check', file, '--actor', 'zap'], home);
			expect(err).not.toContain('internal error');
			expect(out).toContain('has a name of more than 1000 characters');
			expect(status).toBe(3);
		}
		const set = run(['check', '--set', `CONFIG_${long.slice(0, 100_000)}=y`, 'mm/call.c'], home);
		expect(set.err).toMatch(/--set takes CONFIG_NAME=y/);
		expect(set.status).toBe(2);
	});

	test.each([
		['check', (file: string) => ['check', file]],
		['guards', (file: string) => ['guards', file]],
		['explain', (file: string) => ['explain', `${file}:5`]],
		['facts', (file: string) => ['facts', file]],
		['claims', (file: string) => ['claims', file]],
		['simulate', (file: string) => ['simulate', `${file}:walk_ptes`]],
	])('%s: what stops at such a name says so', (_, args) => {
		const file = join(folder, 'named.c');
		put(file, HOLDS.replaceAll('walk_ptes', 'a'.repeat(1500)));
		const { status, out, err } = run(args(file), folder);
		expect(out + err).not.toContain('internal error');
		expect(out + err).toContain('has a name of more than 1000 characters');
		expect(status).toBe(3);
	});

	test('a folder above is nobody’s: its adversaries are not taken, and that is said', () => {
		const shared = join(folder, 'shared');
		makeTree(shared, { '.racewalk/actors/zap.c': IDLE });
		put(join(shared, 'mine/walk.c'), VIOLATED);
		const { status, out } = run(['check', 'walk.c', '--actor', 'zap'], join(shared, 'mine'));
		expect(status).toBe(1);
		expect(out).toMatch(/assumes: the kernel tree is \S+shared, found above the file/);
		expect(out).toMatch(/\.racewalk\/actors of \S+ is not below the current folder: --tree/);
		const plain = join(folder, 'plain');
		put(join(plain, '.racewalk/actors/zap.c'), IDLE);
		put(join(plain, 'mine/walk.c'), VIOLATED);
		const other = run(['check', 'walk.c', '--actor', 'zap'], join(plain, 'mine'));
		expect(other.status).toBe(1);
		expect(other.out).not.toContain('.racewalk');
	});

	test('what the options decide is said', () => {
		put(join(folder, 'fine.c'), HOLDS);
		put(join(folder, 'x.config'), 'CONFIG_MMU=y\nCONFIG_64BIT=y\n');
		const args = ['check', 'fine.c', '--actor', 'zap', '--config', 'x.config'];
		const { out } = run([...args, '--set', 'CONFIG_KSM=n'], folder);
		expect(out).toContain('assumes: the configuration is that of x.config');
		expect(out).toContain('assumes: set on the command line: CONFIG_KSM=n');
		expect(out).toContain('assumes: only the adversary zap took part, as was asked for');
	});
});

describe('a workspace that vouches for itself', () => {
	const says = /assumes: \.racewalk\/actors\/zap\.c of the workspace acts in the place of/;
	let home = '';

	beforeAll(() => {
		home = join(folder, 'forged');
		put(join(home, '.racewalk/actors/zap.c'), IDLE);
		put(join(home, 'walk.c'), VIOLATED);
	});

	const check = (...more: readonly string[]): Ended =>
		run(['check', 'walk.c', '--actor', 'zap', ...more], home);

	test('text: the first line says so, nothing holds, exit status 3', () => {
		const { status, out } = check();
		expect(out.split('\n')[0]).toMatch(says);
		expect(out).toMatch(/walk_ptes: inconclusive .*--trust-workspace-actors/);
		expect(status).toBe(3);
	});

	test('with --trust-workspace-actors it holds, and says so all the same', () => {
		const { status, out } = check('--trust-workspace-actors');
		expect(out.split('\n')[0]).toMatch(says);
		expect(out).toMatch(/walk_ptes: holds .*\(of the workspace: zap\)/);
		expect(status).toBe(0);
	});

	test.each(['sarif', 'github'])('%s says so', (format) => {
		const { status, out } = check('--format', format);
		expect(out).toMatch(/\.racewalk\/actors\/zap\.c of the workspace acts in the place of/);
		expect(status).toBe(3);
	});

	test('json: the first assumption, marked as the workspace’s', () => {
		const { out, status } = check('--format', 'json');
		const output = JSON.parse(out) as {
			readonly files: readonly { readonly functions: readonly object[] }[];
		};
		expect(output.files[0]?.functions[0]).toMatchObject({
			verdict: 'inconclusive',
			byActor: [{ actor: 'zap', verdict: 'inconclusive' }],
			assumptions: expect.arrayContaining([expect.objectContaining({ workspace: true })]),
		});
		const schema: object = JSON.parse(
			readFileSync(join(root, 'schema/racewalk.schema.json'), 'utf8'),
		);
		const validate = new Ajv2020({ allErrors: true }).compile(schema);
		validate(output);
		expect(validate.errors).toBeNull();
		expect(status).toBe(3);
	});

	test.each([
		['simulate', ['simulate', 'walk.c:walk_ptes', '--actor', 'zap']],
		['guards', ['guards', 'walk.c', '--actor', 'zap']],
		['claims', ['claims', 'walk.c', '--actor', 'zap']],
	])('%s tells it, and does not end with 0', (_, args) => {
		const { status, err } = run(args, home);
		expect(err).toMatch(says);
		expect(status).toBe(3);
	});

	test('comments that allow findings are counted, with line and reason', () => {
		const line = VIOLATED.split('\n').findIndex((l) => l.includes('(*nr)++')) + 1;
		const lines = VIOLATED.split('\n');
		lines.splice(line - 1, 0, '\t/* racewalk: allow(stale-pin): trust me */');
		put(join(folder, 'allowed/walk.c'), lines.join('\n'));
		const { out } = run(['check', 'walk.c', '--actor', 'zap'], join(folder, 'allowed'));
		expect(out).toContain(
			`walk.c:${line}: note: 1 finding [stale-pin] suppressed by the comment at line ${line}: trust me`,
		);
		expect(out).toMatch(/^walk\.c: note: assumes: 1 finding \(stale-pin\) allowed by a comment/m);
	});
});
