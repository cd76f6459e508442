/**
 * What reading asks of the file system, each question askable in two ways: at once (workers, the command line) or without
 * holding anybody up (the server's main thread). A procedure is written once, as a generator of questions, and run either way.
 *
 * Invariant: this folder is the only one that opens, lists or resolves files that racewalk did not bring itself
 * (test/tidy/reading.test.ts).
 */
import * as fs from 'node:fs';

/** What stands at a path, as far as reading cares. */
export interface Entry {
	readonly kind: 'file' | 'folder' | 'link' | 'FIFO' | 'device' | 'socket';
	/** Bytes, as the file system says: pseudo files say 0. */
	readonly size: number;
	/** Tells one file from another. */
	readonly id: string;
	/** When it was written last, as a mark to compare. */
	readonly changed: string;
}

/** One question: `now` blocks, `later` does not. Both throw what Node throws. */
export interface Question<T> {
	now(): T;
	later(): Promise<T>;
}

/** A file system, or what a test puts in its place. */
export interface Disk {
	/** The path with all links resolved. */
	real(path: string): Question<string>;
	/** What stands there; a link is a link. */
	look(path: string): Question<Entry>;
	/** A descriptor; never waits for somebody to write, never follows a link at the end. */
	open(path: string): Question<number>;
	lookAt(descriptor: number): Question<Entry>;
	/** All bytes up to `bytesMax` + 1, where one more says that there are more; about `expected` of them. */
	bytes(
		descriptor: number,
		size: { readonly bytesMax: number; readonly expected: number },
	): Question<Buffer>;
	close(descriptor: number): Question<void>;
	/** Names in a folder, `namesMax` + 1 at most. */
	names(path: string, namesMax: number): Question<readonly string[]>;
}

/** A procedure over a disk. */
export type Asking<R> = Generator<Question<unknown>, R, unknown>;

/** Asks one question inside a procedure. */
export function* ask<T>(question: Question<T>): Generator<Question<unknown>, T, unknown> {
	return (yield question) as T;
}

/** Runs a procedure; waits for each answer. */
export function now<R>(procedure: Asking<R>): R {
	let turn = procedure.next();
	while (turn.done !== true) {
		let answer: unknown;
		try {
			answer = turn.value.now();
		} catch (error) {
			turn = procedure.throw(error);
			continue;
		}
		turn = procedure.next(answer);
	}
	return turn.value;
}

/** Runs a procedure without blocking the thread. */
export async function later<R>(procedure: Asking<R>): Promise<R> {
	let turn = procedure.next();
	while (turn.done !== true) {
		let answer: unknown;
		try {
			answer = await turn.value.later();
		} catch (error) {
			turn = procedure.throw(error);
			continue;
		}
		turn = procedure.next(answer);
	}
	return turn.value;
}

// what a system does not have is 0 there and changes nothing
const OPENING =
	fs.constants.O_RDONLY |
	(fs.constants.O_NONBLOCK ?? 0) |
	(fs.constants.O_NOFOLLOW ?? 0) |
	(fs.constants.O_NOCTTY ?? 0);

/** The machine's own. */
export const DISK: Disk = {
	real: (path) => ({
		now: () => fs.realpathSync.native(path),
		later: () => fs.promises.realpath(path),
	}),
	look: (path) => ({
		now: () => entryOf(fs.lstatSync(path, { bigint: true })),
		later: async () => entryOf(await fs.promises.lstat(path, { bigint: true })),
	}),
	open: (path) => ({
		now: () => fs.openSync(path, OPENING),
		later: () => called<number>((done) => fs.open(path, OPENING, done)),
	}),
	lookAt: (descriptor) => ({
		now: () => entryOf(fs.fstatSync(descriptor, { bigint: true })),
		later: async () =>
			entryOf(await called((done) => fs.fstat(descriptor, { bigint: true }, done))),
	}),
	bytes: (descriptor, size) => ({
		now: () => now(readingAll(descriptor, size)),
		later: () => later(readingAll(descriptor, size)),
	}),
	close: (descriptor) => ({
		now: () => fs.closeSync(descriptor),
		later: () => called<void>((done) => fs.close(descriptor, (error) => done(error, undefined))),
	}),
	names: (path, namesMax) => ({
		now() {
			const folder = fs.opendirSync(path);
			try {
				const names: string[] = [];
				for (let at = folder.readSync(); at !== null; at = folder.readSync()) {
					names.push(at.name);
					if (names.length > namesMax) break;
				}
				return names;
			} finally {
				folder.closeSync();
			}
		},
		async later() {
			const names: string[] = [];
			// leaving the loop closes it
			for await (const { name } of await fs.promises.opendir(path)) {
				names.push(name);
				if (names.length > namesMax) break;
			}
			return names;
		},
	}),
};

function* readingAll(
	descriptor: number,
	{ bytesMax, expected }: { readonly bytesMax: number; readonly expected: number },
): Asking<Buffer> {
	const end = bytesMax + 1;
	// one more than there should be: a read that does not fill it is followed by one that says that this was all
	let bytes = Buffer.allocUnsafe(Math.min(expected + 1, end));
	let length = 0;
	for (;;) {
		const [into, from] = [bytes, length];
		const read = yield* ask<number>({
			now: () => fs.readSync(descriptor, into, from, into.length - from, null),
			later: () =>
				called<number>((done) => fs.read(descriptor, into, from, into.length - from, null, done)),
		});
		length += read;
		if (read === 0 || length === end) return bytes.subarray(0, length);
		if (length < bytes.length) continue;
		const larger = Buffer.allocUnsafe(Math.min(2 * length + 4096, end));
		bytes.copy(larger, 0, 0, length);
		bytes = larger;
	}
}

function called<T>(call: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
	return new Promise((resolve, reject) => {
		call((error, value) => (error === null ? resolve(value) : reject(error)));
	});
}

function entryOf(stats: fs.BigIntStats): Entry {
	return {
		kind: kindOf(stats),
		size: Number(stats.size),
		id: `${stats.dev}:${stats.ino}`,
		changed: String(stats.mtimeNs),
	};
}

function kindOf(stats: fs.BigIntStats): Entry['kind'] {
	if (stats.isFile()) return 'file';
	if (stats.isDirectory()) return 'folder';
	if (stats.isSymbolicLink()) return 'link';
	if (stats.isFIFO()) return 'FIFO';
	if (stats.isSocket()) return 'socket';
	return 'device';
}
