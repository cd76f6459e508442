/**
 * `racewalk bisect` on commits: the first with a finding, through merges, over commits that are undecided, and what is no answer.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from './bundle.js';
import { COMMENT, type Edit, edited, RIGHT, UNCHECKED, WALK, writeTree } from './review_tree.js';

const OPAQUE: Edit = ['\tint done = 0;\n', '\tint done = 0;\n\n\tasm volatile("nop");\n'];
const CLEAR: Edit = [OPAQUE[1], OPAQUE[0]];

let programs = '';
let folder = '';
let tree = '';
let now = RIGHT;
let noise = 0;

function git(...args: readonly string[]): string {
	const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
	const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
	const ended = spawnSync('git', [...who, ...args], { cwd: tree, env, encoding: 'utf8' });
	if (ended.status !== 0) throw new Error(`git ${args.join(' ')}: ${ended.stderr}`);
	return ended.stdout.trim();
}

/** A commit; without edits it changes another file. */
function commit(title: string, edits: readonly Edit[] = []): void {
	now = edited(now, edits);
	writeFileSync(join(tree, WALK), now);
	if (edits.length === 0) writeFileSync(join(tree, 'mm/noise.c'), `int n${noise++};\n`);
	git('add', '.');
	git('commit', '-q', '-m', title);
}

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-bisect-'));
	tree = join(folder, 'tree');
	writeTree(tree, { [WALK]: RIGHT });
	git('init', '-q', '-b', 'main');
	commit('begin');
	git('tag', 'good');
	for (let i = 0; i < 5; i++) commit(`noise ${i}`);
	commit('look once', [UNCHECKED]);
	git('tag', 'culprit');
	for (let i = 0; i < 4; i++) commit(`more noise ${i}`);
	git('tag', 'bad');
	// the same through a merge of another line of work
	git('checkout', '-q', '-b', 'line', 'good');
	now = RIGHT;
	commit('a comment', [COMMENT]);
	commit('look once, on a line', [UNCHECKED]);
	git('tag', 'on-line');
	git('checkout', '-q', '-b', 'merged', 'good');
	now = RIGHT;
	commit('noise beside');
	git('merge', '-q', '--no-ff', '-m', 'merge the line', 'line');
	git('tag', 'merge');
	// the step stands behind two commits that are not understood
	git('checkout', '-q', '-b', 'opaque', 'good');
	now = RIGHT;
	commit('not understood', [OPAQUE]);
	commit('look once, not understood', [UNCHECKED]);
	commit('understood again', [CLEAR]);
	git('tag', 'seen');
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

function bisect(range: string, more: readonly string[] = []) {
	const ended = spawnSync(
		process.execPath,
		[
			...[join(programs, 'cli.js'), 'bisect', range, '--file', WALK, '--depth', 'core'],
			...['--rule', 'stale-pin', '--function', 'walk_ptes', ...more],
		],
		{ encoding: 'utf8', cwd: tree, maxBuffer: 64 * 1024 * 1024 },
	);
	return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

const short = (name: string): string => git('rev-parse', name).slice(0, 12);

describe('the first commit with a finding', () => {
	it('is told with its run, and no more are explored than halving takes', () => {
		const { status, out, err } = bisect('good..bad');
		expect(status).toBe(0);
		expect(out).toContain(
			`${short('culprit')} (look once) is the first with stale-pin in walk_ptes() of ${WALK}`,
		);
		expect(out).toContain(`the last without it: ${short('culprit~')} (noise 4)`);
		expect(out).toMatch(/\[stale-pin\]\nx86_64, sc, .*; run \S+\n\nCPU 0/);
		const looked = err.split('\n').filter((line) => /\): (?:good|bad)$/.test(line));
		expect(looked.length).toBeLessThanOrEqual(6);
	});

	it('is looked for in what a merge brings', () => {
		const { status, out } = bisect('good..merge');
		expect(status).toBe(0);
		expect(out).toContain(`${short('on-line')} (look once, on a line) is the first`);
	});

	it('is one of several where those before it are undecided', () => {
		const { status, out } = bisect('good..seen');
		expect(status).toBe(3);
		expect(out).toContain('is one of these; all but the last are undecided');
		expect(out).toContain(`${short('seen~2')} (not understood): walk_ptes() is unsupported`);
		expect(out).toContain(`  ${short('seen')} (understood again)\n`);
		const { out: json } = bisect('good..seen', ['--format', 'json']);
		const told = JSON.parse(json) as { first: unknown; candidates: { commit: string }[] };
		expect(told.first).toBeNull();
		expect(told.candidates.map(({ commit: c }) => c.slice(0, 12))).toEqual([
			...[short('seen~2'), short('seen~1'), short('seen')],
		]);
	});
});

it.each([
	['bad..bad', 2, 'there is no commit in bad..bad'],
	['good..culprit~', 2, 'BAD of GOOD..BAD is to have it'],
	['culprit..bad', 2, 'GOOD of GOOD..BAD is to be without it'],
	['good', 2, 'takes a range of commits GOOD..BAD'],
	['good..nowhere', 2, "no file, branch, tag or commit 'nowhere'"],
	['seen~..seen', 2, 'is undecided: walk_ptes() is unsupported'],
])('%s is no answer', (range, status, said) => {
	expect(bisect(range)).toMatchObject({ status, err: expect.stringContaining(said), out: '' });
});

it('a rule that is none, and another file', () => {
	expect(bisect('good..bad', ['--rule', 'stale']).err).toContain("unknown rule 'stale'");
	expect(bisect('good..bad', ['--file', 'mm/none.c']).err).toContain('it has no mm/none.c');
	expect(bisect('good..bad', ['--as', 'mm/gup.c']).err).toContain('--file PATH, not --as');
});
