/**
 * `racewalk guards`: every guard of the walks in the files, and what breaks without it.
 */

import { type AnalysedGuard, analyseGuards } from '../ide/guards.js';
import { realEngine } from '../worker/engine.js';
import { colours } from './format.js';
import { type GuardsOf, guardsJson, guardsText } from './guards_report.js';
import { limits } from './limits.js';
import { type CommonOptions, type Input, readInput, UsageError } from './options.js';
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
	const isForged = inputs.map(tellBeside).includes(true);
	const reports = inputs.flatMap((input) => reportsOf(input, options));
	for (const name of options.function) {
		if (!reports.some((r) => r.guards.some((g) => g.function === name)))
			throw new UsageError(
				`no function '${name}' with a guard is reached by the walks of the files`,
			);
	}
	if (options.format === 'json') printJson(guardsJson(reports));
	else print(guardsText(reports, colours(options)));
	const isOpen = reports.some((r) => r.guards.some((g) => g.verdict === 'undecided'));
	return isForged || isOpen ? 3 : 0;
}

function reportsOf(input: Input, options: CommonOptions): readonly GuardsOf[] {
	return input.requests.map((request) => {
		const limit = limits(options);
		const guards = analyseGuards(realEngine, request, { observer: limit.observer });
		limit.done();
		if (guards.length === 0) complain(`${input.path}: no guard of a lockless walk found`);
		return { path: input.path, request, guards: guards.map((g) => inTime(g, options)) };
	});
}

/** Says which budget ended it, where the engine could only say that it was stopped. */
function inTime(guard: AnalysedGuard, { budget }: CommonOptions): AnalysedGuard {
	if (budget === undefined || guard.reason !== 'open' || guard.why !== 'it was cancelled')
		return guard;
	return { ...guard, why: `the budget of ${budget} s ran out` };
}
