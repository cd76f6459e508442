/**
 * What the editor's hover and `racewalk explain` say about a place of a walk, as Markdown: what the access does in the
 * model, who races with it, what protects it, and the verdict. All of it is read off the exploration's facts.
 *
 * Invariant: no sentence here is about a kernel function by name; names appear only as data.
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
import {
	type AnalysedFunction,
	type AnalysedSite,
	type AnalysedWriter,
	type Analysis,
	covers,
	functionAt,
	type Place,
} from './analysis/analysis.js';
import { counted, deeperPhrase, verdictTitle } from './code_lens.js';

export interface Explanation {
	readonly said: Markdown;
	readonly place: Place;
}

export interface ExplainOptions {
	/** Target of a link to a place of the tree or of an adversary, or null to print it as text. */
	readonly link: (path: string, line: number) => Target | null;
	/** Target of a link that simulates a function against an adversary; absent where nothing can be clicked. */
	readonly simulate?: (name: string, actor: string) => Target;
	/** Text of the span in the checked file. */
	readonly spanText: (place: Place) => string;
}

const SHOWN_MAX = 8;

/** What there is to say at a 1-based position; `column` null: about the whole line. Null when nothing is known there. */
export function explain(
	analysis: Analysis,
	at: { readonly line: number; readonly column: number | null },
	options: ExplainOptions,
): Explanation | null {
	const exact = sitesAt(analysis, at.line, at.column);
	const inside = functionAt(analysis, at.line);
	const named =
		exact.length > 0 ? null : (atUnsupported(analysis, at) ?? atName(analysis, at, inside));
	if (named !== null) return named;
	const sites = exact.length > 0 ? exact : sitesAt(analysis, at.line, null);
	const [first] = sites;
	if (first === undefined)
		return inside === null ? null : guardAt(analysis, at.line, inside, options);
	const parts = sites.map((site) => siteMarkdown(site, analysis, options));
	const tail = inside === null ? [] : [functionLine(inside, analysis)];
	const here = findingsAt(analysis, at.line);
	const runs = simulations(sites, inside, options);
	return { said: paragraphs([...parts, ...here, ...runs, ...tail]), place: first.place };
}

/** `Simulate against zap · truncate`: the adversaries that write what the sites touch. */
function simulations(
	sites: readonly AnalysedSite[],
	inside: AnalysedFunction | null,
	options: ExplainOptions,
): readonly Said[] {
	const { simulate } = options;
	const actors = [...new Set(sites.flatMap((site) => site.writers.map((w) => w.actor)))];
	if (simulate === undefined || inside === null || actors.length === 0) return [];
	const links = actors.map((actor) => link(actor, simulate(inside.name, actor)));
	return [md`Simulate against ${row(links, ' · ')}`];
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
		said: md`${strong('Not explored')}: ${prose(span.reason)}. The verdict of the walk says so.`,
		place: span.place,
	};
}

function atName(
	analysis: Analysis,
	at: { readonly line: number; readonly column: number | null },
	inside: AnalysedFunction | null,
): Explanation | null {
	if (inside === null) return null;
	const onName =
		at.column === null ? at.line === inside.place.line : covers(inside.place, at.line, at.column);
	if (!onName) return null;
	return { said: functionMarkdown(inside, analysis), place: inside.place };
}

const GUARD = /^\s*(?:\}\s*else\s+)?(?:if|while|for|switch|return)\b/;

/** A decision that touches nothing shared itself: what was read into the variables it looks at. */
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
	const parts: Said[] = [];
	for (const site of analysis.sites) {
		if (site.function !== inside.name || site.place.path !== analysis.path) continue;
		if (site.place.line >= line || !site.kinds.includes('load')) continue;
		const source = { ...place, line: site.place.line, endLine: site.place.line };
		const target = /\b([A-Za-z_]\w*)\s*=[^=]/.exec(options.spanText(source))?.[1];
		if (target === undefined || !names.has(target)) continue;
		const where = linked(`line ${site.place.line}`, analysis.path, site.place.line, options);
		parts.push(md`${code(target)}, read at ${where}: ${siteMarkdown(site, analysis, options)}`);
	}
	if (parts.length === 0) return null;
	const head = md`${strong('Guard')} ${code(shorten(text.trim(), 72))}`;
	const tail = functionLine(inside, analysis);
	const column = text.length - text.trimStart().length + 1;
	const shown = { ...place, column, endColumn: text.length + 1 };
	return { said: paragraphs([head, ...parts.slice(0, 3), tail]), place: shown };
}

function siteMarkdown(site: AnalysedSite, analysis: Analysis, options: ExplainOptions): Markdown {
	const text = options.spanText(site.place).replace(/\s+/g, ' ').trim();
	const values = site.values.slice(0, SHOWN_MAX).map(code);
	return paragraphs([
		md`${strong(code(shorten(text, 72)))}${effectPhrase(site)}`,
		...(values.length > 0 ? [md`Seen here: ${row(values, ', ')}.`] : []),
		...writersMarkdown(site, options),
		lines(protectionMarkdown(site, analysis, options)),
	]);
}

function effectPhrase(site: AnalysedSite): Markdown {
	const verbs = site.kinds.map((kind) => {
		switch (kind) {
			case 'load':
				return 'reads';
			case 'store':
				return 'writes';
			case 'rmw':
				return 'atomically updates';
			case 'fence':
				return 'orders memory accesses';
			case 'section':
				return 'enters or leaves a section';
			default:
				return 'decides';
		}
	});
	const where = site.locations.slice(0, SHOWN_MAX).map(code);
	const more = site.locations.length > SHOWN_MAX ? ' …' : '';
	const said = [...new Set(verbs)].join(' and ');
	return where.length === 0 ? md` — ${said}` : md` — ${said} ${row(where, ', ')}${more}`;
}

