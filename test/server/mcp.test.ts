/**
 * `racewalk mcp`, asked by the SDK's own client: what each tool answers, that a run is replayed by its id, what is refused, and what a
 * call may cost.
 */
import { spawn } from 'node:child_process';
import {
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARCHS } from '../../engine/program/arch.js';
import { repositoryRoot } from '../trees.js';
import { bundle } from './bundle.js';
import {
	COMMENT,
	edited,
	LONG,
	mailOf,
	patchOf,
	RIGHT,
	UNCHECKED,
	WALK,
	writeTree,
} from './review_tree.js';

const WRONG = readFileSync(join(repositoryRoot, 'test/fixtures/violated/stale-pin.c'), 'utf8');
const REMOVES = mailOf('[PATCH] mm: look once', patchOf(WALK, RIGHT, edited(RIGHT, [UNCHECKED])));

let programs = '';
let folder = '';
let tree = '';
let client: Client;

async function connected(args: readonly string[]): Promise<Client> {
	const made = new Client({ name: 'test', version: '1' });
	await made.connect(
		new StdioClientTransport({
			command: process.execPath,
			args: [join(programs, 'cli.js'), 'mcp', ...args],
			cwd: folder,
			stderr: 'ignore',
		}),
	);
	// answers are held against the schemas that were listed
	await made.listTools();
	return made;
}

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-mcp-'));
	tree = join(folder, 'tree');
	writeFileSync(join(folder, 'outside.c'), WRONG);
	writeTree(tree, {
		[WALK]: RIGHT,
		'mm/wrong.c': WRONG,
		'mm/long.c': LONG,
		'mm/plain.c': 'int one(void)\n{\n\treturn 1;\n}\n',
	});
	symlinkSync('../../outside.c', join(tree, 'mm/link.c'));
	client = await connected(['--tree', tree, '--budget', '120']);
});

