/**
 * Code of the tests that scripts run: bundled into one file, and imported.
 *
 * Invariant: the bundle lies one folder below the repository; from there it finds the primitives, the adversaries and the
 * fixtures.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { repository } from './cache.mjs';

/**
 * Bundles a file below `test/`; resolves to the bundle's path. The parser is left out, for it is native.
 * @param {string} entry path below `test/`, without its suffix
 */
export async function bundled(entry) {
	const outfile = join(repository, `test-output/${entry.replaceAll('/', '_')}.${process.pid}.mjs`);
	await build({
		absWorkingDir: repository,
		entryPoints: [`test/${entry}.ts`],
		outfile,
		bundle: true,
		platform: 'node',
		format: 'esm',
		target: 'node20',
		external: ['tree-sitter', 'tree-sitter-c'],
		logLevel: 'error',
		mainFields: ['module', 'main'],
		banner: {
			js: "import { createRequire as cr } from 'node:module';\nconst require = cr(import.meta.url);",
		},
	});
	return outfile;
}

/**
 * What a file below `test/` exports.
 * @param {string} entry path below `test/`, without its suffix
 */
export async function imported(entry) {
	return import(pathToFileURL(await bundled(entry)).href);
}
