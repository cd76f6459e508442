/**
 * Findings as an editor shows them: rule, span, severity after the user's settings, and the racing access as related
 * information. Code that could not be lowered appears as information, so that a verdict's `unsupported` has a place.
 */
import type { Rule, Severity } from '../../engine/rules/verdict.js';
import type { AnalysedFinding, Analysis, Place, StoppedAnalysis } from './analysis/analysis.js';

export type ShownSeverity = Severity | 'hint';
/** A user's severity for a rule: a level, or `off`. */
export type RuleSetting = ShownSeverity | 'off';

export interface RelatedPlace {
	readonly place: Place;
	readonly message: string;
}

export interface ShownDiagnostic {
	/** Null: nothing is said about the code, for its analysis was given up. */
	readonly rule: Rule | null;
	readonly severity: ShownSeverity;
	readonly message: string;
	readonly place: Place;
	readonly related: readonly RelatedPlace[];
	readonly function: string;
	/** Trace that shows it, or null (unsupported code has none). */
	readonly trace: string | null;
	readonly actors: readonly string[];
}

export interface DiagnosticSettings {
	readonly rules: ReadonlyMap<Rule, RuleSetting>;
}

/** Diagnostics of the analysed file, in source order. */
export function diagnostics(
	analysis: Analysis,
	settings: DiagnosticSettings,
): readonly ShownDiagnostic[] {
	const shown: ShownDiagnostic[] = [];
	shown.push(...problems(analysis.findings, settings, analysis.path));
	if (analysis.stopped !== undefined) shown.push(ofStopped(analysis.path, analysis.stopped));
	shown.push(...notExplored(analysis, settings.rules.get('reached-unsupported') ?? null));
	return shown.sort(
		(a, b) => a.place.line - b.place.line || a.place.column - b.place.column || compare(a, b),
	);
}

/**
 * Code without a meaning here: each span, but of what does not parse one token alone. Where a function is only listed, it is a hint,
 * which lists of problems leave out, until the user sets a severity.
 */
function notExplored(analysis: Analysis, set: RuleSetting | null): readonly ShownDiagnostic[] {
	if (set === 'off') return [];
	const { path, unparsed = [], unsupported } = analysis;
	const broken = new Set(unparsed.map((one) => one.function));
	const spans = unsupported.filter(
		(span) => span.place.path === path && !(span.function !== null && broken.has(span.function)),
	);
	return [
		...spans.map((span) => ({
			...ABOUT_NO_RUN,
			severity: set ?? (span.isListed === true ? 'hint' : 'information'),
			message: `not explored: ${span.reason}`,
			place: span.place,
			function: span.function ?? '',
		})),
		...unparsedProblem(analysis, set ?? 'information'),
	];
}

const ABOUT_NO_RUN = {
	rule: 'reached-unsupported',
	related: [],
	trace: null,
	actors: [],
} as const satisfies Partial<ShownDiagnostic>;

/** One message for all that does not parse, at the first token of it. */
export function unparsedProblem(
	{ unparsed = [] }: Pick<Analysis, 'unparsed'>,
	severity: ShownSeverity,
	isKept = false,
): readonly ShownDiagnostic[] {
	const [first, ...rest] = [...unparsed].sort((a, b) => a.place.line - b.place.line);
	if (first === undefined) return [];
	const names = [...new Set(rest.map((one) => `${one.function}()`))];
	const others = names.length === 0 ? '' : `, nor do parts of ${names.slice(0, 3).join(', ')}`;
	const kept = isKept ? '; verdicts are those of the text before' : '';
	const where = first.function === '' ? 'The text' : `${first.function}()`;
	const message = `${where} does not parse from here${others}${kept}.`;
	return [{ ...ABOUT_NO_RUN, severity, message, place: first.place, function: first.function }];
}

/**
 * Findings as problems: those that one access is the cause of, at one place of a function, are one problem, under the rule that
 * is told first; the others are told in its message and their runs stay reachable by their rules.
 */
export function problems(
	findings: readonly AnalysedFinding[],
	{ rules }: DiagnosticSettings,
	path: string,
): readonly ShownDiagnostic[] {
	const shown: ShownDiagnostic[] = [];
	for (const finding of findings) {
		const severity = rules.get(finding.rule) ?? finding.severity;
		if (severity === 'off') continue;
		const next = ofFinding(finding, severity, path);
		const at = shown.findIndex((other) => isOneCause(other, next));
		const first = shown[at];
		if (first === undefined) shown.push(next);
		else shown[at] = withNote(first, next);
	}
	return shown;
}

/** Both rules are about what is handed out, and broken by the same step of the same function. */
function isOneCause(a: ShownDiagnostic, b: ShownDiagnostic): boolean {
	return (
		[a, b].every(({ rule }) => rule !== null && ABOUT_THE_PAGE.includes(rule)) &&
		a.rule !== b.rule &&
		a.function === b.function &&
		key(a.place) === key(b.place)
	);
}

/** What is wrong with a page that is handed out: who compares its entry again at the right place breaks none of these. */
const ABOUT_THE_PAGE: readonly Rule[] = ['stale-pin', 'permission'];

