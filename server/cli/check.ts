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
import { interrupted } from './interrupted.js';
import { type CommonOptions, type Input, UsageError, unchecked } from './options.js';
import { partJson } from './part.js';
import { exitCode, type FileReport, notDecided } from './report.js';
import { askedOf, requireWhole, type Shard, shardOf, unitsOf } from './shard.js';
import { type Executor, executorOf } from './supervised.js';
import { type Complaining, complain } from './write.js';

export interface CheckOptions extends CommonOptions, BaselineOptions {
	/** This part of the check alone. */
	readonly shard?: Shard;
}

/** Runs the command; the process's exit status. */
export async function runCheck(files: readonly string[], options: CheckOptions): Promise<number> {
	requireWhole(options);
	const baselineNow = baselineOf(options);
	const inputs = inputsOf(files, options);
	const { shard } = options;
	if (shard === undefined)
		return checkReport(await interruptible(inputs, options), { ...options, baselineNow });
	const ours = shardOf(inputs, shard);
	const reports = await interruptible(
		ours.map(({ input }) => input),
		options,
	);
	const placed = ours.flatMap(({ file, places }, i) => {
		const report = reports[i];
		return report === undefined ? [] : [{ file, places, report }];
	});
	const about = { shard, units: unitsOf(inputs), asked: askedOf(inputs, options) };
	const part = partJson({ ...about, functions: options.function, reports: placed });
	printReport(reports, options, part);
	return exitCode(reports);
}

/** Prints what was found, apart from what is known; the process's exit status. */
export function checkReport(
	reports: readonly FileReport[],
	options: Pick<
		CheckOptions,
		'function' | 'format' | 'color' | 'coverage' | 'baseline' | 'updateBaseline'
	> & { readonly baselineNow: Baseline | null },
): number {
	requireFunctions(reports, options);
	const told = knownApart(reports, options, options.baselineNow);
	complainEmpty(reports, options, complain);
	printReport(told, options);
	return exitCode(told);
}

/** Reports of the files; of what the user did not wait for, that it is not decided. */
async function interruptible(
	inputs: readonly Input[],
	options: CheckOptions,
): Promise<readonly FileReport[]> {
	const interruption = interrupted();
	let left = 0;
	try {
		const { budget } = options;
		const executor = executorOf({
			isInterruptible: true,
			...(budget === undefined ? {} : { budget }),
		});
		const asked = await forEachConfiguration(
			inputs,
			options,
			async (asking) => {
				// signals are heard between two units, too
				await new Promise((resolve) => setImmediate(resolve));
				const work = left > 0 ? null : checkOne(asking);
				const analysis = await Promise.race([interruption.promise, work]);
				if (analysis !== null) return analysis;
				left++;
				return stoppedAnalysis(asking.request, { phase: 'exploring', why: INTERRUPTED });
			},
			executor,
		);
		if (left > 0)
			complain(`interrupted: ${counted(left, 'configuration', 'configurations')} left undecided`);
		return asked.map(({ input, told }) => reportOf(input, told));
	} finally {
		interruption.end();
	}
}

const INTERRUPTED = 'the check was interrupted';

/** Reports of the files, in their order. */
export async function checked(
	inputs: readonly Input[],
	options: CommonOptions<string>,
	executor?: Executor,
): Promise<readonly FileReport[]> {
	const asked = await forEachConfiguration(inputs, options, checkOne, executor);
	return asked.map(({ input, told }) => reportOf(input, told));
}

/** Says of which files nothing was looked at, because nothing lockless is in them. */
export function complainEmpty(
	reports: readonly FileReport[],
	options: Pick<CommonOptions, 'function'>,
	tell: Complaining,
): void {
	for (const report of reports) {
		const { path, analyses } = report;
		const isEmpty = analyses.every((a) => a.functions.length === 0);
		if (isEmpty && notDecided(report).length === 0 && options.function.length === 0)
			tell(
				`${path}: no lockless page-table walk found, and no function that looks at page-table entries, folio->mapping or the page cache without a lock`,
			);
	}
}

/** Reports without what the baseline knows; written to it first, where that is asked for. */
function knownApart(
	reports: readonly FileReport[],
	options: BaselineOptions,
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
export function requireFunctions(
	reports: readonly FileReport[],
	options: Pick<CommonOptions, 'function'>,
): void {
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
