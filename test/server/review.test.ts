/**
 * `racewalk review` on patches, as a reviewer meets it: what a patch makes is told as its own, with the hunk, what was there before is
 * not; a state that is broken in the middle of a series shows; what does not apply or holds nothing is said. In every format.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../trees.js';
import { bundle } from './bundle.js';
import {
	CHECKED,
	COMMENT,
	type Edit,
	edited,
	mailOf,
	patchOf,
	RIGHT,
	UNCHECKED,
	WALK,
	writeTree,
} from './review_tree.js';

const WRONG = readFileSync(join(repositoryRoot, 'test/fixtures/violated/stale-pin.c'), 'utf8');
const OPAQUE: Edit = ['\tint done = 0;\n', '\tint done = 0;\n\n\tasm volatile("nop");\n'];
const WITH_OPAQUE = (): string => edited(RIGHT, [OPAQUE]) + HELPER;
const HELPER = '\nint helper(int a)\n{\n\treturn a;\n}\n';

let programs = '';
let folder = '';
let tree = '';

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-review-'));
	tree = join(folder, 'tree');
	writeTree(tree, {
		[WALK]: RIGHT,
		'mm/wrong.c': WRONG,
		'mm/other.c': HELPER,
		'drivers/other.c': HELPER,
		'mm/opaque.c': WITH_OPAQUE(),
	});
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

function review(input: string, more: readonly string[] = []): Ended {
	const args = [join(programs, 'cli.js'), 'review', '-', '--tree', tree, ...more];
	const ended = spawnSync(process.execPath, args, {
		encoding: 'utf8',
		input,
		cwd: folder,
		maxBuffer: 64 * 1024 * 1024,
	});
	return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

/** A series of mails, each with the edits of one file. */
function series(...steps: readonly (readonly [string, string, readonly Edit[]])[]): string {
	const now = new Map([
		[WALK, RIGHT],
		['mm/wrong.c', WRONG],
		['mm/other.c', HELPER],
		['drivers/other.c', HELPER],
		['mm/opaque.c', WITH_OPAQUE()],
	]);
	return steps
		.map(([title, path, edits], i) => {
			const before = now.get(path) ?? '';
			const after = edited(before, edits);
			now.set(path, after);
			const subject = `[PATCH ${i + 1}/${steps.length}] ${title}`;
			return mailOf(subject, patchOf(path, before, after));
		})
		.join('');
}

const BROKEN = series(
	['mm: look once', WALK, [UNCHECKED]],
	['mm: say so', WALK, [COMMENT]],
	['mm: look again', WALK, [CHECKED]],
);
const ONE = series(['mm: look once', WALK, [UNCHECKED]]);

