/**
 * The command line as a user meets it: spawned, with the real engine, its words on two streams and its exit status.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
	closeSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GENERATIONS } from '../generations/argued.js';
import { bundle } from './bundle.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const VIOLATED = join(root, 'test/fixtures/violated/stale-pin.c');
const HOLDS = join(root, 'test/fixtures/holds/stale-pin.c');
const TORN = join(root, 'test/fixtures/violated/torn-entry.c');
const UNORDERED = join(root, 'test/fixtures/lkmm/pin_barrier.c');
const UNDECIDED = [join(root, 'test/fixtures/holds/stale-pin-page-cache.c'), '--memory', 'lkmm'];
const ORDERS = [UNORDERED, '--memory', 'lkmm', '--actor', 'reclaim'];
const EXPORTED = join(root, 'test/fixtures/lkmm/pin_barrier.litmus');

let programs = '';
let folder = '';

beforeAll(async () => {
	programs = await bundle({
		cli: 'server/cli.ts',
		server: 'server/main.ts',
		worker: 'server/worker/worker.ts',
	});
	folder = mkdtempSync(join(tmpdir(), 'racewalk-cli-'));
	const right = readFileSync(HOLDS, 'utf8');
	writeFileSync(join(folder, 'crlf.c'), right.replaceAll('\n', '\r\n'));
	const unbound = readFileSync(EXPORTED, 'utf8').replace('folio#8._', 'folio#99._');
	writeFileSync(join(folder, 'unbound.litmus'), unbound);
	writeFileSync(join(folder, 'empty.c'), '');
	writeFileSync(join(folder, 'plain.c'), 'int main(void)\n{\n\treturn 0;\n}\n');
	writeFileSync(join(folder, 'binary.c'), Buffer.from([0x7f, 0x45, 0, 1, 2, 0, 0]));
	const opaque = right.replace(/^\tdo \{$|^\tfor \(/m, (m) => `\tasm volatile("nop");\n${m}`);
	writeFileSync(join(folder, 'opaque.c'), opaque);
	writeFileSync(join(folder, 'cut.c'), right.slice(0, Math.floor(right.length * 0.7)));
	const tree = join(folder, 'tree');
	mkdirSync(join(tree, 'mm'), { recursive: true });
	mkdirSync(join(tree, 'include/linux'), { recursive: true });
	writeFileSync(join(tree, 'mm/walk.c'), readFileSync(VIOLATED));
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

function run(
	args: readonly string[],
	options: { readonly input?: string } = {},
): { readonly status: number | null; readonly out: string; readonly err: string } {
	const ended = spawnSync(process.execPath, [join(programs, 'cli.js'), ...args], {
		encoding: 'utf8',
		input: options.input ?? '',
		cwd: folder,
		maxBuffer: 64 * 1024 * 1024,
	});
	return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

interface Output {
	readonly files: readonly {
		readonly path: string;
		readonly functions: readonly {
			readonly name: string;
			readonly verdict: string;
			readonly why: string | null;
		}[];
		readonly findings: readonly {
			readonly rule: string;
			readonly message: string;
			readonly line: number;
			readonly path: string;
			readonly trace: { readonly id: string; readonly steps: readonly unknown[] };
		}[];
		readonly suppressed: readonly { readonly rule: string; readonly reason: string }[];
	}[];
}

function json(args: readonly string[], input?: string): { status: number | null; output: Output } {
	const { status, out } = run([...args, '--format', 'json'], input === undefined ? {} : { input });
	return { status, output: JSON.parse(out) as Output };
}

describe('exit status', () => {
	test.each([
		['holds', [HOLDS], 0],
		['a finding', [VIOLATED], 1],
		['a finding in one of two', [HOLDS, VIOLATED], 1],
		['only undecided', UNDECIDED, 3],
		['a finding with a scenario', [UNORDERED, '--memory', 'lkmm', '--scenario', EXPORTED], 1],
		['code that cannot be lowered', ['opaque.c'], 3],
		['a budget that is too short', [HOLDS, '--budget', '0.000001'], 3],
		['no walk', ['plain.c'], 0],
		['a what-if that breaks', [HOLDS, '--what-if', 'no-recheck'], 1],
		['a what-if that holds', [HOLDS, '--what-if', 'no-rcu-read-lock'], 0],
		['an empty file', ['empty.c'], 0],
		['CRLF', ['crlf.c'], 0],
	])('of a check with %s', (_, args, status) => {
		expect(run(['check', ...args])).toMatchObject({ status });
	});

	test.each([
		['a missing file', ['check', 'missing.c'], 'no such file'],
		['a folder', ['check', '.'], 'is a folder'],
		['a binary', ['check', 'binary.c'], 'is not text'],
		['an unknown arch', ['check', HOLDS, '--arch', 'vax'], 'known: x86_64, arm64'],
		['guards under lkmm', ['guards', HOLDS, '--memory', 'lkmm'], 'barriers under lkmm by itself'],
		['guards as SARIF', ['guards', HOLDS, '--format', 'sarif'], 'text or json'],
		['guards of nobody', ['guards', 'plain.c', '--function', 'nobody'], "'nobody'"],
		['an unknown what-if', ['check', HOLDS, '--what-if', 'magic'], 'known: interrupts-on'],
		['an unknown actor', ['check', HOLDS, '--actor', 'gremlin'], 'known: '],
		['an unknown function', ['check', HOLDS, '--function', 'nobody'], "'nobody'"],
		['an unknown format', ['check', HOLDS, '--format', 'xml'], 'xml'],
		['an unknown option', ['check', HOLDS, '--frobnicate'], '--frobnicate'],
		['an unknown command', ['frobnicate'], 'frobnicate'],
		['no file', ['check'], 'file'],
		['a bad budget', ['check', HOLDS, '--budget', 'soon'], 'seconds'],
		['a scenario under sc', ['check', HOLDS, '--scenario', EXPORTED], 'needs --memory lkmm'],
		[
			'a scenario and an actor',
			['check', HOLDS, '--memory', 'lkmm', '--scenario', EXPORTED, '--actor', 'zap'],
			'leave out --actor',
		],
		[
			'a scenario that is no litmus test',
			['check', HOLDS, '--memory', 'lkmm', '--scenario', HOLDS],
			'stale-pin.c:1:',
		],
		[
			'a scenario that binds to nothing',
			['check', UNORDERED, '--memory', 'lkmm', '--scenario', 'unbound.litmus'],
			'names nothing in the world',
		],
		['a bad assignment', ['check', HOLDS, '--set', 'MMU'], 'CONFIG_NAME=y'],
		['a missing tree', ['check', HOLDS, '--tree', 'nowhere'], 'nowhere'],
		['a folder without a kernel', ['check', HOLDS, '--tree', tmpdir()], 'is no kernel tree'],
		['adversaries in one', ['actors', '--verify', '--tree', tmpdir()], 'is no kernel tree'],
		['a symbol nobody knows', ['check', HOLDS, '--set', 'CONFIG_NOSUCH=y'], 'no such symbol'],
		[
			'one that the tree does not know either',
			['check', 'tree/mm/walk.c', '--set', 'CONFIG_NOSUCH=n'],
			'the tree knows no such symbol',
		],
		['a missing .config', ['check', HOLDS, '--config', 'nowhere'], 'nowhere'],
		['--as for two files', ['check', HOLDS, VIOLATED, '--as', 'mm/gup.c'], '--as'],
		['simulate without a function', ['simulate', HOLDS], 'FILE:FUNCTION'],
		['simulate of what no walk reaches', ['simulate', `${HOLDS}:nobody`], 'nobody'],
		['explain without a line', ['explain', HOLDS], 'FILE:LINE'],
		['explain behind the end', ['explain', `${HOLDS}:9999`], '9999'],
	])('2 and a message for %s', (_, args, said) => {
		const { status, out, err } = run(args);
		expect(err).toContain(said);
		expect({ status, out }).toEqual({ status: 2, out: '' });
	});

	test('a cut file never holds for what was cut', () => {
		const { output } = json(['check', 'cut.c']);
		const functions = output.files[0]?.functions ?? [];
		expect(functions.map((f) => f.verdict)).not.toContain('holds');
	});
});

describe('json', () => {
	test.each([
		['a finding', [VIOLATED]],
		['none', [HOLDS]],
		['no walk', ['plain.c']],
		['undecided', UNDECIDED],
		['a finding that needs weak memory', ORDERS],
		['unsupported', ['opaque.c']],
		['several architectures', [HOLDS, '--arch', 'x86_64,arm64']],
		['a finding of one architecture', [TORN, '--arch', 'x86_64,i386-pae']],
		['configurations', [TORN, '--arch', 'i386-pae', '--config-matrix', '--actor', 'zap']],
		['a what-if that breaks', [HOLDS, '--what-if', 'no-recheck']],
		['what-ifs that hold', [HOLDS, '--what-if', 'no-ipi,no-rcu-read-lock', '--arch', 'all']],
	])('follows its schema: %s', (_, args) => {
		const schema: object = JSON.parse(
			readFileSync(join(root, 'schema/racewalk.schema.json'), 'utf8'),
		);
		const validate = new Ajv2020({ allErrors: true }).compile(schema);
		validate(json(['check', ...args]).output);
		expect(validate.errors).toBeNull();
	});

	test('paths are relative to the tree, found by walking up, or given with --as', () => {
		const found = json(['check', join(folder, 'tree/mm/walk.c')]).output.files[0];
		expect(found?.path).toBe('mm/walk.c');
		expect(new Set(found?.findings.map((f) => f.path))).toEqual(new Set(['mm/walk.c']));
		const text = readFileSync(VIOLATED, 'utf8');
		const piped = json(['check', '-', '--as', 'mm/other.c', '--tree', join(folder, 'tree')], text);
		expect(piped).toMatchObject({ status: 1, output: { files: [{ path: 'mm/other.c' }] } });
	});

	test('the trace id replays', () => {
		const { output } = json(['check', VIOLATED]);
		const { functions, findings } = output.files[0] ?? { functions: [], findings: [] };
		const id = findings[0]?.trace.id ?? '';
		const replayed = run([
			'simulate',
			`${VIOLATED}:${functions[0]?.name}`,
			'--trace',
			id,
			'--format',
			'json',
		]);
		const { trace } = JSON.parse(replayed.out) as { trace: { id: string; steps: unknown[] } };
		expect(trace.id).toBe(id);
		expect(trace.steps).toHaveLength(findings[0]?.trace.steps.length ?? -1);
	});

	test('one actor and one function can be asked for', () => {
		const { output } = json(['check', VIOLATED, '--actor', 'zap']);
		const functions = output.files[0]?.functions ?? [];
		expect(functions[0]).toMatchObject({ byActor: [{ actor: 'zap', verdict: 'violated' }] });
		const name = functions[0]?.name ?? '';
		const one = json(['check', VIOLATED, '--function', name]).output.files[0]?.functions;
		expect(one?.map((f) => f.name)).toEqual([name]);
	});

	test("an adversary of the user's own takes part and can be asked for", () => {
		const home = join(folder, '.racewalk/actors');
		mkdirSync(home, { recursive: true });
		writeFileSync(
			join(home, 'intruder.c'),
			'/* mm/memory.c: zap_pte_range() */\nvoid actor_intruder(void)\n{\n\tpte_clear(victim_mm, 0, victim_ptep);\n}\n',
		);
		const { status, output } = json(['check', HOLDS, '--actor', 'intruder']);
		rmSync(join(folder, '.racewalk'), { recursive: true });
		expect(status).toBe(0);
		expect(output.files[0]?.functions[0]).toMatchObject({
			byActor: [{ actor: 'intruder', verdict: 'holds' }],
		});
		expect(run(['check', HOLDS, '--actor', 'intruder'])).toMatchObject({ status: 2 });
	});

	test('a suppressed finding is listed with its reason and is no finding', () => {
		const text = readFileSync(VIOLATED, 'utf8');
		const { output } = json(['check', VIOLATED]);
		const findings = output.files[0]?.findings ?? [];
		const lines = text.split('\n');
		const below = [...findings].sort((a, b) => b.line - a.line);
		for (const { line, rule } of below) {
			lines.splice(line - 1, 0, `\t/* racewalk: allow(${rule}): shown in a test */`);
		}
		const after = json(['check', '-'], lines.join('\n'));
		expect(after.status).toBe(0);
		expect(after.output.files[0]?.findings).toEqual([]);
		expect(after.output.files[0]?.functions[0]?.verdict).toBe('violated');
		expect(after.output.files[0]?.suppressed.map((f) => f.reason)).toEqual(
			findings.map(() => 'shown in a test'),
		);
	});
});

