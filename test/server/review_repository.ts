/**
 * A repository for reviews of commits, and `racewalk review` in it: the walk is right in the first commit, which is tagged v1, wrong in
 * the second, wrong with a comment in the third, and right again in the fourth.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { bundle } from './bundle.js';
import {
	CHECKED,
	COMMENT,
	type Edit,
	edited,
	RIGHT,
	UNCHECKED,
	WALK,
	writeTree,
} from './review_tree.js';

export interface Ended {
	readonly status: number | null;
	readonly out: string;
	readonly err: string;
}

export interface ReviewRepository {
	/** A folder of the tests' own, in which the repository lies. */
	readonly folder: string;
	/** The repository. */
	readonly tree: string;
	/** The walk's text in the last commit. */
	text(): string;
	/** git as a developer runs it. */
	git(args: readonly string[], cwd?: string): string;
	commit(title: string, edits: readonly Edit[]): void;
	/** The command line's file. */
	cli(): string;
	review(args: readonly string[], env?: Readonly<Record<string, string>>, cwd?: string): Ended;
}

/** What the tests of a file work with; it is there while they run. */
export function reviewRepository(name: string): ReviewRepository {
	const folder = join(tmpdir(), `racewalk-review-${name}-${randomUUID()}`);
	const tree = join(folder, 'tree');
	let programs = '';
	let text = RIGHT;

	function git(args: readonly string[], cwd = tree): string {
		const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
		const settings = [
			'user.name=A',
			'user.email=a@example.org',
			'commit.gpgsign=false',
			'gc.auto=0',
		];
		const all = [...settings.flatMap((setting) => ['-c', setting]), ...args];
		const ended = spawnSync('git', all, { cwd, env, encoding: 'utf8' });
		if (ended.status !== 0) throw new Error(`git ${args.join(' ')}: ${ended.stderr}`);
		return ended.stdout;
	}

	function commit(title: string, edits: readonly Edit[]): void {
		text = edited(text, edits);
		writeFileSync(join(tree, WALK), text);
		git(['commit', '-q', '-a', '-m', title]);
	}

	beforeAll(async () => {
		programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
		mkdirSync(folder);
		writeTree(tree, { [WALK]: RIGHT });
		git(['init', '-q', '-b', 'main']);
		git(['add', '.']);
		git(['commit', '-q', '-m', 'mm: begin']);
		git(['tag', 'v1']);
		commit('mm: look once', [UNCHECKED]);
		commit('mm: say so', [COMMENT]);
		commit('mm: look again', [CHECKED]);
	});

	afterAll(() => {
		rmSync(dirname(programs), { recursive: true, force: true });
		rmSync(folder, { recursive: true, force: true });
	});

	return {
		...{ folder, tree, git, commit },
		text: () => text,
		cli: () => join(programs, 'cli.js'),
		review(args, env = {}, cwd = tree) {
			const ended = spawnSync(process.execPath, [join(programs, 'cli.js'), 'review', ...args], {
				encoding: 'utf8',
				cwd,
				env: { ...process.env, ...env },
				maxBuffer: 64 * 1024 * 1024,
			});
			return { status: ended.status, out: ended.stdout, err: ended.stderr };
		},
	};
}
