/**
 * node_modules as package-lock.json wants it: `npm ci` when it is missing or older than the lock, else nothing.
 *
 * Invariant: needs nothing but Node and npm.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './cache.mjs';
import { must } from './command.mjs';
import { step } from './progress.mjs';

const modules = join(repository, 'node_modules');
/** Hash of the lock that node_modules was installed from. */
const stamp = join(modules, '.racewalk-lock');

/** Installs the dependencies unless they are there already. */
export async function installDependencies() {
	const lock = readFileSync(join(repository, 'package-lock.json'));
	const hash = createHash('sha256').update(lock).digest('hex');
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
	await step('installing dependencies (npm ci)', () => must('npm', ['ci'], { cwd: repository }));
	writeFileSync(stamp, hash);
}
