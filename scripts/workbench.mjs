/**
 * Runs the mocha suite (dist/test/suite/index.cjs) in a real VS Code extension host, on a real kernel tree: desktop
 * VS Code when VSCODE_PATH names its binary or VSCODE_DOWNLOAD=1 allows fetching one, else code-server with Chromium.
 *
 * The suite writes a JSON report to RACEWALK_REPORT and asks for a picture of the window by writing
 * `RACEWALK_PICTURES/NAME.request`; the file vanishes once `NAME.png` is there. What the file says is pressed first: keys
 * by Playwright's names, blanks between them.
 *
 * In code-server the tree is not trusted, so all of it is seen in Restricted Mode; a hostile tree is looked at from outside
 * (`hostile_workbench.mjs`).
 *
 * Invariant: an extension host that dies reports success, so only the report decides: it must exist, have tests and no
 * failure, whatever the exit code said.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'node:util';
import { openBrowser } from './browser.mjs';
import { repository } from './cache.mjs';
import { installCodeServer, startCodeServer, workbenchAddress } from './code_server.mjs';
import { kernel } from './kernel.mjs';

const output = join(repository, 'test-output');
const suite = join(repository, 'dist/test/suite/index.cjs');
/** Minutes before a run that does not end is given up. */
const MINUTES_MAX = 15;
/** Chatter of the workbench itself that says nothing about the suite. */
const NOISE = new RegExp(
	'socket|onnection token|gallery|Service Worker|grace time|AccountPolicy|Migrating|' +
		'Creation of workbench|sandbox attribute|punycode|DeprecationWarning|ERR_NAME_NOT_RESOLVED',
);

/** @typedef {{ title: string, ok: boolean, error?: string }} TestResult */

/**
 * Runs the suite and prints what failed.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runWorkbench() {
	const report = join(output, 'workbench.json');
	const pictures = join(output, 'pictures');
	rmSync(report, { force: true });
	rmSync(pictures, { recursive: true, force: true });
	mkdirSync(pictures, { recursive: true });
	if (!existsSync(suite)) throw new Error(`${suite} was not built`);
	const tree = await kernel('6.12');
	const env = { RACEWALK_REPORT: report, RACEWALK_PICTURES: pictures, RACEWALK_TREE: tree };
	const desktop = process.env['VSCODE_PATH'] ?? null;
	const isDesktop = desktop !== null || process.env['VSCODE_DOWNLOAD'] === '1';
	const ending = isDesktop
		? await inDesktop(desktop, tree, env)
		: await inCodeServer(tree, env, pictures);
	return judge(report, ending);
}

/** @param {string} report @param {string} ending how the host ended, for people; `exit 0` is what it should be */
function judge(report, ending) {
	/** @type {{ tests: readonly TestResult[], failures: number } | null} */
	let read = null;
	try {
		read = JSON.parse(readFileSync(report, 'utf8'));
	} catch {
		// No report, or half of one: the host died.
	}
	if (read === null || !Array.isArray(read.tests) || read.tests.length === 0) {
		console.log(`✗ workbench: no report (${ending}): the extension host died or ran no test`);
		return { passed: 0, failed: 1 };
	}
	const failures = read.tests.filter((test) => !test.ok);
	for (const test of read.tests) console.log(`${test.ok ? '✓' : '✗'} workbench: ${test.title}`);
	for (const test of failures) console.log(`\n${test.title}\n${test.error ?? '(no message)'}`);
	// More failures than failed tests: a hook failed. A bad exit with a clean report: it ended after the report.
	const others = Math.max(0, read.failures - failures.length);
	const badEnd = ending !== 'exit 0' && failures.length + others === 0 ? 1 : 0;
	if (badEnd > 0) console.log(`✗ workbench: all tests passed but the host ended with ${ending}`);
	return {
		passed: read.tests.length - failures.length,
		failed: failures.length + others + badEnd,
	};
}

/**
 * @param {string | null} desktop the binary, null: downloaded
 * @param {string} tree
 * @param {Record<string, string>} env
 */
async function inDesktop(desktop, tree, env) {
	const { runTests } = await import('@vscode/test-electron');
	const code = await runTests({
		...(desktop === null ? {} : { vscodeExecutablePath: desktop }),
		extensionDevelopmentPath: repository,
		extensionTestsPath: suite,
		launchArgs: [
			...[tree, '--disable-extensions'],
			...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
		],
		extensionTestsEnv: env,
	}).catch((error) => (typeof error?.code === 'number' ? error.code : 1));
	return `exit ${code}`;
}

/** @param {string} tree @param {Record<string, string>} env @param {string} pictures */
async function inCodeServer(tree, env, pictures) {
	const server = await startCodeServer({ entry: await installCodeServer(), env });
	const browser = await openBrowser();
	try {
		const context = await browser.newContext({
			viewport: { width: 1280, height: 800 },
			colorScheme: 'dark',
		});
		const page = await context.newPage();
		await page.exposeFunction(
			'codeAutomationLog',
			(/** @type {string} */ _, /** @type {unknown[]} */ args) => {
				const line = format(...args);
				if (!NOISE.test(line)) console.log(line);
			},
		);
		/** @type {Promise<string>} */
		const exited = new Promise((resolve) => {
			page.exposeFunction('codeAutomationExit', (/** @type {number} */ code) =>
				resolve(`exit ${code}`),
			);
		});
		/** @type {Promise<string>} */
		const crashed = new Promise((resolve) => {
			page.once('crash', () => resolve('a crash of the browser page'));
		});
		const clock = new AbortController();
		const photographer = takePictures(page, pictures, clock.signal);
		const address = workbenchAddress(server, tree, [
			['extensionDevelopmentPath', server.remote(repository)],
			['extensionTestsPath', server.remote(suite)],
		]);
		await page.goto(address, { waitUntil: 'domcontentloaded' });
		const ending = await Promise.race([
			exited,
			crashed,
			server.ended.then(() => 'the end of code-server'),
			sleep(MINUTES_MAX * 60_000, `no end within ${MINUTES_MAX} minutes`, { signal: clock.signal }),
		]);
		if (ending !== 'exit 0')
			await page.screenshot({ path: join(pictures, 'last.png') }).catch(() => {});
		clock.abort();
		await photographer;
		return ending;
	} finally {
		await browser.close();
		await server.stop();
	}
}

/**
 * Answers requests for pictures until told to stop.
 * @param {import('playwright-core').Page} page
 * @param {string} folder
 * @param {AbortSignal} signal
 */
async function takePictures(page, folder, signal) {
	while (!signal.aborted) {
		for (const request of readdirSync(folder).filter((f) => f.endsWith('.request'))) {
			const path = join(folder, request.replace(/\.request$/, '.png'));
			const keys = readFileSync(join(folder, request), 'utf8').split(/\s+/).filter(Boolean);
			for (const key of keys) await page.keyboard.press(key);
			if (keys.length > 0) await sleep(300);
			await page.screenshot({ path }).catch((error) => console.log(`no picture ${path}: ${error}`));
			rmSync(join(folder, request), { force: true });
		}
		await sleep(50);
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const { buildAll } = await import('./build.mjs');
	await buildAll();
	const { passed, failed } = await runWorkbench();
	console.log(`${passed} passed, ${failed} failed`);
	process.exit(failed === 0 && passed > 0 ? 0 : 1);
}
