/**
 * Runs that travel: the portable id, its replay elsewhere, and the documents made of a run.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import fc from 'fast-check';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { SaxesParser } from 'saxes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { page } from '../../engine/escape/page.js';
import { type PortableId, portableText, readPortable } from '../../server/cli/portable_id.js';
import { HOSTILE } from '../escape/hostile.js';
import { bundle } from './bundle.js';
import { expectSchema } from './schemas.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const VIOLATED = join(root, 'test/fixtures/violated/stale-pin.c');

let programs = '';
let folder = '';
const ids = new Map<string, string>();

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
	await build({
		absWorkingDir: root,
		entryPoints: ['client/view/run_page.ts', 'client/view/run_page.css'],
		outdir: join(programs, 'view'),
		bundle: true,
		platform: 'browser',
		format: 'iife',
		logLevel: 'error',
	});
	folder = mkdtempSync(join(tmpdir(), 'racewalk-run-'));
	for (const tree of ['here', 'there']) {
		mkdirSync(join(folder, tree, 'mm'), { recursive: true });
		mkdirSync(join(folder, tree, 'include/linux'), { recursive: true });
		cpSync(VIOLATED, join(folder, tree, 'mm/walk.c'));
	}
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

function run(args: readonly string[]): {
	readonly status: number | null;
	readonly out: string;
	readonly err: string;
} {
	const ended = spawnSync(process.execPath, [join(programs, 'cli.js'), ...args], {
		encoding: 'utf8',
		cwd: folder,
		maxBuffer: 64 * 1024 * 1024,
	});
	return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

/** The portable id that simulate prints. */
function idOf(...args: readonly string[]): string {
	const key = args.join(' ');
	const known = ids.get(key);
	if (known !== undefined) return known;
	const { out } = run(['simulate', '--tree', 'here', 'here/mm/walk.c:walk_ptes', ...args]);
	const id = /^racewalk show '([^']+)'$/m.exec(out)?.[1] ?? `none in ${out}`;
	ids.set(key, id);
	return id;
}

const digest = fc.stringMatching(/^[0-9a-f]{10}$/);
const portable: fc.Arbitrary<PortableId> = fc.record(
	{
		path: fc.oneof(
			fc.constantFrom('mm/gup.c', 'a b/ü:c.c', "it's.c", '%3A.c'),
			fc.constantFrom(...HOSTILE.map((h) => h.replace(/\p{C}/gu, '')).filter((h) => h !== '')),
		),
		function: fc.constantFrom('walk_ptes', '_x1'),
		arch: fc.constantFrom('x86_64' as const, 'i386-pae' as const),
		memory: fc.constantFrom('sc' as const, 'lkmm' as const),
		text: digest,
		beside: digest,
		config: digest,
		set: fc.subarray(['CONFIG_A=y', 'CONFIG_B=n', 'CONFIG_C=12']),
		actors: fc.subarray(['zap', 'fork+zap']),
		workspace: digest,
		trusted: fc.constant(true as const),
		scenario: digest,
		engine: digest.map((d) => `0.1.0-${d}`),
		steps: digest,
		run: fc.stringMatching(/^[!-~]{1,60}$/),
	},
	{
		requiredKeys: [
			...(['path', 'function', 'arch', 'memory', 'text', 'config', 'set', 'actors'] as const),
			...(['engine', 'steps', 'run'] as const),
		],
	},
);

