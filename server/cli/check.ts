/**
 * `racewalk check`: every file under every architecture asked for, then one report in the wanted format.
 */

import { type Analysis, stoppedAnalysis } from '../ide/analysis/analysis.js';
import { printReport } from './format.js';
import {
	type CommonOptions,
	type Input,
	readInput,
	type TextRequest,
	UsageError,
	unchecked,
} from './options.js';
import { exitCode, type FileReport } from './report.js';
import { type Road, roadOf } from './supervised.js';
import { complain } from './write.js';

/** Runs the command; the process's exit status. */
export async function runCheck(files: readonly string[], options: CommonOptions): Promise<number> {
	if (options.as !== undefined && files.length > 1) {
		throw new UsageError('--as names one path; give one FILE with it');
	}
	const inputs = files.map((file) => readInput(file, options));
	const road = roadOf(options);
	const reports: FileReport[] = [];
	try {
		for (const input of inputs) reports.push(await checkInput(input, options, road));
	} finally {
		await road.end();
	}
	requireFunctions(reports, options);
	printReport(reports, options);
	return exitCode(reports);
}

async function checkInput(input: Input, options: CommonOptions, road: Road): Promise<FileReport> {
	const analyses: Analysis[] = [];
	const why = unchecked(input);
	if (why !== null) {
		complain(`${input.path}: ${why}`);
		return { path: input.path, tree: input.tree, analyses, variants: [], unchecked: true };
	}
	for (const request of input.requests) analyses.push(await checkOne(request, road));
	const isEmpty = analyses.every((a) => a.functions.length === 0 && a.stopped === undefined);
	if (isEmpty && options.function.length === 0) {
		complain(`${input.path}: no lockless page-table walk found`);
	}
	return { path: input.path, tree: input.tree, analyses, variants: input.variants };
}

async function checkOne(request: TextRequest, road: Road): Promise<Analysis> {
	const asked = road.about(request);
	const outcome = await asked.ask({ kind: 'analyse' });
	if (outcome.kind === 'done') return asked.limit.explain(outcome.result);
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
