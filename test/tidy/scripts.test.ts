/**
 * `npm start` and `npm test` run in a fresh clone, before anything is installed: what they import up front, and what
 * that imports, is Node's own or ours.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { LONG_SUITES } from '../../scripts/long_suites.mjs';
import { repositoryRoot } from '../trees.js';
import { read, withoutComments } from './sources.js';

/** Packages imported statically by a script or by what it imports statically, as `file → package`. */
function packagesUpFront(path: string, seen = new Set<string>()): readonly string[] {
	if (seen.has(path)) return [];
	seen.add(path);
	const statics = /^(?:import|export)\b[^;]*?\bfrom '([^']+)'|^import '([^']+)'/gm;
	return [...withoutComments(read(path)).matchAll(statics)].flatMap((match) => {
		const target = match[1] ?? match[2] ?? '';
		if (target.startsWith('node:')) return [];
		if (!target.startsWith('.')) return [`${path} → ${target}`];
		return packagesUpFront(join(dirname(path), target), seen);
	});
}

describe('scripts', () => {
	it('see a package where there is one', () => {
		expect(packagesUpFront('scripts/build.mjs')).toEqual(['scripts/build.mjs → esbuild']);
	});

	it.each(['scripts/start.mjs', 'scripts/test.mjs', 'scripts/kernel.mjs'])(
		'%s needs no package',
		(path) => {
			expect(packagesUpFront(path)).toEqual([]);
		},
	);

	it('names long suites that exist, and has all of them run by continuous integration', () => {
		expect(LONG_SUITES.filter((file) => !existsSync(join(repositoryRoot, file)))).toEqual([]);
		expect(new Set(LONG_SUITES).size).toBe(LONG_SUITES.length);
		expect(read('.ci/run')).toContain('npm test -- all\n');
	});
});
