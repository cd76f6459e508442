/**
 * What a check of several files found, before any format: one entry per file, its analyses by architecture.
 */
import type {
	AnalysedFinding,
	AnalysedFunction,
	Analysis,
	Variant,
} from '../ide/analysis/analysis.js';
import { type SharedFinding, sharedFindings, whereFound } from '../ide/variants.js';
import { isUndecided } from './undecided.js';

export interface FileReport {
	readonly path: string;
	/** Root of the tree the paths are relative to, or null. */
	readonly tree: string | null;
	/** What was checked. */
	readonly text: string;
	readonly analyses: readonly Analysis[];
	/** Findings that a baseline has; they are in no analysis any more. Absent: there is no baseline. */
	readonly known?: readonly AnalysedFinding[];
	/** What each analysis was made under, in the same order. */
	readonly variants: readonly Variant[];
	/** Why nothing was asked of it: there is no profile of its architecture. Absent: it was checked. */
	readonly unchecked?: string;
}

export interface ReportedFinding {
	readonly finding: AnalysedFinding;
	readonly analysis: Analysis;
	readonly variant: Variant | null;
	/** Under which configurations it was made; null where one was checked. */
	readonly where: string | null;
}

/** All findings of a file, in source order: one for each configuration it was made under. */
export function findingsOf(file: FileReport): readonly ReportedFinding[] {
	const shared = onceEach(file);
	return file.analyses
		.flatMap((analysis, i) =>
			analysis.findings.map((finding) => {
				const variant = file.variants[i] ?? null;
				const among = shared.find((s) => isSame(s.finding, finding));
				return {
					finding,
					analysis,
					variant,
					where: among === undefined ? null : whereFound(among),
				};
			}),
		)
		.sort(inSourceOrder);
}

/** The findings of a file in source order, each told once. */
export function findingsOnce(file: FileReport): readonly ReportedFinding[] {
	return onceEach(file)
		.map((shared) => ({ ...shared, variant: shared.on[0] ?? null, where: whereFound(shared) }))
		.sort(inSourceOrder);
}

function onceEach({ analyses, variants }: FileReport): readonly SharedFinding[] {
	return sharedFindings(
		analyses.flatMap((analysis, i) => {
			const variant = variants[i];
			return variant === undefined ? [] : [{ variant, analysis }];
		}),
	);
}

function isSame(a: AnalysedFinding, b: AnalysedFinding): boolean {
	return (
		a.rule === b.rule &&
		a.function === b.function &&
		a.place.line === b.place.line &&
		a.place.column === b.place.column
	);
}

function inSourceOrder(a: ReportedFinding, b: ReportedFinding): number {
	return (
		a.finding.place.line - b.finding.place.line || a.finding.place.column - b.finding.place.column
	);
}

/** All function verdicts of a file. */
export function functionsOf(file: FileReport): readonly {
	readonly verdict: AnalysedFunction;
	readonly analysis: Analysis;
	readonly variant: Variant | null;
}[] {
	return file.analyses.flatMap((analysis, i) =>
		analysis.functions.map((verdict) => ({ verdict, analysis, variant: file.variants[i] ?? null })),
	);
}

/** Functions that nothing was decided of, each with the reason, told once however many configurations it was so under. */
export function undecidedOnce(file: FileReport): readonly AnalysedFunction[] {
	const open = functionsOf(file).flatMap(({ verdict }) => (isUndecided(verdict) ? [verdict] : []));
	const told = new Map(open.map((f) => [`${f.name} ${f.verdict} ${f.why}`, f]));
	return [...told.values()].sort((a, b) => a.place.line - b.place.line);
}

/** Why nothing was decided of a file as a whole: on an architecture, or on any. */
export function notDecided({ analyses, unchecked }: FileReport): readonly string[] {
	return [
		...(unchecked === undefined ? [] : [unchecked]),
		...analyses.flatMap(({ stopped, arch }) =>
			stopped === undefined ? [] : [`not decided (${arch}): ${stopped.why}`],
		),
	];
}

/** What the verdicts of a file assume, each said once: what the workspace answers for, or all else. */
export function assumedBy(who: 'workspace' | 'others', file: FileReport): readonly string[] {
	const said = functionsOf(file).flatMap(({ verdict }) =>
		verdict.assumptions
			.filter((a) => (a.workspace === true) === (who === 'workspace'))
			.map(({ what, line }) =>
				who === 'workspace' && line !== null ? `${what} at line ${line}` : what,
			),
	);
	return [...new Set(said)];
}

/** CONTRACT: 1 for a finding, 3 for something undecided, 0 when everything was decided and nothing found. */
export function exitCode(files: readonly FileReport[]): 0 | 1 | 3 {
	if (files.some((file) => findingsOf(file).length > 0)) return 1;
	const isOpen = files.some(
		(file) => notDecided(file).length > 0 || undecidedOnce(file).length > 0,
	);
	return isOpen ? 3 : 0;
}
