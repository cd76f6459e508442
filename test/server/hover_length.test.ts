/**
 * Hovers are short: at every access and every function of a kernel's walk, the brief answer is read at a glance.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { md, paragraphs } from '../../engine/escape/markdown.js';
import { analyse, analyseSites } from '../../server/ide/analysis/analyse.js';
import { spanReader } from '../../server/ide/analysis/spans.js';
import { fitting, WORDS_MAX, wordsOf } from '../../server/ide/brief.js';
import { explain } from '../../server/ide/explain.js';
import { realEngine } from '../../server/worker/engine.js';
import { requestOf } from '../analysis.js';
import { gup } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

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
			return told === null ? [] : [told];
		});
	expect(briefs.length).toBeGreaterThan(50);
	const lengths = briefs.map(({ head, parts }) => wordsOf(paragraphs([head, ...parts])));
	// what a line's guard adds to them are some thirty
	expect(lengths.filter((words) => words > WORDS_MAX - 30)).toEqual([]);
	// the answer is read at a glance
	expect(briefs.filter(({ head }) => wordsOf(head) > 30)).toEqual([]);
});

it('what has no room is told in the details, the answer always stands', () => {
	const words = fc.array(fc.nat({ max: 150 }), { minLength: 1, maxLength: 8 });
	fc.assert(
		fc.property(words, (counts) => {
			const parts = counts.map((n, i) => md`${`w${i} `.repeat(n)}`);
			const { brief, rest } = fitting(parts);
			expect([...brief, ...rest]).toEqual(parts);
			expect(brief.length).toBeGreaterThan(0);
			if (brief.length > 1)
				expect(brief.reduce((sum, part) => sum + wordsOf(part), 0)).toBeLessThanOrEqual(WORDS_MAX);
		}),
	);
});
