/**
 * No regular expression of the product takes time out of proportion to its text: each is analysed, and each is run on long
 * texts of its own characters. A text is what the user opened, and may be made to be slow.
 *
 * A pattern that is not linear takes minutes for what a linear one does in a millisecond: the time given is a guard against
 * hanging, not a measure.
 */
import { createContext, runInContext } from 'node:vm';
import { analyse } from 'scslre';
import { describe, expect, it } from 'vitest';
import { collectPatterns, type Pattern, pumpsOf } from './patterns.js';
import { read } from './sources.js';

/** Characters of a text. */
const LENGTH = 200_000;
/** Milliseconds for one pattern and one text. */
const HANGING = 4000;

/** Folders whose texts have a length of their own, with the constant that says so. */
const BOUNDED = [
	{
		files: /^server\/ide\/claims\/(?:grammar|order|vocabulary)\.ts$/,
		in: 'server/ide/claims/grammar.ts',
		constant: 'SENTENCE_MAX',
	},
] as const;

/** What the analysis reports of patterns that are linear all the same, with the reason. */
const EXPLAINED: readonly (readonly [string, string])[] = [
	[
		'\\n\\s*\\n',
		'blanks that are followed by a line end are matched at once, others begin behind no other line end',
	],
	[
		'^([A-Za-z_]\\w*)(\\(([^)]*)\\))?([\\s\\S]*)$',
		'its last part matches whatever is left, so that nothing is tried again',
	],
	['\\(([^()]*[a-z]{3,} [^()]*)\\)', 'of a sentence, whose length is bounded'],
];

const { patterns, unread } = collectPatterns();
const distinct = [...new Map(patterns.map((p) => [`${p.source}/${p.flags}`, p])).values()];

function lengthFor({ file }: Pattern): number {
	const bound = BOUNDED.find(({ files }) => files.test(file));
	if (bound === undefined) return LENGTH;
	const written = new RegExp(`const ${bound.constant} = ([\\d_]+);`).exec(read(bound.in))?.[1];
	return Number((written ?? '').replaceAll('_', ''));
}

/** Where patterns are run, so that they can be stopped. */
const place = createContext({});

/** The text on which a pattern hangs, or null. */
function hangsOn(pattern: Pattern): string | null {
	const length = lengthFor(pattern);
	for (const pump of pumpsOf(pattern)) {
		for (const end of ['', '\u0001']) {
			const text = pump.repeat(Math.ceil(length / pump.length)).slice(0, length) + end;
			const re = new RegExp(pattern.source, pattern.flags);
			const code = pattern.flags.includes('g') ? 'text.replace(re, "")' : 're.exec(text)';
			try {
				Object.assign(place, { re, text });
				runInContext(code, place, { timeout: HANGING });
			} catch {
				return JSON.stringify(pump);
			}
		}
	}
	return null;
}

describe('regular expressions over texts', () => {
	it('are found: literals, and those that are made', () => {
		expect(distinct.length).toBeGreaterThan(300);
		// what is put together at run time is bounded
		for (const { file, code } of unread)
			expect(
				BOUNDED.some(({ files }) => files.test(file)),
				`${file}: ${code}`,
			).toBe(true);
		for (const pattern of distinct) expect(lengthFor(pattern)).toBeGreaterThan(0);
	});

	it('are linear, says an analysis of their structure', { timeout: 120_000 }, () => {
		const reported = distinct.flatMap(({ file, source, flags }) => {
			const { reports } = analyse({ source, flags });
			// a sticky pattern is tried at one place
			const real = reports.filter((r) => r.type !== 'Move' || !flags.includes('y'));
			const isExplained = EXPLAINED.some(([part]) => source.includes(part));
			const isExponential = real.some((r) => r.exponential);
			return real.length === 0 || (isExplained && !isExponential)
				? []
				: [`${file}: /${source}/${flags}`];
		});
		expect(reported).toEqual([]);
	});

	it('explains no pattern that is not there', () => {
		for (const [part] of EXPLAINED)
			expect(
				distinct.some(({ source }) => source.includes(part)),
				part,
			).toBe(true);
	});

	it('end on long texts of their own characters', { timeout: 600_000 }, () => {
		const hanging = distinct.flatMap((pattern) => {
			const pump = hangsOn(pattern);
			return pump === null ? [] : [`${pattern.file}: /${pattern.source}/ on ${pump}`];
		});
		expect(hanging).toEqual([]);
	});

	it('tells a pattern that is not linear', () => {
		const slow = { file: 'server/x.ts', source: '\\s*\\*+\\/\\s*$', flags: '' };
		expect(hangsOn(slow)).toBe('" "');
		expect(analyse({ source: '^(a+)+$', flags: '' }).reports[0]?.exponential).toBe(true);
	});
});
