/**
 * The debugger: laws of its moves over real runs, its watches, and a whole session as an editor has it.
 */
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { namesAt } from '../../server/dap/breakpoints.js';
import { evaluate, misread, type Names } from '../../server/dap/expression.js';
import { framesAt, lastOf, type Run, worldAt } from '../../server/dap/moments.js';
import { moved, opened, type Session } from '../../server/dap/session.js';
import { preparing } from '../../server/ide/analysis/analyse.js';
import { debugRun } from '../../server/ide/debug.js';
import { simulateFunction } from '../../server/ide/simulation.js';
import { realEngine } from '../../server/worker/engine.js';
import { requestOf } from '../analysis.js';
import { repositoryRoot as root } from '../trees.js';
import { bundle } from './bundle.js';
import { DapClient } from './dap_client.js';
import { LONG, RIGHT } from './review_tree.js';

const VIOLATED = join(root, 'test/fixtures/violated/stale-pin.c');
const HOLDS = join(root, 'test/fixtures/holds/stale-pin.c');
const WALK = 'walk_ptes';
const observer = { cancelled: () => false };

type Choice = Parameters<typeof debugRun>[2]['choice'];

/** Runs of a text's walk, by id or by a choice. */
function runsOf(text: string) {
	const request = requestOf({ text, path: 'walk.c' });
	const preparedBy = preparing();
	const asked = { function: WALK, rule: null, trace: null };
	const found = simulateFunction(realEngine, request, asked, observer);
	if (found.trace === null) throw new Error(found.why);
	const run = (trace: string, choice: Choice = null): Run => {
		const wanted = { function: WALK, trace, choice };
		const made = debugRun(realEngine, request, wanted, { observer, preparedBy });
		if (made.trace === null) throw new Error(made.why);
		return made;
	};
	return { first: run(found.trace.id), run };
}

/** All that a user sees at a moment. */
function seen({ run, moment }: Session): unknown {
	const stacks = run.trace.threads.map((_, cpu) => framesAt(run, moment, cpu));
	return { stacks, world: [...worldAt(run, moment)] };
}

const violated = runsOf(readFileSync(VIOLATED, 'utf8'));
const holds = runsOf(readFileSync(HOLDS, 'utf8'));

describe('a run', () => {
	test('has a moment more than steps, and ends where the rule is broken', () => {
		const { first } = violated;
		expect(first.moments).toHaveLength(first.trace.steps.length + 1);
		expect(first.finding?.rule).toBe('stale-pin');
		expect(first.moments.at(-1)?.moves).toEqual([]);
		expect(holds.first.finding).toBeNull();
	});

	test('n steps forward and n back lead to where they began, from anywhere', () => {
		const forward = fc.constantFrom('next', 'stepIn', 'stepOut' as const);
		fc.assert(
			fc.property(fc.nat(), fc.array(forward, { maxLength: 30 }), (from, motions) => {
				const { first: run } = violated;
				const start = { ...opened(run), moment: from % (lastOf(run) + 1) };
				let session: Session = start;
				let steps = 0;
				for (const motion of motions) {
					const next = moved(session, motion);
					if (next.moment !== session.moment) steps++;
					session = next;
				}
				expect(session.moment).toBeGreaterThanOrEqual(start.moment);
				for (let i = 0; i < steps; i++) session = moved(session, 'stepBack');
				expect(session).toEqual(start);
				expect(seen(session)).toEqual(seen(start));
			}),
		);
	});

	test('step by step is the run itself, there and back', () => {
		const { first: run } = violated;
		const there: unknown[] = [];
		let session = opened(run);
		for (let i = 0; i < lastOf(run); i++) {
			there.push(seen(session));
			session = moved(session, 'stepIn');
		}
		expect(session.moment).toBe(lastOf(run));
		session = { ...session, history: [] };
		for (const before of there.reverse()) {
			session = moved(session, 'stepBack');
			expect(seen(session)).toEqual(before);
		}
	});

	test('continues to the end and back to the beginning where there is no stop', () => {
		const end = moved(opened(violated.first), 'continue');
		expect(end.moment).toBe(lastOf(violated.first));
		expect(moved(end, 'reverseContinue').moment).toBe(0);
	});

	test('stops on data: where the entry is cleared, in both directions', () => {
		const { first: run } = violated;
		const location = 'pte[1]';
		const data = [{ location, access: 'write', condition: null } as const];
		const hit = moved({ ...opened(run), data }, 'continue');
		expect(worldAt(run, hit.moment - 1).get(location)).not.toBe('none');
		expect(worldAt(run, hit.moment).get(location)).toBe('none');
		expect(run.trace.steps[hit.moment - 1]?.cpu).toBe(1);
		const end = { ...hit, moment: lastOf(run) };
		expect(moved(end, 'reverseContinue').moment).toBe(hit.moment);
		const never = data.map((stop) => ({ ...stop, condition: 'pte[1] == "pfn 99"' }));
		expect(moved({ ...opened(run), data: never }, 'continue').moment).toBe(lastOf(run));
	});
});