function findingCount(): number {
	return json(['check', VIOLATED]).output.files[0]?.findings.length ?? 0;
}

describe('text', () => {
	test('has one line per finding, the run below, then the verdicts', () => {
		const { out, err } = run(['check', VIOLATED]);
		expect(err).toBe('');
		const findings = out.split('\n').filter((line) => /: error: /.test(line));
		expect(findings).toHaveLength(findingCount());
		for (const line of findings) expect(line).toMatch(/^.+\.c:\d+:\d+: error: .+ \[[a-z-]+\]$/);
		expect(out).toMatch(/CPU 0 .*CPU 1 /);
		expect(out).toMatch(/: note: \w+: violated/);
	});

	test('is coloured only when asked', () => {
		expect(run(['check', VIOLATED]).out).not.toContain('\x1b[');
		expect(run(['check', VIOLATED, '--color', 'always']).out).toContain('\x1b[31merror');
	});

	test('says on standard error that there is no walk', () => {
		expect(run(['check', 'plain.c'])).toMatchObject({
			out: '',
			err: 'racewalk: plain.c: no lockless page-table walk found, and no function that looks at page-table entries, folio->mapping or the page cache without a lock\n',
		});
	});
});

describe('other formats', () => {
	test('github: one workflow command per finding, on one line', () => {
		const { out } = run(['check', VIOLATED, '--format', 'github']);
		expect(out.trimEnd().split('\n')).toHaveLength(findingCount());
		expect(out).toMatch(
			/^::error file=[^,]+,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,title=racewalk [a-z-]+::/m,
		);
	});

	test('github and sarif: what is undecided is said, though it is no finding', () => {
		const github = run(['check', ...UNDECIDED, '--format', 'github']);
		expect(github.status).toBe(3);
		expect(github.out).toMatch(
			/^::warning file=[^,]+,line=\d+,title=racewalk inconclusive::\w+\(\) is/m,
		);
		const log = JSON.parse(run(['check', ...UNDECIDED, '--format', 'sarif']).out) as {
			runs: { results: unknown[]; invocations: { toolExecutionNotifications: unknown[] }[] }[];
		};
		expect(log.runs[0]?.results).toEqual([]);
		expect(log.runs[0]?.invocations[0]?.toolExecutionNotifications).toMatchObject([
			{ level: 'warning', descriptor: { id: 'inconclusive' } },
		]);
	});

	test('sarif: a result with its run as a code flow', () => {
		const { out } = run(['check', VIOLATED, '--format', 'sarif']);
		const log = JSON.parse(out) as {
			version: string;
			runs: {
				results: { ruleId: string; codeFlows: { threadFlows: { locations: unknown[] }[] }[] }[];
			}[];
		};
		expect(log.version).toBe('2.1.0');
		const result = log.runs[0]?.results.find((r) => r.ruleId === 'stale-pin');
		const flows = result?.codeFlows[0]?.threadFlows ?? [];
		expect(flows.map((f) => f.locations.length > 0)).toEqual([true, true]);
	});
});

