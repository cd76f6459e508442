/**
 * `racewalk review` on commits: ranges, single commits and what is staged, from the objects of the repository, whatever its work tree
 * holds. A repository that would have git run programs has none run, and nothing of it is written.
 */
import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reviewRepository } from './review_repository.js';
import { edited, RIGHT, UNCHECKED, WALK } from './review_tree.js';

const { folder, tree, text, git, commit, review } = reviewRepository('git');

/** git with nothing of the repository's configuration. */
function bare(args: readonly string[]): string {
	const config = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
	return git([...config, '--no-pager', ...args]);
}

const RANGE = [
	/\[1\/3\] mm: look once/,
	/^1\/3 +\d+ +0 +0 +\d findings?$/m,
	/^3\/3 +0 +\d+ +0 +no finding$/m,
];

interface Asked {
	readonly args: readonly string[];
	readonly status: 0 | 1 | 2;
	readonly said: readonly RegExp[];
}

const ASKED: Readonly<Record<string, Asked>> = {
	'a range to HEAD': { args: ['HEAD~3..'], status: 1, said: RANGE },
	'a range of a tag and a branch': { args: ['v1..main'], status: 1, said: RANGE },
	'a commit that repairs': {
		args: ['HEAD'],
		status: 0,
		said: [/\[1\/1\] mm: look again/, /gone: /],
	},
	'a commit that breaks': {
		args: ['HEAD~2'],
		status: 1,
		said: [/\[1\/1\] mm: look once/, /New, made/],
	},
	'the first commit': { args: ['v1'], status: 0, said: [/\[1\/1\] mm: begin/, /1 hold/] },
	'an empty range': { args: ['HEAD..'], status: 2, said: [/there is no commit in HEAD\.\./] },
	'a name that is none': {
		args: ['nobody..'],
		status: 2,
		said: [/has no file, branch, tag or commit 'nobody'/],
	},
	'a commit before the first': { args: ['HEAD~9..'], status: 2, said: [/has no commit 'HEAD~9'/] },
	'three points': { args: ['v1...main'], status: 2, said: [/is no range of commits/] },
	'a name that is an option': {
		args: ['--', '--upload-pack=x..'],
		status: 2,
		said: [/cannot read|no file/],
	},
	'nothing staged': { args: ['--staged'], status: 2, said: [/nothing is staged/] },
};

describe('a walk whose text is not known afterwards', () => {
	it.each([
		['a link', '120000', 'gup.inc'],
		['too large', '100644', `${RIGHT}${'\n'.repeat(70_000_000)}`],
		['no text', '100644', `${RIGHT}\0`],
	] as const)('is not decided: %s', (_, mode, content) => {
		const copy = mkdtempSync(join(folder, 'copy-'));
		git(['clone', '-q', '--no-hardlinks', '--shared', tree, copy], folder);
		const file = join(folder, 'content');
		writeFileSync(file, content);
		const blob = git(['hash-object', '-w', '--no-filters', file], copy).trim();
		git(['update-index', '--cacheinfo', `${mode},${blob},${WALK}`], copy);
		git(['update-index', '--add', '--cacheinfo', `100644,${blob},mm/gup.inc`], copy);
		const { status, out, err } = review(['--staged'], {}, copy);
		expect(status, err).toBe(3);
		expect(out).toMatch(/is there afterwards and is not read/);
	});
});

