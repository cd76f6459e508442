/**
 * No regular expression of the product takes time out of proportion to its text: each is analysed, and each is run on long
 * texts of its own characters. A text is what the user opened, and may be made to be slow.
 *
 * What is judged is growth: how much longer twice the text takes. A linear pattern takes twice as long, a quadratic one four
 * times; of several measurements the least counts, since collecting what others left makes them longer and never shorter.
 */
import { createContext, runInContext } from 'node:vm';
import { analyse } from 'scslre';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../fuzz/texts.js';
import { collectPatterns, type Pattern, pumpsOf } from './patterns.js';
import { read } from './sources.js';

/** Characters of the longer text; the other has half as many. */
const LENGTH = 100_000;
/** Milliseconds at which a pattern that hangs is stopped. */
const HANGING = 8000;
/** Milliseconds below which there is nothing to measure: a quadratic pattern takes seconds for the longer text. */
const FLOOR = 200;
/** How much longer the longer text may take, and how often it is measured before that counts. */
const GROWTH_MAX = 3;
const MEASURED_MAX = 7;
/** Texts of several pieces, of each pattern. */
const MIXED = 6;

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

/** Parts of patterns that are racewalk's own words. */
const OF_OURS: readonly string[] = [
	'server/lower/arch_features.ts: entry',
	'server/lower/reader_signatures.ts: parts.join("")',
	'server/syntax/preprocess.ts: attributeItems.join("|")',
	'server/syntax/preprocess.ts: attributeCalls.join("|")',
	'server/syntax/preprocess.ts: attributeWords.join("|")',
	'server/tree/generated_headers.ts: name',
];

const { patterns, unread, unbounded } = collectPatterns();
const distinct = [...new Map(patterns.map((p) => [`${p.source}/${p.flags}`, p])).values()];

function lengthFor({ file }: Pattern): number {
	const bound = BOUNDED.find(({ files }) => files.test(file));
	if (bound === undefined) return LENGTH;
	const written = new RegExp(`const ${bound.constant} = ([\\d_]+);`).exec(read(bound.in))?.[1];
	return Number((written ?? '').replaceAll('_', ''));
}

/** Where patterns are run, so that they can be stopped. */
const place = createContext({});

/** Milliseconds of a processor that a pattern takes for a text; Infinity: it was stopped. */
function taken(pattern: Pattern, text: string): number {
	const re = new RegExp(pattern.source, pattern.flags);
	const code = pattern.flags.includes('g') ? 'text.replace(re, "")' : 're.exec(text)';
	Object.assign(place, { re, text });
	const began = process.cpuUsage();
	try {
		runInContext(code, place, { timeout: HANGING });
	} catch {
		return Number.POSITIVE_INFINITY;
	}
	const { user, system } = process.cpuUsage(began);
	return (user + system) / 1000;
}

/** Pieces of what the pattern matches, and some of them in a row: the same ones in every run. */
function* textsOf(pattern: Pattern): Generator<string> {
	const pumps = pumpsOf(pattern);
	yield* pumps;
	const random = randomOf(pattern.source.length);
	for (let i = 0; i < MIXED && pumps.length > 1; i++)
		yield Array.from({ length: 2 + random.below(4) }, () => pumps[random.below(pumps.length)]).join(
			'',
		);
}

/** The text for which a pattern takes time out of proportion to its length, or null. */
function growsOn(pattern: Pattern): string | null {
	const length = lengthFor(pattern);
	for (const pump of textsOf(pattern)) {
		for (const end of ['', '\u0001']) {
			const text = (of: number): string =>
				pump.repeat(Math.ceil(of / pump.length)).slice(0, of) + end;
			if (grows((of) => taken(pattern, text(of)), length)) return JSON.stringify(pump);
		}
	}
	return null;
}

function grows(time: (length: number) => number, length: number): boolean {
	let [half, whole] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
	for (let i = 0; i < MEASURED_MAX; i++) {
		whole = Math.min(whole, time(length));
		if (whole === Number.POSITIVE_INFINITY) return true;
		if (whole < FLOOR) return false;
		half = Math.min(half, time(Math.floor(length / 2)));
		if (whole < half * GROWTH_MAX) return false;
	}
	return true;
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

	it('are linear, says an analysis of their structure', () => {
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

	it('have room for what is put into them', () => {
		const parts = unbounded.filter(({ file }) => !BOUNDED.some(({ files }) => files.test(file)));
		const known = parts.map(({ file, code }) => `${file}: ${code}`);
		expect(known.filter((part) => !OF_OURS.includes(part))).toEqual([]);
	});

	it('explains no pattern that is not there', () => {
		for (const [part] of EXPLAINED)
			expect(
				distinct.some(({ source }) => source.includes(part)),
				part,
			).toBe(true);
	});

	it('take time in proportion to long texts of their own characters', () => {
		const growing = distinct.flatMap((pattern) => {
			const pump = growsOn(pattern);
			return pump === null ? [] : [`${pattern.file}: /${pattern.source}/ on ${pump}`];
		});
		expect(growing).toEqual([]);
	});

	it('tells a pattern that is not linear', () => {
		const of = (source: string): Pattern => ({ file: 'server/x.ts', source, flags: '' });
		expect(growsOn(of('\\s*\\*+\\/\\s*$'))).toBe('" "');
		expect(growsOn(of('a*b'))).toBe('"a"');
		expect(growsOn(of('^(a+)+$'))).toBe('"a"');
		expect(growsOn(of('^a*b'))).toBe(null);
		expect(analyse({ source: '^(a+)+$', flags: '' }).reports[0]?.exponential).toBe(true);
	});
});
