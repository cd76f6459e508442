/**
 * Where the scripts keep what is fetched once and never committed: kernels, code-server, Debian package lists.
 * `.cache/` in the repository (ignored by git), or the folder that RACEWALK_CACHE names.
 */
import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeTemporary, temporaryFolder } from './temporary.mjs';

/** Root folder of the repository, absolute. */
export const repository = resolve(fileURLToPath(new URL('..', import.meta.url)));

/** Root folder of the cache, absolute. */
export const cache = resolve(process.env['RACEWALK_CACHE'] ?? join(repository, '.cache'));

/**
 * A folder of the cache that is either whole or absent: filled elsewhere and moved in place. Left alone when there.
 * @param {string} name path below the cache
 * @param {(folder: string) => Promise<void>} fill
 * @returns {Promise<string>} absolute path
 */
export async function cached(name, fill) {
	const folder = join(cache, name);
	if (existsSync(folder)) return folder;
	mkdirSync(dirname(folder), { recursive: true });
	const partial = temporaryFolder('partial', dirname(folder));
	try {
		await fill(partial);
		chmodSync(partial, 0o755);
		// Another process may have been faster: then its copy is as good as ours.
		if (!existsSync(folder)) renameSync(partial, folder);
	} finally {
		removeTemporary(partial);
	}
	return folder;
}
