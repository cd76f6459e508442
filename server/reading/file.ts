/**
 * The one way in which a file of a workspace, of a kernel tree, or named by the user is read: a regular file, of a size
 * that text has, inside its root once all links are resolved. What comes back is text or a sentence; nothing is thrown,
 * whatever stands at the path and whatever happens to it meanwhile.
 *
 * Encodings: UTF-8 with or without a mark at its start; bytes that are no UTF-8 become U+FFFD. UTF-16, which no compiler of the kernel
 * reads, is refused, and a file with NUL bytes is no text.
 *
 * Invariant: nothing but a regular file is ever opened: opening a device can do something by itself.
 */
import { join, sep } from 'node:path';
import { type Asking, ask, DISK, type Disk, type Entry, now } from './disk.js';

export type Reading =
	| { readonly kind: 'text'; readonly text: string }
	/** Nothing stands there. */
	| { readonly kind: 'absent' }
	/** A sentence for the user that begins with the path and says what to do. */
	| { readonly kind: 'problem'; readonly problem: string };

export interface Listing {
	/** Sorted by code unit. */
	readonly names: readonly string[];
	/** Why there are none, or not all of them; null when nothing stands there, or all is well. */
	readonly problem: string | null;
}

/** A file below a root. */
export interface Inside {
	/** Resolved by `resolveRoot`; null: the user named the file, links in its path lead wherever they do. */
	readonly root: string | null;
	/** From the root, or as the user gave it. */
	readonly path: string;
	/** What messages call it; the path when left out. */
	readonly shown?: string;
	readonly bytesMax: number;
}

/** Bytes of a file that the user names, or of standard input: no kernel file comes near. */
export const NAMED_BYTES_MAX = 64_000_000;
/** Bytes of a file of a kernel tree that is looked into for definitions. */
export const TREE_BYTES_MAX = 4_000_000;
/** Names of one folder. */
export const NAMES_MAX = 20_000;

/** Reads a file; blocks. For workers and the command line. */
export function readNow(file: Inside, disk: Disk = DISK): Reading {
	return now(reading(disk, file));
}

/** Lists a folder below a root, one level; blocks. */
export function listNow(folder: Omit<Inside, 'bytesMax'>, disk: Disk = DISK): Listing {
	return now(listing(disk, folder));
}

/**
 * What changes when the file does (size, time, which file it is), without opening it. null: nothing stands there; empty: only reading
 * it can tell, as of what is no regular file.
 */
export function stampNow(disk: Disk, file: Omit<Inside, 'bytesMax'>): string | null {
	try {
		const full = fullPath(file);
		if (typeof full !== 'string') return '';
		const { kind, size, id, changed } = now(looking(disk, full));
		return kind === 'file' ? `${id}:${size}:${changed}` : '';
	} catch (error) {
		return failure(error, file.path).kind === 'absent' ? null : '';
	}
}

function* looking(disk: Disk, path: string): Asking<Entry> {
	return yield* ask(disk.look(path));
}

/** `readNow` as a procedure, which `later` runs without blocking. */
export function* reading(disk: Disk, file: Inside): Asking<Reading> {
	const { root, path, shown = path, bytesMax } = file;
	const limit = { shown, bytesMax };
	let descriptor: number | null = null;
	try {
		const full = fullPath(file);
		if (typeof full !== 'string') return full;
		const found = yield* ask(disk.look(full));
		const target = found.kind === 'link' ? yield* behindLink(disk, full, file) : full;
		if (typeof target !== 'string') return target;
		const entry = target === full ? found : yield* ask(disk.look(target));
		const refused = refusal(entry, limit);
		if (refused !== null) return problem(refused);
		descriptor = yield* ask(disk.open(target));
		const opened = yield* ask(disk.lookAt(descriptor));
		const refusedNow = refusal(opened, limit);
		if (refusedNow !== null) return problem(refusedNow);
		// where it stands is asked of what is open: folders above may be links, and may have become ones meanwhile
		const real = yield* ask(disk.real(target));
		if (root !== null && !isInside(root, real)) return problem(leadsOut(shown, root));
		if ((yield* ask(disk.look(real))).id !== opened.id)
			return problem(`${shown} changed while it was opened: try again`);
		const size = { bytesMax, expected: opened.size };
		const bytes = yield* ask(disk.bytes(descriptor, size));
		if (bytes.length > bytesMax) return problem(tooLarge(shown, bytesMax));
		return decoded(bytes, shown);
	} catch (error) {
		return failure(error, shown);
	} finally {
		if (descriptor !== null) yield* closing(disk, descriptor);
	}
}