test('a local that was never written is not set, and one in memory is an address', () => {
	const text = readFileSync(VIOLATED, 'utf8')
		.replace(
			'int done = 0;',
			'int done = 0;\n\tstruct page *page;\n\tint *counter = &done, first = 1;',
		)
		.replace('struct page *page = pte_page(pte);', 'if (first)\n\t\t\tpage = pte_page(pte);')
		.replace('done = 1;', '*counter = page != NULL;');
	const { first } = runsOf(text);
	const values = first.moments.flatMap(({ threads }) =>
		threads.flatMap(({ frames }) => frames.flatMap(({ locals }) => locals)),
	);
	const of = (name: string) => values.filter((v) => v.name === name).map(({ value }) => value);
	expect(new Set(of('page'))).toEqual(new Set(['not set', 'folio#8']));
	expect(new Set(of('counter'))).toEqual(new Set(['the address of a local']));
});

test('a watch of the re-check is true until another CPU changes the entry', () => {
	// the run that breaks the walk without the re-check, up to the grab, and what comes of it here
	const part = holds.run(violated.first.trace.id.replace(/,0\*\d+$/, ''));
	const moment = lastOf(part);
	const grab = part.moments[moment]?.moves.find(({ cpu }) => cpu === 0);
	const run = holds.run(part.trace.id, { moment, cpu: 0, alternative: grab?.alternative ?? 0 });
	const told = run.moments.flatMap((_, moment) => {
		const found = evaluate('pte_val(pte) == pte_val(*ptep)', namesAt(run, moment, 0));
		return found.kind === 'value' ? [found.value] : [];
	});
	expect(told[0]).toBe('1');
	expect(told.at(-1)).toBe('0');
	expect(run.finding).toBeNull();
});

test('a run of a what-if says by its id what was taken away, and so does one that comes of a choice', () => {
	const request = requestOf({ text: readFileSync(HOLDS, 'utf8'), path: 'walk.c' });
	const asked = { function: WALK, rule: 'stale-pin', trace: null };
	const varied = { ...request, whatIf: ['no-recheck'] as const };
	const found = simulateFunction(realEngine, varied, asked, observer);
	const run = holds.run(found.trace?.id ?? '');
	expect(run.finding).toMatchObject({ rule: 'stale-pin', whatIf: { names: ['no-recheck'] } });
	const moment = lastOf(run) - 1;
	const [move] = run.moments[moment]?.moves ?? [];
	const other = holds.run(run.trace.id, { moment, cpu: 0, alternative: move?.alternative ?? 0 });
	expect(other.trace.id).toBe(run.trace.id);
});

