/**
 * The tools: what each is asked with, what it answers, and the command's work that it is. A tool says what the command of its name
 * prints; nothing is decided here.
 */
import { WHAT_IF_NAMES } from '../../../engine/check/what_ifs.js';
import { asMarkdown } from '../../../engine/escape/markdown.js';
import { terminal, terminalLines } from '../../../engine/escape/terminal.js';
import { RULES } from '../../../engine/rules/verdict.js';
import { checked, complainEmpty, requireFunctions } from '../check.js';
import { explanationOf } from '../explain.js';
import { guardsIn } from '../guards.js';
import { guardsText } from '../guards_report.js';
import { traceJson } from '../json.js';
import { UsageError } from '../options.js';
import { paint } from '../paint.js';
import { exitCode, findingsOnce, functionsOf } from '../report.js';
import { hunkJson } from '../review/review_json.js';
import { seriesText, stepText } from '../review/review_text.js';
import { reviewing, type StepReview } from '../review/reviewing.js';
import { exitCodeOf, undecidedOf } from '../review/summary.js';
import { idOf, simulationOf, simulationText } from '../simulate.js';
import type { Executor } from '../supervised.js';
import { checkText } from '../text.js';
import type { Complaining } from '../write.js';
import {
	type Answer,
	answerSchema,
	FINDINGS,
	findingOf,
	listOf,
	OUTCOME_OF,
	STRING,
} from './answer.js';
import type { Given, ObjectSchema, Parameter } from './parameters.js';
import {
	type CallOptions,
	CONFIGURATION,
	type ServerOptions,
	SUBJECT,
	seriesOf,
	subjectOf,
} from './subject.js';

/** Where a call's work is done, and who hears what is said beside the answer. */
export interface Call {
	readonly given: Given;
	readonly options: CallOptions;
	readonly server: ServerOptions;
	readonly executor: Executor;
	readonly tell: Complaining;
	/** Says what is being looked at. */
	progress(what: string): void;
}

export interface Tool {
	readonly name: string;
	readonly about: string;
	readonly parameters: readonly Parameter[];
	readonly answers: ObjectSchema;
	readonly run: (call: Call) => Promise<Answer>;
}

const PLAIN = paint(false);

const FUNCTIONS: Parameter = {
	name: 'function',
	kind: 'words',
	about: 'these functions only',
};
const MEMORY: Parameter = {
	name: 'memory',
	kind: 'text',
	oneOf: ['sc', 'lkmm'],
	about: 'memory model: interleavings (default), or the kernel memory model',
};
const WHAT_IF: Parameter = {
	name: 'whatIf',
	kind: 'words',
	about: `protections to take away: ${WHAT_IF_NAMES.join(', ')}`,
};
const ACTOR: Parameter = { name: 'actor', kind: 'words', about: 'these adversaries only' };

export const TOOLS: readonly Tool[] = [
	{
		name: 'check',
		about:
			'Check the lockless page-table walks and readers of folio->mapping in a C file: a verdict for each function (holds, violated, unsupported, inconclusive) and findings, each with a run. Not decided is not clean.',
		parameters: [...SUBJECT, FUNCTIONS, MEMORY, WHAT_IF, ACTOR],
		answers: answerSchema({
			verdicts: listOf(['function', 'path', 'arch', 'verdict'], ['line']),
			findings: FINDINGS,
		}),
		run: check,
	},
	{
		name: 'review',
		about:
			'What patches change, one after the other: verdicts before and after each, the findings that each makes, with the hunk, and those that are gone. What was there before is told apart and is not the patch’s.',
		parameters: [
			{
				name: 'patch',
				kind: 'text',
				isRequired: true,
				about: 'a diff, a mail with a patch, or an mbox with a series, for the tree as it stands',
			},
			{
				name: 'also',
				kind: 'words',
				about: 'files that are looked at whatever the patches change',
			},
			{
				name: 'guards',
				kind: 'flag',
				about: 'also whether guards become needed or needless (slow)',
			},
			{ name: 'claims', kind: 'flag', about: 'also whether comments become true or false' },
			...CONFIGURATION,
		],
		answers: answerSchema({ patches: listOf(['title']) }),
		run: review,
	},
	{
		name: 'explain',
		about:
			'Why a line of a walk is there, what is known of what it reads and who changes that: Markdown.',
		parameters: [
			...SUBJECT,
			{ name: 'line', kind: 'number', least: 1, isRequired: true, about: 'line, from 1' },
			{ name: 'column', kind: 'number', least: 1, about: 'column, from 1' },
			WHAT_IF,
		],
		answers: answerSchema({ markdown: STRING }),
		run: explain,
	},
	{
		name: 'guards',
		about:
			'Why each guard (check, section, barrier) of the walks in a file is there: each is taken away and the walk explored without it.',
		parameters: [...SUBJECT, FUNCTIONS],
		answers: answerSchema({ guards: listOf(['function', 'text', 'verdict'], ['line']) }),
		run: guards,
	},
	{
		name: 'simulate',
		about:
			'One run of a function: the shortest that breaks a rule, else one that shows it at work; or the run of an id that another answer names, replayed.',
		parameters: [
			...SUBJECT,
			{ name: 'function', kind: 'text', isRequired: true, about: 'the function' },
			{ name: 'trace', kind: 'text', about: 'id of the run to replay' },
			{ name: 'rule', kind: 'text', oneOf: RULES, about: 'a run that breaks this rule' },
			MEMORY,
			WHAT_IF,
			ACTOR,
		],
		answers: answerSchema(
			{ findings: FINDINGS },
			{ trace: STRING, portableId: STRING, verdict: STRING, run: { type: 'object' } },
		),
		run: simulate,
	},
];

