/**
 * What docs/ci has for others to copy, run as they would be: the steps of the composite action, the jobs of GitLab, the Slurm script,
 * with the variables that their machines set.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../trees.js';
import { bundle } from './bundle.js';
import { RIGHT, writeTree } from './review_tree.js';

const WRONG = readFileSync(join(repositoryRoot, 'test/fixtures/violated/stale-pin.c'), 'utf8');

let programs = '';
let folder = '';
let bin = '';

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-ci-'));
	bin = join(folder, 'bin');
	mkdirSync(bin);
	const program = `#!/bin/sh\nexec '${process.execPath}' '${join(programs, 'cli.js')}' "$@"\n`;
	writeFileSync(join(bin, 'racewalk'), program);
	chmodSync(join(bin, 'racewalk'), 0o755);
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

function doc(name: string): string {
	return readFileSync(join(repositoryRoot, 'docs/ci', name), 'utf8');
}

/** A new tree with a walk that is wrong, or right. */
function treeOf(text: string): string {
	const tree = mkdtempSync(join(folder, 'tree-'));
	writeTree(tree, { 'mm/gup.c': text });
	return tree;
}

function bash(
	script: string,
	{ cwd, env, args = [] }: { cwd: string; env: Record<string, string>; args?: readonly string[] },
) {
	const path = [bin, process.env['PATH'] ?? ''].join(delimiter);
	// as GitHub runs it
	const options = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script, 'script', ...args];
	const ended = spawnSync('bash', options, {
		cwd,
		env: { PATH: path, HOME: folder, ...env },
		encoding: 'utf8',
	});
	return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

/** Lines of a block, without its indentation. */
function blockBehind(text: string, line: string): string {
	const behind = text.slice(text.indexOf(line) + line.length + 1).split('\n');
	const indent = /^ */.exec(behind[0] ?? '')?.[0].length ?? 0;
	const end = behind.findIndex((l) => l.trim() !== '' && !l.startsWith(' '.repeat(indent)));
	return behind
		.slice(0, end < 0 ? behind.length : end)
		.map((l) => l.slice(indent))
		.join('\n');
}

describe('the composite action', () => {
	const text = doc('action.yml');
	const defaults = Object.fromEntries(
		[
			...text.matchAll(/^ {2}(\w+):\n {4}description: .*\n {4}default: ["']?([^"'\n]*)["']?$/gm),
		].map(([, name = '', value = '']) => [name, value]),
	);

	function action(tree: string, given: Readonly<Record<string, string>> = {}) {
		const summary = join(folder, 'summary.md');
		writeFileSync(summary, '');
		const env = Object.fromEntries(
			[...text.matchAll(/^ {8}([A-Z]+): \$\{\{ inputs\.(\w+) \}\}$/gm)].map(([, name, input]) => [
				name ?? '',
				given[input ?? ''] ?? defaults[input ?? ''] ?? '',
			]),
		);
		const all = { ...env, TREE: tree, GITHUB_STEP_SUMMARY: summary };
		const ended = bash(blockBehind(text, '      run: |'), { cwd: folder, env: all });
		return { ...ended, summary: readFileSync(summary, 'utf8') };
	}

	it('has the inputs that it passes on', () => {
		expect(Object.keys(defaults)).toEqual([
			...['package', 'tree', 'range', 'files', 'arch', 'baseline', 'budget'],
		]);
	});

	it('checks: annotations, a summary, a log, and the exit status of the check', () => {
		const tree = treeOf(WRONG);
		const { status, out, err, summary } = action(tree);
		expect({ status, err }).toEqual({ status: 1, err: '' });
		expect(out).toMatch(/^::error file=mm\/gup\.c,.*title=racewalk stale-pin/m);
		expect(summary).toMatch(/^```\n[\s\S]*\[stale-pin\][\s\S]*```\n$/);
		const log = JSON.parse(readFileSync(join(tree, 'racewalk.sarif'), 'utf8')) as {
			readonly runs: readonly { readonly results: readonly unknown[] }[];
		};
		expect(log.runs[0]?.results.length).toBeGreaterThan(0);
		expect(action(treeOf(RIGHT)).status).toBe(0);
		expect(action(tree, { files: 'mm/none.c' }).status).not.toBe(0);
	});

	it('reviews the commits of a range', () => {
		const tree = treeOf(RIGHT);
		const git = (...args: readonly string[]): void => {
			const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
			const ended = spawnSync('git', [...who, ...args], { cwd: tree });
			expect(ended.status).toBe(0);
		};
		git('init', '-q');
		git('add', '.');
		git('commit', '-q', '-m', 'begin');
		writeFileSync(join(tree, 'mm/gup.c'), WRONG);
		git('commit', '-q', '-a', '-m', 'look once');
		const { status, out, err } = action(tree, { range: 'HEAD~..HEAD' });
		expect({ status, err }).toEqual({ status: 1, err: '' });
		expect(out).toMatch(/^::error file=mm\/gup\.c/m);
	});
});

it('GitLab: four jobs and the one that joins them', () => {
	const text = doc('gitlab.yml');
	const [check = '', ...report] = [...text.matchAll(/^ {2}script:\n((?: {4}- .*\n)+)/gm)].flatMap(
		([, lines = '']) => lines.split('\n').flatMap((l) => (l === '' ? [] : [l.slice(6)])),
	);
	const tree = treeOf(WRONG);
	writeFileSync(join(tree, 'mm/right.c'), RIGHT);
	for (const index of ['1', '2', '3', '4']) {
		const env = { CI_NODE_INDEX: index, CI_NODE_TOTAL: '4' };
		// the documented command, on fewer architectures
		const { status, err } = bash(check.replace('--arch all', '--arch x86_64,arm64'), {
			...{ cwd: tree, env },
		});
		expect({ status, err }).toMatchObject({ status: 0 });
	}
	const joined = report.map((line) => bash(line, { cwd: tree, env: {} }));
	expect(joined.map(({ status }) => status)).toEqual([0, 1]);
	expect(joined[1]?.out).toContain('[stale-pin]');
});

it('Slurm: the tasks of an array', () => {
	const tree = treeOf(WRONG);
	const script = doc('slurm.sh').replace('--arch all', '--arch x86_64,arm64');
	for (const id of ['1', '2']) {
		const env = { SLURM_ARRAY_TASK_ID: id, SLURM_ARRAY_TASK_COUNT: '2' };
		// not as GitHub runs it: Slurm's bash goes on
		const { status, err } = bash(`set +e +o pipefail\n${script}`, {
			...{ cwd: folder, env, args: [tree] },
		});
		expect({ status, err }).toMatchObject({ status: 0 });
	}
	const { status, out } = bash('racewalk merge racewalk-*.json', { cwd: tree, env: {} });
	expect({ status, out }).toMatchObject({ status: 1 });
	expect(out).toContain('[stale-pin]');
});
