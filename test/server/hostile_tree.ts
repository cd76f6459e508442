/**
 * What can stand in a tree that somebody else made: files that are none. Made by the tests in temporary folders; nothing of it
 * is in the repository.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One thing, made at a path. */
export interface Hostile {
	readonly name: string;
	readonly make: (path: string) => void;
	/** What is said of it, where it is to be read. */
	readonly said: RegExp;
}

function linkTo(target: string): (path: string) => void {
	return (path) => symlinkSync(target, path);
}

export const HOSTILE: readonly Hostile[] = [
	{ name: 'a folder', make: (path) => mkdirSync(path), said: /is a folder/ },
	{
		name: 'a FIFO',
		make: (path) => execFileSync('mkfifo', [path], { stdio: 'ignore' }),
		said: /is a FIFO/,
	},
	{ name: 'a link to a device', make: linkTo('/dev/zero'), said: /leads out|is a device/ },
	{ name: 'a link to nothing', make: linkTo('nowhere'), said: /link to nothing/ },
	{ name: 'a link to itself', make: (path) => symlinkSync(path, path), said: /in a circle/ },
	{
		name: 'a file of 1 GB',
		make(path) {
			writeFileSync(path, '');
			truncateSync(path, 1024 ** 3);
		},
		said: /larger than/,
	},
	{
		name: 'bytes that are no text',
		make: (path) => writeFileSync(path, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2])),
		said: /is not text/,
	},
	{
		name: 'a link to a pseudo file',
		make: linkTo('/proc/self/environ'),
		said: /leads out|not text|larger than/,
	},
	{
		name: 'a link to a FIFO',
		make(path) {
			execFileSync('mkfifo', [`${path}.fifo`], { stdio: 'ignore' });
			symlinkSync(`${path}.fifo`, path);
		},
		said: /is a FIFO/,
	},
];

/** Writes a file with the folders above it. */
export function put(path: string, text: string | Buffer): void {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
}

/** A folder that counts as a kernel tree, with these files. */
export function makeTree(root: string, files: Readonly<Record<string, string>> = {}): void {
	mkdirSync(join(root, 'mm'), { recursive: true });
	mkdirSync(join(root, 'include/linux'), { recursive: true });
	for (const [path, text] of Object.entries(files)) put(join(root, path), text);
}
