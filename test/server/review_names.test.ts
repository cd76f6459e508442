/**
 * What `racewalk review` is of, and how long git may take over it: names that are a file and a revision, repositories in which git would wait.
 */
import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	rmSync,
	symlinkSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reviewRepository } from './review_repository.js';
import { COMMENT, edited, patchOf, WALK } from './review_tree.js';

const { folder, tree, text, git, review } = reviewRepository('names');

describe('a name that is a file and a revision', () => {
	const patch = (): string => patchOf(WALK, text(), edited(text(), [COMMENT]));
	/** Runs with files of those names in the tree. */
	const beside = (names: readonly string[], look: () => void): void => {
		for (const name of names) writeFileSync(join(tree, name), patch());
		try {
			look();
		} finally {
			for (const name of names) unlinkSync(join(tree, name));
		}
	};

	it('is neither, and it is said how to name each', () => {
		const hash = git(['rev-parse', '--short=12', 'HEAD']).trim();
		const names = ['HEAD~3..', 'v1..main', 'main', 'HEAD', '..main', 'v1~9', hash];
		beside(names, () => {
			for (const name of names) {
				const { status, err } = review([name]);
				expect([name, status]).toEqual([name, 2]);
				expect(err).toContain(`'${name}' is both a file and a revision`);
				expect(err).toContain(`./${name} is the file, '${name} --' the commits`);
			}
			expect(review(['main', 'HEAD']).status).toBe(2);
		});
	});

	it('is what it is said to be', () => {
		beside(['HEAD~3..'], () => {
			expect(review(['HEAD~3..', '--'])).toMatchObject({ status: 1 });
			for (const args of [['./HEAD~3..'], ['--', 'HEAD~3..']]) {
				const { status, out } = review(args);
				expect([args, status]).toEqual([args, 0]);
				expect(out).toMatch(/\[1\/1\]/);
			}
		});
	});

	it('is a file where no commit has the name, and no file behind a range', () => {
		beside(['v1..v2.patch', 'cafe0123'], () => {
			expect(review(['v1..v2.patch']).status).toBe(0);
			expect(review(['cafe0123']).status).toBe(0);
			expect(review(['v1..v2.patch', '--'])).toMatchObject({ status: 2 });
			const { status, err } = review(['HEAD~1..', '--', 'cafe0123']);
			expect(status).toBe(2);
			expect(err).toMatch(/give one or the other/);
		});
	});
});

describe('a repository that git would wait at', () => {
	/** A repository with two commits, and what else; its git folder. */
	const waiting = (make: (own: string) => void): string => {
		const other = mkdtempSync(join(folder, 'waiting-'));
		git(['clone', '-q', '--no-hardlinks', tree, other], folder);
		make(join(other, '.git'));
		return other;
	};
	const fifo = (path: string): void => {
		rmSync(path, { recursive: true, force: true });
		mkdirSync(dirname(path), { recursive: true });
		expect(spawnSync('mkfifo', [path]).status).toBe(0);
	};
	const NAMES = [
		'objects/info/alternates',
		'objects/info/commit-graph',
		'objects/info/commit-graphs/commit-graph-chain',
		'objects/info/packs',
		'objects/pack/multi-pack-index',
		`objects/pack/pack-${'0'.repeat(40)}.idx`,
		`objects/pack/pack-${'0'.repeat(40)}.pack`,
		`objects/00/${'0'.repeat(38)}`,
		'index',
	];

	it.each(NAMES)('is refused before git is run: %s', (name) => {
		const other = waiting((own) => fifo(join(own, name)));
		for (const args of [['HEAD~1..'], ['--staged']]) {
			const { status, err } = review(args, {}, other);
			expect([args, status]).toEqual([args, 2]);
			expect(err).toContain(`${name} is a FIFO, which git would wait for`);
		}
	});

	it.each(['HEAD', 'packed-refs', 'refs/heads/main'])('is answered for: %s', (name) => {
		const other = waiting((own) => fifo(join(own, name)));
		const { status } = review(['v1~9..main', '--budget', '5'], {}, other);
		expect(status).toBe(2);
	});

	it('is refused for what links and alternates lead to', () => {
		const linked = waiting((own) => {
			fifo(join(own, 'waits'));
			symlinkSync('../../waits', join(own, 'objects/info/alternates'));
		});
		expect(review(['HEAD~1..'], {}, linked).err).toContain('alternates is a FIFO');
		const device = waiting((own) => {
			symlinkSync('/dev/zero', join(own, 'objects/info/commit-graph'));
		});
		expect(review(['HEAD~1..'], {}, device).err).toContain('commit-graph is a device');
		const borrowing = waiting((own) => {
			writeFileSync(join(own, 'objects/info/alternates'), `${linked}/.git/objects\n`);
		});
		expect(review(['HEAD~1..'], {}, borrowing).err).toContain('alternates is a FIFO');
	});

	it('is reviewed where links lead nowhere that is opened', () => {
		const other = waiting((own) => {
			symlinkSync('nowhere', join(own, 'objects/info/packs'));
			symlinkSync('commit-graph', join(own, 'objects/info/commit-graph'));
		});
		expect([1, 2]).toContain(review(['HEAD~3..'], {}, other).status);
	});
});

it('ends in time when git does not', () => {
	const path = join(folder, 'path');
	mkdirSync(path);
	// whatever git waits for: what is started is told to end, whether it listens or not
	const slow = join(path, 'git');
	writeFileSync(slow, "#!/bin/sh\ntrap '' TERM\nexec sleep 600\n");
	chmodSync(slow, 0o755);
	const { status, err } = review(['HEAD~1..', '--budget', '1'], {
		PATH: [path, process.env['PATH'] ?? ''].join(delimiter),
	});
	expect(status).toBe(2);
	expect(err).toMatch(/was ended: git took more than 1 s altogether/);
});
