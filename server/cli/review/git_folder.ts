/**
 * Where a repository keeps its objects, and an empty repository of our own through which git reads them.
 *
 * git is never shown the repository itself: its configuration, hooks, attributes, references and work tree are not looked at, so that
 * nothing in them can make it run a program, connect, or show other objects. References are read here, as text.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Asking, ask, DISK, type Entry, now } from '../../reading/disk.js';
import { listNow, readNow, resolvedRoot } from '../../reading/file.js';
import { UsageError } from '../options.js';

/** A repository, as far as it is read. */
export interface Repository {
	/** Folder of this work tree's HEAD and index. */
	readonly own: string;
	/** Folder of the objects and references that all work trees share. */
	readonly common: string;
	/** The work tree's folder, for messages. */
	readonly shown: string;
}

const DEPTH_MAX = 64;
const SMALL = 100_000;
const PACKED_REFS_MAX = 64_000_000;
const LINKS_MAX = 5;
const HEX = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The repository that a folder lies in; a UsageError where it lies in none. */
export function repositoryAt(folder: string): Repository {
	const found = repositoryNear(folder);
	if (found !== null) return found;
	throw new UsageError(
		`${folder} lies in no git repository: give a patch and --tree, or run it in one`,
	);
}

/** The repository that a folder lies in; null: it lies in none. */
export function repositoryNear(folder: string): Repository | null {
	let at = resolve(folder);
	for (let depth = 0; depth < DEPTH_MAX; depth++) {
		const own = gitFolderIn(at);
		if (own !== null) return { own, common: commonOf(own), shown: at };
		if (dirname(at) === at) break;
		at = dirname(at);
	}
	return null;
}

function gitFolderIn(folder: string): string | null {
	const beside = join(folder, '.git');
	if (isFolder(join(beside, 'objects'))) return beside;
	// a linked work tree
	const said = /^gitdir: ([^\n]{1,4000})\n?$/.exec(textAt(beside) ?? '')?.[1];
	if (said !== undefined) return resolve(folder, said);
	return isFolder(join(folder, 'objects')) && textAt(join(folder, 'HEAD')) !== null ? folder : null;
}

function commonOf(own: string): string {
	const said = textAt(join(own, 'commondir'))?.trim();
	return said === undefined || said === '' ? own : resolve(own, said);
}

/** What a reference leads to, in hexadecimal; null: there is none of that name. */
export function referenceIn(repository: Repository, name: string): string | null {
	if (!/^[\w./+@-]{1,250}$/.test(name) || name.split('/').includes('..')) return null;
	const short = name === '@' ? 'HEAD' : name;
	const candidates = [
		...[short, `refs/${short}`, `refs/tags/${short}`, `refs/heads/${short}`],
		...[`refs/remotes/${short}`, `refs/remotes/${short}/HEAD`],
	];
	for (const candidate of candidates) {
		const isOne = /^[A-Z_]+$/.test(candidate) || candidate.startsWith('refs/');
		const found = isOne ? followed(repository, candidate, LINKS_MAX) : null;
		if (found !== null) return found;
	}
	return null;
}

function followed(repository: Repository, name: string, left: number): string | null {
	if (left === 0) return null;
	const loose = textAt(join(repository.own, name)) ?? textAt(join(repository.common, name));
	const said = loose?.trim() ?? packed(repository, name);
	if (said === null) return null;
	const to = /^ref: (\S{1,250})$/.exec(said)?.[1];
	if (to !== undefined)
		return to.split('/').includes('..') ? null : followed(repository, to, left - 1);
	return HEX.test(said) ? said : null;
}

function packed({ common }: Repository, name: string): string | null {
	const text = textAt(join(common, 'packed-refs'), PACKED_REFS_MAX) ?? '';
	for (const line of text.split('\n')) {
		const blank = line.indexOf(' ');
		if (blank > 0 && line.slice(blank + 1) === name) return line.slice(0, blank);
	}
	return null;
}

/** Objects that are looked at, and object stores that alternates lead to, at most: git is stopped in time whatever is behind them. */
const OBJECTS_MAX = 200_000;
const STORES_MAX = 32;

/**
 * What of a repository git would wait at for ever, or read without an end, in a sentence; null: nothing. Looks at all that git opens: the
 * index, objects one by one, packs and what is beside them, and the same of the stores that alternates name.
 */
export function strangeIn({ own, common }: Repository): string | null {
	const stores = [join(common, 'objects')];
	let left = OBJECTS_MAX;
	const within = (folder: string, depth: number): string | null => {
		for (const name of listNow({ root: null, path: folder }).names) {
			if (left-- <= 0) return null;
			const path = join(folder, name);
			const kind = now(kindAt(path));
			const found = kind === 'folder' && depth > 0 ? within(path, depth - 1) : notRead(path, kind);
			if (found !== null) return found;
		}
		return null;
	};
	const index = join(own, 'index');
	const strange = notRead(index, now(kindAt(index)));
	if (strange !== null) return strange;
	for (let i = 0; i < stores.length && i < STORES_MAX; i++) {
		const store = stores[i] ?? '';
		const found = within(store, DEPTH_OF_OBJECTS);
		if (found !== null) return found;
		for (const line of (textAt(join(store, 'info/alternates')) ?? '').split('\n')) {
			const other = line === '' || line.startsWith('#') ? null : resolve(store, line);
			if (other !== null && !stores.includes(other)) stores.push(other);
		}
	}
	return null;
}

/** `pack/multi-pack-index.d/chain` and `info/commit-graphs/chain` are the deepest. */
const DEPTH_OF_OBJECTS = 2;

function notRead(path: string, kind: Entry['kind'] | null): string | null {
	if (kind === null || kind === 'file' || kind === 'folder') return null;
	return `${path} is a ${kind}, which git would wait for: the repository was not read`;
}

/** What stands at a path once links are followed; null: nothing that can be looked at. */
function* kindAt(path: string): Asking<Entry['kind'] | null> {
	try {
		const { kind } = yield* ask(DISK.look(path));
		if (kind !== 'link') return kind;
		return (yield* ask(DISK.look(yield* ask(DISK.real(path))))).kind;
	} catch {
		return null;
	}
}

function textAt(path: string, bytesMax = SMALL): string | null {
	const read = readNow({ root: null, path, bytesMax });
	return read.kind === 'text' ? read.text : null;
}

function isFolder(path: string): boolean {
	return now(resolvedRoot(DISK, path)) !== null;
}

/** An empty repository in a temporary folder, whose objects are those of another; removed by `end`, and when the process ends. */
export function borrowed(repository: Repository): { readonly folder: string; end(): void } {
	const objects = join(repository.common, 'objects');
	if (/[\n"]/.test(objects) || objects.startsWith('#'))
		throw new UsageError(`${repository.common} has a name that git's list of objects cannot hold`);
	const folder = mkdtempSync(join(tmpdir(), 'racewalk-git-'));
	const end = (): void => rmSync(folder, { recursive: true, force: true });
	process.once('exit', end);
	for (const made of ['objects/info', 'objects/pack', 'refs/heads', 'home'])
		mkdirSync(join(folder, made), { recursive: true });
	const isLong = (referenceIn(repository, 'HEAD') ?? '').length === 64;
	writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/none\n');
	writeFileSync(join(folder, 'config'), isLong ? LONG_NAMES : SHORT_NAMES);
	writeFileSync(join(folder, 'objects/info/alternates'), `${objects}\n`);
	return { folder, end };
}

const SHORT_NAMES = '[core]\n\trepositoryformatversion = 0\n\tbare = true\n';
const LONG_NAMES =
	'[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n';
