/**
 * Hovers are short: at every access and every function of a kernel's walk, the brief answer is read at a glance.
 */
import { expect, it } from 'vitest';
import { asPlain } from '../../engine/escape/markdown.js';
import { analyse, analyseSites } from '../../server/ide/analysis/analyse.js';
import { spanReader } from '../../server/ide/analysis/spans.js';
import { explain } from '../../server/ide/explain.js';
import { realEngine } from '../../server/worker/engine.js';
import { requestOf } from '../analysis.js';
import { gup } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

/** Words of a hover; what a line's guard adds to them are some thirty. */
const WORDS_MAX = 90;

it.each(['6.12', '6.1'] as const)('%s', (version) => {
	const text = gup(version);
	const request = requestOf({ text, path: 'mm/gup.c', tree: kernelTree(version), depth: 'core' });
	const context = { observer: { cancelled: () => false }, cache: null };
	const checked = analyse(realEngine, request, context);
	const analysis = { ...checked, sites: analyseSites(realEngine, request, context) };
	const options = { link: () => null, spanText: spanReader(text) };
	const places = [...analysis.sites, ...analysis.functions].map(({ place }) => place);
	const briefs = places
		.filter((place) => place.path === analysis.path)
		.flatMap(({ line, column }) => {
			const told = explain(analysis, { line, column }, options);
			return told === null ? [] : [asPlain(told.brief)];
		});
	expect(briefs.length).toBeGreaterThan(50);
	expect(briefs.filter((brief) => brief.split(/\s+/).length > WORDS_MAX)).toEqual([]);
});
