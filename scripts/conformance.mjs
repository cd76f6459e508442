/**
 * `npm run conformance [PART...] [-- WORD...]`: the front end held to a compiler. Parts:
 *
 *     preprocess   every file of mm/ of both kernels against `gcc -E`; words name files (`-- gup rmap`)
 *
 * Exit status 1 when there is a difference that the part does not explain.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { repository } from './cache.mjs';
import { kernel, VERSIONS } from './kernel.mjs';
import { needPrograms } from './packages.mjs';
import { removeTemporary, temporaryFolder } from './temporary.mjs';

/** @type {Record<string, (words: readonly string[]) => Promise<number>>} */
const PARTS = { preprocess };

/**
 * A part's code, bundled one folder below the repository.
 * @param {string} entry
 */
async function bundled(entry) {
	const outfile = join(repository, `test-output/conformance_${entry}.${process.pid}.mjs`);
	await build({
		absWorkingDir: repository,
		entryPoints: [`test/conformance/${entry}.ts`],
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
	return import(pathToFileURL(outfile).href);
}

/** @param {readonly string[]} args @param {string} cwd */
function gcc(args, cwd) {
	const { stdout, stderr } = spawnSync('gcc', args, {
		cwd,
		encoding: 'utf8',
		maxBuffer: 256 * 1024 * 1024,
	});
	return { out: stdout ?? '', err: stderr ?? '' };
}

/**
 * Resolves to the number of functions that differ.
 * @param {readonly string[]} words
 */
async function preprocess(words) {
	await needPrograms(['gcc']);
	const { compare, gccText, prepareBuild } = await bundled('preprocess');
	const count = { files: 0, functions: 0, different: 0, between: 0 };
	for (const version of VERSIONS) {
		const root = await kernel(version);
		const folder = temporaryFolder('conformance');
		try {
			const arch = 'x86_64';
			const args = prepareBuild(root, folder, arch);
			const files = readdirSync(join(root, 'mm'), { recursive: true })
				.map((name) => `mm/${name}`)
				.filter((path) => path.endsWith('.c'))
				.filter((path) => words.length === 0 || words.some((w) => path.includes(w)))
				.sort();
			for (const path of files) {
				const text = gccText({ run: gcc }, { root, folder, path, args });
				const result = compare(path, { root, arch, gcc: text });
				count.files++;
				count.functions += result.functions;
				count.different += result.differences.length;
				if (!result.whole && result.differences.length === 0) count.between++;
				if (!result.whole)
					console.log(`${version} ${path}: ${result.same} of ${result.functions} functions`);
				for (const d of result.differences)
					console.log(`  ${d.function}\n    racewalk: ${d.racewalk}\n    gcc:      ${d.gcc}`);
			}
		} finally {
			removeTemporary(folder);
		}
	}
	console.log(
		`preprocess: ${count.files} files, ${count.functions} functions, ${count.different} differ; ` +
			`${count.between} files differ between functions`,
	);
	return count.different;
}

const argv = process.argv.slice(2);
const split = argv.indexOf('--');
const named = (split < 0 ? argv : argv.slice(0, split)).filter((word) =>
	Object.hasOwn(PARTS, word),
);
const words = argv.filter((word) => word !== '--' && !named.includes(word));
let failed = 0;
for (const name of named.length > 0 ? named : Object.keys(PARTS)) {
	failed += (await PARTS[name]?.(words)) ?? 0;
}
process.exitCode = failed === 0 ? 0 : 1;
