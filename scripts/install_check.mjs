/**
 * Proves that packages are whole: the extension installs into a fresh VS Code, and from where it was installed, with
 * no node_modules around it but its own, its command line starts and its parser loads.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './cache.mjs';
import { must, run } from './command.mjs';
import { removeTemporary, temporaryFolder } from './temporary.mjs';

/**
 * Throws when the package does not install or does not run.
 * @param {string} extension path of the .vsix
 * @param {string} entry code-server's entry file
 */
export async function checkInstalls(extension, entry) {
	const home = temporaryFolder('install');
	try {
		const extensions = join(home, 'extensions');
		mkdirSync(extensions);
		writeFileSync(join(home, 'config.yaml'), 'auth: none\n');
		await must(
			process.execPath,
			[
				...[entry, '--config', join(home, 'config.yaml'), '--user-data-dir', join(home, 'data')],
				...['--extensions-dir', extensions, '--install-extension', extension, '--force'],
			],
			{ env: { ...process.env, EXTENSIONS_GALLERY: '{}' } },
		);
		const installed = readdirSync(extensions).find((f) => f.startsWith('racewalk.racewalk-'));
		if (installed === undefined) throw new Error('code-server installed nothing');
		const cli = join(extensions, installed, 'dist/cli.js');
		await must(process.execPath, [cli, '--version']);
		const source = join(home, 'empty.c');
		writeFileSync(source, 'int main(void) { return 0; }\n');
		const { status, output } = await run(process.execPath, [cli, 'check', source], { quiet: true });
		if (status !== 0)
			throw new Error(`the installed command line ended with ${status}:\n${output}`);
	} finally {
		removeTemporary(home);
	}
}

/** A walk that pins a page without another look at the entry, in C that needs no header. */
const WALK = 'test/fixtures/violated/stale-pin.c';

/**
 * Throws when the command does not install into an empty prefix, or does not work from there: on a tree, in a folder that knows nothing
 * of the repository, with the native parser and without it.
 * @param {string} archive path of the .tgz
 */
export async function checkCommand(archive) {
	const home = temporaryFolder('prefix');
	try {
		const prefix = join(home, 'prefix');
		const tree = join(home, 'tree');
		for (const folder of [prefix, join(tree, 'mm'), join(tree, 'include/linux')])
			mkdirSync(folder, { recursive: true });
		cpSync(join(repository, WALK), join(tree, 'mm/gup.c'));
		await must('npm', ['install', '--global', '--prefix', prefix, archive], { cwd: home });
		const command = join(prefix, 'bin/racewalk');
		const check = async (/** @type {readonly string[]} */ more) => {
			const args = ['check', 'mm/gup.c', '--depth', 'core', ...more];
			const { status, output } = await run(command, args, { cwd: tree, quiet: true });
			if (status === 1 && output.includes('[stale-pin]')) return;
			throw new Error(`${['racewalk', ...args].join(' ')} ended with ${status}:\n${output}`);
		};
		await must(command, ['--version'], { cwd: tree });
		for (const name of ['racewalk.1', 'completions/racewalk'])
			if (!existsSync(join(prefix, 'lib/node_modules/racewalk/dist', name)))
				throw new Error(`there is no ${name}`);
		await check(['--budget', '300']);
		for (const name of ['tree-sitter', 'tree-sitter-c'])
			rmSync(join(prefix, 'lib/node_modules/racewalk/node_modules', name, 'prebuilds'), {
				recursive: true,
			});
		await check(['--budget', '300']);
	} finally {
		removeTemporary(home);
	}
}
