/**
 * node_modules as package-lock.json wants it: `npm ci` when a package is missing or of another version, else nothing.
 *
 * Invariant: needs nothing but Node and npm.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './cache.mjs';
import { must } from './command.mjs';
import { step } from './progress.mjs';

/** @typedef {{ packages: Readonly<Record<string, { version?: string, optional?: boolean }>> }} Lock */

/** @param {string} path @returns {Lock} */
function readLock(path) {
	return JSON.parse(readFileSync(join(repository, path), 'utf8'));
}

/** Whether what npm noted as installed covers the lock; packages of other platforms are optional. */
function isInstalled() {
	try {
		const installed = readLock('node_modules/.package-lock.json').packages;
		return Object.entries(readLock('package-lock.json').packages).every(
			([path, { version, optional }]) =>
				path === '' || optional === true || installed[path]?.version === version,
		);
	} catch {
		return false;
	}
}

/** Installs the dependencies unless they are there already. */
export async function installDependencies() {
	if (isInstalled()) return;
	await step('installing dependencies (npm ci)', () => must('npm', ['ci'], { cwd: repository }));
}
