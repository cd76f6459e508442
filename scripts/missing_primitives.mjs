/**
 * What stands between a file and a program without gaps: every call and construct that ends `unsupported` on its walks,
 * with who reaches it, and every global the walks read from the world.
 *
 *     node scripts/missing_primitives.mjs FILE.c [--tree DIR] [--as mm/gup.c] [--arch NAME] [--function NAME]...
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { repository } from './cache.mjs';

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		tree: { type: 'string' },
		as: { type: 'string' },
		arch: { type: 'string', default: 'x86_64' },
		function: { type: 'string', multiple: true, default: [] },
	},
});
const [file] = positionals;
if (file === undefined) {
	console.error(
		'usage: missing_primitives.mjs FILE.c [--tree DIR] [--as PATH] [--arch NAME] [--function NAME]...',
	);
	process.exit(2);
}

// One folder below the repository: from there the bundle finds the primitives in the source folders.
const outfile = join(repository, 'test-output/missing_primitives_front_end.mjs');
await build({
	stdin: {
		contents: `
			export { lower } from './lower/lower.js';
			export { configuration } from './tree/configuration.js';
			export { openTree, placeOf } from './tree/workspace.js';
		`,
		resolveDir: join(repository, 'server'),
		loader: 'ts',
	},
	outfile,
	bundle: true,
	platform: 'node',
	format: 'esm',
	packages: 'external',
});
const { lower, configuration, openTree, placeOf } = await import(pathToFileURL(outfile).href);
const place = placeOf(file, { tree: values.tree ?? null, as: values.as ?? null });
const { program, walks } = lower({
	path: place.path,
	text: readFileSync(file, 'utf8'),
	tree: place.tree === null ? null : openTree(place.tree),
	arch: values.arch,
	config: configuration({ arch: values.arch, dotConfig: null, set: new Map() }),
	actors: [],
	also: values.function,
});
for (const { root: index } of walks) console.log(`walk ${program.functions[index].name}`);
for (const { reason, site, function: name } of program.unsupported) {
	const { path, line, column } = program.sites[site];
	console.log(`${path}:${line}:${column}: ${name}(): ${reason}`);
}
const symbols = new Set();
for (const f of program.functions) {
	for (const op of f.ops) if (op.kind === 'symbol') symbols.add(program.symbols[op.symbol]);
}
console.log(`globals: ${[...symbols].join(' ') || 'none'}`);
console.log(`${program.unsupported.length} gaps in ${program.functions.length} functions`);
process.exit(walks.length === 0 ? 2 : program.unsupported.length === 0 ? 0 : 1);
