/**
 * Results that are kept do not outlive what they were made from: every part of a request is part of its key, and a reader that
 * no longer asserts its caller's lock is judged anew.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckRequest } from '../../engine/check/request.js';
import { ARCHS } from '../../engine/program/arch.js';
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
	])('tells %s', (_, change) => {
		expect(resultKey({ ...REQUEST, ...change })).not.toBe(resultKey(REQUEST));
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
