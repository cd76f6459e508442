/**
 * `racewalk check`: every file under every architecture asked for, then one report in the wanted format.
 */

import { analyse } from '../ide/analysis/analyse.js';
import type { Analysis, AnalysisRequest } from '../ide/analysis/analysis.js';
import { realEngine } from '../worker/engine.js';
import { printReport } from './format.js';
import { limits } from './limits.js';
import { type CommonOptions, type Input, readInput, UsageError } from './options.js';
import { exitCode, type FileReport } from './report.js';
import { complain } from './write.js';

/** Runs the command; the process's exit status. */
export async function runCheck(files: readonly string[], options: CommonOptions): Promise<number> {
	if (options.as !== undefined && files.length > 1) {
		throw new UsageError('--as names one path; give one FILE with it');
	}
	const inputs = files.map((file) => readInput(file, options));
	const reports = inputs.map((input) => checkInput(input, options));
	requireFunctions(reports, options);
	printReport(reports, options);
	return exitCode(reports);
}

function checkInput(input: Input, options: CommonOptions): FileReport {
	const analyses = input.requests.map((request) => checkOne(request, options));
	if (analyses.every((a) => a.functions.length === 0) && options.function.length === 0) {
		complain(`${input.path}: no lockless page-table walk found`);
	}
	return { path: input.path, tree: input.tree, analyses, variants: input.variants };
}

function checkOne(request: AnalysisRequest, options: CommonOptions): Analysis {
	const limit = limits(options);
	const analysis = analyse(realEngine, request, { observer: limit.observer, cache: null });
	limit.done();
	return limit.explain(analysis);
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
