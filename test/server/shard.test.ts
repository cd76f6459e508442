/**
 * Shards: which units are whose, as a law; that the parts of a check, merged, are the check, in every format; what is not merged; and
 * what a check that the user interrupts says.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Input } from '../../server/cli/options.js';
import { shardIn, shardOf } from '../../server/cli/shard.js';
import { repositoryRoot } from '../trees.js';
import { bundle } from './bundle.js';
import { edited, RIGHT } from './review_tree.js';

const TORN = join(repositoryRoot, 'test/fixtures/violated/torn-entry.c');
const HOLDS = join(repositoryRoot, 'test/fixtures/holds/stale-pin.c');
const OF = 3;
const ASKED = ['--arch', 'x86_64,i386-pae', '--depth', 'core'];

let programs = '';
let folder = '';

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-shard-'));
	for (let i = 1; i <= OF; i++) {
		const args = ['check', ...ASKED, '--shard', `${i}/${OF}`, TORN, HOLDS];
		for (const format of ['json', 'sarif'])
			writeFileSync(join(folder, `${i}.${format}`), run([...args, '--format', format]).out);
	}
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

function run(args: readonly string[]) {
	const ended = spawnSync(process.execPath, [join(programs, 'cli.js'), ...args], {
		encoding: 'utf8',
		cwd: folder,
		maxBuffer: 64 * 1024 * 1024,
	});
	return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

/** Times are not the same twice. */
function timeless(text: string): string {
	return text.replace(/"ms": \d+/g, '"ms": 0');
}

const parts = (format: string): readonly string[] => ['2', '3', '1'].map((i) => `${i}.${format}`);

it('each unit is of one shard, and shards differ by one unit at most', () => {
	const counts = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 20 });
	fc.assert(
		fc.property(counts, fc.integer({ min: 1, max: 9 }), (sizes, of) => {
			const inputs = sizes.map((size) => {
				const each = Array.from({ length: size }, (_, i) => i);
				return { requests: each, variants: each } as unknown as Input;
			});
			const shards = Array.from({ length: of }, (_, i) => shardOf(inputs, { index: i + 1, of }));
			const units = shards.map((shard) =>
				shard.flatMap(({ file, places }) =>
					places.length === 0 ? [`${file}`] : places.map((place) => `${file} ${place}`),
				),
			);
			const all = sizes.flatMap((size, file) =>
				size === 0 ? [`${file}`] : Array.from({ length: size }, (_, place) => `${file} ${place}`),
			);
			expect(units.flat().sort()).toEqual([...all].sort());
			const lengths = units.map(({ length }) => length);
			expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
		}),
	);
	expect(['0/4', '5/4', '1/0', '1', '1/', 'a/b', '-1/4'].map(shardIn)).toEqual(Array(7).fill(null));
});

describe('merged shards are the whole check', () => {
	it.each(['text', 'json', 'sarif', 'github'])('as %s', (format) => {
		const whole = run(['check', ...ASKED, '--format', format, TORN, HOLDS]);
		expect(whole.status).toBe(1);
		for (const read of ['json', 'sarif']) {
			const merged = run(['merge', '--format', format, ...parts(read)]);
			expect(merged.status).toBe(1);
			expect(timeless(merged.out)).toBe(timeless(whole.out));
		}
	});

	it('with a baseline', () => {
		const known = ['--baseline', 'known.json'];
		expect(run(['merge', ...known, '--update-baseline', ...parts('json')]).status).toBe(0);
		const again = run(['merge', ...known, ...parts('json')]);
		expect(again).toMatchObject({ status: 0, err: expect.stringContaining('in the baseline') });
	});
});

