/**
 * What a place's brief answer rests on (`explain.ts`), as Markdown: the values seen there, who wrote what and whether before
 * or after, what was held, what re-checks caught; of a function its adversaries, worlds, bounds and assumptions.
 */
import {
	asMarkdown,
	code,
	item,
	lines,
	link,
	type Markdown,
	md,
	paragraphs,
	prose,
	row,
	type Said,
	strong,
	type Target,
} from '../../engine/escape/markdown.js';
import type {
	AnalysedFunction,
	AnalysedRecheck,
	AnalysedSite,
	AnalysedWriter,
	Analysis,
	Place,
} from './analysis/analysis.js';
import { brokenCallees, counted, deeperPhrase } from './verdict_words.js';

export interface ExplainOptions {
	/** Target of a link to a place of the tree or of an adversary, or null to print it as text. */
	readonly link: (path: string, line: number) => Target | null;
	/** Target of a link that shows a run of a function, against an adversary or by its id; absent where nothing can be clicked. */
	readonly simulate?: (name: string, actor: string | null, trace?: string) => Target;
	/** Text of the span in the checked file. */
	readonly spanText: (place: Place) => string;
}

const SHOWN_MAX = 8;

/** All there is about one access. */
export function siteDetails(
	site: AnalysedSite,
	analysis: Analysis,
	options: ExplainOptions,
): Markdown {
	const values = site.values.slice(0, SHOWN_MAX).map(code);
	const more = site.values.length > SHOWN_MAX ? ', …' : '';
	return paragraphs([
		md`${strong(code(shorten(sourceOf(site, options), 72)))} ${effectPhrase(site, SHOWN_MAX)}.`,
		...(values.length > 0 ? [md`Values in explored runs: ${row(values, ', ')}${more}.`] : []),
		...writersMarkdown(site, options),
		...protectionMarkdown(site, analysis, options),
		...branchMarkdown(site),
	]);
}

/** The access's source on one line. */
export function sourceOf(site: AnalysedSite, options: ExplainOptions): string {
	return options.spanText(site.place).replace(/\s+/g, ' ').trim();
}

const ACCESS_VERBS: Readonly<Record<string, string>> = {
	load: 'reads',
	store: 'writes',
	rmw: 'atomically changes',
};
const OTHER_VERBS: Readonly<Record<string, string>> = {
	fence: 'orders memory accesses',
	section: 'enters or leaves a critical section',
};

/** `reads pte[1], pte[2], …`: no more than `max` locations; of a grab, what it is for. */
export function effectPhrase(site: AnalysedSite, max: number): Markdown {
	if (site.counts === 'takes') return md`takes a reference on the folio`;
	if (site.counts === 'drops') return md`drops a reference on the folio`;
	const accesses = site.kinds.flatMap((kind) => ACCESS_VERBS[kind] ?? []);
	const others = site.kinds.flatMap((kind) =>
		kind in ACCESS_VERBS ? [] : (OTHER_VERBS[kind] ?? 'decides'),
	);
	const where = site.locations.slice(0, max).map(code);
	const more = site.locations.length > max ? ', …' : '';
	// of several locations it is not known which of them is read and which changed
	const what = [...new Set(accesses)].join(where.length > 1 ? ' or ' : ' and ');
	const rest = [...new Set(others)].join(' and ');
	if (where.length === 0 || what === '') {
		const said = what === '' ? rest : [what, rest].filter((part) => part !== '').join('; ');
		return where.length === 0 ? md`${said}` : md`${said} ${row(where, ', ')}${more}`;
	}
	return md`${what} ${row(where, ', ')}${more}${rest === '' ? '' : `; ${rest}`}`;
}

function writersMarkdown(site: AnalysedSite, options: ExplainOptions): readonly Said[] {
	if (site.locations.length === 0) return [];
	if (site.writers.length === 0) {
		return [md`${strong('Races with')}: no adversary of the model writes this.`];
	}
	const actors = [...new Set(site.writers.map((writer) => writer.actor))];
	const told = actors.map((actor) => {
		const own = site.writers.filter((writer) => writer.actor === actor);
		return item(actorLine(actor, own, options));
	});
	return [lines([strong('Races with'), ...told])];
}

