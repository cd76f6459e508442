/**
 * What npm brings: each package of the lock, for every platform, is the one whose contents were known when it was locked,
 * comes from whatever registry npm is set to, and runs no script of its own.
 */
import { describe, expect, it } from 'vitest';
import * as codeServer from '../../scripts/code_server.mjs';
import * as dependencies from '../../scripts/dependencies.mjs';
import { allFiles, read, withoutComments } from './sources.js';

interface Locked {
	readonly version?: string;
	readonly integrity?: string;
	readonly link?: boolean;
	readonly hasInstallScript?: boolean;
	readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(read('package-lock.json')) as {
	readonly packages: Readonly<Record<string, Locked>>;
};
const packages = Object.entries(lock.packages)
	.filter(([path]) => path !== '')
	.map(([path, locked]) => ({ name: path.split('node_modules/').pop() ?? '', path, ...locked }));

describe('package-lock.json', () => {
	it('names no download address', () => {
		expect(read('package-lock.json')).not.toMatch(/"resolved"/);
	});

	/** npm drops what its registry lacks for other platforms when it writes the lock; `npm ci` then refuses it. */
	it('has the optional packages of every platform', () => {
		const locked = new Set(packages.map(({ name }) => name));
		const missing = packages
			.flatMap((p) => Object.keys(p.optionalDependencies ?? {}))
			.filter((name) => !locked.has(name));
		expect(missing).toEqual([]);
	});

	/** `npm view NAME@VERSION dist.integrity` says it where npm left it out. */
	it('has the integrity of every package of every platform', () => {
		expect(packages.length).toBeGreaterThan(200);
		const without = packages
			.filter(({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))
			.map(({ path }) => path);
		expect(without).toEqual([]);
	});
});

function codeOf(path: string): string {
	return path.endsWith('.mjs') ? withoutComments(read(path)) : '';
}

describe('install scripts', () => {
	it('do not run: npm is told so', () => {
		const lines = read('.npmrc').split('\n');
		expect(lines.filter((line) => line.startsWith('ignore-scripts'))).toEqual([
			'ignore-scripts=true',
		]);
	});

	it('are known, each to be run by name or not at all', () => {
		const known = [...dependencies.COMPILED, ...dependencies.NOT_RUN].sort();
		const found = packages.filter((p) => p.hasInstallScript === true).map(({ name }) => name);
		expect([...new Set(found)].sort()).toEqual(known);
	});

	it('are run by a script of ours only where it names the package', () => {
		const runs = /\brebuild\b|ignore-scripts=false/;
		const scripts = allFiles('scripts').filter((path) => runs.test(codeOf(path)));
		expect(scripts).toEqual(['scripts/code_server.mjs', 'scripts/dependencies.mjs']);
		expect(Object.values(codeServer.COMPILED).flat()).toEqual([
			...['argon2', '@vscode/spdlog', 'node-pty', 'native-watchdog'],
		]);
	});
});
