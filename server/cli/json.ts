/**
 * `--format json`, schema version 1: schema/racewalk.schema.json says what it looks like, a test holds the two together.
 */
import type {
	AnalysedCoverage,
	AnalysedFinding,
	AnalysedStep,
	AnalysedTrace,
	AnalysedWhatIf,
	Analysis,
	Place,
	Variant,
} from '../ide/analysis/analysis.js';
import { framePlace } from '../ide/trace_content.js';
import { type FileReport, findingsOf, functionsOf } from './report.js';
import { VERSION } from './version.js';

export const TOOL = { name: 'racewalk', version: VERSION } as const;

export function checkJson(files: readonly FileReport[]): object {
	return { schema: 1, tool: TOOL, files: files.map(fileJson) };
}

function fileJson(file: FileReport): object {
	return {
		path: file.path,
		dialect: file.analyses[0]?.dialect ?? 'unknown',
		...whatIfsJson(file),
		...stoppedJson(file),
		...(file.unchecked === undefined ? {} : { unchecked: file.unchecked }),
		functions: functionsOf(file).map(({ verdict, analysis, variant }) => ({
			name: verdict.name,
			line: verdict.place.line,
			root: verdict.root,
			verdict: verdict.verdict,
			why: verdict.why,
			arch: analysis.arch,
			memory: analysis.memory,
			...configJson(variant),
			...(analysis.whatIf === undefined ? {} : { whatIf: analysis.whatIf.names }),
			byActor: verdict.byActor,
			bounds: verdict.bounds,
			assumptions: verdict.assumptions,
			facts: analysis.facts ?? [],
			...(verdict.against === undefined ? {} : { against: verdict.against }),
			unsupported: analysis.unsupported
				.filter((u) => u.function === verdict.name)
				.map(({ reason, place }) => ({ reason, ...place })),
			explored: {
				states: verdict.explored.states,
				executions: verdict.explored.executions,
				ms: Math.round(analysis.milliseconds.check),
			},
			witness: verdict.witness,
			...(verdict.coverage === undefined ? {} : { coverage: coverageJson(verdict.coverage) }),
		})),
		findings: findingsOf(file).map(({ finding, analysis, variant, where }) => ({
			...findingJson(finding, analysis),
			...configJson(variant),
			...(where === null ? {} : { foundUnder: where }),
		})),
		...(file.known === undefined
			? {}
			: {
					known: file.known.map((f) => ({
						rule: f.rule,
						function: f.function,
						line: f.place.line,
					})),
				}),
		suppressed: file.analyses.flatMap((analysis) =>
			analysis.suppressed.map(({ finding, reason, line }) => ({
				reason,
				comment: line,
				...findingJson(finding, analysis),
			})),
		),
	};
}

function coverageJson({ operations, lines, never, constant }: AnalysedCoverage): object {
	return {
		operations: [operations.reached, operations.all],
		lines,
		never: never.map(({ place, needs }) => ({ ...spanJson(place), needs })),
		constant: constant.map(spanJson),
	};
}

function spanJson({ path, line, column, endLine, endColumn }: Place): object {
	return { path, line, column, endLine, endColumn };
}

/** What was changed of the configuration asked for. */
function configJson(variant: Variant | null): object {
	const changed = variant?.changed ?? null;
	return changed === null ? {} : { config: changed };
}

function whatIfsJson(file: FileReport): object {
	const told = file.analyses.flatMap(({ whatIf, arch }) =>
		whatIf === undefined ? [] : [whatIfJson(whatIf, arch)],
	);
	return told.length === 0 ? {} : { whatIf: told };
}

/** Analyses that were given up before their functions were known. */
function stoppedJson(file: FileReport): object {
	const stopped = file.analyses.flatMap(({ stopped: given, arch }) =>
		given === undefined ? [] : [{ arch, ...given }],
	);
	return stopped.length === 0 ? {} : { stopped };
}

/** What was taken away, per architecture. */
export function whatIfJson(whatIf: AnalysedWhatIf, arch: string): object {
	return {
		names: whatIf.names,
		arch,
		takenAway: whatIf.taken.map(({ whatIf: name, what, place }) => ({
			name,
			what,
			path: place?.path ?? null,
			line: place?.line ?? null,
			column: place?.column ?? null,
		})),
	};
}

/** A finding as every report has it. */
export function findingJson(finding: AnalysedFinding, analysis: Analysis): object {
	const { line, column, endLine, endColumn } = finding.place;
	return {
		rule: finding.rule,
		severity: finding.severity,
		message: finding.message,
		line,
		column,
		endLine,
		endColumn,
		path: finding.place.path,
		function: finding.function,
		where: finding.where ?? 'walk',
		related: finding.related.map((r) => ({
			path: r.place.path,
			line: r.place.line,
			message: r.message,
		})),
		arch: analysis.arch,
		memory: finding.memory,
		actors: finding.actors,
		scenario: finding.scenario,
		trace: traceJson(finding.trace),
		...(finding.whatIf === undefined
			? {}
			: { whatIf: finding.whatIf.names, alsoWithout: finding.whatIf.alsoWithout }),
		...(finding.litmus === undefined ? {} : { litmus: finding.litmus }),
		...(finding.barrier === undefined ? {} : { barrier: finding.barrier }),
		...(finding.drawing === undefined ? {} : { drawing: finding.drawing }),
	};
}

export function traceJson(trace: AnalysedTrace): object {
	return {
		id: trace.id,
		scenario: trace.scenario,
		threads: trace.threads,
		initial: trace.initial,
		steps: trace.steps.map(stepJson),
	};
}

function stepJson(step: AnalysedStep): object {
	const [innermost] = step.frames;
	const place = framePlace(innermost);
	return {
		cpu: step.cpu,
		thread: step.thread,
		function: innermost.cites?.function ?? innermost.function,
		path: place.path,
		line: place.line,
		text: step.text,
		what: step.what,
		effects: step.effects,
		violation: step.violation,
	};
}
