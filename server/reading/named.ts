/**
 * What a user names on the command line: a regular file, wherever links lead, `-` for standard input, or a descriptor that the
 * shell opened for racewalk (`/dev/fd/63` of `<(…)`). A FIFO or a device by its own name is refused: it is in a folder that
 * was listed with `*` more often than it is meant, and reading it may never end.
 */
import { readSync } from 'node:fs';
import { decoded, NAMED_BYTES_MAX, type Reading, readNow, tooLarge } from './file.js';

/** Milliseconds between two looks at an input that has nothing yet. */
const PAUSE = 10;
const CHUNK = 256 * 1024;

/** Reads what the user named; blocks until all of it is there. */
export function readNamed(file: string): Reading {
	const descriptor = descriptorOf(file);
	if (descriptor === null) return readNow({ root: null, path: file, bytesMax: NAMED_BYTES_MAX });
	const shown = descriptor === 0 ? 'standard input' : file;
	try {
		const bytes = readDescriptor(descriptor);
		if (bytes !== null) return decoded(bytes, shown);
		return { kind: 'problem', problem: tooLarge(shown, NAMED_BYTES_MAX) };
	} catch (error) {
		const { code } = error as { readonly code?: unknown };
		return { kind: 'problem', problem: `${shown} cannot be read: ${String(code ?? error)}` };
	}
}

function descriptorOf(file: string): number | null {
	if (file === '-' || file === '/dev/stdin') return 0;
	const named = /^\/(?:dev|proc\/self)\/fd\/(\d{1,5})$/.exec(file)?.[1];
	return named === undefined ? null : Number(named);
}

/** All there is to read, or null when it is too much. */
function readDescriptor(descriptor: number): Buffer | null {
	const parts: Buffer[] = [];
	let length = 0;
	const wait = new Int32Array(new SharedArrayBuffer(4));
	for (;;) {
		const part = Buffer.allocUnsafe(CHUNK);
		let read: number;
		try {
			read = readSync(descriptor, part, 0, CHUNK, null);
		} catch (error) {
			const { code } = error as { readonly code?: unknown };
			if (code === 'EOF') read = 0;
			else if (code === 'EAGAIN') {
				Atomics.wait(wait, 0, 0, PAUSE);
				continue;
			} else throw error;
		}
		if (read === 0) return Buffer.concat(parts, length);
		parts.push(part.subarray(0, read));
		length += read;
		if (length > NAMED_BYTES_MAX) return null;
	}
}
