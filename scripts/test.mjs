/**
 * `npm test`: gets what it needs, then runs the short layers and ends with one line `N passed, N failed`. `npm test -- all` runs
 * every layer, as continuous integration does; `npm test -- NAME…` only those.
 *
 * Invariant: a layer that cannot run, and a test that was skipped, count as failed; nothing is left out silently.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cache, repository } from './cache.mjs';
import { installCodeServer } from './code_server.mjs';
import { run } from './command.mjs';
import { installDependencies } from './dependencies.mjs';
import { kernel, VERSIONS } from './kernel.mjs';
import { LONG_SUITES } from './long_suites.mjs';

/** @typedef {{ passed: number, failed: number }} Count */
/** @typedef {{ status: string, fullName: string, failureMessages: readonly string[] }} Result */

const output = join(repository, 'test-output');
const bin = join(repository, 'node_modules/.bin');
/** CI makes Vitest fail on a golden file that does not exist instead of writing it. */
const env = { ...process.env, CI: '1', RACEWALK_CACHE: cache };

const ONE_PASSED = { passed: 1, failed: 0 };
const ONE_FAILED = { passed: 0, failed: 1 };

/** The layers in the order they run. Each counts its tests; a throw counts as one failure. */
const LAYERS = {
	dependencies: async () => {
		await installDependencies();
		return ONE_PASSED;
	},
	kernels: async () => {
		for (const version of VERSIONS) await kernel(version);
		return ONE_PASSED;
	},
	build: async () => {
		const { buildAll } = await import('./build.mjs');
		const problems = await buildAll();
		for (const problem of problems) console.log(problem);
		return problems.length === 0 ? ONE_PASSED : ONE_FAILED;
	},
	types: () => program('tsc', ['-b']),
	lint: () => program('biome', ['check', '--error-on-warnings']),
	unit: () => vitest(LONG_SUITES.flatMap((file) => ['--exclude', file])),
	long: () => vitest(LONG_SUITES),
	package: async () => {
		const { packageCommand, packageExtension } = await import('./package.mjs');
		const { checkCommand, checkInstalls } = await import('./install_check.mjs');
		await checkInstalls(await packageExtension(), await installCodeServer());
		await checkCommand(await packageCommand());
		return { passed: 2, failed: 0 };
	},
	hostile: async () => {
		const { runHostile } = await import('./hostile_workbench.mjs');
		return runHostile();
	},
	workbench: async () => {
		const { runWorkbench } = await import('./workbench.mjs');
		return runWorkbench();
	},
};

/** What failed, for the end: a log is often read from there, and only there. @type {string[]} */
const named = [];
/** Lines of a failure's message that the end repeats. */
const MESSAGE_LINES = 12;

/** @param {string} file its path @param {Result} test what did not pass @returns {string} */
function told(file, { fullName, status, failureMessages }) {
	const message = failureMessages.join('\n').split('\n').slice(0, MESSAGE_LINES);
	return [`${file}: ${fullName} (${status})`, ...message.map((line) => `    ${line}`)].join('\n');
}

/** Layers that take minutes, run when they are asked for. */
const LONG = new Set(['long', 'package', 'hostile', 'workbench']);

/** @param {string} name @param {readonly string[]} args @returns {Promise<Count>} */
async function program(name, args) {
	const { status } = await run(join(bin, name), args, { cwd: repository, env });
	return status === 0 ? ONE_PASSED : ONE_FAILED;
}

/**
 * Runs Vitest and counts from its JSON report. A file that could not be loaded, a skipped test and an error outside
 * of any test each count as a failure.
 * @param {readonly string[]} which its arguments that say which files
 * @returns {Promise<Count>}
 */
async function vitest(which) {
	const report = join(output, 'vitest.json');
	rmSync(report, { force: true });
	const { status } = await run(
		join(bin, 'vitest'),
		['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...which],
		{ cwd: repository, env },
	);
	/** @type {{ testResults: readonly { name: string, status: string, assertionResults: readonly Result[] }[] }} */
	const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
	const tests = testResults.flatMap((file) => file.assertionResults);
	const passed = tests.filter((test) => test.status === 'passed').length;
	const broken = testResults.filter(
		(file) => file.status === 'failed' && file.assertionResults.every((t) => t.status !== 'failed'),
	);
	for (const file of broken) named.push(`${relative(repository, file.name)} could not run`);
	for (const file of testResults)
		for (const test of file.assertionResults)
			if (test.status !== 'passed') named.push(told(relative(repository, file.name), test));
	const failed = tests.length - passed + broken.length;
	if (passed + failed === 0) console.log('Vitest ran no test');
	const isBroken = (status !== 0 && failed === 0) || passed + failed === 0;
	return { passed, failed: failed + (isBroken ? 1 : 0) };
}

mkdirSync(output, { recursive: true });
const asked = process.argv.slice(2);
const names = Object.keys(LAYERS);
const unknown = asked.filter((name) => name !== 'all' && !names.includes(name));
if (unknown.length > 0) {
	console.error(`no layer ${unknown.join(', ')}; there are: ${names.join(', ')}, and all`);
	process.exit(2);
}
const wanted = asked.includes('all')
	? names
	: names.filter((name) => (asked.length > 0 ? asked.includes(name) : !LONG.has(name)));
const total = { passed: 0, failed: 0 };
/** @type {string[]} */
const failures = [];
for (const [name, layer] of Object.entries(LAYERS)) {
	const at = wanted.indexOf(name);
	if (at < 0) continue;
	console.log(`\n== ${name} (part ${at + 1} of ${wanted.length})`);
	const { passed, failed } = await layer().catch((error) => {
		const message = error instanceof Error ? error.message : String(error);
		console.log(message);
		named.push(`${name}: ${message}`);
		return ONE_FAILED;
	});
	total.passed += passed;
	total.failed += failed;
	if (failed > 0) failures.push(`${name} (${failed})`);
	// Without the packages no other layer can say anything.
	if (name === 'dependencies' && failed > 0) break;
}
if (asked.length === 0)
	console.log(
		`\nnot asked for: ${[...LONG].join(', ')} (half an hour); npm test -- all runs them too`,
	);
if (named.length > 0) console.log(`\n${named.join('\n')}`);
if (failures.length > 0) console.log(`\nfailed: ${failures.join(', ')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
