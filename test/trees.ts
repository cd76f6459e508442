/**
 * The real kernel trees tests run on: Debian's, fetched into the cache by `npm test` (or `node scripts/kernel.mjs`).
 * A tree that is not there fails the test that asks for it; nothing is skipped.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = resolve(fileURLToPath(new URL('..', import.meta.url)));

/** Root folder of the repository, absolute. */
export const repositoryRoot: string = repository;

/** Absolute root of Debian's kernel of that version; throws with what to run when it was not fetched. */
export function kernelTree(version: '6.12' | '6.1'): string {
	const cache = resolve(process.env['RACEWALK_CACHE'] ?? join(repository, '.cache'));
	const tree = join(cache, 'kernel', version);
	if (!existsSync(join(tree, 'mm/gup.c'))) {
		throw new Error(`no kernel ${version} in ${tree}: run \`node scripts/kernel.mjs ${version}\``);
	}
	return tree;
}
