/**
 * What the editor's hover says about a place of a walk, as Markdown: is it right, what would break, against whom. The first
 * lines answer that; `details` (`explain_details.ts`) has what the answer rests on. All of it is read off the exploration.
 *
 * Invariant: no sentence here is about a kernel function by name; names appear only as data.
 */
import {
	code,
	link,
	type Markdown,
	md,
	paragraphs,
	prose,
	row,
	strong,
} from '../../engine/escape/markdown.js';
import {
	type AnalysedFinding,
	type AnalysedFunction,
	type AnalysedSite,
	type Analysis,
	covers,
	functionAt,
	type Place,
} from './analysis/analysis.js';
import {
	type ExplainOptions,
	effectPhrase,
	functionDetails,
	heldPhrase,
	linkedPlace,
	samePlace,
	shorten,
	siteDetails,
	sourceOf,
} from './explain_details.js';
import {
	adversariesPhrase,
	brokenElsewhere,
	counted,
	soFar,
	verdictTitle,
} from './verdict_words.js';

export interface Explanation {
	/** Right or wrong, what breaks, against whom, and the run. */
	readonly head: Markdown;
	/** What is at the place, in a few lines. */
	readonly parts: readonly Markdown[];
	/** What the brief answer rests on: values seen, who wrote what when, worlds, bounds, assumptions. */
	readonly details: Markdown | null;
	readonly place: Place;
}

/** Adversaries that the brief answer names. */
const NAMED_MAX = 5;
/** Assumptions on files of the workspace that the brief answer tells in full. */
const FOREIGN_MAX = 3;
/** Locations that the brief answer names. */
const LOCATIONS_MAX = 2;

/** What there is to say at a 1-based position; `column` null: about the whole line. Null when nothing is known there. */
export function explain(
	analysis: Analysis,
	at: { readonly line: number; readonly column: number | null },
	options: ExplainOptions,
): Explanation | null {
	const exact = sitesAt(analysis, at.line, at.column);
	const inside = functionAt(analysis, at.line);
	const named =
		exact.length > 0
			? null
			: (atUnsupported(analysis, at) ?? atName(analysis, at, { inside, options }));
	if (named !== null) return named;
	const sites = exact.length > 0 ? exact : sitesAt(analysis, at.line, null);
	const never = inside === null ? [] : neverAt(analysis, inside, at.line);
	const [first] = sites;
	if (first === undefined) {
		if (inside === null) return null;
		const [gap] = never;
		if (gap === undefined) return guardAt(analysis, at.line, inside, options);
		const head = functionLine(inside, analysis);
		return { head, parts: [gap.said], details: null, place: gap.place };
	}
	const here = findingsAt(analysis, at.line, options);
	const verdict = inside === null ? [] : [functionLine(inside, analysis)];
	const told = sites.map((site) => siteBrief(site, analysis, { inside, options }));
	const gaps = never.map((gap) => gap.said);
	const [head, ...parts] = [...here, ...verdict, ...gaps, ...told];
	if (head === undefined) return null;
	return {
		head,
		parts,
		details: paragraphs(sites.map((site) => siteDetails(site, analysis, options))),
		place: first.place,
	};
}

/** That no explored run came to the line, or went the other way there, and what it would take. */
function neverAt(
	{ path }: Analysis,
	{ coverage }: AnalysedFunction,
	line: number,
): readonly { readonly said: Markdown; readonly place: Place }[] {
	return (coverage?.never ?? [])
		.filter(
			({ place, lines: own, ofSection }) =>
				ofSection === undefined &&
				place.path === path &&
				(place.line === line || own.includes(line)),
		)
		.map(({ place, needs, said, lines: own }) => {
			const head = strong(own.includes(line) ? 'Never reached' : 'Always the same here');
			const why =
				said === undefined ? md`${code(needs)} is false in every explored run` : prose(said);
			return { said: md`${head}: ${why}.`, place };
		});
}

/** The innermost spans at the position; for a whole line, every span that starts on it. */
function sitesAt(analysis: Analysis, line: number, column: number | null): readonly AnalysedSite[] {
	const own = analysis.sites.filter((s) => s.place.path === analysis.path);
	if (column === null) {
		return own.filter((s) => s.place.line === line).sort((a, b) => a.place.column - b.place.column);
	}
	const covering = own.filter((s) => covers(s.place, line, column));
	const smallest = Math.min(...covering.map((s) => size(s.place)));
	return covering.filter((s) => size(s.place) === smallest);
}

