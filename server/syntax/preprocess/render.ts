/**
 * A part of a file with its macros expanded, as text for a parser, and the way back: from every place of that text to the
 * user's.
 *
 * Invariant: where nothing is expanded, the text is the file's own and every offset is too.
 */
import type { Macro } from './definition.js';
import { type ExpansionScope, expand } from './expand.js';
import { type Token, tokenise, wouldJoin } from './token.js';
import type { TranslationUnit } from './translation_unit.js';
import { isUpToBuild } from './up_to_build.js';

export interface Rendered {
	readonly text: string;
	/** null: offsets are those of the part. */
	readonly map: SourceMap | null;
	/** Uses that are not understood; the first says why the part cannot be trusted. */
	readonly problems: readonly { readonly message: string; readonly offset: number }[];
	/** An attribute in it may move members of a struct, and none that was written there does. */
	readonly moves?: true;
}

export interface SourceMap {
	/**
	 * What `[start, end)` of the text stands for, relative to the part: the user's own words, or the use of the macro that
	 * they come from.
	 */
	span(start: number, end: number): { readonly start: number; readonly end: number };
	/** Where a place of the text stands in the part; null: in the replacement of a macro. */
	exact(at: number): number | null;
	/** The definition a place of the text was written in; null: the part itself. */
	definition(at: number): { readonly macro: Macro; readonly offset: number } | null;
}

/** What stays of a text's macros. */
export interface Kept {
	/** Whether the macro stays a name. */
	keeps(macro: Macro): boolean;
	/** Why a name that no macro has is not what it reads as; null: it is. */
	refuses(name: string): string | null;
}

export interface RenderOptions {
	readonly kept: Kept;
	/** Text before the part's first token is line … of the file: for `__LINE__`. */
	readonly lineAt: (offset: number) => number;
	/**
	 * What `__COUNTER__` is first, and everything else is what it is: for comparing with a compiler. Left out: names whose values a build or
	 * a compiler decides stay names, and a count is a name of its own.
	 */
	readonly counterStart?: number;
	/** Tokens that may be made altogether. */
	readonly tokensMax?: number;
}

const tokensMax = 400_000;

export const NOTHING_KEPT: Kept = { keeps: () => false, refuses: () => null };

/** The tokens of a part of the file, all macros expanded. */
export function expandedTokens(
	unit: TranslationUnit,
	part: { readonly start: number; readonly end: number },
	options: Omit<RenderOptions, 'kept'>,
): readonly Token[] {
	return expanding(unit, part, { ...options, kept: NOTHING_KEPT }).expanded;
}

export function render(
	unit: TranslationUnit,
	part: { readonly start: number; readonly end: number },
	options: RenderOptions,
): Rendered {
	const { tokens, expanded, regions, problems } = expanding(unit, part, options);
	const isSame = regions.length === 0 && expanded.every((t, i) => t.text === tokens[i]?.text);
	const plain = unit.text.slice(part.start, part.end);
	if (isSame) return { text: plain, map: null, problems };
	return { ...writtenOut(unit.text, part, { expanded, regions }), problems };
}

interface Expanding {
	readonly tokens: readonly Token[];
	readonly expanded: readonly Token[];
	/** Where macros are used, outermost uses only, in order. */
	readonly regions: readonly { readonly start: number; readonly end: number }[];
	readonly problems: readonly { readonly message: string; readonly offset: number }[];
}

function expanding(
	unit: TranslationUnit,
	part: { readonly start: number; readonly end: number },
	options: RenderOptions,
): Expanding {
	const problems: { message: string; offset: number }[] = [];
	const tokens = tokenise(unit.text, part.start, part.end);
	const regions: { start: number; end: number }[] = [];
	const isExact = options.counterStart !== undefined;
	let counter = options.counterStart ?? part.start;
	const scope: ExpansionScope = {
		tokensLeft: options.tokensMax ?? tokensMax,
		macro(name, token) {
			const macro = unit.macroAt(name, token.start);
			if (macro === null) {
				const taken = unit.undefinedAt(name, token.start);
				const isTaken = taken !== null && taken.body !== name;
				const message = isTaken
					? `${name} is used behind #undef ${name}`
					: options.kept.refuses(name);
				if (message !== null) problems.push({ message, offset: token.start });
			}
			const isLeft = macro !== null && !isExact && macro.path === '' && isUpToBuild(name);
			return macro === null || isLeft || options.kept.keeps(macro) ? null : macro;
		},
		special(name, token) {
			if (name === '__LINE__') return String(options.lineAt(token.start));
			if (name === '__COUNTER__') return `${isExact ? '' : '__counter_'}${counter++}`;
			return name === '__FILE__' && isExact ? JSON.stringify(unit.path) : null;
		},
		used: (_macro, start, end) => {
			const last = regions.at(-1);
			if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
			else regions.push({ start, end });
		},
		problem: (message, token) => problems.push({ message, offset: token.start }),
	};
	return { tokens, expanded: expand(tokens, scope), regions, problems };
}

