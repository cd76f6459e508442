/**
 * Temporary folders, of mode 700, that are gone when the script is, however it ends: by itself, by SIGINT, SIGTERM or
 * SIGHUP (`command.mjs` turns them into an exit). Nothing is left to do it after SIGKILL.
 *
 * Invariant: what was started is killed before its folders are removed, or it would write on and keep them.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// Its exit handler kills what was started; imported first, it runs first.
import './command.mjs';

/** @type {Set<string>} */
const folders = new Set();

process.on('exit', () => {
	for (const folder of [...folders]) removeTemporary(folder);
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
	for (let tries = 0; tries < 20; tries++) {
		try {
			rmSync(folder, { recursive: true, force: true });
		} catch {
			// Something was made in it meanwhile, or cannot be removed at all.
		}
		const isGone = !existsSync(folder);
		// Looked at twice: what was just being made in it brings it back a moment later.
		if (isGone && tries > 0) return;
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, isGone ? 20 : 50);
	}
	process.stderr.write(`could not be removed: ${folder}\n`);
}