describe('a choice', () => {
	test('keeps what was before it, takes the move, replays by its id', () => {
		const { first, run } = violated;
		const { steps } = first.trace;
		let taken = 0;
		for (const [moment, { moves }] of first.moments.entries()) {
			for (const { cpu, alternative } of moves) {
				const other = run(first.trace.id, { moment, cpu, alternative });
				taken++;
				expect(other.trace.steps.slice(0, moment)).toEqual(steps.slice(0, moment));
				const again = run(other.trace.id);
				expect(again.trace).toEqual(other.trace);
				expect(again.finding).toEqual(other.finding);
				if (steps[moment]?.cpu === cpu && alternative === 0)
					expect(other.trace.steps[moment]?.what).toBe(steps[moment]?.what);
			}
		}
		expect(taken).toBeGreaterThan(lastOf(first));
	});

	test('that lets the walk go first saves the page: the rules watch what comes of it', () => {
		const { first, run } = violated;
		// CPU 1 is let in before the walk has read the entry: there is nothing to hand out any more
		let other = first;
		for (let i = 0; i < 30; i++) {
			const move = other.moments[0]?.moves.find(({ cpu }) => cpu === 1);
			if (move === undefined) break;
			const at = other.trace.steps.findIndex(({ cpu }) => cpu !== 1);
			const moment = Math.max(at, 0);
			const next = other.moments[moment]?.moves.find(({ cpu }) => cpu === 1);
			if (next === undefined) break;
			other = run(other.trace.id, { moment, cpu: 1, alternative: next.alternative });
		}
		expect(first.finding).not.toBeNull();
		expect(other.finding).toBeNull();
	});

	test('of another adversary lets it in where it stands, and is refused once the first has moved', () => {
		const { first, run } = violated;
		const at = first.moments.findLastIndex(({ actors }) => actors.length > 0);
		const actor = first.moments[at]?.actors.find((name) => name === 'remap');
		expect(actor).toBeDefined();
		const other = run(first.trace.id, { moment: at, actor: 'remap' });
		expect(other.trace.threads).toEqual([WALK, 'remap']);
		expect(other.trace.steps.slice(0, at)).toEqual(first.trace.steps.slice(0, at));
		const moment = lastOf(first) - 1;
		expect(() => run(first.trace.id, { moment, actor: 'remap' })).toThrow('cannot be let in');
	});

	test('breaks no rule in a walk that holds', () => {
		const { first, run } = holds;
		let seenOthers = 0;
		for (const [moment, { moves }] of first.moments.entries())
			for (const { cpu, alternative } of moves) {
				expect(run(first.trace.id, { moment, cpu, alternative }).finding).toBeNull();
				seenOthers++;
			}
		expect(seenOthers).toBeGreaterThan(10);
	});
});

describe('a watch', () => {
	const names: Names = {
		locals: [
			{ name: 'pte', value: 'pfn 8 present' },
			{ name: 'ptep', value: '&pte[1]' },
			{ name: 'folio', value: 'folio#8' },
			{ name: 'nothing', value: '0' },
		],
		world: new Map([
			['pte[1]', 'none'],
			['folio#8.mapping', '&mapping'],
			['folio#8._refcount', '2'],
			['mapping.flags', '0'],
			['mm.write_protect_seq', '4'],
		]),
	};
	test.each([
		['pte', 'pfn 8 present'],
		['pte_val(pte)', 'pfn 8 present'],
		['*ptep', 'none'],
		['READ_ONCE(*ptep)', 'none'],
		['ptep_get(ptep)', 'none'],
		['pte[1]', 'none'],
		['folio->mapping', '&mapping'],
		['folio->mapping->flags', '0'],
		['folio#8._refcount', '2'],
		['folio->_refcount.counter', '2'],
		['&folio->mapping', '&folio#8.mapping'],
		['mm.write_protect_seq', '4'],
		['pte_val(pte) == pte_val(*ptep)', '0'],
		['pte_val(pte) != pte_val(*ptep)', '1'],
		['!nothing', '1'],
		['*ptep == 0', '1'],
		['pte == "pfn 8 present"', '1'],
		['(folio->mapping)', '&mapping'],
	])('%s is %s', (text, value) => {
		expect(evaluate(text, names)).toMatchObject({ kind: 'value', value });
	});
	test.each([
		['', 'ends early'],
		['page', 'no page'],
		['nothing->mapping', 'NULL'],
		['folio->lru', 'not shown'],
		['pte_val(pte', ') is missing'],
		['pte + 1', 'not understood'],
		['page_to_pfn(folio)', 'not evaluated'],
		['('.repeat(60), 'nested'],
		['x'.repeat(600), 'too long'],
	])('%s says why there is no value', (text, why) => {
		expect(evaluate(text, names)).toMatchObject({
			kind: 'unknown',
			why: expect.stringContaining(why),
		});
	});

	test.each(['pte', '!*ptep', 'pte_val(a) != pte_val(*b)', 'a->b.c[0', 'pages[0] == NULL'])(
		'%s is read alike whether or not its names have values',
		(text) => {
			const isRead = !text.includes('[0') || text.includes('[0]');
			expect(misread(text) === null).toBe(isRead);
			// what has a value here is never called unreadable
			if (evaluate(text, names).kind === 'value') expect(misread(text)).toBeNull();
		},
	);
	test.each([
		['', 'ends early'],
		['('.repeat(60), 'nested'],
		['('.repeat(50_000), 'too long'],
		['pte + 1', 'not understood'],
		['page_to_pfn(folio)', 'not evaluated'],
		['pte[', 'not understood'],
		['NULL->mapping', 'NULL'],
	])('%s has a value nowhere', (text, why) => {
		expect(misread(text)).toContain(why);
	});
});

