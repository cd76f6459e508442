/**
 * `racewalk dap --stdio`: a debugger on runs of walks, for editors that speak the Debug Adapter Protocol. Runs are found as
 * `racewalk simulate` finds them, in a worker that is ended when it takes too long.
 */
import { resolve } from 'node:path';
import { DebugAdapter, type Launched } from '../dap/adapter.js';
import { framed, requests } from '../dap/protocol.js';
import type { AnalysedTrace } from '../ide/analysis/analysis.js';
import type { Simulation } from '../ide/simulation.js';
import { readInput, requireProfile, type TextRequest, UsageError } from './options.js';
import { openVerdict } from './simulate.js';
import { executorOf } from './supervised.js';
import { complain, sendMessage } from './write.js';

/** Seconds that finding a run may take where the client says nothing else. */
const BUDGET = 60;

type Given = Readonly<Record<string, unknown>>;

/** Ends when the client is done, or gone. */
export async function runDap(): Promise<number> {
	if (process.stdin.isTTY === true)
		complain('dap: an editor starts this and talks to it over standard input (docs/debugger.md)');
	return new Promise((finished) => {
		let sent = 0;
		let end: () => Promise<void> = async () => {};
		let isLeaving = false;
		let queue = Promise.resolve();
		// what is asked in order waits for a run that is looked for: who leaves does not
		const leave = (): void => {
			isLeaving = true;
			void end();
		};
		const over = (code: number): void => {
			leave();
			void queue.then(end).then(() => finished(code));
			process.stdin.destroy();
		};
		const adapter = new DebugAdapter({
			async launch(given) {
				if (isLeaving) throw new UsageError(LEFT);
				try {
					return await launch(given, (ending) => {
						end = ending;
					});
				} catch (error) {
					throw isLeaving ? new UsageError(LEFT) : error;
				}
			},
			send: (message) => sendMessage(framed(message, ++sent)),
			ended: () => over(0),
		});
		const read = requests((request) => {
			if (request.command === 'disconnect' || request.command === 'terminate') leave();
			queue = queue.then(() => adapter.hear(request));
		});
		process.stdin.on('data', (chunk: Buffer) => {
			const wrong = read(chunk);
			if (wrong === null) return;
			complain(`dap: ${wrong}; what follows cannot be read`);
			over(1);
		});
		process.stdin.on('end', () => over(0));
	});
}

/** Why a launch fails that is under way when the client leaves. */
const LEFT = 'the client has left: the run was not looked for to the end';

/** Reads what a client asks for and finds the run; `began`: told how to end it, before it is looked for. */
async function launch(given: Given, began: (end: () => Promise<void>) => void): Promise<Launched> {
	const asked = askedBy(given);
	const input = readInput(asked.file, {
		...{ arch: asked.arch, set: asked.set, actor: asked.actor, memory: 'sc' as const },
		...{ function: [], format: 'text', color: 'never' as const },
		...(asked.tree === null ? {} : { tree: asked.tree }),
		...(asked.config === null ? {} : { config: asked.config }),
	});
	requireProfile(input);
	const [first] = input.requests;
	if (first === undefined || input.requests.length > 1)
		throw new UsageError('one architecture can be debugged at a time');
	const request: TextRequest = asked.text === null ? first : { ...first, text: asked.text };
	const executor = executorOf({ budget: asked.budget });
	began(() => executor.end());
	const ask = async (trace: string, choice: Parameters<Launched['choose']>[1] | null) => {
		const wanted = { function: asked.function, trace, choice };
		const outcome = await executor.sessionFor(request).run({ kind: 'debug', wanted });
		if (outcome.kind === 'done') return outcome.result;
		return { trace: null, why: `it was given up: it ${outcome.why}` } as const;
	};
	try {
		const first = asked.trace === null ? await found(executor.sessionFor(request), asked) : null;
		const run = await ask(first?.trace.id ?? asked.trace ?? '', null);
		if (run.trace === null) throw new UsageError(run.why);
		const read = new Map(request.actorSources.map(({ path, text }) => [path, text]));
		return {
			run,
			open:
				first === null || first.finding !== null
					? null
					: openVerdict(asked.function, request.arch, first),
			choose: ({ trace }, choice) => ask(trace.id, choice),
			file(path) {
				if (path === input.path) return resolve(asked.file);
				const { tree } = request;
				if (tree === null) return null;
				return tree.read(path) === null ? null : resolve(tree.root, path);
			},
			pathOf(file) {
				if (resolve(file) === resolve(asked.file)) return input.path;
				const { tree } = input;
				return tree !== null && file.startsWith(`${tree}/`) ? file.slice(tree.length + 1) : file;
			},
			text: (path) => read.get(path) ?? null,
		};
	} catch (error) {
		await executor.end();
		throw error;
	}
}

/** The run that `simulate` shows of a function. */
async function found(
	session: ReturnType<ReturnType<typeof executorOf>['sessionFor']>,
	{ function: name }: Pick<AskedRun, 'function'>,
): Promise<Simulation & { readonly trace: AnalysedTrace }> {
	const wanted = { function: name, rule: null, trace: null };
	const outcome = await session.run({ kind: 'simulate', wanted });
	if (outcome.kind !== 'done') throw new UsageError(`no run was found: it ${outcome.why}`);
	if (outcome.result.trace === null) throw new UsageError(outcome.result.why);
	return outcome.result;
}

interface AskedRun {
	readonly file: string;
	readonly function: string;
	readonly trace: string | null;
	readonly tree: string | null;
	readonly config: string | null;
	readonly arch: readonly string[];
	readonly actor: readonly string[];
	readonly set: readonly string[];
	/** The text as it stands in the editor. */
	readonly text: string | null;
	readonly budget: number;
}

/** A launch's words: `program` is `FILE:FUNCTION`, or `program` and `function`. */
function askedBy(given: Given): AskedRun {
	const text = (name: string): string | null => {
		const value = given[name];
		return typeof value === 'string' && value !== '' ? value : null;
	};
	const list = (name: string): readonly string[] => {
		const value = given[name];
		if (typeof value === 'string' && value !== '') return [value];
		return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
	};
	const program = text('program');
	const split = /^(.+):([A-Za-z_]\w*)$/s.exec(program ?? '');
	const name = text('function') ?? split?.[2];
	const file = text('function') === null ? split?.[1] : program;
	if (file == null || name === undefined)
		throw new UsageError('say what to debug: "program": "FILE:FUNCTION"');
	const { budget } = given;
	return {
		...{ file, function: name, trace: text('trace'), tree: text('tree') },
		...{ config: text('config'), arch: list('arch'), actor: list('actor'), set: list('set') },
		text: text('text'),
		budget: typeof budget === 'number' && budget > 0 ? budget : BUDGET,
	};
}
