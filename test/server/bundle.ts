/**
 * Bundles programs for tests that spawn them, apart from dist/, so that a test run and a build do not meet.
 */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles entries (paths from the repository's root) into one new folder; their outputs keep their base names. */
export async function bundle(entries: Readonly<Record<string, string>>): Promise<string> {
	// Below the repository, where node_modules is found; laid out like the package, so that `../package.json` is there.
	mkdirSync(join(root, '.cache'), { recursive: true });
	const home = mkdtempSync(join(root, '.cache', 'test-bundle-'));
	const folder = join(home, 'dist');
	mkdirSync(folder);
	copyFileSync(join(root, 'package.json'), join(home, 'package.json'));
	cpSync(join(root, 'engine/mm/actors'), join(folder, 'actors'), { recursive: true });
	cpSync(join(root, 'server/lower/primitives'), join(folder, 'primitives'), { recursive: true });
	await build({
		absWorkingDir: root,
		entryPoints: { ...entries },
		outdir: folder,
		bundle: true,
		platform: 'node',
		target: 'node20',
		format: 'esm',
		mainFields: ['module', 'main'],
		external: ['tree-sitter', 'tree-sitter-c'],
		logLevel: 'error',
		banner: {
			js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);",
		},
	});
	return folder;
}
