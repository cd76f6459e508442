/**
 * `npm run build`: bundles everything that runs outside the tests into dist/, in well under five seconds.
 *
 * An entry whose source does not exist is an error, so a bundle can never be silently left out. The native parser
 * packages stay external: they are resolved from node_modules (in the repository and inside the .vsix).
 */
import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
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
	// names stay, so that an error of ours says where it was
	minifyWhitespace: true,
	external: ['vscode', 'tree-sitter', 'tree-sitter-c'],
};

/** @type {import('esbuild').BuildOptions} */
const node = { ...common, platform: 'node', target: 'node20', mainFields: ['module', 'main'] };

/** @type {readonly (import('esbuild').BuildOptions & { entry: string })[]} */
const bundles = [
	...[
		['server/cli.ts', 'cli'],
		['server/main.ts', 'server'],
		['server/worker/worker.ts', 'worker'],
	].map(([entry = '', name]) => ({
		...node,
		entry,
		outfile: `dist/${name}.js`,
		/** @type {'esm'} */ format: 'esm',
		// web-tree-sitter asks for it, and is given its file
		define: { __dirname: '""' },
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
	// what `racewalk export --as html` writes into its page: no reference to a map, which the page has not
	{
		...common,
		entry: 'client/view/run_page.ts',
		outfile: 'dist/view/run_page.js',
		platform: 'browser',
		target: 'es2022',
		format: 'iife',
		sourcemap: false,
	},
	{
		...common,
		entry: 'client/view/run_page.css',
		outfile: 'dist/view/run_page.css',
		sourcemap: false,
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
	{ from: 'engine/mm/actors', to: 'dist/actors', suffix: '.c' },
	{ from: 'server/lower/primitives', to: 'dist/primitives', suffix: '.c' },
	{ from: 'server/lower/primitives', to: 'dist/primitives', suffix: '.txt' },
	// where no native parser loads
	{ from: 'node_modules/web-tree-sitter', to: 'dist/parser', suffix: '.wasm' },
	{ from: 'node_modules/tree-sitter-c', to: 'dist/parser', suffix: '.wasm' },
];

/**
 * Builds dist/ in place: what is running from it never sees a missing file, and what is no longer made is removed.
 * Resolves to what is wrong, a line each: sources that are missing or do not bundle. Empty when all is well.
 * @returns {Promise<readonly string[]>}
 */
export async function buildAll() {
	/** @type {Set<string>} */
	const made = new Set();
	/** @type {string[]} */
	const problems = [];
	const bundling = bundles.map(async ({ entry, ...rest }) => {
		if (!existsSync(join(root, entry))) {
			problems.push(`missing: ${entry}`);
			return;
		}
		try {
			const { metafile, warnings } = await build({ ...rest, entryPoints: [entry], metafile: true });
			if (warnings.length > 0) problems.push(`bundles with warnings: ${entry}`);
			for (const path of Object.keys(metafile.outputs)) made.add(path);
		} catch {
			// esbuild has printed where and why.
			problems.push(`does not bundle: ${entry}`);
		}
	});
	await Promise.all(bundling);
	for (const { from, to, suffix } of copies) {
		const source = join(root, from);
		const files = existsSync(source) ? readdirSync(source).filter((f) => f.endsWith(suffix)) : [];
		if (files.length === 0) problems.push(`missing: ${from}/*${suffix}`);
		for (const file of files) {
			cpSync(join(source, file), join(root, to, file));
			made.add(join(to, file));
		}
	}
	if (made.has('dist/cli.js')) chmodSync(join(root, 'dist/cli.js'), 0o755);
	if (problems.length === 0) for (const path of writtenByCommand()) made.add(path);
	if (problems.length === 0) prune('dist', made);
	return problems;
}

/** What the command says of itself, and under which names it is looked for. */
const SAID = {
	'dist/racewalk.1': ['man'],
	'dist/completions/racewalk': ['completion', 'bash'],
	'dist/completions/_racewalk': ['completion', 'zsh'],
	'dist/completions/racewalk.fish': ['completion', 'fish'],
};

/** The manual page and the completions, written by the command that was built; resolves to their paths. */
function writtenByCommand() {
	mkdirSync(join(root, 'dist/completions'), { recursive: true });
	for (const [path, args] of Object.entries(SAID))
		writeFileSync(
			join(root, path),
			execFileSync(process.execPath, [join(root, 'dist/cli.js'), ...args]),
		);
	return Object.keys(SAID);
}

/**
 * Removes the files below `folder` that this build did not make.
 * @param {string} folder path from the root
 * @param {ReadonlySet<string>} made
 */
function prune(folder, made) {
	for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) prune(path, made);
		else if (!made.has(path)) rmSync(join(root, path));
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const started = process.hrtime.bigint();
	const problems = await buildAll();
	const milliseconds = Number((process.hrtime.bigint() - started) / 1_000_000n);
	console.log(`built dist/ in ${milliseconds} ms`);
	for (const problem of problems) console.error(problem);
	if (problems.length > 0) process.exitCode = 1;
}