interface Case {
	readonly input: string;
	readonly status: 0 | 1 | 2 | 3;
	readonly said: readonly RegExp[];
	readonly unsaid?: RegExp;
	readonly more?: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
	'a guard that is gone': {
		input: ONE,
		status: 1,
		said: [
			/before 1 hold; after 1 violated/,
			/^> -\t\tif \(pmd_val\(pmd\) != pmd_val\(\*pmdp\) \|\| pte_val/m,
			/\[stale-pin\]/,
			/New, made by the hunk above/,
			/CPU 0 \(walk_ptes\) .*CPU 1 \(zap\)/,
			/run \d\.\d+\.zap/,
			/What the verdicts rest on:/,
		],
	},
	'a comment': {
		input: series(['mm: say', WALK, [COMMENT]]),
		status: 0,
		said: [/1 hold, as before/],
	},
	'a finding that was there before': {
		input: series(['mm: say', 'mm/wrong.c', [COMMENT]]),
		status: 0,
		said: [/there before, and not of this patch: .*stale-pin in walk_ptes\(\)/],
		unsaid: /error:/,
	},
	'a repair': {
		input: series([
			'mm: look again',
			'mm/wrong.c',
			[
				[
					'\t\tif (!PageAnon(page)) {',
					'\t\tif (pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(*ptep)) {\n\t\t\tput_page(page);\n\t\t\tgoto out;\n\t\t}\n\t\tif (!PageAnon(page)) {',
				],
			],
		]),
		status: 0,
		said: [/before 1 violated; after 1 hold/, /gone: walk_ptes\(\): .*\[stale-pin\]/],
	},
	'a state that is broken in the middle': {
		input: BROKEN,
		status: 1,
		said: [
			/^1\/3 +\d+ +0 +0 +\d findings?$/m,
			/^2\/3 +0 +0 +0 +\d findings?$/m,
			/^3\/3 +0 +\d+ +0 +no finding$/m,
		],
	},
	'code that is not understood': {
		input: series(['mm: stop', WALK, [OPAQUE]]),
		status: 3,
		said: [/not decided: walk_ptes\(\) is unsupported: /],
	},
	'code that was not understood, and a comment': {
		input: series(['mm: say', 'mm/opaque.c', [COMMENT]]),
		status: 0,
		said: [/not decided before, and not touched: walk_ptes\(\)/],
	},
	'code that was not understood, and a function beside it': {
		input: series(['mm: help', 'mm/opaque.c', [['return a', 'return a + 1']]]),
		status: 0,
		said: [/not decided before, and not touched: walk_ptes\(\)/],
	},
	'code that was not understood, and a comment that names it': {
		input: series([
			'mm: help',
			'mm/opaque.c',
			[
				['int done = 0;', 'int done = 0; /* as helper() */'],
				['return a', 'return a + 1'],
			],
		]),
		status: 0,
		said: [/not decided before, and not touched: walk_ptes\(\)/],
	},
	'code that was not understood, and a macro': {
		input: series(['mm: help', 'mm/opaque.c', [['\nint helper', '#define LATER 1\nint helper']]]),
		status: 3,
		said: [/not decided: walk_ptes\(\) is unsupported: /],
	},
	'code without a walk': {
		input: series(['mm: help', 'mm/other.c', [['return a', 'return a + 1']]]),
		status: 0,
		said: [/mm\/other\.c: nothing lockless in it, before and after/],
	},
	'a file that is named beside it': {
		input: series(['mm: help', 'drivers/other.c', [['return a', 'return a + 1']]]),
		more: ['--also', WALK],
		status: 0,
		said: [/mm\/walk\.c: rests on nothing that it changes/],
	},
	'a renamed file': {
		input: mailOf(
			'[PATCH] mm: move',
			`diff --git a/${WALK} b/mm/pages.c\nsimilarity index 100%\nrename from ${WALK}\nrename to mm/pages.c\n`,
		),
		status: 0,
		said: [/mm\/pages\.c: x86_64: 1 hold, as before/],
	},
	'a file that is made wrong': {
		input: mailOf(
			'[PATCH] mm: add',
			patchOf('mm/new.c', '', WRONG).replace('--- a/mm/new.c', '--- /dev/null'),
		),
		status: 1,
		said: [/mm\/new\.c:\d+:\d+: error: walk_ptes\(\)/],
	},
	'a file that is removed': {
		input: mailOf(
			'[PATCH] mm: drop',
			patchOf('mm/wrong.c', WRONG, '').replace('+++ b/mm/wrong.c', '+++ /dev/null'),
		),
		status: 0,
		said: [/gone: walk_ptes\(\)/],
	},
	'a binary file': {
		input: mailOf(
			'[PATCH] logo',
			'diff --git a/d/l.png b/d/l.png\nindex 1..2 100644\nBinary files a/d/l.png and b/d/l.png differ\n',
		),
		status: 0,
		said: [/d\/l\.png is changed as a binary file: that is not looked at/],
	},
	'a patch for another kernel': {
		input: mailOf('[PATCH] mm', patchOf(WALK, 'int a;\n', 'int b;\n')),
		status: 2,
		said: [/does not apply: hunk 1 of mm\/walk\.c @@ -1,1 \+1,1 @@ is not found there/],
	},
	'a patch that was applied': {
		input: mailOf('[PATCH] mm', patchOf(WALK, edited(RIGHT, [UNCHECKED]), RIGHT)),
		status: 2,
		said: [/does not apply: mm\/walk\.c has these changes already/],
	},
	'a file that is not there': {
		input: mailOf('[PATCH] mm', patchOf('mm/none.c', 'int a;\n', 'int b;\n')),
		status: 2,
		said: [/the tree has no mm\/none\.c/],
	},
	'a file that is there already': {
		input: mailOf(
			'[PATCH] mm',
			patchOf(WALK, '', 'int b;\n').replace(`--- a/${WALK}`, '--- /dev/null'),
		),
		status: 2,
		said: [/mm\/walk\.c is already there/],
	},
	'two versions of a series': {
		input: ONE + ONE.replace('[PATCH 1/1]', '[PATCH v2 1/1]'),
		status: 2,
		said: [/standard input holds versions 1 and 2 of a series/],
	},
	'no patch': { input: 'Hello.\n', status: 2, said: [/standard input holds no patch/] },
	'a patch cut short': {
		input: ONE.split('\n').slice(0, 12).join('\n'),
		status: 2,
		said: [/the hunk at line \d+ is cut short or broken by line wrapping/],
	},
	'a budget that is too small': {
		input: ONE,
		more: ['--budget', '0.01'],
		status: 3,
		said: [/not decided/],
	},
};

describe('a review of', () => {
	it.each(Object.entries(CASES))('%s', (_, { input, status, said, unsaid, more = [] }) => {
		const ended = review(input, more);
		const text = status === 2 ? ended.err : ended.out;
		expect(`${ended.status}\n${ended.err}`.startsWith(`${status}\n`), ended.err + ended.out).toBe(
			true,
		);
		const joined = text.replace(/\n {4,}/g, ' ');
		for (const pattern of said) expect(text + joined).toMatch(pattern);
		if (unsaid !== undefined) expect(text).not.toMatch(unsaid);
	});

	it('has no line of prose or of a run that is longer than a mail’s', () => {
		const { out } = review(BROKEN);
		const long = out.split('\n').filter((line) => line.length > 80 && !line.startsWith('>'));
		expect(long).toEqual([]);
	});

	it('two hunks names the one that makes the finding', () => {
		const far: Edit = ['\tpte_unmap(table);\n', '\tpte_unmap(table); /* done */\n'];
		const { out } = review(series(['mm: look once', WALK, [COMMENT, UNCHECKED, far]]), [
			'--format',
			'json',
		]);
		const [patch] = (JSON.parse(out) as Json).patches;
		const [finding] = patch?.files.find((f) => f.path === WALK)?.new ?? [];
		expect(patch?.changes[0]?.hunks).toBeGreaterThan(1);
		expect(finding?.made.how).toBe('alone');
		expect(finding?.made.by.map(({ lines }) => lines.filter((l) => l.startsWith('-')))).toEqual([
			[expect.stringContaining('pte_val(pte) != pte_val(*ptep)')],
		]);
	});

	it('a change to what was wrong before is not blamed for it', () => {
		const { out, status } = review(
			series(
				['mm: less', WALK, [UNCHECKED]],
				[
					'mm: even less',
					WALK,
					[['pmd_val(pmd) != pmd_val(*pmdp)', 'pmd_val(pmd) != pmd_val( *pmdp)']],
				],
			),
			['--format', 'json'],
		);
		const [, second] = (JSON.parse(out) as Json).patches;
		expect(status).toBe(1);
		expect(second?.new).toBe(0);
		expect(second?.files.flatMap((f) => f.before.map((b) => b.finding.rule))).toContain(
			'stale-pin',
		);
	});
});

interface Json {
	readonly patches: readonly {
		readonly new: number;
		readonly changes: readonly { readonly hunks: number }[];
		readonly files: readonly {
			readonly path: string;
			readonly before: readonly { readonly finding: { readonly rule: string } }[];
			readonly new: readonly {
				readonly fingerprint: string;
				readonly made: {
					readonly how: string;
					readonly by: readonly { readonly lines: readonly string[] }[];
				};
			}[];
		}[];
	}[];
}

describe('a review is printed', () => {
	it('as JSON that its schema describes', () => {
		const read = (name: string): object =>
			JSON.parse(readFileSync(join(repositoryRoot, 'schema', name), 'utf8')) as object;
		const ajv = new Ajv2020({ allErrors: true });
		ajv.addSchema(read('racewalk.schema.json'), 'racewalk.schema.json');
		const validate = ajv.compile(read('review.schema.json'));
		for (const input of [ONE, BROKEN, series(['mm: stop', WALK, [OPAQUE]])]) {
			const { out } = review(input, ['--format', 'json', '--arch', 'x86_64,arm64', '--texts']);
			validate(JSON.parse(out));
			expect(validate.errors).toBeNull();
		}
		const { out } = review(ONE, ['--format', 'json']);
		validate(JSON.parse(out));
		expect(validate.errors).toBeNull();
		expect(out).not.toMatch(/"texts"/);
	});

	it.each([
		['markdown', [/^# 1\/1 `mm: look once`$/m, /\*\*New:\*\*/, /```/, /1 new|\d new, 0 gone/]],
		['github', [/^::error file=mm\/walk\.c,line=\d+,/m, /new with patch 1 of 1/]],
		['sarif', [/"baselineState": "new"/, /"racewalk\/v2": "[0-9a-f]{32}"/]],
	])('as %s, with the same exit status', (format, patterns) => {
		const { out, status } = review(ONE, ['--format', format as string]);
		expect(status).toBe(1);
		for (const pattern of patterns as readonly RegExp[]) expect(out).toMatch(pattern);
	});

	it.each(['markdown', 'github', 'sarif', 'json'])(
		'as %s with what is undecided in it',
		(format) => {
			const { out, status } = review(series(['mm: stop', WALK, [OPAQUE]]), ['--format', format]);
			expect(status).toBe(3);
			expect(out).toMatch(/unsupported/);
		},
	);

	it('as SARIF and annotations that tell what a later patch takes away', () => {
		const sarif = review(BROKEN, ['--format', 'sarif']).out;
		expect(sarif).toMatch(/"broken-in-between"/);
		expect((JSON.parse(sarif) as { runs: [{ results: unknown[] }] }).runs[0].results).toEqual([]);
		const github = review(BROKEN, ['--format', 'github']).out;
		expect(github).toMatch(/^::warning file=mm\/walk\.c,title=racewalk stale-pin::/m);
		expect(github).not.toMatch(/^::error/m);
	});

	it('nowhere that cannot be written to, without exit status 2', () => {
		writeFileSync(join(folder, 'one.patch'), ONE);
		const cli = join(programs, 'cli.js');
		const command = `"${process.execPath}" "${cli}" review one.patch --tree tree > /dev/full`;
		expect(spawnSync('sh', ['-c', command], { cwd: folder }).status).toBe(2);
	});
});

describe('check', () => {
	it('sends a patch to review', () => {
		writeFileSync(join(folder, 'one.patch'), ONE);
		const args = [join(programs, 'cli.js'), 'check', 'one.patch', '--tree', tree];
		const ended = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: folder });
		expect(ended.status).toBe(2);
		expect(ended.stderr).toMatch(/one\.patch is a patch: use racewalk review/);
	});
});
