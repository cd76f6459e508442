/**
 * `racewalk check`: every file under every architecture asked for, then one report in the wanted format.
 */

import { analyse } from '../ide/analysis/analyse.js';
import { type Analysis, type AnalysisRequest, stoppedAnalysis } from '../ide/analysis/analysis.js';
import { realEngine } from '../worker/engine.js';
import { printReport } from './format.js';
import { limits } from './limits.js';
import { type CommonOptions, type Input, readInput, UsageError } from './options.js';
import { exitCode, type FileReport } from './report.js';
import { documentOf, type Supervisor, supervisor } from './supervised.js';
import { complain } from './write.js';

/** Runs the command; the process's exit status. */
export async function runCheck(files: readonly string[], options: CommonOptions): Promise<number> {
	if (options.as !== undefined && files.length > 1) {
		throw new UsageError('--as names one path; give one FILE with it');
	}
	const inputs = files.map((file) => readInput(file, options));
	const beside =
		options.budget === undefined || options.scenario !== undefined ? null : supervisor();
	const reports: FileReport[] = [];
	try {
		for (const input of inputs) reports.push(await checkInput(input, options, beside));
	} finally {
		await beside?.end();
	}
	requireFunctions(reports, options);
	printReport(reports, options);
	return exitCode(reports);
}

async function checkInput(
	input: Input,
	options: CommonOptions,
	beside: Supervisor | null,
): Promise<FileReport> {
	const analyses: Analysis[] = [];
	for (const request of input.requests) analyses.push(await checkOne(request, options, beside));
	const isEmpty = analyses.every((a) => a.functions.length === 0 && a.stopped === undefined);
	if (isEmpty && options.function.length === 0) {
		complain(`${input.path}: no lockless page-table walk found`);
	}
	return { path: input.path, tree: input.tree, analyses, variants: input.variants };
}

async function checkOne(
	request: AnalysisRequest,
	options: CommonOptions,
	beside: Supervisor | null,
): Promise<Analysis> {
	const limit = limits(options);
	const { budget } = options;
	if (beside === null || budget === undefined) {
		const analysis = analyse(realEngine, request, { observer: limit.observer, cache: null });
		limit.done();
		return limit.explain(analysis);
	}
	const document = documentOf(request, budget);
	const outcome = await beside.run({ kind: 'analyse', document }, limit);
	limit.done();
	if (outcome.kind === 'done') return limit.explain(outcome.result);
	const { phase, why } = outcome;
	return stoppedAnalysis(request, { phase, why: `the check ${why}` });
}

function requireFunctions(reports: readonly FileReport[], options: CommonOptions): void {
	const reached = new Set(
		reports.flatMap((r) => r.analyses.flatMap((a) => a.functions.map((f) => f.name))),
	);
	for (const name of options.function) {
		if (!reached.has(name)) {
			throw new UsageError(`no lockless walk of the given files reaches a function '${name}'`);
		}
	}
}
