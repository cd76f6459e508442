/**
 * Temporary folders that are gone when the script is, however it ends.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @type {Set<string>} */
const folders = new Set();

process.on('exit', () => {
	for (const folder of folders) removeTemporary(folder);
});

/**
 * A fresh folder, by its absolute path. `parent` where it has to be on the disk of what it becomes.
 * @param {string} name
 * @param {string} [parent]
 */
export function temporaryFolder(name, parent = tmpdir()) {
	const folder = mkdtempSync(join(parent, `racewalk-${name}-`));
	folders.add(folder);
	return folder;
}

/**
 * Removes a temporary folder before its time. A program that is just dying may still write: a few more tries.
 * @param {string} folder
 */
export function removeTemporary(folder) {
	folders.delete(folder);
	rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
