/**
 * One run to look at: a finding's trace replayed by its id, or the shortest run of a function against an adversary.
 */
import type { CheckRequest } from '../../engine/check.js';
import type { FunctionIndex } from '../../engine/program/op.js';
import type { Walk } from '../lower/lower.js';
import { checkRequest, nameOf, type Prepared, prepare } from './analyse.js';
import type {
	AnalysedFinding,
	AnalysedTrace,
	AnalysisObserver,
	AnalysisRequest,
} from './analysis.js';
import type { EnginePort } from './engine_port.js';

export interface SimulationRequest {
	readonly function: string;
	/** Rule the run is to break, or null: any, else none. */
	readonly rule: string | null;
	/** Id of a run to replay, or null to search. */
	readonly trace: string | null;
}

export type Simulation =
	| {
			readonly trace: AnalysedTrace;
			readonly finding: AnalysedFinding | null;
			/** Walk functions, for messages. */
			readonly functions: readonly string[];
	  }
	| { readonly trace: null; readonly why: string; readonly functions: readonly string[] };

export function simulateFunction(
	engine: EnginePort,
	request: AnalysisRequest,
	wanted: SimulationRequest,
	observer: AnalysisObserver,
): Simulation {
	const prepared = prepare(engine, request, wanted.function);
	const { program, walks } = prepared.lowered;
	const names = [...new Set(walks.flatMap((w) => w.functions.map((f) => nameOf(program, f))))];
	const missing = (why: string): Simulation => ({ trace: null, why, functions: names });
	const walk = walks.find((w) => w.functions.some((f) => nameOf(program, f) === wanted.function));
	const index = walk?.functions.find((f) => nameOf(program, f) === wanted.function);
	if (walk === undefined || index === undefined) {
		return missing(`no lockless walk of ${request.path} reaches a function '${wanted.function}'`);
	}
	const base = checkRequest(program, walk, request);
	if (wanted.trace !== null) return replayed(engine, base, wanted.trace, { prepared, names });
	return searched(engine, { base, index, walk, wanted, observer, prepared, names });
}

function replayed(
	engine: EnginePort,
	base: CheckRequest,
	id: string,
	context: { readonly prepared: Prepared; readonly names: readonly string[] },
): Simulation {
	const outcome = engine.replay(base, id);
	const functions = context.names;
	if (outcome.trace === null) return { trace: null, why: outcome.why, functions };
	return { trace: context.prepared.resolve.trace(outcome.trace), finding: null, functions };
}

function searched(
	engine: EnginePort,
	options: {
		readonly base: CheckRequest;
		readonly index: FunctionIndex;
		readonly walk: Walk;
		readonly wanted: SimulationRequest;
		readonly observer: AnalysisObserver;
		readonly prepared: Prepared;
		readonly names: readonly string[];
	},
): Simulation {
	const { base, index, walk, wanted, observer, prepared, names } = options;
	const outcome = engine.simulate(
		{ ...base, function: index, rule: wanted.rule },
		{
			cancelled: () => observer.cancelled(),
			progress: (done, total, scenario) => observer.progress?.(done, total, scenario),
		},
	);
	const { resolve, lowered } = prepared;
	const root = nameOf(lowered.program, walk.root);
	const finding = outcome.finding === null ? null : resolve.finding(outcome.finding, root);
	const trace = outcome.trace ?? outcome.finding?.trace ?? null;
	if (trace === null) {
		const why = observer.cancelled()
			? 'the search was stopped before it met a run that enters the function'
			: `no explored run enters ${wanted.function}() while an adversary acts`;
		return { trace: null, why, functions: names };
	}
	return { trace: resolve.trace(trace), finding, functions: names };
}
