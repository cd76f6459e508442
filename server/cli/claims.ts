/**
 * `racewalk claims FILE`: what the comments of the walk's functions claim, as far as it is of a form that exploration decides, each
 * with the run that shows it.
 */

import { type Terminal, terminal } from '../../engine/escape/terminal.js';
import { type DecidedClaim, type DecidedClaims, stoppedClaims } from '../ide/claims/check.js';
import { type Asking, forEachConfiguration, inputsOf, requireFormat } from './asking.js';
import { colours } from './format.js';
import { TOOL, traceJson } from './json.js';
import { type CommonOptions, requireProfile, type TextRequest, UsageError } from './options.js';
import type { Paint } from './paint.js';
import type { TextSession } from './supervised.js';
import { tellWorkspace } from './tell_workspace.js';
import { drawnRun } from './text.js';
import { complain, print, printJson } from './write.js';

interface ClaimReport {
	readonly path: string;
	readonly request: TextRequest;
	/** Nothing counts as decided: the workspace's word would have to be taken. */
	readonly restsOnUntrustedActor: boolean;
	readonly decided: DecidedClaims;
}

/** Exit status: 1 when a claim is false, 3 when none is but some are undecided, else 0. */
export async function runClaims(files: readonly string[], options: CommonOptions): Promise<number> {
	requireFormat('claims', options);
	if (options.memory !== 'sc') throw new UsageError('claims are decided under --memory sc only');
	const inputs = inputsOf(files, options);
	for (const input of inputs) requireProfile(input);
	const each = await forEachConfiguration(inputs, options, reportOf);
	const reports = each.flatMap(({ told }) => told);
	for (const name of options.function)
		if (reports.every(({ decided: d }) => d.stopped === undefined && !d.functions.includes(name)))
			throw new UsageError(`no lockless walk of the given files reaches a function '${name}'`);
	for (const { path, decided: d } of reports)
		if (d.stopped === undefined && d.functions.length === 0)
			complain(`${path}: no lockless page-table walk found`);
	if (options.format === 'json') {
		printJson({ schema: 1, tool: TOOL, files: reports.map(reportJson) });
	} else for (const report of reports) print(reportText(report, colours(options)));
	const isStopped = reports.some((r) => r.decided.stopped !== undefined);
	const verdicts = reports.flatMap((r) => r.decided.claims.map((c) => c.verdict));
	const restsOnUntrustedActor = reports.some((r) => r.restsOnUntrustedActor);
	if (verdicts.includes('false')) return 1;
	return restsOnUntrustedActor || isStopped || verdicts.includes('undecided') ? 3 : 0;
}

async function reportOf({
	input: { path },
	request,
	isFirst,
	session,
}: Asking): Promise<ClaimReport> {
	const restsOnUntrustedActor = isFirst && (await tellWorkspace(path, request, session));
	return { path, request, restsOnUntrustedActor, decided: await decide(session) };
}

async function decide(session: TextSession): Promise<DecidedClaims> {
	const outcome = await session.run({ kind: 'claims' });
	if (outcome.kind === 'done') return outcome.result;
	const { phase, why } = outcome;
	return stoppedClaims({ phase, why: `the work on its claims ${why}` });
}

function reportText({ path, request, decided }: ClaimReport, colour: Paint): Terminal {
	const lines: Terminal[] = [];
	for (const claim of decided.claims) lines.push(...claimLines(claim, path, colour), terminal``);
	for (const what of decided.assumptions) lines.push(colour.dim(`${path}: note: assumes: ${what}`));
	const { comments, sentences, recognised, stopped } = decided;
	const actors = new Set(decided.claims.flatMap((claim) => claim.explored.actors));
	if (actors.size > 0)
		lines.push(terminal`${path}: note: explored against ${[...actors].join(', ')}`);
	if (stopped !== undefined)
		return terminal`${path}:1: note: not decided (${request.arch}): ${stopped.why}\n`;
	lines.push(
		terminal`${path}: note: ${request.arch}: ${recognised} of ${sentences} sentences in comments of the walk make a claim that racewalk can check (${comments} comments read)`,
	);
	return terminal`${terminal.join(lines, '\n')}\n`;
}

function claimLines(claim: DecidedClaim, path: string, colour: Paint): readonly Terminal[] {
	const { found, verdict, reading, why, trace } = claim;
	const told =
		verdict === 'true'
			? colour.green('true')
			: verdict === 'false'
				? colour.red('false')
				: colour.yellow('undecided');
	const what = isShown(claim) ? 'run' : 'example of a run that reaches it:';
	const run = trace === null ? '' : `; ${what} ${trace.id}`;
	return [
		terminal`${colour.bold(`${path}:${found.place.line}:${found.place.column}:`)} ${told}: "${found.text}"`,
		terminal`  read as: ${reading}`,
		terminal`  ${verdict}: ${why}${run}`,
		...(trace === null || !isShown(claim)
			? []
			: [colour.dim(`  ${trace.scenario}`), terminal``, drawnRun(trace)]),
	];
}

/** A run proves that something can happen; that something never does, no single run shows. */
function isShown({ found: { claim }, verdict }: DecidedClaim): boolean {
	const isPossible = claim.kind === 'event' && claim.modality === 'possible';
	return verdict === 'false' || (verdict === 'true' && isPossible);
}

function reportJson({ path, request, decided }: ClaimReport): object {
	const { comments, sentences, recognised, claims } = decided;
	return {
		path,
		arch: request.arch,
		memory: 'sc',
		...(request.whatIf === undefined ? {} : { whatIf: request.whatIf }),
		...(decided.stopped === undefined ? {} : { stopped: decided.stopped }),
		comments,
		sentences,
		recognised,
		claims: claims.map(claimJson),
		assumptions: decided.assumptions,
	};
}

function claimJson({ found, verdict, reading, why, trace, explored }: DecidedClaim): object {
	return {
		id: found.id,
		function: found.function,
		...found.place,
		text: found.text,
		claim: found.claim,
		reading,
		verdict,
		why,
		explored,
		trace: trace === null ? null : traceJson(trace),
	};
}