/** `**zap** writes `pte[0]` = `none` in zap_present_folio_ptes(); …` */
function actorLine(
	actor: string,
	writers: readonly AnalysedWriter[],
	options: ExplainOptions,
): Markdown {
	const steps = new Map<
		string,
		{ readonly where: Markdown; readonly what: Map<string, Markdown> }
	>();
	for (const writer of writers) {
		const where = writerPlace(writer, options);
		const known = steps.get(asMarkdown(where)) ?? { where, what: new Map<string, Markdown>() };
		steps.set(asMarkdown(where), known);
		known.what.set(
			`${writer.location}\n${writer.wrote}`,
			md`${code(writer.location)} = ${code(writer.wrote)}`,
		);
	}
	const said = [...steps.values()].slice(0, SHOWN_MAX).map(({ where, what }) => {
		const shown = row([...what.values()].slice(0, 3), ', ');
		return md`${shown}${what.size > 3 ? ' …' : ''} in ${where}`;
	});
	const after = writers.reduce((sum, w) => sum + w.after, 0);
	const before = writers.reduce((sum, w) => sum + w.before, 0);
	return md`${strong(actor)} writes ${row(said, '; ')}${order(before, after)}`;
}

/** Which side came first, of the runs in which both acted. */
function order(before: number, after: number): string {
	if (before + after === 0) return '';
	if (after === 0) return '. In sampled runs: only before this access';
	if (before === 0) return '. In sampled runs: only after this access';
	return '. In sampled runs: before this access and after it';
}

function writerPlace(writer: AnalysedWriter, options: ExplainOptions): Markdown {
	const { cites, place } = writer;
	if (cites === null) {
		return linked(`${place.path}:${place.line}`, place.path, place.line, options);
	}
	const name = `${cites.function}()`;
	if (cites.line !== null && options.link(cites.path, cites.line) !== null) {
		return linked(name, cites.path, cites.line, options);
	}
	const where = cites.line === null ? cites.path : `${cites.path}:${cites.line}`;
	return md`${code(name)} (${where})`;
}

/** A place that can be gone to, where there are links. */
export function linked(
	text: string,
	path: string,
	line: number,
	options: ExplainOptions,
): Markdown {
	const target = line === 0 ? null : options.link(path, line);
	return target === null ? code(text) : link(code(text), target);
}

/** `line 12` of the checked file, `mm/internal.h:1387` of another. */
export function linkedPlace(place: Place, { path }: Analysis, options: ExplainOptions): Markdown {
	const text = place.path === path ? `line ${place.line}` : `${place.path}:${place.line}`;
	return linked(text, place.path, place.line, options);
}

const SECTION_WORDS: Readonly<Record<string, string>> = {
	irq: 'interrupts off',
	rcu: 'RCU read-side critical section',
	preempt: 'preemption off',
};

/** `interrupts off, RCU read-side critical section, a folio reference`; null: nothing is held. */
export function heldPhrase(site: AnalysedSite): string | null {
	const held = site.sections.map((section) => SECTION_WORDS[section] ?? section);
	if (site.reference === 'always') held.push('a folio reference');
	if (site.reference === 'later')
		held.push('a folio reference that was taken when this line ran before (for an earlier page)');
	if (site.reference === 'sometimes') held.push('a folio reference in some of the sampled runs');
	return held.length === 0 ? null : held.join(', ');
}

