/**
 * The façade: a walk and its adversaries in, verdicts and findings out. Synchronous; the caller cancels and measures.
 */
import type { SiteFacts } from './facts.js';
import type { FunctionIndex } from './program/op.js';
import type { Program } from './program/program.js';
import type { Trace } from './trace/trace.js';
import type { Finding, FunctionVerdict, Memory } from './verdict.js';

export type ArchName = 'x86_64' | 'arm64' | 'i386-pae' | 's390x' | 'powerpc64';

export interface CheckRequest {
	/** Walk, primitives and actors in one program; actor NAME is the function `actor_NAME`. */
	readonly program: Program;
	readonly root: FunctionIndex;
	/** Functions of the checked file the root reaches (itself included): each gets a verdict. */
	readonly functions: readonly FunctionIndex[];
	/** Names of adversaries; empty: all that the program holds. */
	readonly actors: readonly string[];
	readonly arch: ArchName;
	readonly memory: Memory;
	/** CONFIG_ symbols that are set; decides e.g. whether page tables are freed by RCU or after an IPI. */
	readonly config: ReadonlySet<string>;
	/** States per scenario before it is `inconclusive`. */
	readonly statesMax: number;
}

export interface CheckObserver {
	/** Called between scenarios and every few thousand states; true stops the check (all open scenarios: inconclusive). */
	cancelled(): boolean;
	progress(done: number, total: number, scenario: string): void;
	/** A finding as soon as it is known, before the check ends. */
	found?(finding: Finding): void;
}

export interface CheckResult {
	readonly functions: readonly FunctionVerdict[];
	readonly findings: readonly Finding[];
	readonly scenarios: readonly ScenarioResult[];
	/** Per site of the walk that touched shared memory; absent when facts were not collected. */
	readonly facts?: readonly SiteFacts[];
}

export interface ScenarioResult {
	readonly name: string;
	readonly actors: readonly string[];
	readonly states: number;
	readonly executions: number;
	readonly end: 'exhausted' | 'violated' | 'limit' | 'cancelled' | 'unsupported';
	/** Functions of the walk entered in some run of it. */
	readonly entered: readonly string[];
}

/** Explores every scenario (world × flags × actor set) of the walk. */
export declare function check(request: CheckRequest, observer: CheckObserver): CheckResult;

/**
 * A run of `function` even when nothing is wrong: the shortest violating run (of `rule` if given), else the shortest
 * complete run in which the actor did something that the walk saw.
 */
export declare function simulate(
	request: CheckRequest & { readonly function: FunctionIndex; readonly rule: string | null },
	observer: CheckObserver,
): { readonly finding: Finding | null; readonly trace: Trace | null };

/** The run a trace id names; null with a reason when the program no longer takes that path. */
export declare function replay(
	request: CheckRequest,
	id: string,
): { readonly trace: Trace } | { readonly trace: null; readonly why: string };