describe('a session', () => {
	let programs = '';
	let client: DapClient;

	beforeAll(async () => {
		programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
		client = new DapClient(programs);
	});
	afterAll(() => {
		client.kill();
		rmSync(dirname(programs), { recursive: true, force: true });
	});

	interface Frame {
		readonly id: number;
		readonly name: string;
		readonly line: number;
		readonly source: { readonly path?: string; readonly sourceReference?: number };
	}
	const stack = async (threadId: number): Promise<readonly Frame[]> =>
		(await client.ask<{ stackFrames: Frame[] }>('stackTrace', { threadId })).stackFrames;

	test.each([0, 1500])('is left %i ms into a launch that takes long', async (wait) => {
		const other = new DapClient(programs);
		const ended = other.ended();
		await other.ask('initialize');
		const program = join(root, 'test/fixtures/holds/stale-pin.c');
		const launch = other.ask('launch', { program, function: WALK, text: LONG, budget: 600 });
		const failed = expect(launch).rejects.toThrow('the client has left');
		await new Promise((resolve) => setTimeout(resolve, wait));
		await other.ask('disconnect');
		await failed;
		expect(await ended).toBe(0);
	});

	test('says of a run of what is not decided that it decides nothing', async () => {
		const other = new DapClient(programs);
		await other.ask('initialize');
		const text = RIGHT.replace('\tint done = 0;\n', '\tint done = 0;\n\tasm volatile("int3");\n');
		const program = join(root, 'test/fixtures/holds/stale-pin.c');
		await other.ask('launch', { program, function: WALK, text, actor: 'zap' });
		await other.ask('disconnect');
		const said = other.events('output').map((body) => (body as { output: string }).output);
		expect(said.join('')).toContain(`${WALK}() is unsupported on x86_64`);
	});

	test('from the first word to the last', async () => {
		for (const early of ['launch', 'threads', 'continue', 'setBreakpoints'])
			await expect(client.ask(early, { program: `${VIOLATED}:${WALK}` })).rejects.toThrow(
				'initialize comes first',
			);
		expect(await client.ask('initialize', { adapterID: 'racewalk' })).toMatchObject({
			supportsStepBack: true,
			supportsDataBreakpoints: true,
		});
		await expect(client.ask('stackTrace', { threadId: 1 })).rejects.toThrow('no run');
		await expect(client.ask('launch', { program: 'nowhere.c:walk' })).rejects.toThrow('nowhere.c');
		for (const [command, given] of [
			[
				'launch',
				{ program: `${VIOLATED}:${WALK}`, trace: `0.0.zap:${'0*999999999,'.repeat(100_000)}` },
			],
			['launch', { program: `${VIOLATED}:${WALK}`, trace: `${'9'.repeat(100_000)}:0*1` }],
			['launch', { program: `${'x'.repeat(100_000)}.c:${WALK}` }],
			['launch', { program: `${VIOLATED}:${WALK}`, actor: ['x'.repeat(100_000)] }],
			['x'.repeat(100_000), {}],
		] as const) {
			await expect(client.ask(command, given)).rejects.toThrow();
			expect(JSON.stringify(client.messages.at(-1)).length).toBeLessThan(3000);
		}
		await client.ask('launch', { program: `${VIOLATED}:${WALK}` });
		const asked = await client.ask<{ breakpoints: readonly { verified: boolean }[] }>(
			'setDataBreakpoints',
			{
				breakpoints: [
					...[{ dataId: 'pte['.repeat(10_000) }, { dataId: '' }, { dataId: 'nobody' }, {}],
					...[{ dataId: 'pte[0]', condition: '('.repeat(50_000) }, { dataId: 'pte[0]' }],
					...[
						{ dataId: 'pte[0]', condition: '' },
						{ dataId: '_refcount', condition: 'pte' },
					],
				],
			},
		);
		expect(asked.breakpoints.map(({ verified }) => verified)).toEqual([
			...[false, false, false, false, false],
			...[true, true, true],
		]);
		expect(JSON.stringify(asked).length).toBeLessThan(3000);
		await client.ask('setDataBreakpoints', { breakpoints: [] });
		const line =
			readFileSync(VIOLATED, 'utf8')
				.split('\n')
				.findIndex((text) => text.includes('pages[(*nr)++]')) + 1;
		const set = await client.ask('setBreakpoints', {
			source: { path: VIOLATED },
			breakpoints: [{ line }, { line: 1 }, { line, condition: '('.repeat(50_000) }],
		});
		expect(set).toMatchObject({
			breakpoints: [
				{ verified: true, line },
				{ verified: false },
				{ verified: false, message: expect.stringContaining('too long') },
			],
		});
		for (const path of [5, null, {}])
			await expect(client.ask('setBreakpoints', { source: { path } })).rejects.toThrow(
				'source.path is the path of a file',
			);
		expect(await client.go('configurationDone', {})).toMatchObject({
			reason: 'entry',
			threadId: 1,
		});
		expect(await client.ask('threads')).toEqual({
			threads: [
				{ id: 1, name: `CPU 0: ${WALK}` },
				{ id: 2, name: 'CPU 1: zap' },
			],
		});

		const at = await client.go('continue');
		expect(at).toMatchObject({ reason: 'breakpoint', threadId: 1 });
		const [top] = await stack(1);
		expect(top).toMatchObject({ name: `${WALK}()`, line, source: { path: VIOLATED } });

		const { scopes } = await client.ask<{ scopes: { name: string; variablesReference: number }[] }>(
			'scopes',
			{ frameId: top?.id },
		);
		const [locals] = scopes;
		const { variables } = await client.ask<{ variables: { name: string; value: string }[] }>(
			'variables',
			{ variablesReference: locals?.variablesReference },
		);
		expect(variables.find(({ name }) => name === 'page')?.value).toBe('folio#8');
		const watch = async (expression: string) =>
			(await client.ask<{ result: string }>('evaluate', { expression, frameId: top?.id })).result;
		expect(await watch('page->_refcount')).toBe('2');
		await expect(watch('pte_val(pte)')).rejects.toThrow('not needed any more');
		expect(await watch('*ptep')).toBe('none');

		// who cleared the entry: back to the write
		const info = await client.ask<{ dataId: string }>('dataBreakpointInfo', { name: '*ptep' });
		expect(info.dataId).toBe('pte[1]');
		await client.ask('setDataBreakpoints', {
			breakpoints: [{ dataId: info.dataId, accessType: 'write' }],
		});
		expect(await client.go('reverseContinue')).toMatchObject({ reason: 'data breakpoint' });
		const [other] = await stack(2);
		const reference = other?.source.sourceReference ?? 0;
		expect(reference).toBeGreaterThan(0);
		const { content } = await client.ask<{ content: string }>('source', {
			sourceReference: reference,
		});
		expect(content.split('\n').length).toBeGreaterThan(other?.line ?? 0);

		await client.ask('setDataBreakpoints', { breakpoints: [] });
		await client.ask('setBreakpoints', { source: { path: VIOLATED }, breakpoints: [] });
		expect(await client.go('continue')).toMatchObject({
			reason: 'exception',
			description: 'stale-pin',
		});
		expect(await client.ask('exceptionInfo', { threadId: 1 })).toMatchObject({
			exceptionId: 'stale-pin',
		});

		// another world: let CPU 1 go before the walk has looked
		await client.go('restart', {});
		const { moves } = await client.ask<{ moves: { id: number; label: string }[] }>(
			'racewalk/moves',
		);
		const remap = moves.find(({ label }) => label.includes('remap'));
		expect(remap).toBeDefined();
		await expect(client.ask('racewalk/choose', { id: 999 })).rejects.toThrow('no move 999');
		expect(await client.go('racewalk/choose', { id: remap?.id })).toMatchObject({ reason: 'goto' });
		expect(await client.ask('threads')).toMatchObject({ threads: [{}, { name: 'CPU 1: remap' }] });
		expect(await client.go('stepBack')).toMatchObject({ reason: 'step' });
		const said = await client.ask<{ result: string }>('evaluate', {
			expression: 'moves',
			context: 'repl',
		});
		expect(said.result).toMatch(/^1: CPU 0/);

		const ended = client.ended();
		await client.ask('disconnect');
		expect(await ended).toBe(0);
		expect(client.events('terminated')).toHaveLength(1);
	});
});
