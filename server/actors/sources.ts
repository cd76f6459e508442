/**
 * The adversaries' C on disk: racewalk's own, shipped beside the program (or in the source checkout), and a workspace's
 * `.racewalk/actors/*.c`. What a workspace's file replaces is decided where they are lowered, by what it defines.
 *
 * Invariant: `.racewalk` is taken from the folders that are given and never from one above them.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { actorHeaders, actorHeads } from '../lower/actor_header.js';
import { type Asking, DISK, type Disk, later, now } from '../reading/disk.js';
import { listing, reading, resolvedRoot } from '../reading/file.js';

export interface ActorSource {
	readonly path: string;
	readonly text: string;
}

/** The adversaries of a workspace, and what could not be read of them, in sentences. */
export interface WorkspaceActors {
	readonly sources: readonly ActorSource[];
	readonly problems: readonly string[];
}

/** Where a tree or a workspace keeps its adversaries. */
export const ACTORS_FOLDER = '.racewalk/actors';

/** Files of C a folder may hold before the rest is left out. */
const FILES_MAX = 100;
/** Bytes of one file, and of all files of a workspace. */
const BYTES_MAX = 256 * 1024;
const BYTES_ALL_MAX = 2 * 1024 * 1024;
/** Problems that are told one by one. */
const PROBLEMS_MAX = 10;
/** File names go where verdicts go: plain ones only. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}\.c$/;

let own: readonly ActorSource[] | null = null;

/** Racewalk's own adversaries. */
export function ownActors(): readonly ActorSource[] {
	own ??= readOwn();
	return own;
}

/** Beside the program, in the checkout, and for what scripts bundle into a folder of the checkout. */
const OWN_FOLDERS = ['./actors/', '../../engine/mm/actors/', '../engine/mm/actors/'] as const;

/** Without adversaries nothing goes wrong in any run: that there are none is never an answer. */
function readOwn(): readonly ActorSource[] {
	for (const folder of OWN_FOLDERS) {
		const path = fileURLToPath(new URL(folder, import.meta.url));
		const { sources } = now(readingFolder(DISK, path, { folder: '.', shownAs: 'racewalk:actors' }));
		if (sources.length > 0) return sources;
	}
	throw new Error('racewalk is not complete: the folder of its adversaries is missing');
}

/** The adversaries of the given folders (a tree, a workspace), of one path a later folder's; blocks. */
export function workspaceActors(...folders: readonly (string | null)[]): WorkspaceActors {
	return now(readingFolders(DISK, folders));
}

/** The same without blocking the thread. */
export function workspaceActorsLater(folders: readonly string[]): Promise<WorkspaceActors> {
	return later(readingFolders(DISK, folders));
}

/** Racewalk's adversaries and those of the given folders. */
export function actorSources(...folders: readonly (string | null)[]): readonly ActorSource[] {
	return [...ownActors(), ...workspaceActors(...folders).sources];
}

function* readingFolders(disk: Disk, folders: readonly (string | null)[]): Asking<WorkspaceActors> {
	const byPath = new Map<string, ActorSource>();
	const problems: string[] = [];
	let bytes = 0;
	for (const folder of new Set(folders)) {
		if (folder === null) continue;
		const read = yield* readingFolder(disk, folder, {
			folder: ACTORS_FOLDER,
			shownAs: ACTORS_FOLDER,
		});
		problems.push(...read.problems);
		for (const source of read.sources) {
			bytes += source.text.length;
			if (bytes > BYTES_ALL_MAX)
				problems.push(`${source.path} was not read: the adversaries are larger than 2 MB`);
			else byPath.set(source.path, source);
		}
	}
	const more = problems.length - PROBLEMS_MAX;
	const told = problems.slice(0, PROBLEMS_MAX);
	if (more > 0) told.push(`${more} more files of ${ACTORS_FOLDER} were not read`);
	return { sources: [...byPath.values()], problems: told };
}

function* readingFolder(
	disk: Disk,
	path: string,
	{ folder, shownAs }: { readonly folder: string; readonly shownAs: string },
): Asking<WorkspaceActors> {
	const root = yield* resolvedRoot(disk, path);
	if (root === null) return { sources: [], problems: [] };
	const listed = yield* listing(disk, { root, path: folder, shown: shownAs });
	const problems = listed.problem === null ? [] : [listed.problem];
	const sources: ActorSource[] = [];
	const files = listed.names.filter((name) => name.endsWith('.c'));
	for (const name of files.slice(0, FILES_MAX)) {
		if (!NAME.test(name)) {
			problems.push(`a file of ${shownAs} has an odd name and was not read: rename it`);
			continue;
		}
		const shown = `${shownAs}/${name}`;
		const read = yield* reading(disk, {
			...{ root, path: join(folder, name), shown },
			bytesMax: BYTES_MAX,
		});
		if (read.kind === 'problem') problems.push(read.problem);
		if (read.kind === 'text') sources.push({ path: shown, text: read.text });
	}
	if (files.length > FILES_MAX)
		problems.push(`${shownAs} holds more than ${FILES_MAX} adversaries: the rest was left out`);
	return { sources, problems };
}

/** Names of the adversaries that act at once: `truncate+evict`. */
export function pairNames(sources: readonly ActorSource[]): readonly string[] {
	return sources
		.flatMap(({ text }) => actorHeaders(text))
		.flatMap(({ name, beside }) => beside.map(({ actor }) => `${name}+${actor}`));
}

/** Names an `--actor` may take: the adversary NAME is the function `actor_NAME`. */
export function actorNames(sources: readonly ActorSource[]): readonly string[] {
	const names = sources.flatMap(({ text }) => actorHeads(text).map(({ name }) => name));
	return [...new Set(names)].sort();
}
