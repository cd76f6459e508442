/** The view of commits, from a repository to its rows and the marks in a diff, with the command line that the extension runs. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { marksOf, type ReviewedCommits, type Row, rowsOf } from '../../client/commits/delta.js';
import { type CommitsAsked, isCommit, reviewCommits } from '../../client/commits/review.js';
import { reviewRepository } from '../server/review_repository.js';
import { WALK } from '../server/review_tree.js';

const repository = reviewRepository('view');
const NEVER = { onCancellationRequested: () => ({ dispose: () => {} }) };

function asked(since: string): CommitsAsked {
	const { tree: folder } = repository;
	return { cli: repository.cli(), folder, since, arch: 'x86_64', memory: 'sc', budget: 600 };
}

async function reviewed(since: string): Promise<ReviewedCommits> {
	const outcome = await reviewCommits(asked(since), NEVER);
	if (outcome.kind !== 'reviewed') throw new Error(outcome.why);
	return outcome.review;
}

const flat = (rows: readonly Row[]): readonly Row[] =>
	rows.flatMap((row) => [row, ...flat(row.below)]);

describe('what the user types', () => {
	it.each(['HEAD~3', 'v6.12', 'origin/master', 'a1b2c3d4', '@~2', 'topic^2~1'])(
		'is the name of a commit: %j',
		(name) => {
			expect(isCommit(name)).toBe(true);
		},
	);

	it.each(['', '--staged', '-', 'a..b', '..', 'a b', '$(x)', 'a;b', 'a\nb', '\0', 'x'.repeat(251)])(
		'is no option, no range and no command: %j',
		(name) => {
			expect(isCommit(name)).toBe(false);
		},
	);
});

describe('the commits of a branch', () => {
	it('show a state that is broken in the middle, and who mends it', async () => {
		const rows = rowsOf(await reviewed('v1'));
		expect(rows.map(({ text, sign }) => [text, sign])).toEqual([
			['mm: look once', 'broken'],
			['mm: say so', 'same'],
			['mm: look again', 'mended'],
		]);
		const [once, comment, again] = rows;
		expect(once?.description).toMatch(/^\d new, \d findings? after it$/);
		expect(comment?.description).toMatch(/^\d findings? after it$/);
		expect(again?.description).toMatch(/^\d gone, no finding after it$/);
		const made = flat(once?.below ?? []).find(({ text }) => text.includes('[stale-pin]'));
		expect(made).toMatchObject({
			sign: 'broken',
			description: 'new, and gone with: mm: look again',
		});
		expect(once?.below).toMatchObject([
			{ text: WALK, description: '1 holds → 1 violated', sign: 'broken' },
		]);
	});

	it('have their findings at their lines, on the side where they stand', async () => {
		const { patches } = await reviewed('v1');
		const [once, comment, again] = patches.map(({ files }) => files.find((f) => f.path === WALK));
		if (!once || !comment || !again) throw new Error('each commit has the file');
		const right = marksOf(once, 'after').find(({ finding }) => finding.rule === 'stale-pin');
		expect(right?.kind).toBe('new');
		expect(marksOf(once, 'before')).toEqual([]);
		// the line that the finding is at is the one that counts the page as handed out
		const line = right?.finding.line ?? 0;
		expect(once.texts.after?.split('\n')[line - 1]).toMatch(/pages\[/);
		expect(marksOf(comment, 'after').map(({ kind }) => kind)).toContain('before');
		expect(marksOf(comment, 'after').map(({ kind }) => kind)).not.toContain('new');
		expect(marksOf(again, 'after')).toEqual([]);
		const left = marksOf(again, 'before').find(({ finding }) => finding.rule === 'stale-pin');
		expect(left?.kind).toBe('gone');
		expect(again.texts.after).toBe(repository.text());
	});

	it('are refused with a sentence where there are none, or no such commit', async () => {
		expect(await reviewCommits(asked('HEAD'), NEVER)).toMatchObject({
			kind: 'refused',
			why: expect.stringMatching(/there is no commit in HEAD\.\./),
		});
		expect(await reviewCommits(asked('nobody'), NEVER)).toMatchObject({
			kind: 'refused',
			why: expect.stringMatching(/'nobody'/),
		});
	});

	it('are not waited for once the user has stopped the review', async () => {
		const outcome = await reviewCommits(asked('v1'), {
			onCancellationRequested(stop) {
				stop();
				return { dispose: () => {} };
			},
		});
		// it ends with what was done, or before anything was
		if (outcome.kind === 'reviewed') expect(outcome.review.left).toBeGreaterThan(0);
		else expect(outcome.why).not.toBe('');
	});

	it('runs nothing of the repository', async () => {
		const mark = join(repository.folder, 'has-run');
		const hooks = join(repository.folder, 'hooks');
		mkdirSync(hooks);
		for (const name of ['post-checkout', 'post-index-change', 'fsmonitor', 'diff']) {
			writeFileSync(join(hooks, name), `#!/bin/sh\ntouch '${mark}'\n`);
			chmodSync(join(hooks, name), 0o755);
		}
		const set = (name: string, value: string) => repository.git(['config', name, value]);
		set('core.hooksPath', hooks);
		set('core.fsmonitor', join(hooks, 'fsmonitor'));
		set('diff.external', join(hooks, 'diff'));
		set('diff.c.textconv', join(hooks, 'diff'));
		writeFileSync(join(repository.tree, '.gitattributes'), '*.c diff=c\n');
		expect((await reviewed('v1')).patches).toHaveLength(3);
		expect(existsSync(mark)).toBe(false);
	});
});
