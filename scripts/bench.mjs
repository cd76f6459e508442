/**
 * `npm run bench [-- RUNS [walks|litmus]]`: how long things take on Debian's 6.12 mm/gup.c and its litmus tests, as medians over
 * runs, with the target of each and its ratio to a fixed JavaScript workload measured in the same run (machines differ,
 * ratios less).
 *
 * What runs inside one process (parse, lower, check; litmus tests) is in test/bench, bundled on the fly; what a user
 * waits for (the command line from process start, the language server) is measured from outside on dist/.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildAll } from './build.mjs';
import { bundled, imported } from './bundle.mjs';
import { repository } from './cache.mjs';
import { kernel } from './kernel.mjs';
import { startLanguageServer } from './language_client.mjs';
import { step } from './progress.mjs';

/**
 * @typedef {{ name: string, unit: 'ms' | 'MB', target: number | null, at: 0.5 | 0.95, samples: readonly number[],
 * executions?: number | null }} Measure
 */

const runs = Number(process.argv[2] ?? 7);
/** Only this part, or null for all. */
const part = process.argv[3] ?? null;
const cli = join(repository, 'dist/cli.js');
/** Edits whose every scenario is waited for. */
const ALL_RUNS = 3;

/** @param {readonly number[]} samples @param {number} at 0…1 */
function quantile(samples, at) {
	const sorted = [...samples].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN;
}

/** Milliseconds of a fixed workload: integer arithmetic, a map, sorting. */
function reference() {
	const started = performance.now();
	let x = 1;
	/** @type {Map<number, number>} */
	const seen = new Map();
	for (let i = 0; i < 400_000; i++) {
		x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
		seen.set(x % 65_536, i);
	}
	[...seen.values()].sort((a, b) => a - b);
	return performance.now() - started;
}

/** @param {string} tree @param {'core' | 'all'} depth @returns {Measure} */
function commandLine(tree, depth) {
	const samples = Array.from({ length: runs }, () => {
		const started = performance.now();
		const { status, stderr } = spawnSync(
			process.execPath,
			[cli, 'check', '--depth', depth, '--tree', tree, join(tree, 'mm/gup.c')],
			{ encoding: 'utf8' },
		);
		if (status === null || status === 2) throw new Error(`check ended with ${status}: ${stderr}`);
		return performance.now() - started;
	});
	const [what, target] = depth === 'core' ? ['the common scenarios of ', 3000] : ['', 10_000];
	const name = `check ${what}mm/gup.c, from process start`;
	return { name, unit: 'ms', target, at: 0.5, samples };
}

/** @param {string} tree @returns {Promise<readonly Measure[]>} */
async function inProcess(tree) {
	const { phases } = await imported('bench/phases');
	return phases(tree, runs);
}

/**
 * The litmus tests: a process for each measure, so that none profits from another's warmth.
 * @param {string} tree @returns {Promise<readonly Measure[]>}
 */
async function litmus(tree) {
	const module = pathToFileURL(await bundled('bench/litmus')).href;
	const named = process.env['RACEWALK_LITMUS_REFERENCE'];
	const sample = named === undefined ? null : resolve(named);
	const { LITMUS_MEASURES } = await import(module);
	return LITMUS_MEASURES.flatMap((/** @type {string} */ name) => {
		const sources = JSON.stringify({ tree, sample, runs });
		const code = `const { measureLitmus } = await import(${JSON.stringify(module)});
			console.log(JSON.stringify(measureLitmus(${JSON.stringify(name)}, ${sources})));`;
		const { status, stdout, stderr } = spawnSync(
			process.execPath,
			['--input-type=module', '--eval', code],
			{ encoding: 'utf8', maxBuffer: 1 << 26 },
		);
		if (status !== 0) throw new Error(`litmus ${name} ended with ${status}: ${stderr}`);
		return JSON.parse(stdout);
	});
}

/**
 * The line after which the walker compares the entry again, found by what it does, and the text without it.
 * @param {string} text
 */
