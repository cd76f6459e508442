/**
 * `racewalk simulate FILE:FUNCTION`: the shortest violating run of a function, else a witness run.
 */

import type { AnalysisRequest } from '../ide/analysis/analysis.js';
import { type Simulation, simulateFunction } from '../ide/simulation.js';
import { twoColumn } from '../ide/two_column.js';
import { realEngine } from '../worker/engine.js';
import { colours } from './format.js';
import { TOOL, traceJson, whatIfJson } from './json.js';
import { limits } from './limits.js';
import { type CommonOptions, type ReportFormat, readInput, UsageError } from './options.js';
import { whatIfLines } from './text.js';

export type SimulateOptions = CommonOptions<ReportFormat | 'dot'> & {
	readonly rule?: string;
	readonly trace?: string;
};

/** Exit status: 1 for a violating run, 0 for a witness run, 3 when there is neither. */
export async function runSimulate(subject: string, options: SimulateOptions): Promise<number> {
	const split = /^(.+):([A-Za-z_]\w*)$/.exec(subject);
	if (split?.[1] === undefined || split[2] === undefined) {
		throw new UsageError(`simulate takes FILE:FUNCTION, not '${subject}'`);
	}
	if (options.format === 'sarif' || options.format === 'github') {
		throw new UsageError('simulate prints text, json or dot');
	}
	const input = readInput(split[1], options);
	const [request] = input.requests;
	if (request === undefined || input.requests.length > 1) {
		throw new UsageError('simulate takes one architecture');
	}
	const name = split[2];
	const limit = limits(options);
	const outcome = simulateFunction(
		realEngine,
		request,
		{ function: name, rule: options.rule ?? null, trace: options.trace ?? null },
		limit.observer,
	);
	limit.done();
	if (!outcome.functions.includes(name)) {
		const known = outcome.functions.length === 0 ? 'none' : outcome.functions.join(', ');
		throw new UsageError(`no walk of ${input.path} reaches '${name}'; reached: ${known}`);
	}
	if (outcome.trace === null) process.stderr.write(`racewalk: ${name}: ${outcome.why}\n`);
	process.stdout.write(printed(outcome, { name, request, options }));
	if (outcome.trace === null) return 3;
	return outcome.finding === null ? 0 : 1;
}

function printed(
	outcome: Simulation,
	asked: {
		readonly name: string;
		readonly request: AnalysisRequest;
		readonly options: SimulateOptions;
	},
): string {
	const { name, request, options } = asked;
	if (options.format === 'json') return simulationJson(outcome, name, request);
	if (options.format === 'text') return simulationText(outcome, request.arch, options);
	const drawing = outcome.trace === null ? undefined : outcome.finding?.drawing;
	if (drawing === undefined)
		process.stderr.write(`racewalk: ${name}: only a run that breaks a rule under lkmm is drawn\n`);
	return drawing ?? '';
}

/** What a run without a violation shows: under a what-if, that the function still holds, if its verdict says so. */
function quiet(outcome: Simulation & { readonly trace: object }): string {
	if (outcome.whatIf === undefined) return 'a run without a violation';
	if (outcome.verdict === 'holds') return 'still holds; a run without a violation';
	return `a run without a violation (the verdict is: ${outcome.verdict ?? 'none'})`;
}

function simulationText(outcome: Simulation, arch: string, options: SimulateOptions): string {
	if (outcome.trace === null) return '';
	const colour = colours(options);
	const { finding, trace } = outcome;
	const above =
		outcome.whatIf === undefined ? '' : `${whatIfLines(outcome.whatIf, arch, colour).join('\n')}\n`;
	const head =
		finding === null
			? colour.green(quiet(outcome))
			: `${finding.place.path}:${finding.place.line}:${finding.place.column}: ${finding.severity === 'information' ? colour.yellow('note') : colour.red('error')}: ${finding.message} [${finding.rule}]`;
	const about = `${trace.scenario}; run ${trace.id}`;
	const drawn = twoColumn(trace, { width: 100, brief: true, values: true });
	const litmus = finding?.litmus === undefined ? '' : `\n${finding.litmus}`;
	return `${above}${head}\n${about}\n\n${drawn}\n${litmus}`;
}

function simulationJson(outcome: Simulation, name: string, request: AnalysisRequest): string {
	const finding = outcome.trace === null ? null : outcome.finding;
	const shown = {
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
	};
	return `${JSON.stringify(shown, null, 1)}\n`;
}
