/** `npm run fuzz`: rounds of all fuzzes until the time is over; prints what was seen. */
import { join } from 'node:path';
import { fuzzCommands } from './command_fuzz.js';
import { fuzzServer } from './server_fuzz.js';
import { fuzzSessions } from './session_fuzz.js';

export interface FuzzRun {
	/** Folder with cli.js, server.js and worker.js. */
	readonly programs: string;
	readonly seconds: number;
	readonly seed: number;
	readonly documents: number;
	/** Seconds that the machine may take for other things. */
	readonly slack: number;
	readonly print: (line: string) => void;
}

/** Runs; the number of things that went wrong. */
export async function fuzz({
	programs,
	seconds,
	seed,
	documents,
	slack,
	print,
}: FuzzRun): Promise<number> {
	const started = performance.now();
	const until = started + seconds * 1000;
	let rounds = 0;
	const total = {
		cases: 0,
		hangs: 0,
		deaths: 0,
		peak: 0,
		documents: 0,
		fresh: 0,
		unanswered: 0,
		slowest: 0,
	};
	for (let round = seed; round === seed || performance.now() < until; round++) {
		const server = await fuzzServer({
			...{ server: join(programs, 'server.js'), seed: round, documents, print },
			...{ messages: documents * 4, size: 200_000, budget: 2, slack: 6 + slack },
		});
		print(`seed ${round}: server ${JSON.stringify(server)}`);
		const commands = await fuzzCommands({
			...{ cli: join(programs, 'cli.js'), seed: round, cases: 40 },
			...{ size: 200_000, budget: 2, slack },
		});
		print(`seed ${round}: commands ${JSON.stringify(commands)}`);
		const sessions = await fuzzSessions({
			...{ server: join(programs, 'server.js'), seed: round, sessions: 20 },
			...{ size: 60_000, slack },
		});
		print(`seed ${round}: sessions ${JSON.stringify(sessions)}`);
		total.cases += server.messages + server.documents + commands.cases + sessions.sessions;
		total.hangs += server.hangs + commands.hangs.length + sessions.hangs.length;
		total.deaths +=
			server.deaths + server.errors.length + commands.deaths.length + sessions.deaths.length;
		total.peak = Math.max(total.peak, server.peak);
		total.documents += server.documents;
		total.fresh += server.fresh;
		total.unanswered += server.unanswered;
		total.slowest = Math.max(total.slowest, server.slowest);
		rounds++;
	}
	const ran = (performance.now() - started) / 1000;
	print(
		`${Math.round(ran)} s, ${(ran / 3600).toFixed(2)} of an hour: ${rounds} rounds from seed ${seed} on, ${total.cases} cases, ${total.hangs} hangs over budget + 3 s, ${total.deaths} deaths and internal errors, ` +
			`peak memory ${Math.round(total.peak / 2 ** 20)} MB, ${total.unanswered} requests without an answer, ` +
			`the main thread answered within ${total.slowest} ms, ${total.fresh} of ${total.documents} documents fresh at the end`,
	);
	return total.hangs + total.deaths + total.unanswered + (total.documents - total.fresh);
}
