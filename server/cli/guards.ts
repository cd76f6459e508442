/**
 * `racewalk guards`: every guard of the walks in the files, and what breaks without it.
 */

import type { AnalysedFunction } from '../ide/analysis/analysis.js';
import type { AnalysedGuard } from '../ide/guards.js';
import { type Asking, askedOfEach, inputsOf, requireFormat } from './asking.js';
import { colours } from './format.js';
import { type GuardsOf, guardsJson, guardsText } from './guards_report.js';
import { type CommonOptions, requireProfile, UsageError } from './options.js';
import type { Questions } from './supervised.js';
import { tellBeside } from './tell_beside.js';
import { complainUndecided, isUndecided } from './undecided.js';
import { complain, print, printJson } from './write.js';

/** Exit status: 0 when every guard was decided, 3 when some were not, or when it is open whether there are more. */
export async function runGuards(files: readonly string[], options: CommonOptions): Promise<number> {
	requireFormat('guards', options);
	if (options.memory === 'lkmm')
		throw new UsageError('guards explores interleavings (and barriers under lkmm by itself)');
	const inputs = inputsOf(files, options);
	for (const input of inputs) requireProfile(input);
	const each = await askedOfEach(inputs, options, (asking) => reportOf(asking, options));
	const reports = each.flatMap(({ told }) => told);
	const isOpen = reports.some((r) => r.stopped !== undefined || r.undecided.length > 0);
	for (const name of options.function) {
		if (!isOpen && !reports.some((r) => r.guards.some((g) => g.function === name)))
			throw new UsageError(
				`no function '${name}' with a guard is reached by the walks of the files`,
			);
	}
	if (options.format === 'json') printJson(guardsJson(reports));
	else print(guardsText(reports, colours(options)));
	const isForged = reports.some((r) => r.isForged);
	const isUndecidedGuard = reports.some((r) => r.guards.some((g) => g.verdict === 'undecided'));
	return isForged || isOpen || isUndecidedGuard ? 3 : 0;
}

async function reportOf(
	{ input: { path }, request, isFirst, asked }: Asking,
	options: CommonOptions,
): Promise<GuardsOf & { readonly isForged: boolean }> {
	const isForged = isFirst && (await tellBeside(path, request, asked));
	const outcome = await asked.ask({ kind: 'guards' });
	const guards = outcome.kind === 'ended' ? asked.guards : outcome.result;
	const told = { path, request, guards: guards.map((g) => inTime(g, options)), isForged };
	if (outcome.kind === 'ended') {
		complain(`${path}: the guards were given up (${request.arch}): it ${outcome.why}`);
		return { ...told, undecided: [], stopped: `it ${outcome.why}` };
	}
	const undecided = await undecidedIn(asked);
	if (typeof undecided === 'string') {
		complain(`${path}: whether the walks have more guards was given up: ${undecided}`);
		return { ...told, undecided: [], stopped: undecided };
	}
	complainUndecided(path, undecided, request.arch);
	if (guards.length === 0 && undecided.length === 0)
		complain(`${path}: no guard of a lockless walk found`);
	return { ...told, undecided };
}

/** Functions of the walks that could not be followed, in common scenarios already; or why that is not known. */
async function undecidedIn(asked: Questions): Promise<readonly AnalysedFunction[] | string> {
	const outcome = await asked.ask({ kind: 'analyse' }, { depth: 'core' });
	if (outcome.kind === 'ended') return `it ${outcome.why}`;
	const { stopped, functions } = asked.limit.explain(outcome.result);
	return stopped === undefined ? functions.filter(isUndecided) : stopped.why;
}

/** Says which budget ended it, where the engine could only say that it was stopped. */
function inTime(guard: AnalysedGuard, { budget }: CommonOptions): AnalysedGuard {
	if (budget === undefined || guard.reason !== 'open' || guard.why !== 'it was cancelled')
		return guard;
	return { ...guard, why: `the budget of ${budget} s ran out` };
}