describe('other commands', () => {
	test('simulate prints a violating run, or a witness', () => {
		const name = json(['check', VIOLATED]).output.files[0]?.functions[0]?.name;
		expect(run(['simulate', `${VIOLATED}:${name}`])).toMatchObject({ status: 1 });
		const witness = run(['simulate', `${HOLDS}:${name}`, '--actor', 'zap']);
		expect(witness.status).toBe(0);
		expect(witness.out).toContain('CPU 1');
	});

	test('simulate replays a run under lkmm as the check told it', () => {
		const [found] = json(['check', ...ORDERS]).output.files[0]?.findings ?? [];
		const again = run([
			...['simulate', `${UNORDERED}:walk_ptes`, ...ORDERS.slice(1)],
			...['--trace', found?.trace.id ?? '', '--format', 'json'],
		]);
		expect(again.status).toBe(1);
		const { finding } = JSON.parse(again.out) as { finding: { rule: string; message: string } };
		expect(finding).toMatchObject({ rule: found?.rule, message: found?.message });
	});

	test('lsp answers over standard input and output without being told to', async () => {
		const message = JSON.stringify({
			...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
			params: { processId: null, rootUri: null, capabilities: {} },
		});
		const server = spawn(process.execPath, [join(programs, 'cli.js'), 'lsp']);
		server.stdin.write(`Content-Length: ${message.length}\r\n\r\n${message}`);
		const answer = await new Promise<string>((resolve) => {
			let said = '';
			server.stdout.on('data', (part) => {
				said += part;
				if (said.includes('serverInfo')) resolve(said);
			});
			server.on('exit', () => resolve(said));
		});
		server.kill();
		expect(answer).toContain('"serverInfo":{"name":"racewalk"');
		expect(run(['lsp'])).toMatchObject({ status: 2, err: expect.stringContaining('editor') });
	});

	test('output that cannot be written is no success', () => {
		const full = openSync('/dev/full', 'w');
		const args = [join(programs, 'cli.js'), 'check', HOLDS, '--actor', 'zap', '--depth', 'core'];
		const { status, stderr } = spawnSync(process.execPath, args, {
			encoding: 'utf8',
			stdio: ['ignore', full, 'pipe'],
		});
		closeSync(full);
		expect({ status, stderr }).toMatchObject({
			status: 2,
			stderr: expect.stringContaining('cannot write the output'),
		});
	});

	test('simulate draws a run that breaks a rule under lkmm, and nothing else', () => {
		const drawn = (memory: string) =>
			run([
				'simulate',
				`${UNORDERED}:walk_ptes`,
				...['--actor', 'reclaim', '--memory', memory],
				'--format',
				'dot',
			]);
		const lkmm = drawn('lkmm');
		expect(lkmm.status).toBe(1);
		expect(lkmm.out).toMatch(/^digraph .*missing: smp_mb__after_atomic\(\).*\n\}\n$/s);
		expect(drawn('sc')).toMatchObject({ status: 0, out: '' });
		expect(run(['check', VIOLATED, '--format', 'dot']).status).toBe(2);
	});

	test('explain says what races with a read', () => {
		const lines = readFileSync(HOLDS, 'utf8').split('\n');
		const line = lines.findIndex((text) => text.includes('ptep_get_lockless(')) + 1;
		const { status, out } = run(['explain', `${HOLDS}:${line}`]);
		expect(status).toBe(0);
		for (const part of ['reads `pte[', '**zap** writes', 'holds']) expect(out).toContain(part);
	});

	test('litmus runs a test and compares with what the file expects', () => {
		const text = `C two-writes

(* Result: Sometimes *)

{}

P0(int *x)
{
	WRITE_ONCE(*x, 1);
}

P1(int *x)
{
	int r0;

	r0 = READ_ONCE(*x);
}

exists (1:r0=1)
`;
		writeFileSync(join(folder, 'right.litmus'), text);
		writeFileSync(join(folder, 'wrong.litmus'), text.replace('Sometimes', 'Never'));
		expect(run(['litmus', 'right.litmus'])).toMatchObject({ status: 0 });
		expect(run(['litmus', 'right.litmus']).out).toContain('Observation two-writes Sometimes 1 1');
		const { status, out } = run(['litmus', 'wrong.litmus', '--format', 'json']);
		expect(status).toBe(1);
		expect(JSON.parse(out)).toMatchObject([
			{ verdict: 'Sometimes', expected: 'Never', match: false },
		]);
		const said = run(['litmus', 'wrong.litmus']);
		expect(said.out).toMatch(/^Test two-writes Allowed\nStates 2\n/);
		expect(said.err).toContain('wrong.litmus: Sometimes, but its Result: says Never');
		writeFileSync(join(folder, 'odd.litmus'), text.replace('WRITE_ONCE', 'FROB'));
		const odd = run(['litmus', 'odd.litmus']);
		expect(odd).toMatchObject({ status: 2, out: '' });
		expect(odd.err).toContain('odd.litmus:9:2: not understood: call of FROB()');
	});

	test('litmus --explain says why, in every format', () => {
		const file = 'explained.litmus';
		const text = `C one-way

{}

P0(int *x)
{
	WRITE_ONCE(*x, 1);
}

P1(int *x)
{
	int r0 = READ_ONCE(*x);
	int r1 = READ_ONCE(*x);
}

exists (1:r0=1 /\\ 1:r1=0)
`;
		writeFileSync(join(folder, file), text);
		const explain = (...more: string[]) => run(['litmus', '--explain', file, ...more]);
		expect(explain()).toMatchObject({ status: 0 });
		expect(explain().out).toContain('Forbidden by coherence');
		expect(JSON.parse(explain('--format', 'json').out)).toMatchObject([
			{ name: 'one-way', explanation: { kind: 'forbidden', cycle: { axiom: 'coherence' } } },
		]);
		expect(explain('--format', 'dot').out).toMatch(/^digraph "one-way" /);
		expect(explain('--format', 'svg').out).toMatch(/^<svg /);
		expect(run(['litmus', file, '--format', 'svg'])).toMatchObject({ status: 2 });
		writeFileSync(join(folder, 'broken.litmus'), 'nothing');
		expect(run(['litmus', '--explain', 'broken.litmus'])).toMatchObject({ status: 2 });
	});

	test('version and help', () => {
		const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
			version: string;
		};
		const kernels = GENERATIONS.map((g) => g.version).join(', ');
		const out = `${version}\nknows the protocols of kernels ${kernels}\n`;
		expect(run(['--version'])).toMatchObject({ status: 0, out });
		for (const command of ['check', 'simulate', 'explain', 'litmus', 'lsp']) {
			expect(run(['--help']).out).toContain(command);
			expect(run([command, '--help'])).toMatchObject({ status: 0, err: '' });
		}
	});
});
