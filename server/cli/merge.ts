/**
 * `racewalk merge`: the shards of a check as the one report that the check would have printed, in any format; or logs of SARIF of
 * several checks (of kernels, say) as one log, a run each.
 */
import { baselineOf } from './baseline.js';
import { type CheckOptions, checkReport } from './check.js';
import { readSource, shownName, UsageError } from './options.js';
import { joined, partIn } from './part.js';
import { printJson } from './write.js';

export type MergeOptions = Pick<
	CheckOptions,
	'format' | 'color' | 'coverage' | 'baseline' | 'updateBaseline'
>;

interface Log {
	readonly shown: string;
	readonly value: Readonly<Record<string, unknown>>;
}

/** The process's exit status: that of the whole check. */
export async function runMerge(files: readonly string[], options: MergeOptions): Promise<number> {
	const logs = files.map(readLog);
	if (logs.every(({ value }) => partOf(value) === undefined && runsOf(value).length > 0))
		return concatenated(logs, options);
	const parts = logs.map(({ shown, value }) => ({ shown, part: partIn(partOf(value), shown) }));
	const reports = joined(parts);
	return checkReport(reports, {
		...{ ...options, function: parts[0]?.part.functions ?? [] },
		baselineNow: baselineOf(options),
	});
}

function readLog(file: string): Log {
	const shown = shownName(file);
	try {
		const value: unknown = JSON.parse(readSource(file));
		if (typeof value === 'object' && value !== null) return { shown, value: value as Log['value'] };
	} catch (error) {
		if (error instanceof UsageError) throw error;
	}
	throw new UsageError(`${shown} is no whole JSON: merge takes reports of check --shard, or SARIF`);
}

/** The part that a report of a shard carries. */
function partOf(value: Log['value']): unknown {
	const [run] = runsOf(value);
	return value['part'] ?? (run?.['properties'] as { readonly part?: unknown } | undefined)?.part;
}

type SarifRun = Readonly<Record<string, unknown>>;

function runsOf({ version, runs }: Log['value']): readonly SarifRun[] {
	return version === '2.1.0' && Array.isArray(runs) ? (runs as readonly SarifRun[]) : [];
}

/** Logs of several checks as one. */
function concatenated(logs: readonly Log[], options: MergeOptions): number {
	if (options.format !== 'sarif')
		throw new UsageError('logs of SARIF are merged with --format sarif');
	if (options.baseline !== undefined)
		throw new UsageError('--baseline is for shards: give it to each check instead');
	const runs = logs.flatMap(({ value }) => runsOf(value));
	for (const { shown, value } of logs)
		if (!runsOf(value).every(isOurs)) throw new UsageError(`${shown} is not racewalk's`);
	const [first] = logs;
	printJson({ $schema: first?.value['$schema'], version: '2.1.0', runs });
	const statuses = runs.map(statusOf);
	return statuses.includes(1) ? 1 : statuses.includes(3) ? 3 : 0;
}

function isOurs({ tool }: SarifRun): boolean {
	const driver = (tool as { readonly driver?: { readonly name?: unknown } } | undefined)?.driver;
	return driver?.name === 'racewalk';
}

/** The exit status of the check that a run is of. */
function statusOf({ results, invocations }: SarifRun): 0 | 1 | 3 {
	const found = (results ?? []) as readonly {
		readonly suppressions?: unknown;
		readonly baselineState?: string;
	}[];
	if (found.some((r) => r.suppressions === undefined && r.baselineState !== 'unchanged')) return 1;
	const [invocation] = (invocations ?? []) as readonly {
		readonly executionSuccessful?: boolean;
		readonly toolExecutionNotifications?: readonly { readonly descriptor?: unknown }[];
	}[];
	const isOpen =
		invocation?.executionSuccessful !== true ||
		// assumptions have no id
		invocation.toolExecutionNotifications?.some((n) => n.descriptor !== undefined) === true;
	return isOpen ? 3 : 0;
}
