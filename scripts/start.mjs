/**
 * `npm start [-- --tree DIR]`: from a fresh clone to VS Code on mm/gup.c with racewalk in it. Every step that is
 * already done is skipped; Ctrl-C ends everything that was started.
 *
 * Invariant: imports nothing from node_modules before `npm ci` has run.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { repository } from './cache.mjs';
import {
	installCodeServer,
	openInBrowser,
	startCodeServer,
	workbenchAddress,
} from './code_server.mjs';
import { run, which } from './command.mjs';
import { installDependencies } from './dependencies.mjs';
import { kernel } from './kernel.mjs';
import { step } from './progress.mjs';

const USAGE = `npm start [-- OPTIONS]
  --tree DIR   kernel tree to open (default: Debian's linux-source-6.12, fetched once)
  --browser    code-server and a browser even when desktop VS Code is on PATH
  --no-open    print the address, open no browser`;

function options() {
	const { values } = parseArgs({
		options: {
			tree: { type: 'string' },
			browser: { type: 'boolean', default: false },
			'no-open': { type: 'boolean', default: false },
			help: { type: 'boolean', short: 'h', default: false },
		},
	});
	return values;
}

/** Debian's tree, fetched when it is not here yet. */
async function debianTree() {
	try {
		return await kernel('6.12');
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new Error(`${reason}\nWith a kernel tree of your own: npm start -- --tree DIR`);
	}
}

/**
 * Absolute path of a user's own tree; throws when it is none.
 * @param {string} given
 */
function ownTree(given) {
	const tree = resolve(given.replace(/^~(?=\/|$)/, process.env['HOME'] ?? '~'));
	for (const path of ['mm/gup.c', 'include/linux/mm_types.h']) {
		if (!existsSync(join(tree, path))) throw new Error(`${tree} is no kernel tree: no ${path}`);
	}
	return tree;
}

/**
 * `mm/gup.c:LINE`, absolute: at the function that reads entries without a lock, where there is something to see.
 * @param {string} tree
 */
function placeToOpen(tree) {
	const file = join(tree, 'mm/gup.c');
	const lines = readFileSync(file, 'utf8').split('\n');
	const read = lines.findIndex((line) => /\b(?:ptep_get_lockless|gup_get_pte)\(ptep\)/.test(line));
	const head = lines.slice(0, Math.max(0, read)).findLastIndex((line) => /^[a-z].*\(/.test(line));
	return `${file}:${Math.max(1, head + 1)}`;
}

async function buildExtension() {
	const { buildAll } = await import('./build.mjs');
	const problems = await step('building', buildAll);
	if (problems.length > 0) throw new Error(problems.join('\n'));
}

/**
 * Opens the desktop's VS Code; false when it could not.
 * @param {string} tree
 */
async function openDesktop(tree) {
	const code = which('code');
	// VS Code refuses to run as root.
	if (code === null || process.getuid?.() === 0) return false;
	const place = placeToOpen(tree);
	const args = ['--new-window', `--extensionDevelopmentPath=${repository}`, tree, '--goto', place];
	const { status, output } = await run(code, args, { quiet: true });
	if (status === 0) console.log(`VS Code is opening ${place}.`);
	else console.error(`\`code\` did not start (${output.trim()}): using code-server instead.`);
	return status === 0;
}

/**
 * Serves VS Code with the packaged extension installed, until Ctrl-C.
 * @param {string} tree
 * @param {boolean} isOpening whether to open a browser on it
 */
async function serve(tree, isOpening) {
	const entry = await installCodeServer();
	const { packageExtension } = await import('./package.mjs');
	const extension = await step('packaging the extension', packageExtension);
	const server = await step('starting code-server', () =>
		startCodeServer({ entry, extensions: [extension] }),
	);
	const address = workbenchAddress(server, tree, [
		['openFile', server.remote(placeToOpen(tree))],
		['gotoLineMode', 'true'],
	]);
	console.log(`\nVS Code with racewalk on ${tree}/mm/gup.c:\n\n  ${address}\n`);
	if (isOpening && (await openInBrowser(address))) console.log('A browser is opening on it.');
	console.log('Ctrl-C ends it.');
	await server.ended;
	throw new Error('code-server ended');
}

try {
	const { tree: given, browser, 'no-open': noOpen, help } = options();
	if (help) {
		console.log(USAGE);
	} else {
		const own = given === undefined ? null : ownTree(given);
		await installDependencies();
		await buildExtension();
		const tree = own ?? (await debianTree());
		if (browser || !(await openDesktop(tree))) await serve(tree, !noOpen);
	}
} catch (error) {
	console.error(`npm start: ${error instanceof Error ? error.message : error}`);
	process.exitCode = 1;
}
