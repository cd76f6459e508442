/**
 * `--format sarif`: SARIF 2.1.0, with the run of each finding as a code flow (a thread flow per CPU) and suppressions.
 */
import { pathToFileURL } from 'node:url';
import { sarifText } from '../../engine/escape/report.js';
import { visibleLine } from '../../engine/escape/visible.js';
import { RULES } from '../../engine/rules/verdict.js';
import type {
	AnalysedFinding,
	AnalysedFunction,
	AnalysedStep,
	Place,
} from '../ide/analysis/analysis.js';
import { RULE_TITLES } from '../ide/rules.js';
import { framePlace } from '../ide/trace_content.js';
import { TOOL } from './json.js';
import { assumedBy, type FileReport, findingsOnce, notDecided, undecidedOnce } from './report.js';

const LEVELS = { error: 'error', warning: 'warning', information: 'note' } as const;

export function sarifLog(files: readonly FileReport[]): object {
	const tree = files.find((file) => file.tree !== null)?.tree ?? null;
	const results = files.flatMap((file) => [
		...findingsOnce(file).map(({ finding, where }) => result(finding, { where })),
		...file.analyses.flatMap((a) =>
			a.suppressed.map((s) => result(s.finding, { allowed: s.reason })),
		),
	]);
	const run = {
		tool: {
			driver: {
				...TOOL,
				rules: RULES.map((id) => ({ id, shortDescription: { text: RULE_TITLES[id] } })),
			},
		},
		columnKind: 'utf16CodeUnits',
		...(tree === null
			? {}
			: { originalUriBaseIds: { SRCROOT: { uri: `${pathToFileURL(tree).href}/` } } }),
		invocations: [
			{
				executionSuccessful: true,
				toolExecutionNotifications: [
					...files.flatMap(assumptionsOf),
					...files.flatMap(undecidedOnce).map(notification),
					...files.flatMap(openNotifications),
				],
			},
		],
		results,
	};
	return {
		$schema: 'https://json.schemastore.org/sarif-2.1.0.json',
		version: '2.1.0',
		runs: [run],
	};
}

/** A function that nothing was decided of: no result, but nobody is to take its absence for one. */
function notification({ name, place, verdict, why }: AnalysedFunction): object {
	return {
		level: 'warning',
		descriptor: { id: verdict },
		message: { text: sarifText(`${name}() is ${verdict}: ${why}`) },
		locations: [
			{ ...location(place), logicalLocations: [{ name: visibleLine(name), kind: 'function' }] },
		],
	};
}

/** What the workspace answers for. */
function assumptionsOf(file: FileReport): readonly object[] {
	return assumedBy('workspace', file).map((what) => ({
		level: 'warning',
		message: { text: `${file.path}: assumes: ${what}` },
	}));
}

/** Files of which nothing was decided are told as notifications of the tool, too: that is no result on the code. */
function openNotifications(file: FileReport): readonly object[] {
	const place = { path: file.path, line: 1, column: 1, endLine: 1, endColumn: 1 };
	return notDecided(file).map((why) => ({
		level: 'warning',
		message: { text: sarifText(why) },
		locations: [location(place)],
	}));
}

function result(
	finding: AnalysedFinding,
	{ where = null, allowed = null }: { where?: string | null; allowed?: string | null },
): object {
	const found = where === null ? '' : `; found ${where}`;
	return {
		ruleId: finding.rule,
		ruleIndex: RULES.indexOf(finding.rule),
		level: LEVELS[finding.severity],
		message: { text: sarifText(`${finding.message} (${finding.scenario})${found}`) },
		locations: [
			{
				...location(finding.place),
				logicalLocations: [{ name: visibleLine(finding.function), kind: 'function' }],
			},
		],
		relatedLocations: finding.related.map((r, id) => ({
			id,
			...location(r.place),
			message: { text: sarifText(r.message) },
		})),
		partialFingerprints: {
			'racewalk/v1': `${finding.rule}:${finding.function}:${finding.actors.join('+')}`,
		},
		codeFlows: [
			{
				message: { text: sarifText(`run ${finding.trace.id}: ${finding.trace.scenario}`) },
				threadFlows: finding.trace.threads.map((name, cpu) => ({
					id: visibleLine(`CPU ${cpu}: ${name}`),
					locations: flow(finding.trace.steps, cpu),
				})),
			},
		].map((codeFlow) => ({
			...codeFlow,
			threadFlows: codeFlow.threadFlows.filter((thread) => thread.locations.length > 0),
		})),
		...(allowed === null
			? {}
			: { suppressions: [{ kind: 'inSource', justification: sarifText(allowed) }] }),
	};
}

function flow(steps: readonly AnalysedStep[], cpu: number): readonly object[] {
	return steps.flatMap((step, index) => {
		if (step.cpu !== cpu) return [];
		const text = step.violation ?? step.what;
		return [
			{
				executionOrder: index + 1,
				location: { ...location(framePlace(step.frames[0])), message: { text: sarifText(text) } },
			},
		];
	});
}

function location(place: Place): { readonly physicalLocation: object } {
	const end =
		place.endLine > place.line || place.endColumn > place.column
			? { endLine: place.endLine, endColumn: place.endColumn }
			: {};
	return {
		physicalLocation: {
			artifactLocation: { uri: encodeURI(place.path), uriBaseId: 'SRCROOT' },
			region: { startLine: place.line, startColumn: place.column, ...end },
		},
	};
}