interface Segment {
	/** Where it begins in the text made. */
	readonly at: number;
	readonly start: number;
	readonly end: number;
	/** The user's own text, character by character. */
	readonly verbatim: boolean;
	/** The use it belongs to. */
	readonly region: { readonly start: number; readonly end: number } | null;
	readonly from: Token['from'];
}

function writtenOut(
	text: string,
	part: { readonly start: number; readonly end: number },
	given: {
		readonly expanded: readonly Token[];
		readonly regions: readonly { readonly start: number; readonly end: number }[];
	},
): { readonly text: string; readonly map: SourceMap } {
	const { expanded, regions } = given;
	const pieces: string[] = [];
	const segments: Segment[] = [];
	let length = 0;
	let last = '';
	let at = part.start;
	let next = 0;
	const put = (piece: string, segment: Omit<Segment, 'at'>): void => {
		if (piece === '') return;
		segments.push({ ...segment, at: length });
		pieces.push(piece);
		length += piece.length;
		last = piece;
	};
	const copy = (to: number): void => {
		put(text.slice(at, to), { start: at, end: to, verbatim: true, region: null, from: null });
		at = Math.max(at, to);
	};
	for (let i = 0; i < expanded.length; ) {
		const token = expanded[i] as Token;
		const region = regions[next];
		if (region !== undefined && region.start <= token.start) {
			copy(region.start);
			while (i < expanded.length) {
				const inner = expanded[i] as Token;
				if (inner.hide === null || inner.start >= region.end) break;
				const isOwn = inner.from === null;
				const join = last !== '' && (inner.space || wouldJoin(last, inner.text)) ? ' ' : '';
				const segment = { start: inner.start, end: inner.end, region, from: inner.from };
				if (join !== '') put(join, { ...segment, verbatim: false });
				put(inner.text, { ...segment, verbatim: isOwn });
				i++;
			}
			at = region.end;
			next++;
			const follower = text.slice(at, at + 1);
			if (last !== '' && wouldJoin(last, follower))
				put(' ', { start: at, end: at, verbatim: false, region, from: null });
			continue;
		}
		copy(token.start);
		const isOwn = text.startsWith(token.text, token.start);
		const { start, end } = token;
		put(token.text, { start, end, verbatim: isOwn, region: null, from: null });
		at = end;
		i++;
	}
	for (; next < regions.length; next++) {
		copy(regions[next]?.start ?? at);
		at = regions[next]?.end ?? at;
	}
	copy(part.end);
	return { text: pieces.join(''), map: sourceMap(segments, part) };
}

function sourceMap(
	segments: readonly Segment[],
	part: { readonly start: number; readonly end: number },
): SourceMap {
	const indexAt = (at: number): number => {
		let low = 0;
		let high = segments.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((segments[middle]?.at ?? 0) <= at) low = middle + 1;
			else high = middle;
		}
		return Math.max(low - 1, 0);
	};
	const first = (segment: Segment, at: number): number =>
		segment.verbatim ? segment.start + at - segment.at : segment.start;
	const behind = (segment: Segment, at: number): number =>
		segment.verbatim ? segment.start + at - segment.at : segment.end;
	const relative = (start: number, end: number) => ({
		start: start - part.start,
		end: Math.max(end, start) - part.start,
	});
	return {
		span(start, end) {
			const from = indexAt(start);
			const to = indexAt(Math.max(end - 1, start));
			const a = segments[from];
			const b = segments[to];
			if (a === undefined || b === undefined) return relative(part.start, part.end);
			if (a.region === b.region) {
				const isOwn = segments.slice(from, to + 1).every((s) => s.verbatim || s.from === null);
				if (a.region === null || isOwn) {
					const exact = [first(a, start), behind(b, end)] as const;
					if (exact[0] <= exact[1]) return relative(...exact);
				}
				if (a.region !== null) return relative(a.region.start, a.region.end);
			}
			return relative(
				a.region === null ? first(a, start) : a.region.start,
				b.region === null ? behind(b, end) : b.region.end,
			);
		},
		exact(at) {
			const segment = segments[indexAt(at)];
			return segment?.verbatim === true ? first(segment, at) - part.start : null;
		},
		definition(at) {
			const from = segments[indexAt(at)]?.from ?? null;
			return from === null ? null : { macro: from.macro, offset: from.at };
		},
	};
}
