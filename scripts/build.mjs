/**
 * `npm run build`: bundles everything that runs outside the tests into dist/, in well under five seconds.
 *
 * An entry whose source does not exist is an error, so a bundle can never be silently left out. The native parser
 * packages stay external: they are resolved from node_modules (in the repository and inside the .vsix).
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bundled CommonJS packages call `require`; an ES module has none of its own. */
const requireBanner =
	"import { createRequire as racewalkRequire } from 'node:module';\nconst require = racewalkRequire(import.meta.url);";

/** @type {import('esbuild').BuildOptions} */
const common = {
	absWorkingDir: root,
	bundle: true,
	sourcemap: true,
	logLevel: 'warning',
	legalComments: 'none',
	external: ['vscode', 'tree-sitter', 'tree-sitter-c'],
};

/** @type {import('esbuild').BuildOptions} */
const node = { ...common, platform: 'node', target: 'node20', mainFields: ['module', 'main'] };

/** @type {readonly (import('esbuild').BuildOptions & { entry: string })[]} */
const bundles = [
	...['cli', 'main', 'worker'].map((name) => ({
		...node,
		entry: `server/${name}.ts`,
		outfile: `dist/${name === 'main' ? 'server' : name}.js`,
		/** @type {'esm'} */ format: 'esm',
		banner: { js: name === 'cli' ? `#!/usr/bin/env node\n${requireBanner}` : requireBanner },
	})),
	{ ...node, entry: 'client/extension.ts', outfile: 'dist/extension.cjs', format: 'cjs' },
	{
		...common,
		entry: 'client/view/trace_panel.ts',
		outfile: 'dist/view/trace_panel.js',
		platform: 'browser',
		target: 'es2022',
		format: 'iife',
	},
	{
		...common,
		entry: 'client/view/trace_panel.css',
		outfile: 'dist/view/trace_panel.css',
	},
	{
		...node,
		entry: 'test/client/suite/index.ts',
		outfile: 'dist/test/suite/index.cjs',
		format: 'cjs',
		external: [...(common.external ?? []), 'mocha'],
	},
];

/** Folders of C that the bundles read at run time, beside them. */
const copies = [
	{ from: 'engine/actors', to: 'dist/actors', suffix: '.c' },
	{ from: 'server/lower/primitives', to: 'dist/primitives', suffix: '.c' },
];

/**
 * Builds dist/ afresh. Resolves to the sources that are missing (empty when all is there).
 * @returns {Promise<readonly string[]>}
 */
export async function buildAll() {
	rmSync(join(root, 'dist'), { recursive: true, force: true });
	const missing = bundles.filter((b) => !existsSync(join(root, b.entry))).map((b) => b.entry);
	const present = bundles.filter((b) => existsSync(join(root, b.entry)));
	await Promise.all(present.map(({ entry, ...rest }) => build({ ...rest, entryPoints: [entry] })));
	if (existsSync(join(root, 'dist/cli.js'))) chmodSync(join(root, 'dist/cli.js'), 0o755);
	for (const { from, to, suffix } of copies) {
		const source = join(root, from);
		mkdirSync(join(root, to), { recursive: true });
		const files = existsSync(source) ? readdirSync(source).filter((f) => f.endsWith(suffix)) : [];
		for (const file of files) cpSync(join(source, file), join(root, to, file));
		if (files.length === 0) missing.push(`${from}/*${suffix}`);
	}
	return missing;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const started = process.hrtime.bigint();
	const missing = await buildAll();
	const milliseconds = Number((process.hrtime.bigint() - started) / 1_000_000n);
	console.log(`built dist/ in ${milliseconds} ms`);
	for (const entry of missing) console.error(`missing: ${entry}`);
	if (missing.length > 0) process.exitCode = 1;
}