function writersMarkdown(site: AnalysedSite, options: ExplainOptions): readonly Said[] {
	if (site.locations.length === 0) return [];
	if (site.writers.length === 0) {
		return [md`${strong('Races with')}: no modelled adversary writes this.`];
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
	const times =
		after + before === 0
			? ''
			: ` — in the runs looked at ${after}× after this access (it saw what was to change), ${before}× before it`;
	return md`${strong(actor)} writes ${row(said, '; ')}${times}`;
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

function linked(text: string, path: string, line: number, options: ExplainOptions): Markdown {
	const target = line === 0 ? null : options.link(path, line);
	return target === null ? code(text) : link(code(text), target);
}

const SECTION_WORDS: Readonly<Record<string, string>> = {
	irq: 'interrupts are off',
	rcu: 'inside an RCU read-side section',
	preempt: 'preemption is off',
};

function protectionMarkdown(
	site: AnalysedSite,
	analysis: Analysis,
	options: ExplainOptions,
): readonly Said[] {
	const said: Said[] = [strong('Protected by')];
	const sections = site.sections.map((s) => SECTION_WORDS[s] ?? s);
	const listed = (told: Said): void => {
		said.push(item(told));
	};
	listed(
		sections.length > 0
			? `at every visit ${sections.join(' and ')}`
			: 'no section is held at every visit',
	);
	if (site.reference !== 'never') {
		const when = site.reference === 'always' ? 'at every visit' : 'at some visits';
		listed(`a reference on a folio is held ${when}`);
	} else if (site.kinds.includes('load')) {
		listed('no reference is held yet');
	}
	for (const recheck of site.rechecks) {
		const where = linked(`line ${recheck.place.line}`, analysis.path, recheck.place.line, options);
		const fate =
			recheck.differed === 0
				? 'never saw another value'
				: `saw another value ${recheck.differed}× of ${recheck.differed + recheck.same}, and the walk handed nothing out in ${recheck.rejected} of those`;
		listed(md`read again at ${where} (${code(shorten(recheck.text, 60))}): ${fate}`);
	}
	if (site.rechecks.length === 0 && site.kinds.includes('load') && site.writers.length > 0) {
		listed('nothing reads this again later in the walk');
	}
	for (const guarded of guardedBy(site, analysis, options)) listed(guarded);
	if (site.taken !== null) {
		listed(`the branch was taken ${site.taken.then}×, passed by ${site.taken.otherwise}×`);
	}
	return said;
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
			const { line } = earlier.place;
			const where = linked(`line ${line}`, analysis.path, line, options);
			const what = shorten(options.spanText(earlier.place).replace(/\s+/g, ' '), 60);
			const fate =
				recheck.differed === 0
					? 'never saw another value'
					: `caught another value ${recheck.differed}× of ${recheck.differed + recheck.same}; in ${recheck.rejected} of those nothing was handed out`;
			told.push(md`${strong('re-checks')} ${where} (${code(what)}): ${fate}`);
		}
	}
	return told.slice(0, SHOWN_MAX);
}

function samePlace(a: Place, b: Place): boolean {
	return a.path === b.path && a.line === b.line && a.column === b.column;
}

function findingsAt(analysis: Analysis, line: number): readonly Said[] {
	return analysis.findings
		.filter((f) => f.place.path === analysis.path)
		.filter((f) => f.place.line <= line && line <= f.place.endLine)
		.map((f) => md`${strong(f.rule)}: ${prose(f.message)} (${f.scenario})`);
}

function functionLine(f: AnalysedFunction, analysis: Analysis): Markdown {
	return md`${code(`${f.name}()`)}: ${prose(verdictTitle(f, analysis))}`;
}

function functionMarkdown(f: AnalysedFunction, analysis: Analysis): Markdown {
	const said: Said[] = [md`${strong(code(`${f.name}()`))}: ${prose(verdictTitle(f, analysis))}`];
	if (f.why !== null) said.push(prose(f.why));
	for (const verdict of ['violated', 'unsupported', 'inconclusive', 'holds'] as const) {
		const actors = f.byActor.filter((a) => a.verdict === verdict).map((a) => a.actor);
		if (actors.length > 0) said.push(md`${strong(verdict)} against ${actors.join(', ')}.`);
	}
	const { bounds } = f;
	said.push(
		md`Explored from ${code(`${f.root}()`)}: ${f.explored.executions} executions, ${f.explored.states} states; at most ${counted(bounds.pagesMax, 'page', 'pages')}, ${counted(bounds.actorsAtOnceMax, 'adversary', 'adversaries')} at once, loops up to ${bounds.loopMax}.`,
	);
	const deeper = deeperPhrase(analysis);
	if (deeper !== null) said.push(`So far: ${deeper}.`);
	if (bounds.worlds.length > 0)
		said.push(`${counted(bounds.worlds.length, 'world', 'worlds')}: ${bounds.worlds.join('; ')}.`);
	if (f.assumptions.length > 0) {
		said.push('Assumes:', lines(f.assumptions.map((a) => item(prose(a.what)))));
	}
	for (const span of analysis.unsupported.filter((u) => u.function === f.name)) {
		said.push(md`Not explored (line ${span.place.line}): ${prose(span.reason)}`);
	}
	return paragraphs(said);
}

function shorten(text: string, max: number): string {
	return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
