/**
 * What racewalk says of hostile text, all of it, by the real front end and engine: rendered as editors render it, it is text
 * and code and the links that were asked for.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	asMarkdown,
	asPlain,
	commandTarget,
	type Said,
	webTarget,
} from '../../engine/escape/markdown.js';
import { analyse, analyseSites } from '../../server/ide/analysis/analyse.js';
import { spanReader } from '../../server/ide/analysis/spans.js';
import { decideClaims } from '../../server/ide/claims/check.js';
import { explain } from '../../server/ide/explain.js';
import { withoutLine } from '../../server/ide/guard_words.js';
import { analyseGuards } from '../../server/ide/guards.js';
import { litmusHover } from '../../server/ide/litmus.js';
import { traceContent, traceMarkdown } from '../../server/ide/trace_content.js';
import { realEngine } from '../../server/worker/engine.js';
import { runLitmusTask } from '../../server/worker/litmus_tasks.js';
import { requestOf } from '../analysis.js';
import { HOSTILE, hostileText } from './hostile.js';
import { hostileLitmus, hostileWalk } from './hostile_walk.js';
import { renderings } from './rendered.js';

const SHOWN = new Set(['p', 'strong', 'code', 'ul', 'li', 'a', 'hr', 'pre', 'h1']);
const ASKED_FOR = /^(?:file:\/\/\/tree\/[\w./-]+#L\d+|command:racewalk\.openTrace\?[\w%.~-]+)$/;
const UNSEEN = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** What is shown is text, code and links that were asked for; as plain text it holds nothing that is not seen. */
function harmless(said: Said): void {
	harmlessMarkdown(asMarkdown(said));
	expect(asPlain(said)).not.toMatch(UNSEEN);
}

function harmlessMarkdown(markdown: string): void {
	expect(markdown).not.toMatch(UNSEEN);
	for (const { elements, addresses } of Object.values(renderings(markdown))) {
		expect(elements.filter((name) => !SHOWN.has(name))).toEqual([]);
		expect(addresses.filter((address) => !ASKED_FOR.test(address))).toEqual([]);
	}
}

const OBSERVER = { cancelled: () => false };

/** Everything that is said of a walk of the fixtures with these texts in it; how many things that were, how many with an address of theirs. */
function everythingSaid(
	fixture: string,
	texts: readonly string[],
): { readonly said: number; readonly quoting: number } {
	const text = hostileWalk(fixture, texts);
	const request = requestOf({ text, depth: 'core', actors: ['zap'], path: 'mm/walk.c' });
	const checked = analyse(realEngine, request, { observer: OBSERVER, cache: null });
	const sites = analyseSites(realEngine, request, { observer: OBSERVER });
	const analysis = { ...checked, sites };
	const guards = analyseGuards(realEngine, request, { observer: OBSERVER });
	const options = {
		link: (path: string, line: number) => webTarget(`file:///tree/${path}#L${line}`),
		simulate: (name: string, actor: string | null) =>
			commandTarget('racewalk.openTrace', { uri: 'file:///tree/mm/walk.c', function: name, actor }),
		spanText: spanReader(text),
	};
	let said = 0;
	let quoting = 0;
	text.split('\n').forEach((line, i) => {
		const columns = [
			null,
			...Array.from({ length: Math.ceil(line.length / 8) }, (_, c) => c * 8 + 1),
		];
		for (const column of columns) {
			const at = { line: i + 1, column };
			const told = explain(analysis, at, options);
			const without = withoutLine({ guards, complete: true }, at, {
				text: line,
				run: (name) => options.simulate(name, 'zap'),
			});
			for (const one of [
				...(told === null ? [] : [told.head, ...told.parts]),
				told?.details,
				without?.brief,
				without?.details,
			]) {
				if (one === null || one === undefined) continue;
				said++;
				if (asPlain(one).includes('example.com')) quoting++;
				harmless(one);
			}
		}
	});
	for (const finding of analysis.findings) {
		const content = traceContent(
			{
				uri: 'file:///tree/mm/walk.c',
				function: finding.function,
				finding,
				trace: finding.trace,
				verdict: 'violated',
			},
			(path) => `/tree/${path}`,
		);
		const { uri: _, ...shown } = content;
		expect(JSON.stringify(shown)).not.toMatch(UNSEEN);
		expect(JSON.stringify(shown)).not.toMatch(/\\u00[01]/);
		harmlessMarkdown(traceMarkdown(content));
		said++;
	}
	for (const { found, why } of decideClaims(realEngine, request, { observer: OBSERVER, only: null })
		.claims) {
		harmless(found.text);
		harmless(why);
	}
	return { said, quoting };
}

describe('what is said of hostile text', () => {
	it.each(['violated/stale-pin.c', 'holds/stale-pin.c'])(
		'in %s is text',
		(fixture) => {
			const { said, quoting } = everythingSaid(fixture, HOSTILE);
			expect(said).toBeGreaterThan(50);
			expect(quoting).toBeGreaterThan(5);
		},
		300_000,
	);

	it('is text, whatever the text is', () => {
		fc.assert(
			fc.property(fc.array(hostileText, { minLength: 8, maxLength: 8 }), (texts) => {
				everythingSaid('violated/stale-pin.c', texts);
			}),
			{ numRuns: 3, endOnFailure: true },
		);
	});

	it('of litmus tests is text', () => {
		fc.assert(
			fc.property(fc.oneof(fc.constantFrom(...HOSTILE), hostileText), (text) => {
				const source = hostileLitmus(text);
				const litmus = { text: source, tree: null, budgetSeconds: 10 };
				const analysis = runLitmusTask(
					{ kind: 'litmus-analyse', litmus },
					{ isOver: OBSERVER.cancelled },
				);
				if (!('accesses' in analysis)) throw new Error('an analysis was asked for');
				source.split('\n').forEach((line, i) => {
					for (let column = 1; column < line.length + 1; column += 4) {
						const told = litmusHover(analysis, { line: i + 1, column });
						if (told !== null) harmless(told.said);
					}
				});
			}),
			{ numRuns: 60, examples: HOSTILE.map((text) => [text]) },
		);
	});
});