describe('a review of commits', () => {
	it.each(Object.entries(ASKED))('%s', (_, { args, status, said }) => {
		const ended = review(args);
		expect(ended.status, ended.err + ended.out).toBe(status);
		for (const pattern of said) expect(status === 2 ? ended.err : ended.out).toMatch(pattern);
	});

	it('does not look at the work tree', () => {
		writeFileSync(join(tree, WALK), 'not even C');
		try {
			const { status, out } = review(['HEAD~3..']);
			expect(status).toBe(1);
			for (const pattern of RANGE) expect(out).toMatch(pattern);
		} finally {
			writeFileSync(join(tree, WALK), text());
		}
	});

	it('takes what is staged, not what is written', () => {
		writeFileSync(join(tree, WALK), edited(text(), [UNCHECKED]));
		git(['add', WALK]);
		writeFileSync(join(tree, WALK), text());
		try {
			const { status, out } = review(['--staged']);
			expect(status).toBe(1);
			expect(out).toMatch(/\[stale-pin\]/);
		} finally {
			git(['reset', '-q', '--hard']);
		}
	});

	it('reads packed objects and references, and linked work trees', () => {
		git(['gc', '-q']);
		const linked = join(folder, 'linked');
		git(['worktree', 'add', '-q', '--detach', linked, 'HEAD~1']);
		const { status, out } = review(['v1..'], {}, linked);
		expect(status).toBe(1);
		expect(out).toMatch(/^2\/2 /m);
		git(['worktree', 'remove', '--force', linked]);
	});

	it('outside of a repository says what to give', () => {
		const { status, err } = review(['HEAD~1..'], {}, folder);
		expect(status).toBe(2);
		expect(err).toMatch(/lies in no git repository/);
	});

	it('without git says what to give', () => {
		const { status, err } = review(['HEAD~1..'], { PATH: folder });
		expect(status).toBe(2);
		expect(err).toMatch(/git is not on PATH/);
	});

	it('of what is no kernel says so', () => {
		const other = join(folder, 'other');
		mkdirSync(other);
		git(['init', '-q'], other);
		writeFileSync(join(other, 'a.c'), 'int a;\n');
		git(['add', '.'], other);
		git(['commit', '-q', '-m', 'a'], other);
		const { status, err } = review(['HEAD'], {}, other);
		expect(status).toBe(2);
		expect(err).toMatch(/hold no kernel tree/);
	});
});

/** What a repository can have git run, as lines of its configuration; `RUN`: the program that says it was run. */
const CONFIGURATION = `
[core]
	fsmonitor = RUN fsmonitor
	hooksPath = HOOKS
	pager = RUN pager
	editor = RUN editor
	sshCommand = RUN ssh
	gitProxy = RUN proxy
	askPass = RUN askpass
	alternateRefsCommand = RUN alternates
[pager]
	diff-tree = RUN pager-diff-tree
	rev-list = RUN pager-rev-list
[alias]
	rev-parse = !RUN alias
[diff]
	external = RUN external
[diff "c"]
	command = RUN diff-command
	textconv = RUN textconv
[filter "c"]
	clean = RUN clean
	smudge = RUN smudge
	process = RUN process
	required = true
[credential]
	helper = !RUN credential
[gpg]
	program = RUN gpg
[log]
	showSignature = true
[extensions]
	partialClone = origin
[remote "origin"]
	url = ext::RUN transport
	promisor = true
	uploadpack = RUN uploadpack
	partialclonefilter = blob:none
[protocol]
	allow = always
[include]
	path = more
[uploadpack]
	packObjectsHook = RUN pack
`;
const HOOKS = [
	'post-checkout',
	'post-index-change',
	'pre-commit',
	'reference-transaction',
	'fsmonitor-watchman',
	'post-rewrite',
];

/** Every file below a folder with its size and time. */
function listed(root: string): readonly string[] {
	return readdirSync(root, { recursive: true, encoding: 'utf8' })
		.sort()
		.map((name) => {
			const { size, mtimeMs } = lstatSync(join(root, name));
			return `${name} ${size} ${mtimeMs}`;
		});
}

