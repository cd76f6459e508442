/**
 * `npm start` and `npm test` run in a fresh clone, before anything is installed: what they import up front, and what
 * that imports, is Node's own or ours.
 */
import { dirname, join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
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
});
