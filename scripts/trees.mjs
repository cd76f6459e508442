/**
 * `npm run trees -- [--arch NAME|all] DIR...`: racewalk on the mm/gup.c of kernel trees as they are, one row each: dialect,
 * verdicts, findings by rule, and whether each finding is argued in docs/generations.md. Ends with 1 when one is not.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { repository } from './cache.mjs';

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { arch: { type: 'string', multiple: true, default: ['x86_64'] } },
});
const strange = positionals.filter((folder) => !existsSync(join(folder, 'mm/gup.c')));
if (positionals.length === 0 || strange.length > 0) {
	for (const folder of strange) console.error(`${folder} has no mm/gup.c`);
	console.error('usage: npm run trees -- [--arch NAME|all] DIR...   (DIR: root of a kernel tree)');
	process.exit(2);
}

// One folder below the repository: from there the bundle finds the primitives and the actors in the source folders.
const outfile = join(repository, 'test-output/trees.mjs');
await build({
	absWorkingDir: repository,
	entryPoints: ['test/generations/run.ts'],
	outfile,
	bundle: true,
	platform: 'node',
	format: 'esm',
	target: 'node20',
	external: ['tree-sitter', 'tree-sitter-c'],
	logLevel: 'error',
	banner: {
		js: "import { createRequire as cr } from 'node:module';\nconst require = cr(import.meta.url);",
	},
});
const { ARCH_NAMES, runTrees } = await import(pathToFileURL(outfile).href);
const archs = values.arch.includes('all') ? ARCH_NAMES : values.arch;
const differing = runTrees(positionals, archs, console.log);
process.exit(differing === 0 ? 0 : 1);