describe('a portable id', () => {
	test('is read as it was written, and a shell takes it in single quotes', () => {
		fc.assert(
			fc.property(portable, (id) => {
				const word = portableText(id);
				expect(word).toMatch(/^[!-~]+$/);
				expect(word).not.toMatch(/['"`$\\]/);
				expect(readPortable(word)).toEqual(id);
			}),
		);
	});

	test('that was cut off or changed is refused, or is another id', () => {
		fc.assert(
			fc.property(portable, fc.nat(), (id, at) => {
				const word = portableText(id);
				const cut = readPortable(word.slice(0, at % word.length));
				expect('wrong' in cut || cut.run !== id.run).toBe(true);
			}),
		);
	});

	test.each(HOSTILE.map((h) => [h]))('is not %j', (hostile) => {
		expect(readPortable(hostile)).toHaveProperty('wrong');
		expect(readPortable(`rw1:${hostile}:run=0`)).toHaveProperty('wrong');
	});
});

describe('show', () => {
	test('replays a run in another tree', () => {
		const shown = run(['show', '--tree', 'there', idOf('--rule', 'stale-pin')]);
		expect(shown.out).toMatch(
			/^The run of the id, replayed: each of its \d+ steps does what it did\.$/m,
		);
		expect(shown.out).toContain('[stale-pin]');
		expect(shown.status).toBe(1);
		const json = run(['show', '--tree', 'there', '--format', 'json', idOf('--rule', 'stale-pin')]);
		const told: unknown = JSON.parse(json.out);
		expect(told).toMatchObject({ same: true, differs: [], finding: { rule: 'stale-pin' } });
		expect(told).toHaveProperty('portableId', idOf('--rule', 'stale-pin'));
		expectSchema('show', told);
	});

	test('prints JSON as its schema says, with and without a run; simulate does, too', () => {
		const id = idOf('--rule', 'stale-pin');
		const gone = id.replace(/\.zap:.*$/, '.nobody:0*1');
		const none = run(['show', '--tree', 'there', '--format', 'json', gone]);
		expect(none.status).toBe(3);
		expect(JSON.parse(none.out)).toMatchObject({ trace: null, same: false, portableId: gone });
		expectSchema('show', JSON.parse(none.out));
		for (const more of [[], ['--rule', 'stale-pin', '--what-if', 'interrupts-on']]) {
			const { out } = run([
				...['simulate', '--tree', 'here', '--format', 'json'],
				...['here/mm/walk.c:walk_ptes', ...more],
			]);
			const told: unknown = JSON.parse(out);
			expectSchema('show', told);
			expect(told).not.toHaveProperty('same');
		}
	});

	test('takes the settings of the run from the id, and says that a .config is needed', () => {
		const id = idOf('--rule', 'stale-pin', '--set', 'CONFIG_DEBUG_VM=y');
		expect(run(['show', '--tree', 'there', id]).out).toMatch(
			/^The run of the id, replayed: .*did\.$/m,
		);
		writeFileSync(join(folder, 'config'), 'CONFIG_MMU=y\nCONFIG_SMP=y\n');
		const under = idOf('--rule', 'stale-pin', '--config', 'config');
		const without = run(['show', '--tree', 'there', under]);
		expect(without.out).toContain('give the .config that the run was made under with --config');
		const same = run(['show', '--tree', 'there', '--config', 'config', under]);
		expect(same.out).toMatch(/^The run of the id, replayed: .*did\.$/m);
	});

	test('knows the run again where only lines moved, and says that the file is another version', () => {
		const text = readFileSync(VIOLATED, 'utf8');
		mkdirSync(join(folder, 'moved/include/linux'), { recursive: true });
		mkdirSync(join(folder, 'moved/mm'));
		writeFileSync(join(folder, 'moved/mm/walk.c'), `/* One line more. */\n${text}`);
		const shown = run(['show', '--tree', 'moved', idOf('--rule', 'stale-pin')]);
		expect(shown.out).toMatch(/each of its \d+ steps does what it did, although this differs:$/m);
		expect(shown.out).toContain('mm/walk.c is another version');
		expect(shown.status).toBe(1);
	});

	test('does not call another run the same', () => {
		mkdirSync(join(folder, 'right/include/linux'), { recursive: true });
		mkdirSync(join(folder, 'right/mm'));
		cpSync(join(root, 'test/fixtures/holds/stale-pin.c'), join(folder, 'right/mm/walk.c'));
		const id = idOf('--rule', 'stale-pin');
		const shown = run(['show', '--tree', 'right', id]);
		expect(shown.out).toContain('NOT the run of the id');
		expect(shown.out).toContain('mm/walk.c is another version');
		expect(shown.status).toBe(3);
		const other = id.replace(/engine=0\.1\.0-\w+/, 'engine=0.0.9-0123456789');
		const engine = run(['show', '--tree', 'there', other]);
		expect(engine.out).toMatch(/racewalk is another version.*0\.0\.9-0123456789 in the id/);
		const cut = run(['show', '--tree', 'there', id.replace(/,[^,]*$/, '')]);
		expect(cut.out).toContain('the id itself was changed');
		expect(cut.status).toBe(3);
	});

	test('says what to do with what is no portable id, or names no file here', () => {
		const short = run(['show', '0.4.zap:0*10']);
		expect(short).toMatchObject({ status: 2, out: '' });
		expect(short.err).toContain('racewalk simulate FILE:FUNCTION --trace');
		const id = idOf('--rule', 'stale-pin');
		expect(run(['show', '--tree', 'there', id.replace('mm/walk.c', 'mm/none.c')]).err).toContain(
			'mm/none.c',
		);
		const outside = run(['show', '--tree', 'there', id.replace('mm/walk.c', '../../etc/passwd')]);
		expect(outside.status).toBe(2);
		expect(outside.err).toContain('lies in no tree');
		expect(run(['show', '--tree', 'there', id.replace(':arch', ':future=1:arch')]).err).toContain(
			"'future=1'",
		);
	});
});

describe('export', () => {
	const exported = (as: string, ...args: readonly string[]) =>
		run(['export', '--tree', 'there', '--as', as, idOf('--rule', 'stale-pin', ...args)]);

	test('mail: prose of 80 columns, both columns, and how to replay it', () => {
		const { out, status } = exported('mail');
		expect(status).toBe(0);
		const long = out.split('\n').filter((l) => l.length > 80 && !l.startsWith('racewalk show'));
		expect(long).toEqual([]);
		expect(out).toMatch(/CPU 0 \(walk_ptes\) +CPU 1 \(/);
		expect(out).toContain("racewalk show 'rw1:path=mm/walk.c");
	});

	test('markdown', () => {
		expect(exported('markdown').out).toContain("racewalk show 'rw1:path=mm/walk.c");
	});

	test('svg is well formed and refers to nothing', () => {
		const { out } = exported('svg');
		const names: string[] = [];
		const parser = new SaxesParser();
		parser.on('opentag', ({ name, attributes }) => {
			names.push(name);
			expect(Object.keys(attributes).filter((a) => /href|^on|style/.test(a))).toEqual([]);
		});
		parser.write(out).close();
		expect(names).toContain('circle');
		expect(names).not.toContain('script');
	});

	test('dot has a cluster per CPU', () => {
		const { out } = exported('dot');
		expect(out).toMatch(/^digraph "/);
		expect(out).toContain('subgraph "cluster_0"');
		expect(out).toContain('subgraph "cluster_1"');
	});

	test('litmus: what a run of interleavings reads, the memory model allows', () => {
		const { out } = exported('litmus');
		writeFileSync(join(folder, 'run.litmus'), out);
		const judged = run(['litmus', 'run.litmus']);
		expect(judged.out).toContain('Sometimes');
		expect(judged.status).toBe(0);
	});

	test('html: one page that lets in its own script and style, and nothing else', () => {
		const { out, status } = exported('html');
		expect(status).toBe(0);
		const { elements, text } = read(out);
		const of = (name: string) => elements.filter((e) => e.name === name);
		const policy = of('meta').find((m) => m.attrs['http-equiv'] === 'Content-Security-Policy');
		const hash = (content: string) =>
			`'sha256-${createHash('sha256').update(content).digest('base64')}'`;
		const script = of('script').find((s) => s.attrs['type'] === undefined);
		const style = of('style')[0];
		expect(policy?.attrs['content']).toBe(
			`default-src 'none'; script-src ${hash(script?.text ?? '')}; style-src ${hash(style?.text ?? '')}; base-uri 'none'; form-action 'none'`,
		);
		expect(of('script')).toHaveLength(2);
		const addresses = elements.flatMap(({ attrs }) =>
			Object.keys(attrs).filter((a) => /^(?:src|href|srcset|style|on.*)$/.test(a)),
		);
		expect(addresses).toEqual([]);
		expect(style?.text).not.toMatch(/url\(|@import/);
		const data = of('script').find((s) => s.attrs['id'] === 'data')?.text ?? '';
		expect(JSON.parse(data)).toMatchObject({ content: { finding: { rule: 'stale-pin' } } });
		expect(text).toContain('CPU 0 (walk_ptes)');
	});

	test('a run that is another one is printed, and says so', () => {
		const id = idOf('--rule', 'stale-pin');
		const { out, err, status } = run(['export', '--tree', 'right', '--as', 'markdown', id]);
		expect(status).toBe(3);
		expect(out).toContain('NOT the run of the id');
		expect(err).toContain('another version');
	});
});

describe('a page', () => {
	test('shows hostile data as text', () => {
		fc.assert(
			fc.property(fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string())), (texts) => {
				const own = { script: 'x', style: 'y', scriptDigest: 'a', styleDigest: 'b' };
				const made = page({ ...own, data: { texts }, text: texts.join('\n') }).text;
				const { elements } = read(made);
				expect(elements.map((e) => e.name)).toEqual([
					...['html', 'head', 'meta', 'meta', 'meta', 'meta', 'title', 'style'],
					...['body', 'main', 'noscript', 'pre', 'script', 'script'],
				]);
				const data = elements.find((e) => e.attrs['id'] === 'data')?.text ?? '';
				expect(JSON.parse(data)).toEqual({ texts });
			}),
		);
	});
});

interface Element {
	readonly name: string;
	readonly attrs: Readonly<Record<string, string>>;
	readonly text: string;
}

/** The elements of a page in their order; for who runs no scripts. */
function read(html: string): { readonly elements: readonly Element[]; readonly text: string } {
	const elements: Element[] = [];
	const visit = (node: DefaultTreeAdapterTypes.ChildNode): string => {
		if (node.nodeName === '#text') return (node as DefaultTreeAdapterTypes.TextNode).value;
		if (!('attrs' in node)) return '';
		const attrs = Object.fromEntries(node.attrs.map(({ name, value }) => [name, value]));
		const at = elements.push({ name: node.nodeName, attrs, text: '' }) - 1;
		const text = node.childNodes.map(visit).join('');
		elements[at] = { name: node.nodeName, attrs, text };
		return text;
	};
	const text = parse(html, { scriptingEnabled: false }).childNodes.map(visit).join('');
	return { elements, text };
}
