/**
 * The server answers in stages, over stdio with workers over the stand-in engine: an answer says what is still to come, and
 * what comes behind holds up no edit.
 */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from './bundle.js';
import { walker } from './fake/walker.js';
import { type Client, startClient } from './lsp_client.js';

const URI = 'file:///nowhere/walk.c';

let folder = '';
const clients: Client[] = [];

beforeAll(async () => {
	folder = await bundle({
		fake_server: 'test/server/fake/fake_server.ts',
		fake_worker: 'test/server/fake/fake_worker.ts',
	});
});

afterAll(async () => {
	for (const client of clients) client.process.kill();
	rmSync(dirname(folder), { recursive: true, force: true });
});

async function start(
	options: Pick<Parameters<typeof startClient>[1] & object, 'configuration'> = {},
): Promise<Client> {
	const client = await startClient(join(folder, 'fake_server.js'), {
		...options,
		...(options.configuration === undefined
			? {}
			: { capabilities: { workspace: { configuration: true } } }),
	});
	clients.push(client);
	return client;
}

function pause(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

describe('diagnostics', () => {
	test('come in stages, each of which says how much is still to come', async () => {
		const client = await start();
		await client.open(URI, walker({ recheck: true, more: 'rare();' }));
		await client.until(() => client.verdicts.at(-1)?.functions[0]?.verdict === 'violated');
		const told = client.verdicts.filter((v) => v.freshness === 'fresh').map((v) => v.functions[0]);
		expect(told.map((f) => f?.verdict)).toEqual(['holds', 'holds', 'violated']);
		expect(told[0]?.why).toContain('5 more scenarios');
		expect(told[1]?.why).toContain('3 more scenarios');
		await client.until(() => (client.pushed.at(-1)?.diagnostics.length ?? 0) > 0);
		expect(client.pushed.map((p) => p.diagnostics.length)).toEqual([0, 0, 1]);
	});

	test('of an edit do not wait for the rarer scenarios of the text before', async () => {
		const client = await start();
		await client.open(URI, walker({ recheck: true, more: 'slow_rare();' }));
		expect(await client.diagnostics(URI)).toHaveLength(0);
		await client.change(URI, walker());
		expect(await client.diagnostics(URI)).toHaveLength(1);
		const told = client.verdicts.filter((v) => v.version === 1 && v.freshness === 'fresh');
		expect(told.map((v) => v.functions[0]?.why)).toContainEqual(
			expect.stringContaining('more scenarios'),
		);
		expect(told.filter((v) => !v.functions[0]?.why.includes('more scenarios'))).toEqual([]);
	});

	test('of an edit do not wait for other architectures, even where those cannot be stopped', async () => {
		const client = await start();
		await client.open(URI, walker({ recheck: true, more: 'stuck_elsewhere();' }));
		expect(await client.diagnostics(URI)).toHaveLength(0);
		const hover = (): Promise<unknown> =>
			client.connection.sendRequest('textDocument/hover', {
				textDocument: { uri: URI },
				position: { line: 2, character: 3 },
			});
		// hover is answered once the sites are learned: what is behind them has begun
		await hover();
		for (const recheck of [false, true]) {
			await client.change(URI, walker({ recheck, more: 'stuck_elsewhere();' }));
			expect(await client.diagnostics(URI)).toHaveLength(recheck ? 0 : 1);
			await hover();
		}
		await client.stop();
	});
});

describe('of many documents', () => {
	const uriOf = (n: number): string => `file:///nowhere/walk${n}.c`;
	const MANY = 60;
	/** Documents that have an answer. */
	const answered = (client: Client): ReadonlySet<string> =>
		new Set(client.verdicts.filter((v) => v.freshness === 'fresh').map((v) => v.uri));
	const hover = (client: Client, uri: string): Promise<unknown> =>
		client.connection.sendRequest('textDocument/hover', {
			textDocument: { uri },
			position: { line: 2, character: 3 },
		});

	test('the one that is asked about comes before those that wait', async () => {
		const client = await start();
		for (let n = 0; n < MANY; n++) await client.open(uriOf(n), walker({ recheck: true }));
		// its verdict, and then what hover rests on; the others had waited longer, and wait still
		await hover(client, uriOf(MANY - 1));
		await client.until(() => answered(client).has(uriOf(MANY - 1)));
		expect(answered(client).size).toBeLessThan(MANY / 2);
		await hover(client, uriOf(MANY - 1));
		expect(answered(client).size).toBeLessThan(MANY / 2);
		await client.until(() => answered(client).size === MANY);
		await client.stop();
	});

	test('the one that is edited comes before those that wait', async () => {
		const client = await start();
		for (let n = 0; n < MANY; n++) await client.open(uriOf(n), walker({ recheck: true }));
		await client.change(uriOf(MANY - 1), walker());
		expect(await client.diagnostics(uriOf(MANY - 1))).toHaveLength(1);
		expect(answered(client).size).toBeLessThan(MANY / 2);
		await client.until(() => answered(client).size === MANY);
		await client.stop();
	});

	/** Two documents: the first, which is checked for `seconds`, and the second, which waits behind it and is asked about. */
	async function askedBehind(
		more: string,
		budgetSeconds: number,
		ask: (client: Client, uri: string) => Promise<unknown> = hover,
	): Promise<Client> {
		const client = await start({ configuration: () => ({ budgetSeconds, guards: false }) });
		await client.open(uriOf(0), walker({ recheck: true, more }));
		// its check is at work
		await pause(500);
		await client.open(uriOf(1), walker());
		void ask(client, uriOf(1));
		return client;
	}
	/** The verdict of each answer, by document. */
	const told = (client: Client): readonly (readonly [string, string | undefined])[] =>
		client.verdicts
			.filter(({ freshness }) => freshness === 'fresh')
			.map(({ uri, functions }) => [uri, functions[0]?.verdict] as const);

	test('the one that is asked about does not wait for the one that is checked, which loses nothing', async () => {
		const client = await askedBehind('slow();', 6);
		const asked = performance.now();
		await client.until(() => answered(client).has(uriOf(1)));
		expect([...answered(client)]).toEqual([uriOf(1)]);
		await client.until(() => answered(client).has(uriOf(0)));
		const [first] = told(client).filter(([uri]) => uri === uriOf(0));
		// it had its own time from the beginning
		expect(first).toEqual([uriOf(0), 'inconclusive']);
		expect(performance.now() - asked).toBeGreaterThan(6000);
		await client.stop();
	});

	test('the one that is simulated does not wait for it either', async () => {
		const client = await askedBehind('slow();', 20, (asking, uri) =>
			asking.connection.sendRequest('workspace/executeCommand', {
				...{ command: 'racewalk.simulate', arguments: [{ uri, function: 'walk' }] },
			}),
		);
		await client.until(() => answered(client).size > 0);
		expect([...answered(client)]).toEqual([uriOf(1)]);
		await client.stop();
	});

	test('nor for one that cannot be stopped, longer than until its worker is ended', async () => {
		const client = await askedBehind('hang();', 12);
		await client.until(() => answered(client).has(uriOf(1)));
		// which is answered, too, once its time is over
		expect([...answered(client)]).toEqual([uriOf(1)]);
		await client.until(() => answered(client).has(uriOf(0)));
		expect((await client.diagnostics(uriOf(0))).map((d) => d.message).join()).toContain(
			'took longer',
		);
		await client.stop();
	});

	test('who goes from one to the other and back keeps none of them from its end', async () => {
		const client = await askedBehind('slow();', 3);
		await client.change(uriOf(1), walker({ recheck: true, more: 'slow();' }));
		const from = performance.now();
		for (let n = 0; answered(client).size < 2; n++) {
			// an editor asks again and again
			void hover(client, uriOf(n % 2));
			await pause(300);
			if (performance.now() - from > 40_000) throw new Error('no answer');
		}
		await client.stop();
	});
});