afterAll(async () => {
	await client.close();
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

interface Told {
	readonly text: string;
	readonly isError: boolean;
	readonly data: {
		readonly outcome?: string;
		readonly notes?: readonly string[];
		readonly verdicts?: readonly { readonly function: string; readonly verdict: string }[];
		readonly findings?: readonly { readonly rule: string; readonly trace: string }[];
		readonly guards?: readonly {
			readonly verdict: string;
			readonly neededBy: readonly { readonly trace: string }[];
		}[];
		readonly markdown?: string;
		readonly trace?: string;
		readonly portableId?: string;
		readonly run?: { readonly steps: readonly { readonly violation: unknown }[] };
		readonly patches?: readonly {
			readonly title: string;
			readonly new: readonly { readonly rule: string; readonly trace: string }[];
			readonly before: readonly { readonly rule: string }[];
			readonly undecided: readonly { readonly why: string }[];
		}[];
	};
}

async function call(
	name: string,
	args: Readonly<Record<string, unknown>>,
	whom = client,
): Promise<Told> {
	const told = await whom.callTool({ name, arguments: args }, undefined, { timeout: 600_000 });
	const [first] = told.content as readonly { readonly text?: string }[];
	return {
		text: first?.text ?? '',
		isError: told.isError === true,
		data: (told.structuredContent ?? {}) as Told['data'],
	};
}

describe('a tool', () => {
	it('says of itself what it takes and answers, and that it changes nothing', async () => {
		const { tools } = await client.listTools();
		expect(tools.map(({ name }) => name)).toEqual([
			...['check', 'review', 'explain', 'guards', 'simulate'],
		]);
		for (const { inputSchema, outputSchema, annotations } of tools) {
			expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
			expect(outputSchema?.required).toContain('outcome');
			expect(annotations).toMatchObject({ readOnlyHint: true, openWorldHint: false });
		}
		expect(client.getInstructions()).toContain('not clean');
	});

	it('check: a finding has a run, which simulate replays by its id', async () => {
		const checked = await call('check', { file: 'mm/wrong.c' });
		expect(checked.data.outcome).toBe('finding');
		const found = checked.data.findings?.find(({ rule }) => rule === 'stale-pin');
		expect(found).toMatchObject({ path: 'mm/wrong.c', function: 'walk_ptes', arch: 'x86_64' });
		expect(checked.text).toContain('[stale-pin]');
		const trace = found?.trace ?? '';
		expect(checked.text).toContain(`run ${trace}`);
		const asked = { file: 'mm/wrong.c', function: 'walk_ptes' };
		const replayed = await call('simulate', { ...asked, trace });
		expect(replayed.data).toMatchObject({
			outcome: 'finding',
			trace,
			findings: [{ rule: 'stale-pin' }],
		});
		expect(replayed.text).toContain(`racewalk show '${replayed.data.portableId}'`);
		expect(replayed.data.run?.steps.at(-1)?.violation).not.toBeNull();
		const again = await call('simulate', { ...asked, trace });
		expect(again).toEqual(replayed);
	});

	it('check: holds is decided, no walk is said, undecided is no clean answer', async () => {
		const holds = await call('check', { file: WALK });
		expect(holds.data).toMatchObject({ outcome: 'decided', findings: [] });
		expect(holds.data.verdicts).toContainEqual(
			expect.objectContaining({ function: 'walk_ptes', verdict: 'holds', arch: 'x86_64' }),
		);
		const plain = await call('check', { file: 'mm/plain.c' });
		expect(plain.data.notes?.join()).toContain('no lockless page-table walk found');
		const opaque = RIGHT.replace(
			'\tint done = 0;\n',
			'\tint done = 0;\n\n\tasm volatile("nop");\n',
		);
		const open = await call('check', { file: WALK, text: opaque });
		expect(open.data).toMatchObject({ outcome: 'undecided', findings: [] });
	});

	it('check: under every architecture, with a protection taken away, of one function', async () => {
		const all = await call('check', { file: WALK, arch: ['all'], actor: ['zap'], depth: 'core' });
		expect(all.data.verdicts).toHaveLength(ARCHS.length);
		const without = await call('check', { file: WALK, whatIf: ['no-recheck'], depth: 'core' });
		expect(without.data.outcome).toBe('finding');
	});

	it('review: a finding is the patch’s, and its run is replayed with the patch', async () => {
		const series =
			mailOf('[PATCH 1/2] comment', patchOf(WALK, RIGHT, edited(RIGHT, [COMMENT]))) +
			mailOf(
				'[PATCH 2/2] look once',
				patchOf(WALK, edited(RIGHT, [COMMENT]), edited(RIGHT, [COMMENT, UNCHECKED])),
			);
		const told = await call('review', { patch: series });
		expect(told.data.outcome).toBe('finding');
		expect(told.data.patches).toMatchObject([
			{ title: expect.stringContaining('comment'), new: [] },
			{
				title: expect.stringContaining('look once'),
				new: expect.arrayContaining([expect.objectContaining({ rule: 'stale-pin' })]),
			},
		]);
		expect(told.text).toContain('New, made by the hunk above');
		const trace = told.data.patches?.[1]?.new.find(({ rule }) => rule === 'stale-pin')?.trace;
		const asked = { file: WALK, function: 'walk_ptes', trace };
		const replayed = await call('simulate', { ...asked, patch: series });
		expect(replayed.data.findings).toMatchObject([{ rule: 'stale-pin', trace }]);
		// the tree itself is as it was
		const without = await call('check', { file: WALK });
		expect(without.data.outcome).toBe('decided');
	});

	it('explain and guards: why a line is there', async () => {
		const line =
			RIGHT.split('\n').findIndex((l) => l.includes('pte_val(pte) != pte_val(*ptep)')) + 1;
		const explained = await call('explain', { file: WALK, line });
		expect(explained.data).toMatchObject({ outcome: 'decided' });
		expect(explained.data.markdown).toContain('stale-pin');
		const { data, text } = await call('guards', { file: WALK, depth: 'core' });
		expect(data.guards).toContainEqual(
			expect.objectContaining({ verdict: 'needed', text: expect.stringContaining('pte_val(pte)') }),
		);
		expect(text).toContain('needed against');
		const [need] = data.guards?.find((g) => g.neededBy.length > 0)?.neededBy ?? [];
		expect(need?.trace).toMatch(/\S/);
	});

	it('shows text of the tree that cannot be seen as what it is', async () => {
		const { text } = await call('review', {
			patch: REMOVES.replace('look once', 'look \u202eonce'),
		});
		expect(text).toContain('\\u202e');
		expect(text).not.toContain('\u202e');
	});
});

describe('what is refused', () => {
	it.each([
		['a tool that is none', 'prove', {}, "no tool 'prove'"],
		['a name that is none', 'check', { file: WALK, archs: ['all'] }, "no 'archs'"],
		['what is missing', 'check', {}, "'file' is needed"],
		['a wrong type', 'check', { file: WALK, arch: 'all' }, "'arch' is a list"],
		['a wrong word', 'check', { file: WALK, memory: 'tso' }, "'memory' is one of sc, lkmm"],
		['an architecture', 'check', { file: WALK, arch: ['vax'] }, "unknown arch 'vax'"],
		['a symbol', 'check', { file: WALK, set: ['CONFIG_NOSUCH=y'] }, 'knows no such symbol'],
		['a file that is not there', 'check', { file: 'mm/none.c' }, 'no such file'],
		['a file above the tree', 'check', { file: '../outside.c' }, 'from the root of the tree'],
		['a full path', 'check', { file: '/etc/passwd' }, 'from the root of the tree'],
		['a link out of the tree', 'check', { file: 'mm/link.c' }, 'mm/link.c'],
		['a function', 'check', { file: WALK, function: ['nobody'] }, "'nobody'"],
		['a patch as text', 'check', { file: WALK, text: REMOVES }, 'is a patch'],
		['a text that is no patch', 'review', { patch: 'hello' }, 'the patch holds no patch'],
		[
			'a patch for another tree',
			'review',
			{ patch: patchOf('mm/none.c', RIGHT, WRONG) },
			'does not apply',
		],
		['a line', 'explain', { file: WALK, line: 9999 }, 'there is no line 9999'],
		['a run', 'simulate', { file: WALK, function: 'walk_ptes', trace: 'x1' }, ''],
	])('%s', async (_, name, args, said) => {
		const { isError, text, data } = await call(name, args);
		if (said === '') expect(data.outcome).not.toBe('decided');
		else expect(isError).toBe(true);
		expect(text).toContain(said);
	});

	it('a patch, and a file of the disk, without a tree', async () => {
		const alone = await connected([]);
		const { text } = await call('review', { patch: REMOVES }, alone);
		expect(text).toContain('without a kernel tree');
		const read = await call('check', { file: 'outside.c' }, alone);
		expect(read.text).toContain('without a kernel tree');
		const given = await call('check', { file: 'walk.c', text: WRONG }, alone);
		expect(given.data.outcome).toBe('finding');
		await alone.close();
	});
});

describe('a call', () => {
	it('ends within its budget, says that it is undecided, and the next is answered', async () => {
		const { data } = await call('check', { file: 'mm/long.c', budget: 0.2 });
		expect(data.outcome).toBe('undecided');
		const next = await call('check', { file: 'mm/wrong.c' });
		expect(next.data.outcome).toBe('finding');
	});

	it('that is cancelled ends, and the next is answered', async () => {
		const stopping = new AbortController();
		const asked = client.callTool({ name: 'guards', arguments: { file: 'mm/long.c' } }, undefined, {
			signal: stopping.signal,
		});
		setTimeout(() => stopping.abort(), 300);
		await expect(asked).rejects.toThrow();
		const next = await call('check', { file: 'mm/wrong.c' });
		expect(next.data.outcome).toBe('finding');
	});

	it('tells a client that asks how far it is', async () => {
		const heard: string[] = [];
		await client.callTool({ name: 'review', arguments: { patch: REMOVES } }, undefined, {
			timeout: 600_000,
			onprogress: ({ message }) => heard.push(message ?? ''),
		});
		expect(heard[0]).toContain(`patch 1 of 1: ${WALK}`);
	});

	it('writes nothing of the tree', async () => {
		const seen = (): readonly string[] =>
			readdirSync(folder, { recursive: true, encoding: 'utf8' })
				.map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`)
				.sort();
		const before = seen();
		await call('check', { file: WALK });
		await call('review', { patch: REMOVES });
		expect(seen()).toEqual(before);
	});
});

it('a message that has no end ends the server, with a sentence', async () => {
	const child = spawn(process.execPath, [join(programs, 'cli.js'), 'mcp', '--tree', tree], {
		stdio: ['pipe', 'pipe', 'pipe'],
	});
	let said = '';
	child.stderr.on('data', (chunk: Buffer) => {
		said += chunk.toString('utf8');
	});
	child.stdin.on('error', () => {});
	const ended = new Promise((resolve) => child.once('exit', resolve));
	child.stdin.write('x'.repeat(11 * 1024 * 1024));
	await ended;
	expect(said).toContain('exceeded maximum size');
});

it('what is no message of JSON-RPC is answered by an error, and the next is read', async () => {
	const child = spawn(process.execPath, [join(programs, 'cli.js'), 'mcp', '--tree', tree], {
		stdio: ['pipe', 'pipe', 'ignore'],
	});
	let told = '';
	child.stdout.on('data', (chunk: Buffer) => {
		told += chunk.toString('utf8');
	});
	const ended = new Promise((resolve) => child.once('exit', resolve));
	const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
	const sent = ['{'.repeat(1000), '[]', JSON.stringify({ ...ping, id: {} }), JSON.stringify(ping)];
	child.stdin.end(`${sent.join('\n')}\n`);
	await ended;
	const answers: { id: unknown; error?: { code: number } }[] = told
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
		[null, -32700],
		[null, -32600],
		[null, -32600],
		[1, undefined],
	]);
});
