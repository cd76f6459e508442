/**
 * `--format sarif`: SARIF 2.1.0, with the run of each finding as a code flow (a thread flow per CPU) and suppressions.
 */
import { pathToFileURL } from 'node:url';
import { sarifText } from '../../engine/escape/report.js';
import { visibleLine } from '../../engine/escape/visible.js';
import { RULES, type Rule } from '../../engine/rules/verdict.js';
import type {
	AnalysedFinding,
	AnalysedFunction,
	AnalysedStep,
	Place,
} from '../ide/analysis/analysis.js';
import { fingerprintOf } from '../ide/fingerprint.js';
import { RULE_TITLES } from '../ide/rules.js';
import { framePlace } from '../ide/trace_content.js';
import { TOOL } from './json.js';
import { assumedBy, type FileReport, findingsOnce, notDecided, undecidedOnce } from './report.js';
import { VERSION } from './version.js';

const LEVELS = { error: 'error', warning: 'warning', information: 'note' } as const;

/** A result, as far as others add to it. */
export type SarifResult = ReturnType<typeof sarifResult> & {
	readonly baselineState?: 'new' | 'unchanged';
};

export function sarifLog(files: readonly FileReport[], part?: object): object {
	return sarifOf({
		tree: files.find((file) => file.tree !== null)?.tree ?? null,
		results: files.flatMap((file) => [
			...findingsOnce(file).map(
				({ finding, where }): SarifResult => ({
					...sarifResult(finding, { where, text: file }),
					...(file.known === undefined ? {} : { baselineState: 'new' as const }),
				}),
			),
			...(file.known ?? []).map(
				(finding): SarifResult => ({
					...sarifResult(finding, { text: file }),
					baselineState: 'unchanged',
				}),
			),
			...file.analyses.flatMap((a) =>
				a.suppressed.map((s) => sarifResult(s.finding, { allowed: s.reason, text: file })),
			),
		]),
		notifications: [
			...files.flatMap(assumptionsOf),
			...files.flatMap(undecidedOnce).map(undecidedNotification),
			...files.flatMap(openNotifications),
		],
		isWhole: true,
		...(part === undefined ? {} : { part }),
	});
}

/** A log of one run; `isWhole`: it was not interrupted. */
export function sarifOf({
	tree,
	results,
	notifications,
	isWhole,
	part,
}: {
	readonly tree: string | null;
	readonly results: readonly SarifResult[];
	readonly notifications: readonly object[];
	readonly isWhole: boolean;
	readonly part?: object;
}): object {
	const run = {
		tool: { driver: { ...TOOL, rules: RULES.map(ruleOf) } },
		columnKind: 'utf16CodeUnits',
		...(tree === null
			? {}
			: { originalUriBaseIds: { SRCROOT: { uri: `${pathToFileURL(tree).href}/` } } }),
		invocations: [{ executionSuccessful: isWhole, toolExecutionNotifications: notifications }],
		results,
		...(part === undefined ? {} : { properties: { part } }),
	};
	return {
		$schema: 'https://json.schemastore.org/sarif-2.1.0.json',
		version: '2.1.0',
		runs: [run],
	};
}

/** A rule with where to read more: its page in the package, by its name there, since there is no address of it. */
function ruleOf(id: Rule): object {
	const title = RULE_TITLES[id];
	return {
		id,
		shortDescription: { text: title },
		help: {
			text: `${title}. The page on this rule is docs/rules/${id}.md of racewalk ${VERSION}.`,
		},
	};
}

/** A notification of the tool: no result on the code. */
export function notification({
	id,
	text,
	place,
	name,
}: {
	readonly id: string;
	readonly text: string;
	readonly place: Place;
	readonly name?: string;
}): object {
	const named =
		name === undefined ? {} : { logicalLocations: [{ name: visibleLine(name), kind: 'function' }] };
	return {
		level: 'warning',
		descriptor: { id },
		message: { text: sarifText(text) },
		locations: [{ ...location(place), ...named }],
	};
}

/** A function that nothing was decided of: no result, but nobody is to take its absence for one. */
function undecidedNotification({ name, place, verdict, why }: AnalysedFunction): object {
	return notification({ id: verdict, text: `${name}() is ${verdict}: ${why}`, place, name });
}

/** What the workspace answers for. */
function assumptionsOf(file: FileReport): readonly object[] {
	return assumedBy('workspace', file).map((what) => ({
		level: 'warning',
		message: { text: sarifText(`${file.path}: assumes: ${what}`) },
	}));
}

/** Files of which nothing was decided are told as notifications of the tool, too: that is no result on the code. */
function openNotifications(file: FileReport): readonly object[] {
	const place = { path: file.path, line: 1, column: 1, endLine: 1, endColumn: 1 };
	return notDecided(file).map((why) => notification({ id: 'not-decided', text: why, place }));
}

/** `text`: the checked file. */
export function sarifResult(
	finding: AnalysedFinding,
	{
		where = null,
		allowed = null,
		text,
	}: {
		where?: string | null;
		allowed?: string | null;
		text: { readonly path: string; readonly text: string };
	},
) {
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
			'racewalk/v2': fingerprintOf(finding, { path: text.path, text: text.text }).id,
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

/** SARIF 2.1.0, 3.4.4: relative to the root only what is no URI by itself, as racewalk's own `racewalk:actors/zap.c` is. */
function artifact(path: string): { readonly uri: string; readonly uriBaseId?: 'SRCROOT' } {
	const uri = encodeURI(path).replace(/[?#]/g, encodeURIComponent);
	if (path.startsWith('racewalk:')) return { uri };
	if (path.startsWith('/')) return { uri: `file://${uri}` };
	// RFC 3986, 4.2: a colon in the first segment would be a scheme's
	return { uri: /^[^/]*:/.test(uri) ? `./${uri}` : uri, uriBaseId: 'SRCROOT' };
}

function location(place: Place): { readonly physicalLocation: object } {
	const end =
		place.endLine > place.line || place.endColumn > place.column
			? { endLine: place.endLine, endColumn: place.endColumn }
			: {};
	return {
		physicalLocation: {
			artifactLocation: artifact(place.path),
			region: { startLine: place.line, startColumn: place.column, ...end },
		},
	};
}