function size(place: Place): number {
	return (place.endLine - place.line) * 1000 + place.endColumn - place.column;
}

function atUnsupported(
	analysis: Analysis,
	at: { readonly line: number; readonly column: number | null },
): Explanation | null {
	const span = analysis.unsupported.find(
		(u) =>
			u.place.path === analysis.path &&
			(at.column === null ? u.place.line === at.line : covers(u.place, at.line, at.column)),
	);
	if (span === undefined) return null;
	return {
		head: md`${strong('Not explored')}: ${prose(span.reason)}. No verdict covers this code.`,
		parts: [],
		details: null,
		place: span.place,
	};
}

function atName(
	analysis: Analysis,
	at: { readonly line: number; readonly column: number | null },
	{
		inside,
		options,
	}: { readonly inside: AnalysedFunction | null; readonly options: ExplainOptions },
): Explanation | null {
	if (inside === null) return null;
	const onName =
		at.column === null ? at.line === inside.place.line : covers(inside.place, at.line, at.column);
	if (!onName) return null;
	const [head, ...parts] = functionBrief(inside, analysis, options);
	return {
		head,
		parts,
		details: functionDetails(inside, analysis),
		place: inside.place,
	};
}

const GUARD = /^\s*(?:\}\s*else\s+)?(?:if|while|for|switch|return)\b/;

/** A decision that touches nothing shared itself: what was read into the variables it tests. */
function guardAt(
	analysis: Analysis,
	line: number,
	inside: AnalysedFunction,
	options: ExplainOptions,
): Explanation | null {
	const place = { path: analysis.path, line, column: 1, endLine: line, endColumn: 1000 };
	const text = options.spanText(place);
	if (!GUARD.test(text)) return null;
	const names = new Set(text.match(/[A-Za-z_]\w*/g) ?? []);
	const told: Markdown[] = [];
	const details: Markdown[] = [];
	for (const site of analysis.sites) {
		if (site.function !== inside.name || site.place.path !== analysis.path) continue;
		if (site.place.line >= line || !site.kinds.includes('load')) continue;
		const source = { ...place, line: site.place.line, endLine: site.place.line };
		const target = /\b([A-Za-z_]\w*)\s*=[^=]/.exec(options.spanText(source))?.[1];
		if (target === undefined || !names.has(target)) continue;
		const where = linkedPlace(site.place, analysis, options);
		told.push(
			md`${code(target)} was read at ${where}: ${siteBrief(site, analysis, { inside, options })}`,
		);
		details.push(siteDetails(site, analysis, options));
	}
	if (told.length === 0) return null;
	const guard = md`${strong('Guard')} ${code(shorten(text.trim(), 72))}`;
	const column = text.length - text.trimStart().length + 1;
	const shown = { ...place, column, endColumn: text.length + 1 };
	return {
		head: functionLine(inside, analysis),
		parts: [guard, ...told.slice(0, 2)],
		details: paragraphs(details.slice(0, 3)),
		place: shown,
	};
}

/** What the access does, who changes what it touches, what is held here, and where it is read again. */
function siteBrief(
	site: AnalysedSite,
	analysis: Analysis,
	{
		inside,
		options,
	}: { readonly inside: AnalysedFunction | null; readonly options: ExplainOptions },
): Markdown {
	const effect = effectPhrase(site, LOCATIONS_MAX);
	const said = [md`${strong(code(shorten(sourceOf(site, options), 72)))} ${effect}.`];
	if (site.locations.length > 0) said.push(changedBy(site, inside, options));
	const held = heldPhrase(site);
	if (held !== null) said.push(md`${strong('Held here')}: ${held}.`);
	said.push(...recheckPhrases(site, analysis, options));
	return paragraphs(said);
}

/** `**Changed by** zap, fork, … and 10 more.`, each a link to a run where there are links. */
function changedBy(
	site: AnalysedSite,
	inside: AnalysedFunction | null,
	{ simulate }: ExplainOptions,
): Markdown {
	const actors = [...new Set(site.writers.map((writer) => writer.actor))];
	if (actors.length === 0) return md`No adversary of the model changes it.`;
	const shown = actors
		.slice(0, NAMED_MAX)
		.map((actor) =>
			simulate === undefined || inside === null ? actor : link(actor, simulate(inside.name, actor)),
		);
	return md`${strong('Changed by')} ${row(shown, ', ')}${andMore(actors.length - shown.length)}.`;
}

