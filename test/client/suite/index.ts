/**
 * Entry of the suite that runs inside a VS Code extension host: mocha over the cases of this folder, and a JSON report
 * at RACEWALK_REPORT, which alone decides (a host that dies reports success). RACEWALK_CASES: a part of the titles of those to run.
 */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { cleanUp, saveNothing } from './workbench.js';

/** Called by VS Code. Rejects when a case fails, after the report is written. */
export async function run(): Promise<void> {
	await saveNothing();
	const mocha = new Mocha({ ui: 'bdd', timeout: 120_000, bail: false, color: false });
	const only = process.env['RACEWALK_CASES'];
	if (only !== undefined) mocha.grep(only);
	mocha.suite.emit('pre-require', globalThis, '', mocha);
	await import('./activation.test.js');
	await import('./languages.test.js');
	await import('./litmus.test.js');
	await import('./race.test.js');
	await import('./questions.test.js');
	await import('./commits.test.js');
	await import('./start.test.js');
	await import('./stop.test.js');
	await import('./log.test.js');
	const tests: { readonly title: string; readonly ok: boolean; readonly error?: string }[] = [];
	const failures = await new Promise<number>((resolve) => {
		mocha
			.run(resolve)
			.on('pass', (test) => tests.push({ title: test.fullTitle(), ok: true }))
			.on('fail', (test, error: Error) => {
				tests.push({ title: test.fullTitle(), ok: false, error: error.stack ?? error.message });
			});
	});
	cleanUp();
	const report = process.env['RACEWALK_REPORT'];
	if (report !== undefined) {
		writeFileSync(report, JSON.stringify({ tests, failures }, null, '\t'));
	}
	if (failures > 0) throw new Error(`${failures} failed`);
}
