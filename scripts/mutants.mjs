/**
 * `node scripts/mutants.mjs [WORD...]`: edits of Debian 6.12's mm/gup.c (those whose id holds a WORD), each checked: bugs
 * must be found, benign edits must not. The table is test/mutants/table.ts. `--print ID` prints an edited text instead.
 * `--lowered [WORD...]`: edits of the walk as lowered, made by operators (test/mutants/lowered), in two processes.
 * `--weakened [WORD...]`: guards of the walk as lowered that are asked sometimes only, or elsewhere; `--weakened 6.1` of 6.1's.
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
 * One share of the mutants in a process of its own: what it counted.
 * @param {'runLowered' | 'runWeakened'} run
 * @param {string} bundle
 * @param {string} tree
 * @param {number} index
 * @param {string[]} words
 * @returns {Promise<any>}
 */
function share(run, bundle, tree, index, words) {
	const argv = ['--share', run, bundle, tree, String(index), ...words];
	const child = fork(fileURLToPath(import.meta.url), argv);
	return new Promise((resolve, reject) => {
		child.once('message', resolve);
		child.once('exit', (code) => reject(new Error(`a process ended with ${code}`)));
	});
}

/** @param {string[]} words */
async function lowered(words) {
	const started = performance.now();
	const bundle = await bundled('mutants/lowered/run');
	const tree = await kernel('6.12');
	const indices = Array.from({ length: PROCESSES }, (_, i) => i);
	/** @type {Counts[]} */
	const parts = await Promise.all(indices.map((i) => share('runLowered', bundle, tree, i, words)));
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

/** @param {string[]} words */
async function weakened(words) {
	const started = performance.now();
	const bundle = await bundled('mutants/lowered/weak_run');
	const isOld = words[0] === '6.1';
	const tree = await kernel(isOld ? '6.1' : '6.12');
	const chosen = isOld ? words.slice(1) : words;
	const indices = Array.from({ length: PROCESSES }, (_, i) => i);
	/** @type {Record<string, Record<string, number>>[]} */
	const parts = await Promise.all(
		indices.map((i) => share('runWeakened', bundle, tree, i, chosen)),
	);
	/** @type {Record<string, Record<string, number>>} */
	const table = {};
	for (const [operator, row] of parts.flatMap((part) => Object.entries(part))) {
		const own = table[operator] ?? {};
		table[operator] = own;
		for (const [fate, n] of Object.entries(row)) own[fate] = (own[fate] ?? 0) + n;
	}
	console.table(table);
	const open = Object.values(table).reduce(
		(n, row) => n + (row['silent'] ?? 0) + (row['failed'] ?? 0),
		0,
	);
	console.log(`${open} open; ${Math.round((performance.now() - started) / 1000)} s`);
	process.exitCode = open === 0 ? 0 : 1;
}

const [option, ...rest] = process.argv.slice(2);
if (option === '--share') {
	const [run = '', bundle = '', tree = '', index, ...words] = rest;
	const code = await import(pathToFileURL(bundle).href);
	const counts = code[run](tree, { index: Number(index), of: PROCESSES, words }, console.log);
	process.send?.(counts, () => process.disconnect());
} else if (option === '--weakened') await weakened(rest);
else if (option === '--lowered') await lowered(rest);
else await texts(process.argv.slice(2));