function withNote(first: ShownDiagnostic, also: ShownDiagnostic): ShownDiagnostic {
	const severity =
		SEVERITIES.indexOf(also.severity) < SEVERITIES.indexOf(first.severity)
			? also.severity
			: first.severity;
	return { ...first, severity, message: `${first.message}; also ${also.rule}: ${also.message}` };
}

const SEVERITIES: readonly ShownSeverity[] = ['error', 'warning', 'information', 'hint'];

function compare(a: ShownDiagnostic, b: ShownDiagnostic): number {
	const [first, second] = [a.rule ?? '', b.rule ?? ''];
	return first < second ? -1 : first > second ? 1 : 0;
}

/** A text that nothing was decided of, and when it will be looked at again. */
function ofStopped(path: string, { why }: StoppedAnalysis): ShownDiagnostic {
	return {
		rule: null,
		severity: 'information',
		message: `Not decided: ${why}; the text is checked again at the next edit.`,
		place: { path, line: 1, column: 1, endLine: 1, endColumn: 2 },
		related: [],
		function: '',
		trace: null,
		actors: [],
	};
}

/** One finding as a diagnostic of the file at `path`. */
export function ofFinding(
	finding: AnalysedFinding,
	severity: ShownSeverity,
	path: string,
): ShownDiagnostic {
	const inFile = finding.place.path === path;
	return {
		rule: finding.rule,
		severity,
		message: `${finding.message}${racing(finding)}`,
		place: inFile ? finding.place : callerPlace(finding, path),
		related: relatedPlaces(finding, path),
		function: finding.function,
		trace: finding.trace.id,
		actors: finding.actors,
	};
}

/** Where the run was in the checked file, for a finding whose own place is in a header it inlined. */
function callerPlace(finding: AnalysedFinding, path: string): Place {
	for (const step of [...finding.trace.steps].reverse()) {
		const frame = step.frames.find((f) => f.place.path === path);
		if (frame !== undefined && step.cpu === 0) return frame.place;
	}
	return { path, line: 1, column: 1, endLine: 1, endColumn: 2 };
}

function racing(finding: AnalysedFinding): string {
	if (finding.actors.length === 0) return '';
	return ` (against ${finding.actors.join(', ')})`;
}

/** Places that are told with a finding at most. */
const RELATED_MAX = 8;

/** The way to it in the checked file, the accesses that the rule names, then what the other CPUs wrote in the run, last first. */
function relatedPlaces(finding: AnalysedFinding, path: string): readonly RelatedPlace[] {
	const places: RelatedPlace[] = finding.related.map((r) => ({ ...r }));
	const seen = new Set(places.map((r) => key(r.place)));
	const add = (place: Place, message: string): void => {
		if (seen.has(key(place)) || places.length >= RELATED_MAX) return;
		seen.add(key(place));
		places.push({ place, message });
	};
	for (const { place, message } of wayTo(finding, path)) add(place, message);
	for (const step of [...finding.trace.steps].reverse()) {
		const wrote = step.effects.find((e) => e.wrote !== null);
		if (step.cpu === 0 || wrote === undefined) continue;
		const [frame] = step.frames;
		const cited = frame.cites;
		const place =
			cited?.line != null
				? { path: cited.path, line: cited.line, column: 1, endLine: cited.line, endColumn: 1 }
				: frame.place;
		const by = cited === null ? step.thread : `${step.thread}: ${cited.function}()`;
		add(place, `${by} writes ${wrote.location} = ${wrote.wrote}`);
	}
	return places;
}

/**
 * The walk's own steps that lead to a page that is handed out wrongly, as its run shows them: the read of its entry, the grab, and
 * the next look at that entry, or that there is none.
 */
function wayTo(finding: AnalysedFinding, path: string): readonly RelatedPlace[] {
	if (!ABOUT_THE_PAGE.includes(finding.rule)) return [];
	const own = finding.trace.steps.flatMap((step) => {
		const frame = step.frames.find((f) => f.place.path === path);
		return step.cpu === 0 && frame !== undefined ? [{ step, place: frame.place }] : [];
	});
	const grab = own.findLastIndex(({ step }) =>
		step.effects.some((e) => e.location.endsWith('._refcount') && e.wrote !== null),
	);
	const grabbed = own[grab];
	if (grabbed === undefined) return [];
	const entryIn = ({ step }: (typeof own)[number]): string | null =>
		step.effects.find((e) => e.read !== null && ENTRY.test(e.location))?.location ?? null;
	const read = own.slice(0, grab).findLast((one) => entryIn(one) !== null);
	const entry = read === undefined ? null : entryIn(read);
	if (read === undefined || entry === null) return [];
	const again = own.slice(grab + 1).find((one) => entryIn(one) === entry);
	return [
		{ place: read.place, message: `the walk reads ${entry} here` },
		{ place: grabbed.place, message: 'it takes its reference here' },
		again === undefined
			? {
					place: finding.place,
					message: `${entry} is not read again between the reference and this line`,
				}
			: { place: again.place, message: `it reads ${entry} again here` },
	];
}

/** A location that is an entry of a table, as worlds name them. */
const ENTRY = /^p(?:te|md|ud|4d|gd)\[/;

function key(place: Place): string {
	return `${place.path}:${place.line}:${place.column}`;
}