/** `listNow` as a procedure. */
export function* listing(disk: Disk, folder: Omit<Inside, 'bytesMax'>): Asking<Listing> {
	const shown = folder.shown ?? folder.path;
	const none = (problem: string | null): Listing => ({ names: [], problem });
	try {
		const real = yield* behindFolder(disk, folder);
		if (typeof real !== 'string') return none(real.kind === 'problem' ? real.problem : null);
		const { kind } = yield* ask(disk.look(real));
		if (kind !== 'folder') return none(`${shown} is a ${kind}, not a folder: it was not read`);
		const found = yield* ask(disk.names(real, NAMES_MAX));
		const names = found.slice(0, NAMES_MAX).sort();
		if (found.length <= NAMES_MAX) return { names, problem: null };
		return { names, problem: `${shown} holds more than ${NAMES_MAX} names: the rest was left out` };
	} catch (error) {
		const failed = failure(error, shown);
		return none(failed.kind === 'problem' ? failed.problem : null);
	}
}

/** A root with its own links resolved, or null when it is no folder. */
export function* resolvedRoot(disk: Disk, path: string): Asking<string | null> {
	try {
		const real = yield* ask(disk.real(path));
		return (yield* ask(disk.look(real))).kind === 'folder' ? real : null;
	} catch {
		return null;
	}
}

/** Whether a resolved path is the root or lies below it. */
export function isInside(root: string, real: string): boolean {
	return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** The path to ask for; none that goes up and out by itself. */
function fullPath({ root, path, shown = path }: Omit<Inside, 'bytesMax'>): string | NotRead {
	const full = root === null ? path : join(root, path);
	if (full.includes('\0')) return ABSENT;
	return root === null || isInside(root, full) ? full : problem(leadsOut(shown, root));
}

/** Where a link leads, if it does and that is inside. */
function* behindLink(
	disk: Disk,
	full: string,
	{ root, path, shown = path }: Omit<Inside, 'bytesMax'>,
): Asking<string | NotRead> {
	try {
		const real = yield* ask(disk.real(full));
		return root === null || isInside(root, real) ? real : problem(leadsOut(shown, root));
	} catch (error) {
		const failed = failure(error, shown);
		if (failed.kind !== 'absent') return failed;
		return problem(`${shown} is a link to nothing: it was not read`);
	}
}

/** A folder with all links resolved. */
function* behindFolder(disk: Disk, folder: Omit<Inside, 'bytesMax'>): Asking<string | NotRead> {
	const full = fullPath(folder);
	if (typeof full !== 'string') return full;
	yield* ask(disk.look(full));
	return yield* behindLink(disk, full, folder);
}

function* closing(disk: Disk, descriptor: number): Asking<void> {
	try {
		yield* ask(disk.close(descriptor));
	} catch {
		// it was only read from
	}
}

type NotRead = Exclude<Reading, { readonly kind: 'text' }>;

const ABSENT: NotRead = { kind: 'absent' };

function problem(sentence: string): NotRead {
	return { kind: 'problem', problem: sentence };
}

function leadsOut(shown: string, root: string): string {
	return `${shown} leads out of ${root}: it was not read; put a copy inside`;
}

function refusal(
	{ kind, size }: Entry,
	{ shown, bytesMax }: { readonly shown: string; readonly bytesMax: number },
): string | null {
	if (kind === 'folder') return `${shown} is a folder, not a file: it was not read`;
	if (kind !== 'file') return `${shown} is a ${kind}, not a regular file: it was not read`;
	return size > bytesMax ? tooLarge(shown, bytesMax) : null;
}

/** What is said of a file that is too large. */
export function tooLarge(shown: string, bytesMax: number): string {
	const size =
		bytesMax < 1e6 ? `${Math.floor(bytesMax / 1024)} kB` : `${Math.floor(bytesMax / 1e6)} MB`;
	return `${shown} is larger than ${size}: it was not read`;
}

/** The text of the bytes of a file. */
export function decoded(bytes: Buffer, shown: string): Reading {
	const [first, second] = bytes;
	if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
		return problem(`${shown} is UTF-16, which compilers do not read: save it as UTF-8`);
	const text = bytes.toString('utf8');
	if (text.includes('\0')) return problem(`${shown} is not text (it holds NUL bytes)`);
	return { kind: 'text', text: text.startsWith('\ufeff') ? text.slice(1) : text };
}

/** What an error of the file system means for whoever wanted to read. */
function failure(error: unknown, shown: string): NotRead {
	const { code } = error as { readonly code?: unknown };
	switch (code) {
		case 'ENOENT':
		case 'ENOTDIR':
			return ABSENT;
		case 'EACCES':
		case 'EPERM':
			return problem(`${shown} cannot be read: permission denied`);
		case 'ELOOP':
			return problem(`${shown} is a link that leads round in a circle: it was not read`);
		case 'ENAMETOOLONG':
			return problem(`${shown.slice(0, 80)}… cannot be read: the name is too long`);
		default:
			return problem(`${shown} cannot be read: ${typeof code === 'string' ? code : String(error)}`);
	}
}
