/**
 * `--baseline` and `--update-baseline` as CI uses them, and SARIF as its own schema wants it: exit statuses tell new from known, and
 * undecided from clean, in every format.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../trees.js';
import { bundle } from './bundle.js';
import {
	type Edit,
	edited,
	mailOf,
	patchOf,
	RIGHT,
	UNCHECKED,
	WALK,
	writeTree,
} from './review_tree.js';

const FORGOTTEN: Edit = [
	'\t\tif (!PageAnon(page)) {\n\t\t\tput_page(page);\n',
	'\t\tif (!PageAnon(page)) {\n',
];
const OPAQUE: Edit = ['\tint done = 0;\n', '\tint done = 0;\n\n\tasm volatile("nop");\n'];
const FORMATS = ['text', 'json', 'sarif', 'github'] as const;

let programs = '';
let folder = '';
let tree = '';

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-baseline-'));
	tree = join(folder, 'tree');
	writeTree(tree, { [WALK]: edited(RIGHT, [FORGOTTEN]), 'mm/opaque.c': edited(RIGHT, [OPAQUE]) });
	writeFileSync(join(folder, 'list.json'), '[1]');
	writeFileSync(join(folder, 'none.json'), 'no');
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

function racewalk(args: readonly string[], input = '') {
	const ended = spawnSync(process.execPath, [join(programs, 'cli.js'), ...args], {
		...{ encoding: 'utf8', cwd: folder, input, maxBuffer: 64 * 1024 * 1024 },
	});
	return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

const check = (more: readonly string[]) =>
	racewalk(['check', '--tree', tree, join(tree, WALK), ...more]);

describe('a baseline', () => {
	it('is made, and then nothing of it counts, in any format', () => {
		expect(check([]).status).toBe(1);
		expect(check(['--baseline', 'b.json']).status).toBe(2);
		expect(check(['--baseline', 'b.json', '--update-baseline']).status).toBe(0);
		const { findings } = JSON.parse(readFileSync(join(folder, 'b.json'), 'utf8')) as {
			readonly findings: readonly { readonly rule: string; readonly on: readonly string[] }[];
		};
		expect(findings).toMatchObject([{ rule: 'reference-leak', path: WALK, on: ['x86_64'] }]);
		for (const format of FORMATS) {
			const { status, err } = check(['--baseline', 'b.json', '--format', format]);
			expect([format, status]).toEqual([format, 0]);
			expect(err).toMatch(/1 finding is in the baseline b\.json/);
		}
		const known = check(['--baseline', 'b.json', '--format', 'json']).out;
		expect(JSON.parse(known)).toMatchObject({
			files: [{ findings: [], known: [{ rule: 'reference-leak' }] }],
		});
	});

	it('hides nothing new, and nothing on another architecture', () => {
		writeFileSync(join(folder, 'worse.c'), edited(RIGHT, [FORGOTTEN, UNCHECKED]));
		const worse = ['check', '--tree', tree, '--as', WALK, 'worse.c', '--baseline', 'b.json'];
		for (const format of FORMATS) {
			const { status, out } = racewalk([...worse, '--format', format]);
			expect([format, status]).toEqual([format, 1]);
			expect(out).toMatch(/stale-pin/);
		}
		expect(check(['--baseline', 'b.json', '--arch', 'arm64']).status).toBe(1);
	});

	it('does not make what is undecided clean', () => {
		const args = ['check', '--tree', tree, join(tree, 'mm/opaque.c'), '--baseline', 'b.json'];
		for (const format of FORMATS)
			expect([format, racewalk([...args, '--format', format]).status]).toEqual([format, 3]);
		expect(racewalk([...args, '--update-baseline']).status).toBe(3);
		// what was known of other files stays
		expect(check(['--baseline', 'b.json']).status).toBe(0);
	});

	it('counts for a review as what was there before', () => {
		const before = edited(RIGHT, [FORGOTTEN]);
		const worse = edited(before, [UNCHECKED]);
		const patch = mailOf('[PATCH] mm: look once', patchOf(WALK, before, worse));
		const review = ['review', '-', '--tree', tree];
		expect(racewalk([...review, '--baseline', 'b.json'], patch).status).toBe(1);
		expect(racewalk([...review, '--baseline', 'r.json', '--update-baseline'], patch).status).toBe(
			0,
		);
		const { status, out } = racewalk([...review, '--baseline', 'r.json'], patch);
		expect(status).toBe(0);
		expect(out.replace(/\n\s+/g, ' ')).toMatch(/there before, and not of this patch: .*stale-pin/);
	});

	it.each([
		[
			'that is not there',
			['--baseline', 'nowhere.json'],
			/no such file; --update-baseline makes it/,
		],
		['that is no baseline', ['--baseline', 'list.json'], /list\.json is no baseline/],
		['that is no JSON', ['--baseline', 'none.json'], /it is not JSON/],
		[
			'that cannot be written',
			['--baseline', 'no/folder.json', '--update-baseline'],
			/cannot write the baseline/,
		],
		['that is not named', ['--update-baseline'], /--update-baseline needs --baseline FILE/],
	])('%s is bad usage', (_, args, said) => {
		const { status, err } = check(args);
		expect(status).toBe(2);
		expect(err).toMatch(said);
	});
});

describe('SARIF', () => {
	const ajv = new Ajv({ strict: false, allErrors: true });
	ajv.addFormat('uri', { validate: (text: string) => URL.canParse(text) });
	ajv.addFormat('uri-reference', { validate: (text: string) => URL.canParse(text, 'file:///') });
	ajv.addFormat('date-time', { validate: (text: string) => !Number.isNaN(Date.parse(text)) });
	const schema = join(repositoryRoot, 'test/sarif/sarif-2.1.0.schema.json');
	const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')) as object);

	interface Log {
		readonly runs: readonly [
			{
				readonly results: readonly {
					readonly ruleId: string;
					readonly baselineState?: string;
					readonly codeFlows: readonly [
						{ readonly threadFlows: readonly { readonly id: string }[] },
					];
					readonly locations: readonly [
						{
							readonly physicalLocation: {
								readonly artifactLocation: { readonly uri: string; readonly uriBaseId: string };
							};
						},
					];
				}[];
				readonly invocations: readonly [
					{
						readonly toolExecutionNotifications: readonly {
							readonly descriptor?: { readonly id: string };
						}[];
					},
				];
			},
		];
	}

	const logOf = (text: string): Log['runs'][0] => {
		const log = JSON.parse(text) as Log;
		validate(log);
		expect(validate.errors).toBeNull();
		return log.runs[0];
	};

	it('is what its schema wants, and the schema can refuse', () => {
		const run = logOf(check(['--format', 'sarif']).out);
		const [result] = run.results;
		expect(result?.codeFlows[0].threadFlows.map(({ id }) => id)).toEqual([
			expect.stringMatching(/^CPU 0: /),
		]);
		expect(result?.locations[0].physicalLocation.artifactLocation).toEqual({
			uri: WALK,
			uriBaseId: 'SRCROOT',
		});
		expect(validate({ version: '2.1.0', runs: [{ results: [] }] })).toBe(false);
	});

	// SARIF 2.1.0, 3.4.4: what is an address by itself stands under no root, and what stands under one is none
	it('says addresses that lead to their files', () => {
		writeFileSync(join(folder, 'odd:na#me?.c'), edited(RIGHT, [FORGOTTEN, UNCHECKED]));
		const { out } = racewalk(['check', 'odd:na#me?.c', '--format', 'sarif']);
		logOf(out);
		const found: { readonly uri: string; readonly uriBaseId?: string }[] = [];
		JSON.parse(out, (key, value: unknown) => {
			if (key === 'artifactLocation') found.push(value as (typeof found)[number]);
			return value;
		});
		const under = found.filter(({ uriBaseId }) => uriBaseId !== undefined).map(({ uri }) => uri);
		const alone = found.filter(({ uriBaseId }) => uriBaseId === undefined).map(({ uri }) => uri);
		expect(new Set(under)).toEqual(new Set(['./odd:na%23me%3F.c']));
		expect(fileURLToPath(new URL(under[0] ?? '', 'file:///kernel/'))).toBe('/kernel/odd:na#me?.c');
		expect(alone).toContain('racewalk:actors/zap.c');
		for (const uri of alone) expect(URL.canParse(uri)).toBe(true);
	});

	it('has a thread flow for each CPU', () => {
		writeFileSync(join(folder, 'worse.c'), edited(RIGHT, [FORGOTTEN, UNCHECKED]));
		const { out } = racewalk([
			'check',
			'--tree',
			tree,
			'--as',
			WALK,
			'worse.c',
			'--format',
			'sarif',
		]);
		const stale = logOf(out).results.find((r) => r.ruleId === 'stale-pin');
		expect(stale?.codeFlows[0].threadFlows.map(({ id }) => id.slice(0, 6))).toEqual([
			'CPU 0:',
			'CPU 1:',
		]);
	});

	it('tells what is undecided as notifications', () => {
		const { out } = racewalk([
			'check',
			'--tree',
			tree,
			join(tree, 'mm/opaque.c'),
			'--format',
			'sarif',
		]);
		const { results, invocations } = logOf(out);
		expect(results).toEqual([]);
		expect(invocations[0].toolExecutionNotifications.map((n) => n.descriptor?.id)).toContain(
			'unsupported',
		);
	});

	it('tells known from new', () => {
		const states = logOf(check(['--format', 'sarif', '--baseline', 'b.json']).out).results;
		expect(states.map((r) => r.baselineState)).toEqual(['unchanged']);
	});

	it('of a review is what the schema wants', () => {
		const patch = mailOf(
			'[PATCH] mm: once',
			patchOf(WALK, edited(RIGHT, [FORGOTTEN]), edited(RIGHT, [FORGOTTEN, UNCHECKED])),
		);
		const { out } = racewalk(['review', '-', '--tree', tree, '--format', 'sarif'], patch);
		const states = logOf(out).results.map((r) => `${r.ruleId} ${r.baselineState}`);
		expect(states).toContain('stale-pin new');
		expect(states).toContain('reference-leak unchanged');
	});
});
