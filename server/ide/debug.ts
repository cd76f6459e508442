/**
 * A run for a debugger: the moments of a trace with the places at which every CPU stands, its locals, and the moves that there
 * are; or the run that comes of taking one of them. Plain data, made anew for each choice.
 */
import { readVariedId } from '../../engine/check/what_ifs.js';
import type {
	DebugChoice,
	DebugFrame,
	DebugMove,
	DebugThread,
} from '../../engine/questions/debug_run.js';
import { checkRequest, nameOf, type Prepared, prepare } from './analysis/analyse.js';
import type {
	AnalysedFinding,
	AnalysedFrame,
	AnalysedTrace,
	AnalysisObserver,
	AnalysisRequest,
	Place,
} from './analysis/analysis.js';
import type { EnginePort } from './analysis/engine_port.js';
import { findingUnder, traceUnder } from './analysis/what_if.js';
import { withoutGuards } from './simulation.js';

export interface DebugQuestion {
	readonly function: string;
	/** Id of the run. */
	readonly trace: string;
	/** Another move in it; null: the run as it is. */
	readonly choice: DebugChoice | null;
}

export interface AnalysedDebugFrame extends AnalysedFrame {
	readonly locals: DebugFrame['locals'];
	readonly unkept: DebugFrame['unkept'];
}

export interface AnalysedThread {
	readonly status: DebugThread['status'];
	/** Innermost first. */
	readonly frames: readonly AnalysedDebugFrame[];
}

export interface AnalysedMoment {
	readonly threads: readonly AnalysedThread[];
	readonly moves: readonly DebugMove[];
	readonly actors: readonly string[];
}

export type DebuggedRun =
	| {
			readonly trace: AnalysedTrace;
			readonly finding: AnalysedFinding | null;
			/** One more than the trace has steps. */
			readonly moments: readonly AnalysedMoment[];
			/** Guards that the walk is run without: a finding is none about the code. */
			readonly gone: readonly Place[];
			readonly arch: string;
	  }
	| { readonly trace: null; readonly why: string };

/** Throws `OutOfBudget` where the observer cancels before the walks of the text are known. */
export function debugRun(
	engine: EnginePort,
	given: AnalysisRequest,
	asked: DebugQuestion,
	{
		observer,
		preparedBy,
	}: { readonly observer: AnalysisObserver; readonly preparedBy: typeof prepare },
): DebuggedRun {
	// an id says what was taken away
	const { id, names } = readVariedId(asked.trace);
	const whatIf = [...new Set([...(given.whatIf ?? []), ...names])];
	const request = { ...given, whatIf };
	const reaches = ({ lowered: { walks, program } }: Prepared) =>
		walks.find((w) => w.functions.some((f) => nameOf(program, f) === asked.function));
	let prepared = preparedBy(engine, request, null, observer);
	if (reaches(prepared) === undefined)
		prepared = prepare(engine, request, asked.function, observer);
	const walk = reaches(prepared);
	const { lowered, resolve } = prepared;
	if (walk === undefined)
		return {
			trace: null,
			why: `no lockless walk of ${request.path} reaches a function '${asked.function}'`,
		};
	observer.enter?.('exploring');
	const base = checkRequest(lowered.program, walk, request);
	const run = engine.debug(base, id, asked.choice);
	if (run.trace === null) return run;
	const root = nameOf(lowered.program, walk.root);
	const found = run.finding === null ? null : resolve.finding(run.finding, root);
	const told =
		found === null || run.gone.length === 0
			? found
			: withoutGuards(found, run.gone, { prepared, request });
	return {
		trace: traceUnder(resolve.trace(run.trace), request),
		finding: told === null ? null : findingUnder(told, request, new Set()),
		moments: run.moments.map(({ threads, moves, actors }) => ({
			threads: threads.map(({ status, frames }) => ({
				status,
				frames: frames.map((frame) => {
					const { locals, unkept } = frame;
					return { ...resolve.frame(frame), locals, unkept };
				}),
			})),
			moves,
			actors,
		})),
		gone: run.gone.map((site) => resolve.place(site)),
		arch: request.arch,
	};
}
