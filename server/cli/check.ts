/**
 * `racewalk check`: every file under every architecture asked for, then one report in the wanted format.
 */

import { type Analysis, stoppedAnalysis } from '../ide/analysis/analysis.js';
import { counted } from '../ide/verdict_words.js';
import { type Asking, forEachConfiguration, inputsOf } from './asking.js';
import {
	type Baseline,
	type BaselineOptions,
	baselineOf,
	placedIn,
	updateBaseline,
	withBaseline,
} from './baseline.js';
import { printReport } from './format.js';
import { type CommonOptions, type Input, UsageError, unchecked } from './options.js';
import { exitCode, type FileReport, notDecided } from './report.js';
import { complain } from './write.js';

/** Runs the command; the process's exit status. */
export async function runCheck(
	files: readonly string[],
	options: CommonOptions & BaselineOptions,
): Promise<number> {
	const baseline = baselineOf(options);
	const inputs = inputsOf(files, options);
	const asked = await forEachConfiguration(inputs, options, checkOne);
	const reports = asked.map(({ input, told }) => reportOf(input, told));
	requireFunctions(reports, options);
	const told = knownApart(reports, options, baseline);
	for (const report of reports) {
		const { path, analyses } = report;
		const isEmpty = analyses.every((a) => a.functions.length === 0);
		if (isEmpty && notDecided(report).length === 0 && options.function.length === 0)
			complain(
				`${path}: no lockless page-table walk found, and no function that looks at page-table entries, folio->mapping or the page cache without a lock`,
			);
	}
	printReport(told, options);
	return exitCode(told);
}

/** Reports without what the baseline knows; written to it first, where that is asked for. */
function knownApart(
	reports: readonly FileReport[],
	options: CommonOptions & BaselineOptions,
	baseline: Baseline | null,
): readonly FileReport[] {
	const { baseline: file, updateBaseline: isWritten } = options;
	if (baseline === null || file === undefined) return reports;
	if (isWritten === true)
		updateBaseline(
			file,
			reports.map(({ path }) => path),
			reports.flatMap(placedIn),
		);
	const now = isWritten === true ? baselineOf(options) : baseline;
	const told = now === null ? reports : reports.map((report) => withBaseline(report, now));
	const count = told.reduce((sum, { known }) => sum + (known?.length ?? 0), 0);
	if (count > 0)
		complain(`${counted(count, 'finding is', 'findings are')} in the baseline ${file}`);
	return told;
}

function reportOf(input: Input, analyses: readonly Analysis[]): FileReport {
	const { path, tree, text, variants } = input;
	const why = unchecked(input);
	return { path, tree, text, analyses, variants, ...(why === null ? {} : { unchecked: why }) };
}

async function checkOne({ request, session }: Asking): Promise<Analysis> {
	const outcome = await session.run({ kind: 'analyse' });
	if (outcome.kind === 'done') return session.limit.explain(outcome.result);
	const { phase, why } = outcome;
	return stoppedAnalysis(request, { phase, why: `the check ${why}` });
}

/** A UsageError for a function that is in no walk; of a file that was not decided nobody knows. */
function requireFunctions(reports: readonly FileReport[], options: CommonOptions): void {
	if (reports.some((report) => notDecided(report).length > 0)) return;
	const reached = new Set(
		reports.flatMap((r) => r.analyses.flatMap((a) => a.functions.map((f) => f.name))),
	);
	for (const name of options.function) {
		if (!reached.has(name)) {
			throw new UsageError(`no lockless walk of the given files reaches a function '${name}'`);
		}
	}
}
