/**
 * Decides the claims of a text's comments: what each means for the lowered walk, explored by the engine; equal claims at one place
 * are decided once.
 *
 * Invariant: only what was found by the grammar is decided, and what was not is counted.
 */
import type { CheckRequest } from '../../../engine/check/request.js';
import type { FunctionIndex } from '../../../engine/program/op.js';
import {
	type ClaimAnswer,
	type ClaimQuestion,
	claimKey,
} from '../../../engine/questions/claims/claim.js';
import type { Walk } from '../../lower/request.js';
import { definitionEnd, splitLines } from '../../tree/source_lines.js';
import { checkRequest, nameOf, type Prepared, prepare, wantedWalks } from '../analysis/analyse.js';
import type {
	AnalysedTrace,
	AnalysisObserver,
	AnalysisRequest,
	FoundClaim,
	StoppedAnalysis,
} from '../analysis/analysis.js';
import type { EnginePort } from '../analysis/engine_port.js';
import { traceUnder } from '../analysis/what_if.js';
import { workspaceActorsTold } from '../analysis/workspace_assumptions.js';
import type { FunctionLines } from './comments.js';
import { claimsOfText, type FoundClaims } from './found.js';

/** A claim with what exploration says of it. */
export interface DecidedClaim {
	readonly found: FoundClaim;
	readonly verdict: ClaimAnswer['verdict'];
	readonly reading: string;
	readonly why: string;
	readonly trace: AnalysedTrace | null;
	readonly explored: ClaimAnswer['explored'];
}

export interface DecidedClaims extends Omit<FoundClaims, 'claims'> {
	readonly claims: readonly DecidedClaim[];
	/** Names of the functions whose comments were read. */
	readonly functions: readonly string[];
	/** What the verdicts take for granted, as a check's do. */
	readonly assumptions: readonly string[];
	/** It was given up before the claims were known. Absent: it was not. */
	readonly stopped?: StoppedAnalysis;
}

interface DecideOptions {
	readonly observer: AnalysisObserver;
	readonly only: string | null;
}

/** Decides the claims in a text; `only`: the one of that id. Throws `OutOfBudget` where the observer cancels before they are known. */
export function decideClaims(
	engine: EnginePort,
	request: AnalysisRequest,
	options: DecideOptions,
): DecidedClaims {
	const prepared = prepare(engine, request, null, options.observer);
	options.observer.enter?.('reading claims');
	const { program } = prepared.lowered;
	const walks = wantedWalks(prepared.lowered, request.functions);
	const read = functionLines(prepared, walks, request);
	const functions = read.map((f) => f.name);
	const { claims, ...counts } = claimsOfText(request.text, read);
	const wanted = claims.filter(
		(c) =>
			(options.only === null || c.id === options.only) &&
			(request.functions.length === 0 || request.functions.includes(c.function)),
	);
	const known = new Map<string, ClaimAnswer>();
	// one request for all claims of a walk: what the engine prepares for it serves them all
	const requests = new Map(walks.map((walk) => [walk, checkRequest(program, walk, request)]));
	options.observer.enter?.('deciding claims');
	const answered = wanted.flatMap((found): readonly DecidedClaim[] => {
		const walk = walks.find((w) => w.functions.some((f) => nameOf(program, f) === found.function));
		const index = walk?.functions.find((f) => nameOf(program, f) === found.function);
		const asked = walk === undefined ? undefined : requests.get(walk);
		if (walk === undefined || index === undefined || asked === undefined) return [];
		const question = {
			claim: found.claim,
			function: index,
			line: lineBehind(prepared, index, found),
		};
		const key = keyOf(question, walk);
		const answer = known.get(key) ?? ask(engine, { request: asked, question }, options);
		known.set(key, answer);
		const { trace, assumptions: _, ...said } = answer;
		const run = trace === null ? null : traceUnder(prepared.resolve.trace(trace), request);
		return [{ found, ...said, trace: run }];
	});
	const assumptions = [
		...workspaceActorsTold(prepared.lowered.workspaceActors),
		...(request.conditions ?? []).map((a) => a.what),
		...[...known.values()].flatMap((a) => a.assumptions),
		...program.assumptions.map((a) => a.what),
	];
	return { ...counts, functions, claims: answered, assumptions: [...new Set(assumptions)] };
}

/** What is left to say of a text whose claims were given up. */
export function stoppedClaims(stopped: StoppedAnalysis): DecidedClaims {
	const none = {
		claims: [],
		functions: [],
		comments: 0,
		sentences: 0,
		recognised: 0,
		assumptions: [],
	};
	return { ...none, stopped };
}

function ask(
	engine: EnginePort,
	{ request, question }: { readonly request: CheckRequest; readonly question: ClaimQuestion },
	{ observer }: { readonly observer: AnalysisObserver },
): ClaimAnswer {
	return engine.decideClaim(request, question, {
		cancelled: () => observer.cancelled(),
		progress: (done, total, scenario) => observer.progress?.(done, total, scenario),
	});
}

/** Claims that are not about a place are the same wherever in a walk they stand. */
function keyOf({ claim, function: fn, line }: ClaimQuestion, walk: Walk): string {
	const isLocal = claim.kind !== 'event' || claim.scope === 'function';
	const place = claim.kind === 'state' ? [fn, line] : isLocal ? [fn] : [];
	return JSON.stringify([claimKey(claim), walk.root, place]);
}

/** Where a walk's functions stand in the checked text. */
function functionLines(
	prepared: Prepared,
	walks: readonly Walk[],
	request: AnalysisRequest,
): readonly FunctionLines[] {
	const lines = splitLines(request.text);
	const { program } = prepared.lowered;
	const seen = new Map<string, FunctionLines>();
	for (const index of walks.flatMap((w) => w.functions)) {
		const name = nameOf(program, index);
		const site = program.functions[index]?.site;
		if (site === undefined || seen.has(name)) continue;
		const { line } = prepared.resolve.place(site);
		seen.set(name, { name, line, endLine: definitionEnd(lines, line) });
	}
	return [...seen.values()];
}

/** First line of code behind a comment inside the function; null for one above. */
function lineBehind(
	{ lowered, resolve }: Prepared,
	fn: FunctionIndex,
	found: FoundClaim,
): number | null {
	if (!found.inside) return null;
	const lines = (lowered.program.functions[fn]?.ops ?? [])
		.filter(
			(op) => op.kind === 'call' || op.kind === 'load' || op.kind === 'rmw' || op.kind === 'store',
		)
		.map((op) => resolve.place(op.site).line)
		.filter((line) => line > found.endLine);
	return lines.length === 0 ? null : Math.min(...lines);
}
