/**
 * `racewalk simulate FILE:FUNCTION`: the shortest violating run of a function, else a witness run.
 */

import { assert } from '../../engine/base/unreachable.js';
import { type Terminal, terminal, terminalLines } from '../../engine/escape/terminal.js';
import { RULES } from '../../engine/rules/verdict.js';
import type { AnalysedFinding, AnalysedTrace } from '../ide/analysis/analysis.js';
import { type Simulation, type SimulationRequest, stoppedSimulation } from '../ide/simulation.js';
import { savedText } from '../ide/trace_content.js';
import { twoColumn } from '../ide/two_column.js';
import { forEachConfiguration, requireFormat } from './asking.js';
import { colours } from './format.js';
import { identified } from './identified.js';
import { TOOL, traceJson, whatIfJson } from './json.js';
import {
	type CommonOptions,
	type Input,
	type ReportFormat,
	readInput,
	requireProfile,
	type TextRequest,
	UsageError,
} from './options.js';
import type { Paint } from './paint.js';
import { portableText } from './portable_id.js';
import type { Executor, TextSession } from './supervised.js';
import { tellWorkspace } from './tell_workspace.js';
import { whatIfLines } from './text.js';
import { isUndecided } from './undecided.js';
import { type Complaining, complain, print, printJson } from './write.js';

export type SimulateOptions = CommonOptions<ReportFormat | 'dot'> & {
	readonly rule?: string;
	readonly trace?: string;
};

/** Exit status: 1 for a violating run, 0 for a witness run, 3 when there is neither. */
export async function runSimulate(subject: string, options: SimulateOptions): Promise<number> {
	const split = /^(.+):([A-Za-z_]\w*)$/s.exec(subject);
	if (split?.[1] === undefined || split[2] === undefined) {
		throw new UsageError(`simulate takes FILE:FUNCTION, not '${subject}'`);
	}
	requireFormat('simulate', options, ['text', 'json', 'dot']);
	const name = split[2];
	const input = readInput(split[1], options);
	const { outcome, request, status } = await simulationOf(input, { name, options, tell: complain });
	printRun(outcome, { name, request, options });
	return status;
}

/** A run of a function, and the exit status that says what it is. */
export interface Simulated {
	readonly outcome: Simulation;
	readonly request: TextRequest;
	readonly status: 0 | 1 | 3;
}

/** Looks for the run that the options ask for. */
export async function simulationOf(
	input: Input,
	{
		name,
		options,
		tell,
		executor,
	}: {
		readonly name: string;
		readonly options: CommonOptions<string> & Pick<SimulateOptions, 'rule' | 'trace'>;
		readonly tell: Complaining;
		readonly executor?: Executor;
	},
): Promise<Simulated> {
	const { rule } = options;
	if (rule !== undefined && !RULES.some((known) => known === rule))
		throw new UsageError(`unknown rule '${rule}'; known: ${RULES.join(', ')}`);
	requireProfile(input);
	if (input.requests.length > 1) throw new UsageError('simulate takes one architecture');
	const wanted = { function: name, rule: rule ?? null, trace: options.trace ?? null };
	const [one] = await forEachConfiguration(
		[input],
		options,
		async ({ request, session }) => {
			const restsOnUntrustedActor = await tellWorkspace(input.path, request, session, tell);
			return { request, restsOnUntrustedActor, outcome: await simulated(session, wanted) };
		},
		executor,
	);
	const [told] = one?.told ?? [];
	assert(told !== undefined, 'a file with a profile is asked about');
	const { request, restsOnUntrustedActor, outcome } = told;
	if (outcome.trace !== null || outcome.stopped === undefined)
		requireFunction(outcome, name, input.path);
	if (outcome.trace === null) {
		tell(`${name}: ${outcome.why}`);
		return { outcome, request, status: 3 };
	}
	if (outcome.finding !== null) return { outcome, request, status: 1 };
	const open = wanted.trace === null ? openVerdict(name, request.arch, outcome) : null;
	if (open !== null) {
		tell(open);
		return { outcome, request, status: 3 };
	}
	return { outcome, request, status: restsOnUntrustedActor ? 3 : 0 };
}

async function simulated(session: TextSession, wanted: SimulationRequest): Promise<Simulation> {
	const outcome = await session.run({ kind: 'simulate', wanted });
	if (outcome.kind === 'done') return outcome.result;
	return stoppedSimulation(outcome.phase, `the search for a run was given up: it ${outcome.why}`);
}

function requireFunction({ functions }: Simulation, name: string, path: string): void {
	if (functions.includes(name)) return;
	const known = functions.length === 0 ? 'none' : functions.join(', ');
	throw new UsageError(`no walk of ${path} reaches '${name}'; reached: ${known}`);
}