function withoutRecheck(text) {
	const pattern =
		/\n[^\n]*if \(unlikely\(pmd_val\(pmd\)[^;]*?pte_val\(pte\) != pte_val\([^{;]*\{[^}]*\}/;
	const match = pattern.exec(text);
	if (match === null) throw new Error('mm/gup.c has no re-check of the PTE where bench looks');
	return text.slice(0, match.index) + text.slice(match.index + match[0].length);
}

/** The text with code in the walker that no run before had, so that nothing kept from one answers. @param {string} text @param {number} run */
function differently(text, run) {
	const at = text.indexOf('pages[*nr] = page;');
	if (at < 0) throw new Error('mm/gup.c does not publish a page where bench looks');
	return `${text.slice(0, at)}if (nr_start == ${1000 + run}) ret = 2; ${text.slice(at)}`;
}

/** @param {string} tree @returns {Promise<readonly Measure[]>} */
async function languageServer(tree) {
	const path = join(tree, 'mm/gup.c');
	const uri = pathToFileURL(path).href;
	const good = readFileSync(path, 'utf8');
	const bad = withoutRecheck(good);
	const server = await startLanguageServer([process.execPath, cli, 'lsp', '--stdio'], tree);
	/** @param {readonly { code?: string | number }[]} found */
	const isStale = (found) => found.some((d) => d.code === 'stale-pin');
	try {
		let version = 1;
		const started = performance.now();
		const first = server.diagnostics(uri, 1, () => true);
		await server.connection.sendNotification('textDocument/didOpen', {
			textDocument: { uri, languageId: 'c', version, text: good },
		});
		await first;
		const opened = performance.now() - started;
		/** @type {number[]} */
		const edits = [];
		/** @type {number[]} */
		const settled = [];
		for (let run = 0; run < 4 * runs; run++) {
			const text = run % 2 === 0 ? bad : good;
			version++;
			const sent = performance.now();
			const answered = server
				.diagnostics(uri, version, (d) => isStale(d) === (text === bad))
				.then(() => performance.now() - sent);
			const decided = server.verdicts(uri, version).then(() => performance.now() - sent);
			await server.connection.sendNotification('textDocument/didChange', {
				textDocument: { uri, version },
				contentChanges: [{ text: differently(text, run) }],
			});
			const first = await decided;
			settled.push(first);
			edits.push(text === bad ? await answered : first);
		}
		/** @type {number[]} */
		const explored = [];
		for (let run = 0; run < ALL_RUNS; run++) {
			version++;
			const sent = performance.now();
			const all = server.verdicts(uri, version, { all: true });
			await server.connection.sendNotification('textDocument/didChange', {
				textDocument: { uri, version },
				contentChanges: [{ text: differently(good, 4 * runs + run) }],
			});
			await all;
			explored.push(performance.now() - sent);
		}
		const lines = good.split('\n');
		const line = lines.findIndex((l) => l.includes('READ_ONCE(folio->mapping)'));
		const character = lines[line]?.indexOf('READ_ONCE') ?? 0;
		/** @type {number[]} */
		const hovers = [];
		for (let run = 0; run < 10 * runs; run++) {
			const sent = performance.now();
			const hover = await server.connection.sendRequest('textDocument/hover', {
				textDocument: { uri },
				position: { line, character },
			});
			// No answer is no fast answer.
			hovers.push(hover === null ? Number.NaN : performance.now() - sent);
		}
		return [
			{ name: 'server: open → diagnostics', unit: 'ms', target: 1000, at: 0.5, samples: [opened] },
			{
				name: 'server: edit → diagnostics, p50',
				unit: 'ms',
				target: null,
				at: 0.5,
				samples: edits,
			},
			{
				name: 'server: edit → diagnostics, p95',
				unit: 'ms',
				target: 500,
				at: 0.95,
				samples: edits,
			},
			{
				name: 'server: edit → first verdicts, p50',
				unit: 'ms',
				target: null,
				at: 0.5,
				samples: settled,
			},
			{
				name: 'server: edit → first verdicts, p95',
				unit: 'ms',
				target: null,
				at: 0.95,
				samples: settled,
			},
			{
				...{ name: 'server: edit → every scenario', unit: 'ms', target: null, at: 0.5 },
				samples: explored,
			},
			{ name: 'server: hover', unit: 'ms', target: 30, at: 0.5, samples: hovers },
			{
				...{ name: 'server with its workers: memory, peak', unit: 'MB', target: 300, at: 0.5 },
				samples: [server.memoryMax()],
			},
		];
	} finally {
		await server.stop();
	}
}

const tree = await kernel('6.12');
const base = quantile(
	Array.from({ length: 9 }, () => reference()),
	0.5,
);
/** @type {Measure[]} */
const measures = [];
if (part !== 'litmus') {
	const problems = await buildAll();
	if (problems.length > 0) throw new Error(problems.join('\n'));
	measures.push(...(await step('parse, lower, check', () => inProcess(tree))));
	measures.push(await step('command line', async () => commandLine(tree, 'core')));
	measures.push(await step('command line, whole set', async () => commandLine(tree, 'all')));
	measures.push(...(await step('language server', () => languageServer(tree))));
}
if (part !== 'walks') measures.push(...(await step('litmus tests', () => litmus(tree))));
console.log(`reference workload ${base.toFixed(1)} ms; ${runs} runs; Node ${process.version}\n`);
console.log(
	`${'what'.padEnd(40)}${'value'.padStart(12)}${'target'.padStart(12)}${'ratio'.padStart(9)}${'executions/s'.padStart(14)}`,
);
for (const { name, unit, target, at, samples, executions } of measures) {
	const value = quantile(samples, at);
	const shown = `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`;
	const goal = target === null ? '' : `≤ ${target} ${unit}`;
	const ratio = unit === 'ms' ? (value / base).toFixed(2) : '';
	const rate = executions ? Math.round((executions * 1000) / value).toLocaleString('en') : '';
	const miss = target !== null && !(value <= target) ? '  missed' : '';
	console.log(
		`${name.padEnd(40)}${shown.padStart(12)}${goal.padStart(12)}${ratio.padStart(9)}${rate.padStart(14)}${miss}`,
	);
}
