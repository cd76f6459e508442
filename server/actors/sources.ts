/**
 * The adversaries' C on disk: racewalk's own, shipped beside the program (or in the source checkout), and a workspace's
 * `.racewalk/actors/*.c`. A workspace's file of the same name replaces racewalk's.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { actorHeaders } from '../lower/actor_header.js';

export interface ActorSource {
	readonly path: string;
	readonly text: string;
}

/** Files of C a folder may hold before the rest is left out. */
const FILES_MAX = 100;

/** Racewalk's own adversaries. */
export function ownActors(): readonly ActorSource[] {
	const folders = ['./actors/', '../../engine/mm/actors/'];
	for (const folder of folders) {
		const found = readActors(fileURLToPath(new URL(folder, import.meta.url)), 'racewalk:actors');
		if (found.length > 0) return found;
	}
	return [];
}

/** Racewalk's adversaries and those of the given folders (a tree, a workspace); a later folder's file wins. */
export function actorSources(...folders: readonly (string | null)[]): readonly ActorSource[] {
	const byName = new Map(ownActors().map((source) => [nameOf(source), source]));
	for (const folder of new Set(folders)) {
		if (folder === null) continue;
		for (const source of readActors(join(folder, '.racewalk', 'actors'), '.racewalk/actors')) {
			byName.set(nameOf(source), source);
		}
	}
	return [...byName.values()];
}

function nameOf(source: ActorSource): string {
	return source.path.replace(/^.*\//, '');
}

function readActors(folder: string, shownAs: string): readonly ActorSource[] {
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.filter((name) => name.endsWith('.c'))
		.sort()
		.slice(0, FILES_MAX)
		.map((name) => ({
			path: `${shownAs}/${name}`,
			text: readFileSync(join(folder, name), 'utf8'),
		}));
}

/** Names of the adversaries that act at once: `truncate+evict`. */
export function pairNames(sources: readonly ActorSource[]): readonly string[] {
	return sources
		.flatMap(({ text }) => actorHeaders(text))
		.flatMap(({ name, beside }) => beside.map(({ actor }) => `${name}+${actor}`));
}

/** Names an `--actor` may take: the adversary NAME is the function `actor_NAME`. */
export function actorNames(sources: readonly ActorSource[]): readonly string[] {
	const names = new Set<string>();
	for (const { text } of sources) {
		for (const match of text.matchAll(/^[^\n/*]*\bactor_(\w+)\s*\([^;{]*\)\s*\{/gm)) {
			if (match[1] !== undefined) names.add(match[1]);
		}
	}
	return [...names].sort();
}