function andMore(others: number): string {
	return others <= 0 ? '' : ` and ${others} more`;
}

/** Where the value is read again, or what this reads again. */
function recheckPhrases(
	site: AnalysedSite,
	analysis: Analysis,
	options: ExplainOptions,
): readonly Markdown[] {
	const at = (place: Place): Markdown => linkedPlace(place, analysis, options);
	const later = site.rechecks.map((recheck) => at(recheck.place));
	const earlier = analysis.sites
		.filter((other) => !samePlace(other.place, site.place))
		.filter((other) => other.rechecks.some((recheck) => samePlace(recheck.place, site.place)))
		.map((other) => at(other.place));
	const said: Markdown[] = [];
	if (earlier.length > 0) said.push(md`${strong('Re-checks')} ${row(earlier, ', ')}.`);
	if (later.length > 0) said.push(md`${strong('Re-checked')} at ${row(later, ', ')}.`);
	else if (earlier.length === 0 && site.kinds.includes('load') && site.writers.length > 0)
		said.push(md`No re-check of this value.`);
	return said;
}

function findingsAt(
	analysis: Analysis,
	line: number,
	options: ExplainOptions,
): readonly Markdown[] {
	return analysis.findings
		.filter((f) => f.place.path === analysis.path)
		.filter((f) => f.place.line <= line && line <= f.place.endLine)
		.map((f) => md`${strong('Violated')}: ${broken(f, options)}`);
}

/** `stale-pin against zap, reuse and 12 more (see the run): pages[0] …`. */
function broken(finding: AnalysedFinding, { simulate }: ExplainOptions): Markdown {
	const { rule, message, actors, trace } = finding;
	const target = simulate?.(finding.function, actors[0] ?? null, trace.id);
	const run = target === undefined ? '' : md` (${link('see the run', target)})`;
	return md`${code(rule)}${against(actors)}${run}: ${prose(message)}.`;
}

/** ` against zap, reuse and 12 more`. */
function against(actors: readonly string[]): string {
	if (actors.length === 0) return '';
	const named = actors.slice(0, 2);
	return ` against ${named.join(', ')}${andMore(actors.length - named.length)}`;
}

/** The verdict, in one line, on the function that a 1-based line stands in; null: on none. */
export function verdictAt(analysis: Analysis, line: number): Markdown | null {
	const inside = functionAt(analysis, line);
	return inside === null ? null : functionLine(inside, analysis);
}

function functionLine(f: AnalysedFunction, analysis: Analysis): Markdown {
	return md`${code(`${f.name}()`)}: ${prose(verdictTitle(f, analysis))}`;
}

/** The verdict, then what is wrong or what is not decided. */
function functionBrief(
	f: AnalysedFunction,
	analysis: Analysis,
	options: ExplainOptions,
): readonly [Markdown, ...Markdown[]] {
	const name = code(`${f.name}()`);
	const on = analysis.memory === 'sc' ? analysis.arch : `${analysis.arch}, ${analysis.memory}`;
	const open = soFar(f, analysis);
	// a violated function's findings say why
	const why = f.why === null || f.verdict === 'violated' ? '' : prose(`: ${f.why}`);
	const head =
		f.verdict === 'holds'
			? md`${name} ${strong('holds')}${open} on ${on}, against ${adversariesPhrase(f)}.`
			: md`${name} is ${strong(f.verdict)}${open} on ${on}${why}.`;
	const said: Markdown[] = [];
	for (const finding of analysis.findings.filter((x) => x.function === f.name))
		said.push(md`Line ${finding.place.line}: ${broken(finding, options)}`);
	for (const { arch, rules } of brokenElsewhere(f, analysis))
		said.push(md`${strong(`Violated on ${arch}`)}: ${row(rules.map(code), ', ')}.`);
	const theirs = f.assumptions.filter((a) => a.workspace === true);
	for (const { what } of theirs.slice(0, FOREIGN_MAX)) said.push(md`Assumes: ${prose(what)}.`);
	if (theirs.length > FOREIGN_MAX)
		said.push(
			md`${counted(theirs.length - FOREIGN_MAX, 'more assumption rests', 'more assumptions rest')} on the workspace.`,
		);
	return [head, ...said];
}