describe('what is not merged', () => {
	it.each([
		['a shard that is missing', ['1.json', '3.json'], 'shards are missing: 2/3'],
		['a shard twice', ['1.json', '1.sarif'], 'are both shard 1/3'],
		['a part that was cut off', ['cut.json'], 'no whole JSON'],
		['a part that was changed', ['changed.json'], 'was changed since'],
		['a part that says it is the whole', ['alone.json'], 'was changed since'],
		['a check without shards', ['whole.json'], 'is no part of a check'],
		['a shard of another check', ['1.json', 'other.json'], 'parts of different checks'],
		['a log of another tool', ['foreign.sarif', '--format', 'sarif'], "not racewalk's"],
		['logs of SARIF as text', ['plain.sarif'], 'with --format sarif'],
		['what is not there', ['nowhere.json'], 'no such file'],
	])('%s', (_, args, said) => {
		const one = readFileSync(join(folder, '1.json'), 'utf8');
		writeFileSync(join(folder, 'cut.json'), one.slice(0, -100));
		writeFileSync(join(folder, 'changed.json'), one.replace('"places": [', '"places": [9, '));
		const alone = one.replace(/"of": 3/g, '"of": 1');
		expect(alone).not.toBe(one);
		writeFileSync(join(folder, 'alone.json'), alone);
		writeFileSync(join(folder, 'whole.json'), '{"schema":1,"files":[]}');
		const log = (name: string) =>
			JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name } }, results: [] }] });
		writeFileSync(join(folder, 'foreign.sarif'), log('other'));
		writeFileSync(join(folder, 'plain.sarif'), log('racewalk'));
		if (args.includes('other.json')) {
			const other = run(['check', '--shard', '2/3', '--format', 'json', HOLDS]);
			writeFileSync(join(folder, 'other.json'), other.out);
		}
		const merged = run(['merge', ...args]);
		expect(merged).toMatchObject({ status: 2, out: '', err: expect.stringContaining(said) });
	});

	it('shards take no baseline, and print what can be merged', () => {
		const shard = ['check', '--shard', '1/2', HOLDS];
		expect(run(shard).err).toContain('--format json or sarif');
		const known = [...shard, '--format', 'json', '--baseline', 'x'];
		expect(run(known).err).toContain('give it to racewalk merge');
		expect(run(['check', '--shard', '3/2', HOLDS]).err).toContain('I/N is needed');
	});
});

it('logs of SARIF of several checks become one, a run each', () => {
	const found = run(['check', '--depth', 'core', '--format', 'sarif', TORN, '--arch', 'i386-pae']);
	const holds = run(['check', '--depth', 'core', '--format', 'sarif', HOLDS]);
	writeFileSync(join(folder, 'a.sarif'), found.out);
	writeFileSync(join(folder, 'b.sarif'), holds.out);
	const merged = run(['merge', '--format', 'sarif', 'a.sarif', 'b.sarif']);
	expect(merged.status).toBe(1);
	const { runs } = JSON.parse(merged.out) as { readonly runs: readonly unknown[] };
	const alone = [found.out, holds.out].flatMap(
		(out) => (JSON.parse(out) as typeof merged & { runs: unknown[] }).runs,
	);
	expect(runs).toEqual(alone);
	expect(run(['merge', '--format', 'sarif', 'b.sarif']).status).toBe(0);
});

it('a check that is interrupted says what was decided, and what was not', async () => {
	const long = edited(RIGHT, [
		[
			'\tint done = 0;\n',
			`\tint done = 0;\n${Array.from({ length: 14 }, (_, i) => `\n\tif (READ_ONCE(jiffies) & ${2 ** i}UL)\n\t\tdone = ${i};\n`).join('')}\tdone = 0;\n`,
		],
	]);
	writeFileSync(join(folder, 'long.c'), long);
	const args = [
		'check',
		'--depth',
		'core',
		'--format',
		'json',
		HOLDS,
		'long.c',
		'long.c',
		'long.c',
	];
	const child = spawn(process.execPath, [join(programs, 'cli.js'), ...args], {
		cwd: folder,
		// a group of its own, as a terminal signals it
		detached: true,
	});
	let out = '';
	let err = '';
	child.stdout.on('data', (chunk: Buffer) => {
		out += chunk.toString('utf8');
	});
	child.stderr.on('data', (chunk: Buffer) => {
		err += chunk.toString('utf8');
	});
	const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
	const { pid = 0 } = child;
	// its worker is there once signals are heard, and may not have loaded; it leaves the group before it begins
	while (!hasWorkerApart(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
	process.kill(-pid, 'SIGINT');
	expect(await ended).toBe(3);
	expect(err).toContain('interrupted: ');
	const { files } = JSON.parse(out) as {
		readonly files: readonly { readonly stopped?: readonly { readonly why: string }[] }[];
	};
	expect(files).toHaveLength(4);
	expect(files.at(-1)?.stopped).toMatchObject([{ why: 'the check was interrupted' }]);
});

/** Whether a process has a child that leads a process group of its own. */
function hasWorkerApart(pid: number): boolean {
	const [worker = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
	if (worker === '') return false;
	const [, afterName = ''] = readFileSync(`/proc/${worker}/stat`, 'utf8').split(') ');
	return afterName.split(' ')[2] === worker;
}
