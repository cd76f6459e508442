/**
 * What a worker process hears and watches while its main thread explores and hears nothing: a thread that reads the server's
 * control pipe, notes which task is to stop, ends the process when the server is gone or when it has grown too large.
 *
 * Invariant: it never touches what the main thread works on but the one shared cell.
 */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { Worker, workerData } from 'node:worker_threads';

/** The pipe between server and worker, besides input, output, error and messages. */
export const CONTROL_FD = 4;
/** Said by a worker before it ends itself. */
export const MEMORY_MESSAGE = 'memory';
/** Milliseconds between two looks at the memory in use: a fast loop fills some hundred megabytes meanwhile. */
const LOOK_EVERY = 100;

interface Watched {
	/** One Int32: the last task that is to stop. */
	readonly cell: SharedArrayBuffer;
	/** Megabytes. */
	readonly memoryMax: number;
}

/** Keeps the heap of this process small, as the server asked for: see `WorkerLimits.growth`. */
export function keepSmall(): void {
	const growth = Number(process.argv[3] ?? 'NaN');
	// a V8 that does not know it says so and goes on
	if (Number.isInteger(growth)) setFlagsFromString(`--heap-growing-percent=${growth}`);
}

/** Starts the thread, from the script that it is part of; what it tells is whether a task is to stop. */
export function startControl(script: URL): { isStopped(id: number): boolean } {
	const cell = new SharedArrayBuffer(4);
	const view = new Int32Array(cell);
	const watched: Watched = { cell, memoryMax: Number(process.argv[2] ?? 'Infinity') };
	const thread = new Worker(script, { workerData: watched });
	thread.unref();
	return { isStopped: (id) => Atomics.load(view, 0) === id };
}

/** The thread. */
export function control(): void {
	const { cell, memoryMax } = workerData as Watched;
	const view = new Int32Array(cell);
	const pipe = new Socket({ fd: CONTROL_FD, readable: true, writable: true });
	const end = (): void => {
		process.kill(process.pid, 'SIGKILL');
	};
	let rest = Buffer.alloc(0);
	pipe.on('data', (chunk: Buffer) => {
		const all = Buffer.concat([rest, chunk]);
		const whole = all.length - (all.length % 4);
		if (whole > 0) Atomics.store(view, 0, all.readUInt32LE(whole - 4));
		rest = all.subarray(whole);
	});
	// the server is gone: nobody is left to work for
	pipe.on('end', end).on('close', end).on('error', end);
	setInterval(() => {
		if (process.memoryUsage.rss() < memoryMax * 1024 * 1024) return;
		try {
			writeSync(CONTROL_FD, MEMORY_MESSAGE);
		} finally {
			end();
		}
	}, LOOK_EVERY);
}
