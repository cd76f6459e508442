/** What a check says, and what it rests on: plain data. */
import type { ArmBits } from '../memory/thread/arms.js';
import type { FunctionIndex, SiteIndex } from '../program/op.js';
import type { Program } from '../program/program.js';
import type { Bounds, Finding, FunctionVerdict } from '../rules/verdict.js';
import { LOOP_MAX } from './bounds.js';
import type { CheckRequest } from './request.js';
import type { Scenario } from './scenario.js';
import type { Taken } from './what_ifs.js';

export interface CheckResult {
	readonly functions: readonly FunctionVerdict[];
	readonly findings: readonly Finding[];
	readonly scenarios: readonly ScenarioResult[];
	/** What the what-ifs took away; absent without any. */
	readonly taken?: readonly Taken<SiteIndex>[];
	/** Scenarios that were not asked for (`depth`); absent: none. */
	readonly left?: number;
}

export interface ScenarioResult {
	readonly name: string;
	readonly actors: readonly string[];
	/** States met; under lkmm, decisions of the search. */
	readonly states: number;
	readonly executions: number;
	readonly end: 'exhausted' | 'violated' | 'limit' | 'cancelled' | 'unsupported';
	/** Functions of the walk entered in some run of it. */
	readonly entered: readonly string[];
}

/** One explored scenario, with what its verdict rests on. */
export interface Explored {
	readonly scenario: Scenario;
	readonly result: ScenarioResult;
	readonly entered: ReadonlySet<FunctionIndex>;
	/** Arms that runs of it took in functions of the walk; null: not known (under lkmm). */
	readonly arms: ReadonlyMap<FunctionIndex, ArmBits> | null;
	/** Sites of unsupported code and unmodelled values met, with the reason. */
	readonly unsupported: readonly { readonly site: number; readonly reason: string }[];
	/** Null when the scenario was exhausted. */
	readonly limit: Limit | null;
}

/** What a scenario was not explored beyond. */
export interface Limit {
	/** In words. */
	readonly why: string;
	/** Runs were cut off, or not begun, of which it is not known what they would have entered. */
	readonly isOpen: boolean;
}

/** Why all that was not decided before is not. */
export const CANCELLED = 'it was cancelled';

/** A check's question whether it is to stop. It remembers a yes: nothing that was said after it rests on all there is. */
export class Stop {
	isMet = false;
	readonly #asked: () => boolean;

	constructor(asked: () => boolean) {
		this.#asked = asked;
	}

	readonly cancelled = (): boolean => {
		this.isMet ||= this.#asked();
		return this.isMet;
	};
}

/** Every function undecided, for one reason. */
export function undecided(
	request: CheckRequest,
	kind: 'unsupported' | 'inconclusive',
	why: string,
): CheckResult {
	const { program } = request;
	const bounds: Bounds = {
		pagesMax: 0,
		loopMax: LOOP_MAX,
		statesMax: request.statesMax,
		actorsAtOnceMax: 0,
		worlds: [],
		flags: [],
	};
	const functions = request.functions.map((fn) => {
		const self = program.functions[fn] as Program['functions'][number];
		return {
			name: self.name,
			site: self.site,
			root: program.functions[request.root]?.name ?? '',
			verdict: kind,
			why,
			byActor: [],
			bounds,
			assumptions: [],
			explored: { states: 0, executions: 0 },
			witness: null,
		};
	});
	return { functions, findings: [], scenarios: [] };
}