/** What protects the access, and nothing else; none where nothing does. */
function protectionMarkdown(
	site: AnalysedSite,
	analysis: Analysis,
	options: ExplainOptions,
): readonly Said[] {
	const said: Said[] = [];
	const held = heldPhrase(site);
	if (held !== null) said.push(item(held));
	for (const recheck of site.rechecks) {
		const where = linkedPlace(recheck.place, analysis, options);
		said.push(
			item(md`read again at ${where} (${code(shorten(recheck.text, 60))}): ${caught(recheck)}`),
		);
	}
	const protecting = said.length === 0 ? [] : [lines([strong('Protected by'), ...said])];
	const guarded = guardedBy(site, analysis, options).map((told) => item(told));
	return guarded.length === 0
		? protecting
		: [...protecting, lines([strong('Re-checks'), ...guarded])];
}

/** `the value had changed in 865 of 5052 sampled reads; no page was returned in any of these runs`. */
function caught({ differed, same, rejected }: AnalysedRecheck): string {
	const reads = differed + same;
	if (differed === 0) return `the value had not changed in any of ${reads} sampled reads`;
	const none = rejected === differed ? '; no page was returned in any of these runs' : '';
	return `the value had changed in ${differed} of ${reads} sampled reads${none}`;
}

function branchMarkdown({ taken }: AnalysedSite): readonly Said[] {
	if (taken === null) return [];
	return [md`The branch was taken ${taken.then} times, and not taken ${taken.otherwise} times.`];
}

/** For a re-check: the earlier reads it guards and what it caught. */
function guardedBy(
	site: AnalysedSite,
	analysis: Analysis,
	options: ExplainOptions,
): readonly Markdown[] {
	const told: Markdown[] = [];
	for (const earlier of analysis.sites) {
		for (const recheck of earlier.rechecks) {
			if (!samePlace(recheck.place, site.place) || samePlace(earlier.place, site.place)) continue;
			const where = linkedPlace(earlier.place, analysis, options);
			const what = shorten(sourceOf(earlier, options), 60);
			told.push(md`${where} (${code(what)}): ${caught(recheck)}`);
		}
	}
	return told.slice(0, SHOWN_MAX);
}

/** True when both are the same span. */
export function samePlace(a: Place, b: Place): boolean {
	return a.path === b.path && a.line === b.line && a.column === b.column;
}

/** All there is about one function's verdict. */
export function functionDetails(f: AnalysedFunction, analysis: Analysis): Markdown {
	const said: Said[] = [];
	const called = brokenCallees(f, analysis);
	const isOwn = analysis.findings.some((finding) => finding.function === f.name);
	if (f.verdict === 'violated' && !isOwn && called.length > 0)
		said.push(md`${strong('violated')}: calls ${called.join(', ')}.`);
	for (const verdict of ['violated', 'unsupported', 'inconclusive', 'holds'] as const) {
		if (verdict === 'violated' && !isOwn && called.length > 0) continue;
		const actors = f.byActor.filter((a) => a.verdict === verdict).map((a) => a.actor);
		if (actors.length > 0) said.push(md`${strong(verdict)} against ${actors.join(', ')}.`);
	}
	const { bounds } = f;
	said.push(
		md`Explored from ${code(`${f.root}()`)}: ${f.explored.executions} executions, ${f.explored.states} states.`,
		md`Bounds: at most ${counted(bounds.pagesMax, 'page', 'pages')}, ${counted(bounds.actorsAtOnceMax, 'adversary', 'adversaries')} at once, each loop up to ${bounds.loopMax} times.`,
	);
	const deeper = deeperPhrase(analysis);
	if (deeper !== null) said.push(`So far: ${deeper}.`);
	if (f.assumptions.length > 0)
		said.push('Assumes:', lines(f.assumptions.map((a) => item(prose(a.what)))));
	for (const span of analysis.unsupported.filter((u) => u.function === f.name))
		said.push(md`Not explored (line ${span.place.line}): ${prose(span.reason)}`);
	if (bounds.worlds.length > 0)
		said.push(
			md`${counted(bounds.worlds.length, 'initial state', 'initial states')}: ${bounds.worlds.join('; ')}.`,
		);
	return paragraphs(said);
}

/** The text, cut off where it is longer than `max` characters. */
export function shorten(text: string, max: number): string {
	return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
