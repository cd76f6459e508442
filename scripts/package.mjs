/**
 * `npm run package`: racewalk-VERSION.vsix, one file for every platform: the bundle, what it reads at run time, and
 * the native parser packages with their prebuilt binaries, put where the bundle's own imports find them; and
 * racewalk-VERSION.tgz, the command alone, whose parser npm installs.
 *
 * The files are gathered in a folder of their own first: what is not listed here cannot slip in.
 */
import { cpSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repository } from './cache.mjs';
import { must, run } from './command.mjs';
import { removeTemporary, temporaryFolder } from './temporary.mjs';

/** Files and folders of the repository that go in as they are, source maps and the test suite left out. */
const CONTENTS = [
	...[
		'README.md',
		'CHANGELOG.md',
		'LICENSE',
		'dist',
		'syntaxes',
		'media',
		'docs',
		'schema',
		'samples',
		'package.nls.json',
		'l10n',
	],
];
const LEFT_OUT = /\.map$|^dist\/test(\/|$)/;

/** Packages that cannot be bundled, and the files of each that are needed to load it. */
const NATIVE = {
	'tree-sitter': ['package.json', 'LICENSE', 'index.js', 'prebuilds'],
	'tree-sitter-c': [
		...['package.json', 'LICENSE', 'prebuilds'],
		...['bindings/node/index.js', 'src/node-types.json'],
	],
	'node-gyp-build': ['package.json', 'LICENSE', 'index.js', 'node-gyp-build.js'],
};

/**
 * Packages dist/ as it is built. Resolves to the path of the .vsix.
 * @returns {Promise<string>}
 */
export async function packageExtension() {
	const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
	const file = join(repository, `racewalk-${manifest.version}.vsix`);
	const folder = temporaryFolder('package');
	try {
		gather(folder, manifest);
		const vsce = join(repository, 'node_modules/@vscode/vsce/vsce');
		const quiet = [
			'--no-dependencies',
			'--allow-missing-repository',
			'--no-rewrite-relative-links',
		];
		await must(process.execPath, [vsce, 'package', '--out', file, ...quiet], { cwd: folder });
	} finally {
		removeTemporary(folder);
	}
	return file;
}

/**
 * Puts everything that belongs in the package into `folder`.
 * @param {string} folder
 * @param {Record<string, unknown>} manifest package.json of the repository
 */
function gather(folder, manifest) {
	const {
		scripts: _,
		dependencies: __,
		devDependencies: ___,
		files: ____,
		man: _____,
		...own
	} = manifest;
	// npm shows the one of the repository as it is, VS Code in the reader's language
	const shipped = { ...own, displayName: '%displayName%', description: '%description%' };
	writeFileSync(join(folder, 'package.json'), JSON.stringify(shipped, null, '\t'));
	for (const name of CONTENTS.filter((n) => existsSync(join(repository, n)))) {
		cpSync(join(repository, name), join(folder, name), {
			recursive: true,
			filter: (path) => !LEFT_OUT.test(path.slice(repository.length + 1)),
		});
	}
	for (const [name, files] of Object.entries(NATIVE)) {
		const from = join(repository, 'node_modules', name);
		for (const path of files) {
			cpSync(join(from, path), join(folder, 'dist/node_modules', name, path), { recursive: true });
		}
	}
}

/** Bytes of the command, unpacked, beside what npm installs with it. */
const COMMAND_MAX = 6_000_000;

/**
 * Packages the command for `npm install --global`: what `files` of package.json says. Resolves to the path of the .tgz.
 * @returns {Promise<string>}
 */
export async function packageCommand() {
	const { status, output } = await run('npm', ['pack', '--json'], { cwd: repository, quiet: true });
	if (status !== 0) throw new Error(`npm pack failed:\n${output}`);
	/** @type {readonly { filename: string, unpackedSize: number, files: readonly { path: string }[] }[]} */
	const [packed] = JSON.parse(output.slice(output.indexOf('[')));
	if (packed === undefined) throw new Error('npm pack made nothing');
	const foreign = packed.files.filter(({ path }) => /extension|\.map$|^test|\.ts$/.test(path));
	if (foreign.length > 0)
		throw new Error(`in the command: ${foreign.map((f) => f.path).join(', ')}`);
	if (packed.unpackedSize > COMMAND_MAX)
		throw new Error(`the command has ${packed.unpackedSize} bytes, unpacked`);
	return join(repository, packed.filename);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const { buildAll } = await import('./build.mjs');
	const problems = await buildAll();
	if (problems.length > 0) throw new Error(problems.join('\n'));
	for (const file of [await packageExtension(), await packageCommand()])
		console.log(`${file} (${(statSync(file).size / 1e6).toFixed(1)} MB)`);
}
