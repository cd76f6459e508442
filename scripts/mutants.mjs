/**
 * `node scripts/mutants.mjs [WORD...]`: edits of Debian 6.12's mm/gup.c (those whose id holds a WORD), each checked: bugs
 * must be found, benign edits must not. The table is test/mutants/table.ts. `--print ID` prints an edited text instead.
 * `--lowered [WORD...]`: edits of the walk as lowered, made by operators (test/mutants/lowered), in two processes.
 */
import { fork } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundled, imported } from './bundle.mjs';
import { kernel } from './kernel.mjs';

const PROCESSES = 2;

/** @param {string[]} words */
async function texts(words) {
	const { editedText, runMutants } = await imported('mutants/run');
	const tree = await kernel('6.12');
	if (words[0] === '--print') process.stdout.write(editedText(tree, words[1] ?? ''));
	else process.exitCode = runMutants(tree, words, console.log) === 0 ? 0 : 1;
}

/**
 * What one process counted (test/mutants/lowered/run.ts).
 * @typedef {{ fates: Record<string, number>, open: number, equivalents: number, alarms: number }} Counts
 */

/**
 * One share of the mutants in a process of its own.
 * @param {string} bundle
 * @param {string} tree
 * @param {number} index
 * @param {string[]} words
 * @returns {Promise<Counts>}
 */
function share(bundle, tree, index, words) {
	const argv = ['--share', bundle, tree, String(index), ...words];
	const child = fork(fileURLToPath(import.meta.url), argv);
	return new Promise((resolve, reject) => {
		child.once('message', (counts) => resolve(/** @type {Counts} */ (counts)));
		child.once('exit', (code) => reject(new Error(`a process ended with ${code}`)));
	});
}

/** @param {string[]} words */
async function lowered(words) {
	const started = performance.now();
	const bundle = await bundled('mutants/lowered/run');
	const tree = await kernel('6.12');
	const indices = Array.from({ length: PROCESSES }, (_, i) => i);
	const parts = await Promise.all(indices.map((i) => share(bundle, tree, i, words)));
	/** @param {(part: Counts) => number} of */
	const sum = (of) => parts.reduce((n, part) => n + of(part), 0);
	/** @param {string} name */
	const fate = (name) => sum((p) => p.fates[name] ?? 0);
	const names = Object.keys(parts[0]?.fates ?? {});
	const all = names.reduce((n, name) => n + fate(name), 0);
	const differing = all - fate('same') - fate('unreached');
	const rate = (100 * fate('killed')) / Math.max(1, differing - fate('less'));
	console.log(
		`${all} mutants: ${names.map((name) => `${fate(name)} ${name}`).join(', ')}\n` +
			`of those that are reached, end differently and do not merely hand out less ${rate.toFixed(1)} % are killed; ${sum((p) => p.open)} neither killed nor explained\n` +
			`${sum((p) => p.equivalents)} transformations that change nothing: ${sum((p) => p.alarms)} alarms\n` +
			`${Math.round((performance.now() - started) / 1000)} s`,
	);
	process.exitCode = sum((p) => p.open) + sum((p) => p.alarms) === 0 ? 0 : 1;
}

const [option, ...rest] = process.argv.slice(2);
if (option === '--share') {
	const [bundle = '', tree = '', index, ...words] = rest;
	const { runLowered } = await import(pathToFileURL(bundle).href);
	const counts = runLowered(tree, { index: Number(index), of: PROCESSES, words }, console.log);
	process.send?.(counts, () => process.disconnect());
} else if (option === '--lowered') await lowered(rest);
else await texts(process.argv.slice(2));
