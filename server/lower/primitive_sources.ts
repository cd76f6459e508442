/** Racewalk's own table of kernel primitives, read from the `primitives` folder that lies beside the code. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keysIn } from './known_definitions.js';

export interface SourceText {
	readonly path: string;
	readonly text: string;
}

let loaded: readonly SourceText[] | null = null;

/** All files of the table, by `racewalk:primitives/NAME.c`. Throws when the folder is not installed. */
export function primitiveSources(): readonly SourceText[] {
	loaded ??= load();
	return loaded;
}

let keys: ReadonlySet<string> | null = null;

/** The definitions of the kernel's that primitives stand for (known_definitions.ts). */
export function knownKeys(): ReadonlySet<string> {
	keys ??= new Set(keysIn(readFileSync(join(primitivesFolder(), 'known.txt'), 'utf8')));
	return keys;
}

function primitivesFolder(): string {
	const here = dirname(fileURLToPath(import.meta.url));
	// beside this file in the source tree; beside the bundle, or above it, once installed
	const folder = [
		join(here, 'primitives'),
		join(here, '..', 'primitives'),
		join(here, '..', 'server', 'lower', 'primitives'),
	].find((f) => existsSync(f));
	if (folder === undefined)
		throw new Error(`racewalk's primitives are missing beside ${here}: reinstall it`);
	return folder;
}

function load(): readonly SourceText[] {
	const folder = primitivesFolder();
	return readdirSync(folder)
		.filter((name) => name.endsWith('.c'))
		.sort()
		.map((name) => ({
			path: `racewalk:primitives/${name}`,
			text: readFileSync(join(folder, name), 'utf8'),
		}));
}
