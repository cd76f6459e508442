/**
 * A short run of the fuzz (`npm run fuzz` for a long one): nothing hangs, dies, stays without an answer or is left unchecked.
 */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle } from '../server/bundle.js';
import { fuzzCommands } from './command_fuzz.js';
import { fuzzServer } from './server_fuzz.js';
import { fuzzSessions } from './session_fuzz.js';

/** Said on failure, to run it again: `npm run fuzz -- --seed N`. */
const SEED = 20_261;
/** Seconds that other tests at the same time may cost. */
const BUSY = 20;

let programs = '';

beforeAll(async () => {
	programs = await bundle({
		...{ cli: 'server/cli.ts', server: 'server/main.ts', worker: 'server/worker/worker.ts' },
	});
});

afterAll(() => rmSync(dirname(programs), { recursive: true, force: true }));

it('a server answers everything and checks every document', async () => {
	const report = await fuzzServer({
		...{ server: join(programs, 'server.js'), seed: SEED, documents: 90, messages: 150 },
		...{ size: 60_000, budget: 0.3, slack: BUSY, print: () => {} },
	});
	const { hangs, deaths, unanswered, errors, documents, fresh } = report;
	expect({ hangs, deaths, unanswered, errors }).toEqual({
		...{ hangs: 0, deaths: 0, unanswered: 0, errors: [] },
	});
	expect(documents).toBeGreaterThan(64);
	expect(fresh).toBe(documents);
});

it('commands end in time', async () => {
	const options = { cli: join(programs, 'cli.js'), seed: SEED, cases: 12, size: 60_000 };
	const { hangs, deaths } = await fuzzCommands({ ...options, budget: 0.5, slack: BUSY });
	expect({ hangs, deaths }).toEqual({ hangs: [], deaths: [] });
});

it('a server that is told to go is gone, with its workers', async () => {
	const { hangs, deaths } = await fuzzSessions({
		...{ server: join(programs, 'server.js'), seed: SEED, sessions: 8 },
		...{ size: 60_000, slack: BUSY },
	});
	expect({ hangs, deaths }).toEqual({ hangs: [], deaths: [] });
});
