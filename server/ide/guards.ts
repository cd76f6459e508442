/**
 * The guards of a document's walks in terms of its source, with the words that say what was taken away and what came of it.
 * One entry per guard, whichever roots reach it.
 */
import type { CheckRequest } from '../../engine/check/request.js';
import type { GuardReason, GuardResult } from '../../engine/questions/guards/guard_result.js';
import { checkRequest, nameOf, prepare, wantedWalks } from './analysis/analyse.js';
import type { AnalysisObserver, AnalysisRequest, Place } from './analysis/analysis.js';
import { type ContentStore, contentKey } from './analysis/content_store.js';
import type { EnginePort } from './analysis/engine_port.js';
import { resultKey } from './analysis/result_cache.js';
import { oneLine, spanReader } from './analysis/spans.js';

export type AnalysedNeed = GuardResult['needs'][number];

export interface AnalysedGuard {
	readonly id: string;
	readonly function: string;
	readonly root: string;
	readonly kind: GuardResult['kind'];
	readonly place: Place;
	/** The guard's source on one line. */
	readonly text: string;
	/** The same as it is written: with the `!` before it. */
	readonly written: string;
	/** What is explored instead: `the walk continues when !folio`. */
	readonly removed: string;
	readonly verdict: GuardResult['verdict'];
	readonly needs: readonly AnalysedNeed[];
	readonly reason: GuardReason | null;
	/** Why it is not needed, or not decided, in words. */
	readonly why: string | null;
	readonly scenarios: GuardResult['scenarios'];
	readonly covered: readonly { readonly place: Place; readonly text: string }[];
}

export interface GuardsObserver extends AnalysisObserver {
	/** All that is known so far, whenever a guard is added. */
	known?(guards: readonly AnalysedGuard[]): void;
}

/** What is known of a program's guards, by its content; a worker keeps it. */
export type GuardCache = ContentStore<readonly GuardResult[]>;

/** Guards at most whose results are told at once while the rest is worked out. */
const TELL_EVERY = 8;

/** The guards of the wanted functions, in the order of the source. */
export function analyseGuards(
	engine: EnginePort,
	request: AnalysisRequest,
	options: {
		readonly observer: GuardsObserver;
		readonly preparedBy?: typeof prepare;
		readonly guardCache?: GuardCache;
		/** Only the guards of this 1-based line. */
		readonly line?: number;
	},
): readonly AnalysedGuard[] {
	const { observer } = options;
	const { lowered, resolve } = (options.preparedBy ?? prepare)(engine, request, null, observer);
	observer.enter?.('exploring');
	const { program } = lowered;
	const spanText = spanReader(request.text);
	const read = (place: Place): string =>
		place.path === request.path ? oneLine(spanText(place)) : '';
	const written = (place: Place): string => {
		const before = spanText({ ...place, column: 1, endLine: place.line, endColumn: place.column });
		return /!\s*$/.test(before) ? `!${read(place)}` : read(place);
	};
	const merged = new Map<string, AnalysedGuard>();
	const inOrder = (): readonly AnalysedGuard[] =>
		[...merged.values()].sort(
			(a, b) => a.place.line - b.place.line || a.place.column - b.place.column,
		);
	let told = 0;
	for (const walk of wantedWalks(lowered, request.functions)) {
		const root = nameOf(program, walk.root);
		const add = (result: GuardResult): void => {
			const place = resolve.place(result.site);
			const words = {
				text: read(place),
				written: place.path === request.path ? written(place) : '',
				ends: result.ends.map((site) => read(resolve.place(site))),
			};
			const made = {
				...wordsOf(result, words),
				root,
				place,
				covered: result.covered.map((c) => {
					const at = resolve.place(c.site);
					return { place: at, text: read(at) };
				}),
			};
			const covers = made.covered.map((c) => ({ ...c, text: written(c.place) }));
			const why = result.reason === null ? null : whyNot(result, words, covers);
			const before = merged.get(result.id);
			merged.set(
				result.id,
				before === undefined ? { ...made, why } : both(before, { ...made, why }),
			);
			if (++told % TELL_EVERY === 0) observer.known?.(inOrder());
		};
		const wanted = checkRequest(program, walk, request);
		const isWanted = ({
			function: name,
			site,
		}: Pick<GuardResult, 'function' | 'site'>): boolean => {
			const { path, line, endLine } = resolve.place(site);
			if (options.line !== undefined && (options.line < line || options.line > endLine))
				return false;
			if (path !== request.path) return false;
			return request.functions.length === 0 || request.functions.includes(name);
		};
		explored(engine, wanted, { request, add, isWanted, ...options });
	}
	return inOrder();
}

