/**
 * One exploration worker as the server sees it: a process of its own, so that a parser's crash, a loop that asks nobody or
 * memory without end cost that process and nothing else.
 *
 * A worker thread would be cheaper by some 30 ms at the start, but ending a thread inside of the parser's native code aborts
 * the whole server (seen in six runs of six), and its native memory is counted to nobody.
 *
 * Invariant: after `end` or a death nothing is told any more.
 * Invariant: nothing that a worker prints reaches the server's standard output, which is the protocol; what it prints elsewhere is
 * shown and never obeyed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { terminalLines, written } from '../../engine/escape/terminal.js';
import { CONTROL_FD, MEMORY_MESSAGE } from './control.js';
import type { WorkerReply, WorkerRequest } from './worker_protocol.js';

export interface WorkerLimits {
	/** Megabytes of JavaScript heap. */
	readonly heapMax: number;
	/** Megabytes of it for what was made just now. */
	readonly youngMax: number;
	/** Megabytes of everything: heap, the parser's trees, buffers, code. */
	readonly memoryMax: number;
	/** Per cent that the heap may grow before it is looked through again; null: as much as V8 likes. */
	readonly growth: number | null;
	/** It has a process group of its own: what a terminal signals to a command's group, Ctrl-C above all, is for the command to decide. */
	readonly ownGroup?: boolean;
}

/** Characters of what a dying worker printed that are looked at. */
const LAST_WORDS_MAX = 4000;

export interface WorkerEvents {
	reply(reply: WorkerReply): void;
	/** It is gone without having been told to; `memory`: the limit it met (`512 MB of memory`), which is no error of racewalk. */
	died(how: { readonly why: string; readonly memory: string | null }): void;
}

export class WorkerProcess {
	readonly #child: ChildProcess;
	readonly #control: Writable | null;
	readonly #gone: Promise<void>;
	#isOver = false;

	constructor(script: URL, limits: WorkerLimits, events: WorkerEvents) {
		const { heapMax, youngMax, memoryMax, growth, ownGroup = false } = limits;
		const child = fork(
			fileURLToPath(script),
			[`${memoryMax}`, ...(growth === null ? [] : [`${growth}`])],
			{
				serialization: 'advanced',
				detached: ownGroup,
				// V8 counts three semi-spaces as the young generation
				execArgv: [
					`--max-old-space-size=${heapMax}`,
					`--max-semi-space-size=${Math.max(1, Math.round(youngMax / 3))}`,
				],
				stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
			},
		);
		this.#child = child;
		this.#control = (child.stdio[CONTROL_FD] as Writable | null | undefined) ?? null;
		this.#gone = new Promise((resolve) => child.once('exit', () => resolve()));
		let lastWords = '';
		let memory: string | null = null;
		const over = (why: string): void => {
			if (this.#isOver) return;
			this.#isOver = true;
			events.died({ why, memory });
		};
		child.on('message', (reply: WorkerReply) => {
			if (!this.#isOver) events.reply(reply);
		});
		child.stderr?.on('data', (chunk: Buffer) => {
			const text = chunk.toString();
			lastWords = (lastWords + text).slice(-LAST_WORDS_MAX);
			if (!lastWords.includes(HEAP_DUMP)) process.stderr.write(written(terminalLines(text)));
		});
		const control = child.stdio[CONTROL_FD] ?? null;
		control?.on('data', (chunk: Buffer) => {
			const said = chunk.toString();
			if (said.startsWith(MEMORY_MESSAGE)) memory = `${memoryMax} MB of memory`;
		});
		control?.on('error', () => {});
		child.on('error', (error) => over(error.message));
		// 'close' comes when all that it wrote was read
		child.on('close', (code, signal) => {
			if (lastWords.includes(HEAP_DUMP)) memory ??= `${heapMax} MB of memory`;
			over(signal === null ? `exit status ${code}` : `signal ${signal}`);
		});
		letGo(child);
	}

	post(request: WorkerRequest): void {
		this.#child.send(request, (error) => {
			// its death is told by 'close'
			if (error !== null) this.#child.kill('SIGKILL');
		});
	}

	/** Asks it to stop the task of that id soon; it looks whenever it looks at its budget. */
	stop(id: number): void {
		const message = Buffer.alloc(4);
		message.writeUInt32LE(id);
		this.#control?.write(message);
	}

	/** Ends it at once, whatever it does. */
	end(): Promise<void> {
		this.#isOver = true;
		this.#child.kill('SIGKILL');
		return this.#gone;
	}
}

/** How V8 begins what it prints when the heap is full. */
const HEAP_DUMP = '<--- Last few GCs';

/** A worker alone does not keep the server running. */
function letGo(child: ChildProcess): void {
	child.unref();
	child.channel?.unref();
	for (const stream of child.stdio) {
		(stream as { unref?(): void } | null | undefined)?.unref?.();
	}
}