async function check(call: Call): Promise<Answer> {
	const { options, executor, tell } = call;
	const input = await subjectOf(call.given, call);
	const reports = await checked([input], options, executor);
	requireFunctions(reports, options);
	complainEmpty(reports, options, tell);
	return {
		outcome: OUTCOME_OF[exitCode(reports)],
		text: checkText(reports, PLAIN, { coverage: false }),
		data: {
			verdicts: reports.flatMap(functionsOf).map(({ verdict: f, analysis }) => ({
				...{ function: f.name, path: f.place.path, line: f.place.line, arch: analysis.arch },
				...{ verdict: f.verdict, why: f.why },
			})),
			findings: reports
				.flatMap(findingsOnce)
				.map(({ finding, analysis, where }) => ({ ...findingOf(finding, analysis), where })),
		},
	};
}

async function review({ given, options, server, executor, progress }: Call): Promise<Answer> {
	const series = await seriesOf(given.text('patch') ?? '', server);
	const asked = {
		...options,
		...(given.flag('guards') ? { guards: true as const } : {}),
		...(given.flag('claims') ? { claims: true as const } : {}),
		also: given.words('also'),
	};
	const done: StepReview[] = [];
	const work = { executor, tell: progress, baseline: null };
	for await (const step of reviewing(series, asked, work)) done.push(step);
	const count = done.length;
	const texts = done.map((step, i) => stepText(step, { number: i + 1, count, colours: PLAIN }));
	return {
		outcome: OUTCOME_OF[exitCodeOf(done, true)],
		text: terminal.join([...texts, seriesText(done, { colours: PLAIN, left: 0 })], ''),
		data: { patches: done.map(patchData) },
	};
}

function patchData({ step, files }: StepReview): object {
	return {
		title: step.title,
		changes: step.files.map(({ from, to }) => to ?? from),
		new: files.flatMap((f) =>
			f.fresh.map(({ finding, analysis, on, print, made }) => ({
				...findingOf(finding, analysis),
				...{ on, fingerprint: print.id, hunks: made.by.map(hunkJson) },
			})),
		),
		gone: files.flatMap((f) => f.gone.map((t) => findingOf(t.finding, t.analysis))),
		before: files.flatMap((f) => f.kept.map((t) => findingOf(t.finding, t.analysis))),
		undecided: files.flatMap((f) => undecidedOf(f).map((why) => ({ path: f.path, why }))),
		...questionData(files),
	};
}

function questionData(files: StepReview['files']): object {
	const asked = files.flatMap(({ questions }) => (questions === null ? [] : [questions]));
	if (asked.length === 0) return {};
	return {
		guards: asked.flatMap((q) => q.guards),
		claims: asked.flatMap((q) => q.claims),
	};
}

async function explain(call: Call): Promise<Answer> {
	const { given, options, tell, executor } = call;
	const at = { line: given.number('line') ?? 1, column: given.number('column') ?? null };
	const input = await subjectOf(given, call);
	const { said, isDecided } = await explanationOf(input, { at, options, tell, executor });
	const markdown = asMarkdown(said);
	return {
		outcome: isDecided ? 'decided' : 'undecided',
		text: terminalLines(`${markdown}\n`),
		data: { markdown },
	};
}

async function guards(call: Call): Promise<Answer> {
	const { options, tell, executor } = call;
	const input = await subjectOf(call.given, call);
	const { reports, isDecided } = await guardsIn([input], options, tell, executor);
	return {
		outcome: isDecided ? 'decided' : 'undecided',
		text: guardsText(reports, PLAIN),
		data: {
			guards: reports.flatMap(({ guards: all, request, path }) =>
				all.map((guard) => ({
					...{ function: guard.function, path, line: guard.place.line, arch: request.arch },
					...{ text: guard.written, without: guard.removed, verdict: guard.verdict },
					why: guard.why,
					neededBy: guard.needs.map(({ actor, rule, message, memory, trace }) => ({
						...{ actor, rule, message, memory, trace },
					})),
				})),
			),
		},
	};
}

async function simulate(call: Call): Promise<Answer> {
	const { given, options, tell, executor } = call;
	const name = given.text('function') ?? '';
	const [trace, rule] = [given.text('trace'), given.text('rule')];
	if (trace !== undefined && rule !== undefined)
		throw new UsageError('simulate: give the id of a run or a rule, not both');
	const wanted = {
		...{ ...options, function: [] },
		...(trace === undefined ? {} : { trace }),
		...(rule === undefined ? {} : { rule }),
	};
	const input = await subjectOf(given, { ...call, options: wanted });
	const { outcome, request, status } = await simulationOf(input, {
		...{ name, options: wanted, tell, executor },
	});
	if (outcome.trace === null)
		return { outcome: OUTCOME_OF[status], text: terminal``, data: { findings: [] } };
	const { finding } = outcome;
	const id = idOf(outcome, { name, request, options });
	return {
		outcome: OUTCOME_OF[status],
		text: simulationText(outcome, request.arch, { colour: PLAIN, id }),
		data: {
			findings: finding === null ? [] : [findingOf(finding, request)],
			trace: outcome.trace.id,
			portableId: id,
			...(outcome.verdict === undefined ? {} : { verdict: outcome.verdict }),
		},
		run: traceJson(outcome.trace),
	};
}
