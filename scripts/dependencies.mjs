/**
 * node_modules as package-lock.json wants it: `npm ci` when a package is missing or of another version, else nothing.
 * `.npmrc` lets no package run a script of its own. The packages that have one, and why they do without:
 *
 * - tree-sitter, tree-sitter-c: compile the parser where none is prebuilt; done here, by name, only there.
 * - esbuild: makes its command start faster; the scripts use its API.
 * - @vscode/vsce-sign, keytar: sign and keep passwords for publishing, which is not done from here.
 *
 * Invariant: needs nothing but Node and npm, and a compiler where no parser is prebuilt.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './cache.mjs';
import { must, run } from './command.mjs';
import { needPrograms } from './packages.mjs';
import { step } from './progress.mjs';

/** The packages whose install scripts are run where they do not load without. */
export const COMPILED = ['tree-sitter', 'tree-sitter-c'];
/** The packages with install scripts that are never run. */
export const NOT_RUN = ['esbuild', '@vscode/vsce-sign', 'keytar'];

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

/** Whether the native packages load: there is a prebuilt one for this platform, or it was compiled. */
async function isLoadable() {
	const load = COMPILED.map((name) => `require('${name}')`).join(';');
	return (await run(process.execPath, ['-e', load], { cwd: repository, quiet: true })).status === 0;
}

/** Installs the dependencies unless they are there already. */
export async function installDependencies() {
	if (!isInstalled()) {
		await step('installing dependencies (npm ci)', () =>
			must('npm', ['ci', '--ignore-scripts'], { cwd: repository }),
		);
	}
	if (await isLoadable()) return;
	await needPrograms(['python3', 'make', 'g++']);
	await step(`compiling ${COMPILED.join(', ')} (npm rebuild)`, () =>
		must('npm', ['rebuild', '--ignore-scripts=false', ...COMPILED], { cwd: repository }),
	);
	if (!(await isLoadable())) throw new Error(`${COMPILED.join(', ')} do not load on this platform`);
}
