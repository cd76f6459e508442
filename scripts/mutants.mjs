/**
 * `node scripts/mutants.mjs [WORD...]`: edits of Debian 6.12's mm/gup.c (those whose id holds a WORD), each checked: bugs
 * must be found, benign edits must not. The table is test/mutants/table.ts. `--print ID` prints an edited text instead.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { repository } from './cache.mjs';
import { kernel } from './kernel.mjs';

// One folder below the repository: from there the bundle finds the primitives and the actors in the source folders.
const outfile = join(repository, 'test-output/mutants.mjs');
await build({
	absWorkingDir: repository,
	entryPoints: ['test/mutants/run.ts'],
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
const { editedText, runMutants } = await import(pathToFileURL(outfile).href);
const tree = await kernel('6.12');
const [option, id] = process.argv.slice(2);
if (option === '--print') process.stdout.write(editedText(tree, id));
else process.exitCode = runMutants(tree, process.argv.slice(2), console.log) === 0 ? 0 : 1;