function printRun(
	outcome: Simulation,
	asked: {
		readonly name: string;
		readonly request: TextRequest;
		readonly options: SimulateOptions;
	},
): void {
	const { name, request, options } = asked;
	if (options.format === 'json') {
		printJson(simulationJson(outcome, name, { request, id: idOf(outcome, asked) }));
		return;
	}
	if (options.format === 'text') {
		const id = idOf(outcome, asked);
		print(simulationText(outcome, request.arch, { colour: colours(options), id }));
		return;
	}
	const drawing = outcome.trace === null ? undefined : outcome.finding?.drawing;
	if (drawing === undefined) complain(`${name}: only a run that breaks a rule under lkmm is drawn`);
	else print(terminalLines(drawing));
}

/** The portable id of a run; null: there is no run. */
export function idOf(
	{ trace }: Simulation,
	{
		name,
		request,
		options,
	}: {
		readonly name: string;
		readonly request: TextRequest;
		readonly options: Pick<SimulateOptions, 'set'>;
	},
): string | null {
	if (trace === null) return null;
	return portableText(identified(request, { function: name, trace, set: options.set }));
}

/** What a run without a violation shows: under a what-if, that the function still holds, if its verdict says so. */
function quiet({
	trace,
	whatIf,
	verdict,
}: Extract<Simulation, { readonly trace: AnalysedTrace }>): string {
	const against = trace.threads.slice(1).join(' and ');
	const shows = against === '' ? 'the walk alone' : `${against} against the walk`;
	if (whatIf !== undefined && verdict !== 'holds')
		return `no violation in this run, which shows ${shows} (the verdict is: ${verdict ?? 'none'})`;
	if (verdict !== undefined && isUndecided({ verdict }))
		return `${verdict}; this run shows ${shows}`;
	const still = whatIf === undefined ? '' : 'still holds; ';
	return `${still}no violation found; this run shows ${shows}`;
}

/** The run in two columns below what it is, and above its portable id; nothing where there is none. */
export function simulationText(
	outcome: Simulation,
	arch: string,
	{ colour, id }: { readonly colour: Paint; readonly id: string | null },
): Terminal {
	if (outcome.trace === null) return terminal``;
	const { finding, trace } = outcome;
	const above = outcome.whatIf === undefined ? [] : whatIfLines(outcome.whatIf, arch, colour);
	const lines = [
		...above,
		finding === null ? colour.green(quiet(outcome)) : foundLine(finding, colour),
		terminal`${trace.scenario}; run ${trace.id}`,
		terminal``,
		terminalLines(twoColumn(trace, { width: 100, brief: true, values: true })),
		...savedLines(outcome),
		...(finding?.litmus === undefined ? [] : [terminal``, terminalLines(finding.litmus.trimEnd())]),
		...(id === null ? [] : [terminal``, terminal`racewalk show '${id}'`]),
	];
	return terminal`${terminal.join(lines, '\n')}\n`;
}

/** What saved a run that breaks no rule. */
function savedLines({
	saved,
	trace,
}: Extract<Simulation, { readonly trace: AnalysedTrace }>): readonly Terminal[] {
	const text = saved === undefined ? null : savedText(saved, trace.threads.slice(1));
	return text === null ? [] : [terminal``, terminal`${text}`];
}

/** A finding in the form compilers use. */
export function foundLine(finding: AnalysedFinding, colour: Paint): Terminal {
	const { path, line, column } = finding.place;
	const level = finding.severity === 'information' ? colour.yellow('note') : colour.red('error');
	return terminal`${path}:${line}:${column}: ${level}: ${finding.message} [${finding.rule}]`;
}

/** A run as JSON; `id`: its portable one. */
export function simulationJson(
	outcome: Simulation,
	name: string,
	{ request, id }: { readonly request: TextRequest; readonly id: string | null },
): object {
	const finding = outcome.trace === null ? null : outcome.finding;
	return {
		schema: 1,
		tool: TOOL,
		path: request.path,
		function: name,
		arch: request.arch,
		memory: request.memory,
		...(outcome.trace === null || outcome.whatIf === undefined
			? {}
			: { whatIf: [whatIfJson(outcome.whatIf, request.arch)], verdict: outcome.verdict ?? null }),
		finding:
			finding === null
				? null
				: {
						rule: finding.rule,
						message: finding.message,
						line: finding.place.line,
						column: finding.place.column,
						function: finding.function,
						actors: finding.actors,
						...(finding.whatIf === undefined
							? {}
							: {
									whatIf: finding.whatIf.names,
									alsoWithout: finding.whatIf.alsoWithout,
								}),
						...(finding.litmus === undefined ? {} : { litmus: finding.litmus }),
						...(finding.drawing === undefined ? {} : { drawing: finding.drawing }),
					},
		why: outcome.trace === null ? outcome.why : null,
		trace: outcome.trace === null ? null : traceJson(outcome.trace),
		portableId: id,
	};
}

/** What a run without a finding does not say: that its function is not decided; null: it is. */
export function openVerdict(
	name: string,
	arch: string,
	{ verdict = 'holds', verdictWhy }: Simulation & { readonly trace: object },
): string | null {
	if (!isUndecided({ verdict })) return null;
	const why = verdictWhy === undefined ? '' : ` (${verdictWhy})`;
	return `${name}() is ${verdict} on ${arch}${why}: this is one run, others may break a rule`;
}
