/**
 * Headless Chromium for the workbench that the tests look at.
 *
 * Invariant: it reaches this machine and nothing else.
 */
import { which } from './command.mjs';
import { needPrograms } from './packages.mjs';

const ARGUMENTS = [
	...[
		'--no-sandbox',
		'--disable-gpu',
		'--disable-dev-shm-usage',
		'--disable-sync',
		'--no-first-run',
	],
	...['--disable-background-networking', '--disable-component-update', '--disable-extensions'],
	...['--disable-features=Translate,OptimizationHints,MediaRouter', '--disable-quic'],
	'--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
];

/** Starts the browser, and installs it (and ripgrep, which the workbench wants) where it is missing. */
export async function openBrowser() {
	await needPrograms(['chromium', 'rg']);
	const { chromium } = await import('playwright-core');
	return chromium.launch({ executablePath: which('chromium') ?? 'chromium', args: ARGUMENTS });
}
