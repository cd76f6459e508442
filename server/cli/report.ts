/**
 * What a check of several files found, before any format: one entry per file, its analyses by architecture.
 */
import type { AnalysedFinding, AnalysedFunction, Analysis } from '../ide/analysis.js';

export interface FileReport {
	readonly path: string;
	/** Root of the tree the paths are relative to, or null. */
	readonly tree: string | null;
	readonly analyses: readonly Analysis[];
}

export interface ReportedFinding {
	readonly finding: AnalysedFinding;
	readonly analysis: Analysis;
}

/** All findings of a file, in source order. */
export function findingsOf(file: FileReport): readonly ReportedFinding[] {
	return file.analyses
		.flatMap((analysis) => analysis.findings.map((finding) => ({ finding, analysis })))
		.sort(
			(a, b) =>
				a.finding.place.line - b.finding.place.line ||
				a.finding.place.column - b.finding.place.column,
		);
}

/** All function verdicts of a file. */
export function functionsOf(
	file: FileReport,
): readonly { readonly verdict: AnalysedFunction; readonly analysis: Analysis }[] {
	return file.analyses.flatMap((analysis) =>
		analysis.functions.map((verdict) => ({ verdict, analysis })),
	);
}

/** CONTRACT: 1 for a finding, 3 for something undecided, 0 when everything was decided and nothing found. */
export function exitCode(files: readonly FileReport[]): 0 | 1 | 3 {
	if (files.some((file) => findingsOf(file).length > 0)) return 1;
	const undecided = files.some((file) =>
		functionsOf(file).some(
			({ verdict }) => verdict.verdict === 'inconclusive' || verdict.verdict === 'unsupported',
		),
	);
	return undecided ? 3 : 0;
}
