/**
 * What hovers rest on is there for every walk with a verdict: of generations without pins, of walks that are asked for
 * nothing, and of those that take nobody with the usual flags.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { analyseSites } from '../../server/ide/analysis/analyse.js';
import { realEngine } from '../../server/worker/engine.js';
import { requestOf } from '../analysis.js';
import { fixtureArch } from '../fixture_arch.js';
import { repositoryRoot } from '../trees.js';

it.each([
	['asked for a pin', 'holds/stale-pin.c'],
	['before there were pins', 'holds/reference-overflow-until-5.1.c'],
	['that only looks', 'holds/double-fetch-look.c'],
	['that takes nobody who writes or pins', 'holds/permission-protnone-huge.c'],
	['of another reader', 'holds/stale-pin-page-cache.c'],
])('a walk %s', (_, name) => {
	const text = readFileSync(join(repositoryRoot, 'test/fixtures', name), 'utf8');
	const request = requestOf({ text, arch: fixtureArch(text) });
	const sites = analyseSites(realEngine, request, { observer: { cancelled: () => false } });
	// an entry, a slot, a count: it reads something that others write
	const raced = sites.filter(({ kinds, writers }) => kinds.includes('load') && writers.length > 0);
	expect(raced.length).toBeGreaterThan(0);
});
