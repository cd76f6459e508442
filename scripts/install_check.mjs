/**
 * Proves that a packaged extension is whole: it installs into a fresh VS Code, and from where it was installed, with
 * no node_modules around it but its own, its command line starts and its parser loads.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
