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
	for (const finding of analysis.findings) {
		const severity = settings.rules.get(finding.rule) ?? finding.severity;
		if (severity === 'off') continue;
		shown.push(ofFinding(finding, severity, analysis.path));
	}
	if (analysis.stopped !== undefined) shown.push(ofStopped(analysis.path, analysis.stopped));
	const information = settings.rules.get('reached-unsupported') ?? 'information';
	for (const span of analysis.unsupported) {
		if (information === 'off' || span.place.path !== analysis.path) continue;
		shown.push({
			rule: 'reached-unsupported',
			severity: information,
			message: `not explored: ${span.reason}`,
			place: span.place,
			related: [],
			function: span.function ?? '',
			trace: null,
			actors: [],
		});
	}
	return shown.sort(
		(a, b) => a.place.line - b.place.line || a.place.column - b.place.column || compare(a, b),
	);
}

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
		related: relatedPlaces(finding),
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

/** The racing accesses: those the rule names, then what the other CPUs wrote in the run, last first. */
function relatedPlaces(finding: AnalysedFinding): readonly RelatedPlace[] {
	const places: RelatedPlace[] = finding.related.map((r) => ({ ...r }));
	const seen = new Set(places.map((r) => key(r.place)));
	for (const step of [...finding.trace.steps].reverse()) {
		if (places.length >= 6) break;
		const wrote = step.effects.find((e) => e.wrote !== null);
		if (step.cpu === 0 || wrote === undefined) continue;
		const [frame] = step.frames;
		const cited = frame.cites;
		const place =
			cited?.line != null
				? { path: cited.path, line: cited.line, column: 1, endLine: cited.line, endColumn: 1 }
				: frame.place;
		if (seen.has(key(place))) continue;
		seen.add(key(place));
		const by = cited === null ? step.thread : `${step.thread}: ${cited.function}()`;
		places.push({ place, message: `${by} writes ${wrote.location} = ${wrote.wrote}` });
	}
	return places;
}

function key(place: Place): string {
	return `${place.path}:${place.line}:${place.column}`;
}
