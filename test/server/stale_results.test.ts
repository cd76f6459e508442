/**
 * Results that are kept do not outlive what they were made from: every part of a request is part of its key, and a reader that
 * no longer asserts its caller's lock is judged anew.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckRequest } from '../../engine/check/request.js';
import { ARCHS } from '../../engine/program/arch.js';
import type { ProgramFunction, Site } from '../../engine/program/program.js';
import { analyse } from '../../server/ide/analysis/analyse.js';
import { contentStore } from '../../server/ide/analysis/content_store.js';
import { type ResultCache, resultKey } from '../../server/ide/analysis/result_cache.js';
import { archProfile } from '../../server/tree/arch_profiles.js';
import { realEngine } from '../../server/worker/engine.js';
import { requestOf } from '../analysis.js';
import { edited } from '../kernel_text.js';
import { RMAP_LOCKED } from '../rmap_locked.js';
import { kernelTree } from '../trees.js';

const REQUEST: CheckRequest = {
	program: { functions: [], fields: [], symbols: [], sites: [], assumptions: [], unsupported: [] },
	root: 0 as CheckRequest['root'],
	functions: [],
	actors: [],
	arch: 'x86_64',
	memory: 'sc',
	config: new Set(['CONFIG_A', 'CONFIG_B']),
	statesMax: 1,
};

function fn(value: number): ProgramFunction {
	const site = 0 as ProgramFunction['site'];
	return {
		...{ name: 'f', path: 'a.c', site, parameters: [], origin: 'walk' },
		...{ registers: 0, registerNames: [], slots: [] },
		ops: [{ kind: 'return', value: { kind: 'constant', value }, site }],
	};
}

function siteIn(path: string): Site {
	return { path, line: 1, column: 1, endLine: 1, endColumn: 2, cites: null };
}

describe('the key of a result', () => {
	it.each<readonly [string, Partial<CheckRequest>]>([
		['what the reader asserts', { reader: 'locked' }],
		['what it does not assert', { reader: 'open' }],
		['the functions asked for', { functions: [REQUEST.root] }],
		['the adversaries', { actors: ['zap'] }],
		['the architecture', { arch: 'arm64' }],
		['the memory model', { memory: 'lkmm' }],
		['the configuration', { config: new Set(['CONFIG_A']) }],
		['the limit', { statesMax: 2 }],
		['the depth', { depth: 'core' }],
		['what is taken away', { whatIf: ['no-ipi'] }],
		['what a function does', { program: { ...REQUEST.program, functions: [fn(0)] } }],
		['files of sites', { program: { ...REQUEST.program, sites: [siteIn('a.c')] } }],
		['a feature', { program: { ...REQUEST.program, features: ['RACEWALK_CMA'] } }],
	])('tells %s', (_, change) => {
		expect(resultKey({ ...REQUEST, ...change })).not.toBe(resultKey(REQUEST));
	});

	it('tells two functions that differ in a number', () => {
		const keyOf = (value: number): string =>
			resultKey({ ...REQUEST, program: { ...REQUEST.program, functions: [fn(value)] } });
		expect(keyOf(0)).toBe(keyOf(0));
		expect(keyOf(0)).not.toBe(keyOf(1));
	});

	it('does not tell where a function stands in its file', () => {
		const at = (line: number): string =>
			resultKey({
				...REQUEST,
				program: { ...REQUEST.program, functions: [fn(0)], sites: [{ ...siteIn('a.c'), line }] },
			});
		expect(at(1)).toBe(at(2));
	});

	it('does not tell the order in which a configuration is set', () => {
		const config = new Set(['CONFIG_B', 'CONFIG_A']);
		expect(resultKey({ ...REQUEST, config })).toBe(resultKey(REQUEST));
	});
});

describe('a reader that asserts its lock, and then something else', () => {
	const tree = kernelTree('6.12');
	const original = readFileSync(join(tree, 'mm/rmap.c'), 'utf8');
	const locked = edited(original, [RMAP_LOCKED]);
	const slab = locked.replace(
		'!folio_test_locked(folio), folio);',
		'!folio_test_slab(folio), folio);',
	);

	it('is judged anew', () => {
		const cache: ResultCache = contentStore({ entriesMax: 8 });
		const verdict = (text: string): string | undefined =>
			analyse(realEngine, requestOf({ path: 'mm/rmap.c', text, tree }), {
				observer: { cancelled: () => false },
				cache,
			}).functions.find((f) => f.name === 'folio_lock_anon_vma_read')?.verdict;
		expect(slab).not.toBe(locked);
		expect([locked, slab, locked].map(verdict)).toEqual(['holds', 'violated', 'holds']);
	});
});

describe('profiles of architectures', () => {
	it.each([...ARCHS])('there is one for %s', (arch) => {
		expect(archProfile(arch).config.size).toBeGreaterThan(0);
	});

	it('a forgotten one is an error, and never another', () => {
		expect(() => archProfile('mips')).toThrow('mips');
	});
});
