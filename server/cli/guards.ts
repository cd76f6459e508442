/**
 * `racewalk guards`: every guard of the walks in the files, and what breaks without it.
 */

import { CANCELLED } from '../../engine/check/result.js';
import type { AnalysedFunction } from '../ide/analysis/analysis.js';
import type { AnalysedGuard } from '../ide/guards.js';
import { type Asking, forEachConfiguration, inputsOf, requireFormat } from './asking.js';
import { colours } from './format.js';
import { type GuardsOf, guardsJson, guardsText } from './guards_report.js';
import { type CommonOptions, type Input, requireProfile, UsageError } from './options.js';
import type { Executor, TextSession } from './supervised.js';
import { tellWorkspace } from './tell_workspace.js';
import { complainUndecided, isUndecided } from './undecided.js';
import { type Complaining, complain, print, printJson } from './write.js';

/** Exit status: 0 when every guard was decided, 3 when some were not, or when it is open whether there are more. */
export async function runGuards(files: readonly string[], options: CommonOptions): Promise<number> {
	requireFormat('guards', options);
	if (options.memory === 'lkmm')
		throw new UsageError('guards explores interleavings (and barriers under lkmm by itself)');
	const { reports, isDecided } = await guardsIn(inputsOf(files, options), options, complain);
	if (options.format === 'json') printJson(guardsJson(reports));
	else print(guardsText(reports, colours(options)));
	return isDecided ? 0 : 3;
}

/** The guards of the files' walks, and whether all of them were decided. */
export async function guardsIn(
	inputs: readonly Input[],
	options: CommonOptions<string>,
	tell: Complaining,
	executor?: Executor,
): Promise<{ readonly reports: readonly GuardsOf[]; readonly isDecided: boolean }> {
	for (const input of inputs) requireProfile(input);
	const each = await forEachConfiguration(
		inputs,
		options,
		(asking) => reportOf(asking, options, tell),
		executor,
	);
	const reports = each.flatMap(({ told }) => told);
	const isOpen = reports.some((r) => r.stopped !== undefined || r.undecided.length > 0);
	for (const name of options.function) {
		if (!isOpen && !reports.some((r) => r.guards.some((g) => g.function === name)))
			throw new UsageError(
				`no function '${name}' with a guard is reached by the walks of the files`,
			);
	}
	const restsOnUntrustedActor = reports.some((r) => r.restsOnUntrustedActor);
	const isUndecidedGuard = reports.some((r) => r.guards.some((g) => g.verdict === 'undecided'));
	return { reports, isDecided: !restsOnUntrustedActor && !isOpen && !isUndecidedGuard };
}

async function reportOf(
	{ input: { path }, request, isFirst, session }: Asking,
	options: CommonOptions<string>,
	tell: Complaining,
): Promise<GuardsOf & { readonly restsOnUntrustedActor: boolean }> {
	const restsOnUntrustedActor = isFirst && (await tellWorkspace(path, request, session, tell));
	const outcome = await session.run({ kind: 'guards' });
	const guards = outcome.kind === 'ended' ? session.guards : outcome.result;
	const told = {
		path,
		request,
		guards: guards.map((g) => inTime(g, options)),
		restsOnUntrustedActor,
	};
	if (outcome.kind === 'ended') {
		tell(`${path}: the guards were given up (${request.arch}): it ${outcome.why}`);
		return { ...told, undecided: [], stopped: `it ${outcome.why}` };
	}
	const undecided = await undecidedIn(session);
	if (typeof undecided === 'string') {
		tell(`${path}: whether the walks have more guards was given up: ${undecided}`);
		return { ...told, undecided: [], stopped: undecided };
	}
	complainUndecided(path, undecided, request.arch, tell);
	if (guards.length === 0 && undecided.length === 0)
		tell(`${path}: no guard of a lockless walk found`);
	return { ...told, undecided };
}

/** Functions of the walks that could not be followed, in common scenarios already; or why that is not known. */
async function undecidedIn(session: TextSession): Promise<readonly AnalysedFunction[] | string> {
	const outcome = await session.run({ kind: 'analyse' }, { depth: 'core' });
	if (outcome.kind === 'ended') return `it ${outcome.why}`;
	const { stopped, functions } = session.limit.explain(outcome.result);
	return stopped === undefined ? functions.filter(isUndecided) : stopped.why;
}

/** Says which budget ended it, where the engine could only say that it was stopped. */
function inTime(guard: AnalysedGuard, { budget }: CommonOptions<string>): AnalysedGuard {
	if (budget === undefined || guard.reason !== 'open' || guard.why !== CANCELLED) return guard;
	return { ...guard, why: `the budget of ${budget} s ran out` };
}
