/**
 * Debian packages: programs the scripts need (installed when we are root, else the one line to type), and archives
 * that are only downloaded and unpacked, which needs no root at all.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './cache.mjs';
import { must, run, which } from './command.mjs';
import { step } from './progress.mjs';

/** Programs by name and the Debian package that brings each. */
const PACKAGES = {
	chromium: 'chromium',
	rg: 'ripgrep',
	xz: 'xz-utils',
	python3: 'python3',
	make: 'make',
	'g++': 'g++',
	gcc: 'gcc',
};
/** @typedef {keyof typeof PACKAGES} Program */

const isRoot = process.getuid?.() === 0;
const aptEnvironment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

/**
 * Sees to it that the programs are on PATH; throws with the line to type when that needs root and we are not.
 * @param {readonly Program[]} programs
 */
export async function needPrograms(programs) {
	const missing = programs.filter((program) => which(program) === null);
	if (missing.length === 0) return;
	const packages = missing.map((program) => PACKAGES[program]);
	const line = `apt-get install ${packages.join(' ')}`;
	if (which('apt-get') === null) {
		throw new Error(`missing programs: ${missing.join(', ')} (on Debian: ${line})`);
	}
	if (!isRoot) throw new Error(`missing programs: ${missing.join(', ')}. Type: sudo ${line}`);
	await step(`installing ${packages.join(', ')} (apt-get)`, async () => {
		const install = () =>
			run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], {
				env: aptEnvironment,
				quiet: true,
			});
		if ((await install()).status === 0) return;
		await run('apt-get', ['update'], { quiet: true });
		const { status, output } = await install();
		if (status !== 0) throw new Error(`\`${line}\` failed:\n${output.slice(-2000)}`);
	});
}

/**
 * Downloads the newest version of a Debian package into `folder` and returns the archive's path. Uses the system's
 * package lists; when they are empty or stale, lists of our own in the cache.
 * @param {string} name
 * @param {string} folder
 */
export async function downloadPackage(name, folder) {
	if (which('apt-get') === null || which('dpkg-deb') === null) {
		throw new Error(`${name} comes from Debian's packages, and this is no Debian`);
	}
	const sandbox = isRoot ? ['-o', 'APT::Sandbox::User=root'] : [];
	const first = await run('apt-get', [...sandbox, 'download', name], { cwd: folder, quiet: true });
	if (first.status !== 0) {
		const own = ownLists();
		await run('apt-get', [...sandbox, ...own, 'update'], { quiet: true });
		await must('apt-get', [...sandbox, ...own, 'download', name], { cwd: folder });
	}
	const archive = readdirSync(folder).find((f) => f.startsWith(`${name}_`) && f.endsWith('.deb'));
	if (archive === undefined) throw new Error(`apt-get download ${name} left no archive`);
	return join(folder, archive);
}

/** Options that make apt-get keep package lists in our cache, so that `update` needs no root. */
function ownLists() {
	const state = join(cache, 'apt');
	for (const folder of ['lists/partial', 'archives/partial']) {
		mkdirSync(join(state, folder), { recursive: true });
	}
	const status = '/var/lib/dpkg/status';
	return [
		...['-o', `Dir::State::lists=${join(state, 'lists')}`],
		...['-o', `Dir::Cache=${state}`],
		...(existsSync(status) ? ['-o', `Dir::State::status=${status}`] : []),
	];
}