/** Remembered results, or new ones. */
function explored(
	engine: EnginePort,
	wanted: CheckRequest,
	options: {
		readonly request: AnalysisRequest;
		readonly add: (result: GuardResult) => void;
		readonly isWanted: (guard: Pick<GuardResult, 'function' | 'site'>) => boolean;
		readonly line?: number;
		readonly observer: GuardsObserver;
		readonly guardCache?: GuardCache;
	},
): void {
	const { request, add, observer, isWanted } = options;
	// the lines of a table move with the text, those of one line do not
	const guardCache = options.line === undefined ? options.guardCache : undefined;
	const key = contentKey([resultKey(wanted), request.functions]);
	const known = guardCache?.get(key);
	if (known !== undefined) {
		known.forEach(add);
		return;
	}
	const watcher = {
		cancelled: () => observer.cancelled(),
		progress: (done: number, total: number, what: string) => observer.progress?.(done, total, what),
		found: add,
	};
	const results = engine.guards(wanted, watcher, isWanted);
	if (guardCache === undefined || observer.cancelled()) return;
	guardCache.set(key, results);
}

/** One guard as seen from two roots: needed if either needs it, undecided if either is. */
function both(a: AnalysedGuard, b: AnalysedGuard): AnalysedGuard {
	const order = ['needed', 'undecided', 'unneeded'];
	const [first, second] = order.indexOf(a.verdict) <= order.indexOf(b.verdict) ? [a, b] : [b, a];
	const more = second.needs.filter((n) => !first.needs.some((m) => m.actor === n.actor));
	return { ...first, needs: [...first.needs, ...more] };
}

function wordsOf(
	{ id, function: name, kind, verdict, needs, reason, scenarios, givesUpWhen }: GuardResult,
	words: { readonly text: string; readonly written: string; readonly ends: readonly string[] },
): Pick<
	AnalysedGuard,
	| 'id'
	| 'function'
	| 'kind'
	| 'verdict'
	| 'needs'
	| 'reason'
	| 'scenarios'
	| 'text'
	| 'written'
	| 'removed'
> {
	const { text, written } = words;
	const removed = removedWords(kind, words, givesUpWhen);
	return { id, function: name, kind, verdict, needs, reason, scenarios, text, written, removed };
}

function removedWords(
	kind: AnalysedGuard['kind'],
	{ text, ends }: { readonly text: string; readonly ends: readonly string[] },
	when: boolean | null,
): string {
	switch (kind) {
		case 'check':
			return `the walk continues when \`${givingUp(text, when)}\``;
		case 'result':
			return `success is returned whatever \`${returned(text)}\` is`;
		case 'section': {
			const names = [text, ...ends].map((call) => `${/^\w+/.exec(call)?.[0] ?? call}()`);
			return `${[...new Set(names)].join(' and ')} are removed`;
		}
		case 'barrier':
			return `\`${text}\` is removed`;
		case 'read-once':
			return `\`${text}\` is a plain read, which the compiler may repeat`;
		case 'undo':
			return `\`${text}\` is removed`;
	}
}

/** What holds when a check gives up: its condition, or the opposite. */
function givingUp(text: string, when: boolean | null): string {
	return when === false ? negated(text) : text;
}

function returned(text: string): string {
	return text.replace(/^return\s+|;$/g, '');
}

function negated(text: string): string {
	return /^[\w>.-]+(\(.*\))?$/.test(text) ? `!${text}` : `!(${text})`;
}

function whyNot(
	result: GuardResult,
	{ text, written }: { readonly text: string; readonly written: string },
	covered: AnalysedGuard['covered'],
): string | null {
	switch (result.reason) {
		case null:
			return null;
		case 'harmless':
			return 'no explored run breaks a rule without it';
		case 'covered': {
			const others = covered.map((c) => `line ${c.place.line} (\`${c.text}\`)`);
			return others.length === 1
				? `under this configuration ${others[0]} rejects every case that this line rejects; one of the two must stay`
				: `under this configuration ${others.join(' and ')} reject every case that this line rejects; they must stay`;
		}
		case 'idle':
			if (!result.reached) return 'no explored run reaches it';
			if (result.kind === 'check') {
				const whenWritten = (result.givesUpWhen !== false) === (written === text);
				return `\`${written}\` is ${!whenWritten} in every explored run`;
			}
			return `no explored run takes the failing branch of \`${returned(text)}\``;
		case 'no difference':
			return 'in every explored run the result is the same without it';
		case 'not judged':
			return 'it matters only under LKMM, and no run explored under LKMM needs it';
		case 'open':
			return result.detail;
	}
}
