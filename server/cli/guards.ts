/**
 * `racewalk guards`: every guard of the walks in the files, and what breaks without it.
 */

import type { AnalysedGuard } from '../ide/guards.js';
import { colours } from './format.js';
import { type GuardsOf, guardsJson, guardsText } from './guards_report.js';
import {
	type CommonOptions,
	readInput,
	requireProfile,
	type TextRequest,
	UsageError,
} from './options.js';
import { type Questions, roadOf } from './supervised.js';
import { tellBeside } from './tell_beside.js';
import { complain, print, printJson } from './write.js';

/** Exit status: 0 when every guard was decided, 3 when some were not. */
export async function runGuards(files: readonly string[], options: CommonOptions): Promise<number> {
	if (options.format === 'sarif' || options.format === 'github')
		throw new UsageError('guards prints text or json');
	if (options.memory === 'lkmm')
		throw new UsageError('guards explores interleavings (and barriers under lkmm by itself)');
	if (options.as !== undefined && files.length > 1)
		throw new UsageError('--as names one path; give one FILE with it');
	const inputs = files.map((file) => readInput(file, options));
	for (const input of inputs) requireProfile(input);
	const road = roadOf(options);
	let isForged = false;
	const reports: Report[] = [];
	try {
		for (const { path, requests } of inputs) {
			for (const [i, request] of requests.entries()) {
				const asked = road.about(request);
				if (i === 0 && (await tellBeside(path, request, asked))) isForged = true;
				reports.push(await reportOf({ path, request, asked }, options));
			}
		}
	} finally {
		await road.end();
	}
	const isStopped = reports.some((r) => r.isStopped);
	for (const name of options.function) {
		if (!isStopped && !reports.some((r) => r.guards.some((g) => g.function === name)))
			throw new UsageError(
				`no function '${name}' with a guard is reached by the walks of the files`,
			);
	}
	if (options.format === 'json') printJson(guardsJson(reports));
	else print(guardsText(reports, colours(options)));
	const isOpen = reports.some((r) => r.guards.some((g) => g.verdict === 'undecided'));
	return isForged || isStopped || isOpen ? 3 : 0;
}

interface Report extends GuardsOf {
	/** They were given up: there may be more than are listed. */
	readonly isStopped: boolean;
}

async function reportOf(
	{
		path,
		request,
		asked,
	}: { readonly path: string; readonly request: TextRequest; readonly asked: Questions },
	options: CommonOptions,
): Promise<Report> {
	const outcome = await asked.ask({ kind: 'guards' });
	const isStopped = outcome.kind === 'ended';
	const guards = isStopped ? asked.guards : outcome.result;
	if (isStopped) complain(`${path}: the guards were given up (${request.arch}): it ${outcome.why}`);
	else if (guards.length === 0) complain(`${path}: no guard of a lockless walk found`);
	return { path, request, guards: guards.map((g) => inTime(g, options)), isStopped };
}

/** Says which budget ended it, where the engine could only say that it was stopped. */
function inTime(guard: AnalysedGuard, { budget }: CommonOptions): AnalysedGuard {
	if (budget === undefined || guard.reason !== 'open' || guard.why !== 'it was cancelled')
		return guard;
	return { ...guard, why: `the budget of ${budget} s ran out` };
}