describe('a hostile repository', () => {
	it('has nothing run, and nothing of it is written', () => {
		const marks = join(folder, 'marks');
		const hooks = join(folder, 'hooks');
		const programsOf = join(folder, 'bin');
		for (const made of [marks, hooks, programsOf]) mkdirSync(made);
		const run = join(programsOf, 'run');
		writeFileSync(run, `#!/bin/sh\ntouch "${marks}/$1"\n`);
		chmodSync(run, 0o755);
		for (const place of [hooks, join(tree, '.git/hooks')])
			for (const hook of HOOKS) {
				mkdirSync(place, { recursive: true });
				writeFileSync(join(place, hook), `#!/bin/sh\ntouch "${marks}/hook-${hook}"\n`);
				chmodSync(join(place, hook), 0o755);
			}
		writeFileSync(join(tree, '.gitattributes'), '*.c diff=c filter=c\n');
		git(['add', '.']);
		git(['commit', '-q', '-m', 'mm: attributes']);
		commit('mm: look once, again', [UNCHECKED, ['/* A comment. */', '/* Nobody packed this. */']]);
		const text = (more: string): string => more.replaceAll('RUN', run).replaceAll('HOOKS', hooks);
		writeFileSync(
			join(tree, '.git/config'),
			`${text(CONFIGURATION)}\n[core]\n\trepositoryformatversion = 1\n`,
		);
		writeFileSync(
			join(tree, '.git/more'),
			text('[core]\n\tfsmonitor = RUN included\n[diff]\n\texternal = RUN included-diff\n'),
		);
		mkdirSync(join(tree, '.git/info'), { recursive: true });
		writeFileSync(join(tree, '.git/info/attributes'), '*.c diff=c filter=c\n');

		// the traps are traps: git as one would run it falls into them
		spawnSync('git', ['status'], { cwd: tree, timeout: 60_000 });
		spawnSync('git', ['--paginate', 'diff', 'HEAD~1'], { cwd: tree, timeout: 60_000 });
		expect(readdirSync(marks).length).toBeGreaterThan(1);
		for (const mark of readdirSync(marks)) unlinkSync(join(marks, mark));

		const before = listed(tree);
		const env = {
			...{
				GIT_EXTERNAL_DIFF: `${run} env-diff`,
				GIT_PAGER: `${run} env-pager`,
				GIT_SSH_COMMAND: `${run} env-ssh`,
			},
			...{ GIT_DIR: join(folder, 'elsewhere'), GIT_CONFIG_COUNT: '1' },
			...{ GIT_CONFIG_KEY_0: 'core.fsmonitor', GIT_CONFIG_VALUE_0: `${run} env-config` },
		};
		const range = review(['HEAD~1..'], env);
		const staged = review(['--staged'], env);
		expect(range.status, range.err).toBe(1);
		expect(range.out).toMatch(/mm: look once, again/);
		expect(staged.err).toMatch(/nothing is staged/);
		expect(listed(tree)).toEqual(before);
		expect(readdirSync(marks)).toEqual([]);

		// an object that is not there is not fetched: that would be done by a program
		const blob = bare(['rev-parse', `HEAD:${WALK}`]).trim();
		const loose = join(tree, '.git/objects', blob.slice(0, 2), blob.slice(2));
		unlinkSync(loose);
		spawnSync('git', ['cat-file', 'blob', blob], { cwd: tree, timeout: 60_000 });
		expect(readdirSync(marks)).not.toEqual([]);
		for (const mark of readdirSync(marks)) unlinkSync(join(marks, mark));
		const without = review(['HEAD~1..'], env);
		expect(without.status).toBe(2);
		expect(without.err).toMatch(/lacks the object .*nothing is fetched/);
		expect(readdirSync(marks)).toEqual([]);
		git(['hash-object', '-w', '--no-filters', WALK]);
	});

	it('and a current folder on PATH have no git of theirs run', () => {
		const trap = join(folder, 'trap');
		mkdirSync(trap);
		const mark = join(folder, 'trapped');
		writeFileSync(join(trap, 'git'), `#!/bin/sh\ntouch "${mark}"\n`);
		chmodSync(join(trap, 'git'), 0o755);
		const path = ['.', '', ...(process.env['PATH'] ?? '').split(delimiter)].join(delimiter);
		spawnSync('cp', ['-a', join(tree, '.git'), join(trap, '.git')]);
		const { status } = review(['HEAD~1..'], { PATH: path }, trap);
		expect(status).toBe(1);
		expect(existsSync(mark)).toBe(false);
	});
});
