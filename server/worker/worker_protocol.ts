/**
 * What crosses between the server and its exploration workers' processes: plain data. That a task is to stop is said over a
 * pipe of its own (`worker/control.ts`), which a busy worker hears.
 *
 * Invariant: a worker that lives answers with `done`, `gave-up`, `refused` or `failed`; one that does not within its time is ended.
 */

import type { GaveUp, Phase } from '../../engine/base/budget.js';
import type { CheckRequest } from '../../engine/check/request.js';
import type { WhatIf } from '../../engine/check/what_ifs.js';
import type { ArchName } from '../../engine/program/arch.js';
import type { Memory } from '../../engine/rules/verdict.js';
import type { Difference } from '../actors/protocol.js';
import type { ActorSource } from '../actors/sources.js';
import type {
	AnalysedAssumption,
	AnalysedFinding,
	AnalysedSite,
	Analysis,
	AnalysisRequest,
} from '../ide/analysis/analysis.js';
import type { DecidedClaims } from '../ide/claims/check.js';
import type { DebuggedRun, DebugQuestion } from '../ide/debug.js';
import type { AnalysedGuard } from '../ide/guards.js';
import type { FoundMeeting, MeetingRequest } from '../ide/meeting.js';
import type { FixOutcome, FixRequest } from '../ide/quick_fix/fix_kinds.js';
import type { Simulation, SimulationRequest } from '../ide/simulation.js';
import type { WorkspaceActor } from '../lower/request.js';
import type { Fact } from '../tree/facts/fact.js';
import type { LitmusResults, LitmusTask } from './litmus_tasks.js';

/** An `AnalysisRequest` that can be posted: the tree by its root. */
export interface DocumentRequest {
	readonly path: string;
	readonly text: string;
	readonly tree: string | null;
	/** Files of the tree that stand otherwise; null: gone. Absent: none. */
	readonly changed?: readonly (readonly [string, string | null])[];
	readonly arch: ArchName;
	readonly config: readonly (readonly [string, string])[];
	/** Symbols on which the user has the say; absent: none. */
	readonly said?: readonly string[];
	readonly actorSources: readonly ActorSource[];
	readonly replacements: NonNullable<AnalysisRequest['replacements']>;
	/** What every verdict has to say; absent: nothing. */
	readonly conditions?: readonly AnalysedAssumption[];
	/** Names that a setting gives: there may be no such adversary. */
	readonly actors: readonly string[];
	/** Report these functions only; absent: all. */
	readonly functions?: readonly string[];
	readonly memory: Memory;
	readonly statesMax: number;
	/** Protections to take away; absent: none. */
	readonly whatIf?: readonly WhatIf[];
	/** A litmus test, as it stands in its file, whose threads are the adversary. */
	readonly attached?: { readonly file: string; readonly text: string };
	/** Seconds after which open scenarios are inconclusive. */
	readonly budgetSeconds: number;
	/** How deep a check goes; absent: all scenarios. */
	readonly depth?: CheckRequest['depth'];
}

export type Task = WalkTask | LitmusTask;

export type WalkTask =
	/** `files`: the answer says what it rests on, however deep it goes. */
	| { readonly kind: 'analyse'; readonly document: DocumentRequest; readonly files?: true }
	/** What hover rests on; asked for after the check of the same text. */
	| { readonly kind: 'sites'; readonly document: DocumentRequest }
	/** Lines on which the walks access what is shared: nothing is explored for it. */
	| { readonly kind: 'accesses'; readonly document: DocumentRequest }
	/** What the comments claim, and whether it is so. */
	| { readonly kind: 'claims'; readonly document: DocumentRequest }
	/** What the tree, the architecture and the configuration decide, and where it was read. */
	| { readonly kind: 'facts'; readonly document: DocumentRequest }
	/** Where the adversaries and the kernel functions that they cite differ. */
	| { readonly kind: 'differences'; readonly document: DocumentRequest }
	/** Which adversaries the workspace brings. */
	| { readonly kind: 'actors'; readonly document: DocumentRequest }
	/** Who needs each guard (of that 1-based line only); asked for behind everything else. */
	| { readonly kind: 'guards'; readonly document: DocumentRequest; readonly line?: number }
	| {
			readonly kind: 'simulate';
			readonly document: DocumentRequest;
			readonly wanted: SimulationRequest;
	  }
	/** A run for a debugger. */
	| { readonly kind: 'debug'; readonly document: DocumentRequest; readonly wanted: DebugQuestion }
	/** Runs in which an access of a walk and a step of an adversary meet. */
	| {
			readonly kind: 'meeting';
			readonly document: DocumentRequest;
			readonly wanted: MeetingRequest;
	  }
	| { readonly kind: 'fix'; readonly document: DocumentRequest; readonly wanted: FixRequest };

export interface WalkResults {
	readonly analyse: Analysis;
	readonly sites: readonly AnalysedSite[];
	readonly accesses: readonly number[];
	readonly guards: readonly AnalysedGuard[];
	readonly claims: DecidedClaims;
	readonly simulate: Simulation;
	readonly meeting: FoundMeeting | null;
	readonly fix: FixOutcome;
	readonly debug: DebuggedRun;
	readonly actors: readonly WorkspaceActor[];
	readonly facts: readonly Fact[];
	readonly differences: readonly Difference[];
}

export interface TaskResults extends LitmusResults, WalkResults {}

export type WalkTaskResult = WalkResults[WalkTask['kind']];

export interface WorkerRequest {
	readonly id: number;
	readonly task: Task;
	/** When its time is over at the latest, in milliseconds of the epoch; null: its seconds begin when it is taken up. */
	readonly until: number | null;
}

export type WorkerReply =
	/** It is loaded, and takes tasks. */
	| { readonly id: 0; readonly kind: 'ready' }
	| {
			readonly id: number;
			readonly kind: 'progress';
			readonly done: number;
			readonly total: number;
			readonly scenario: string;
	  }
	/** What it is at, for the words of who ends it. */
	| { readonly id: number; readonly kind: 'phase'; readonly phase: Phase }
	| { readonly id: number; readonly kind: 'found'; readonly finding: AnalysedFinding }
	| { readonly id: number; readonly kind: 'guards'; readonly guards: readonly AnalysedGuard[] }
	| {
			readonly id: number;
			readonly kind: 'done';
			readonly result: TaskResults[Task['kind']];
	  }
	/** What was given with it makes no sense, in words for whoever gave it. */
	| { readonly id: number; readonly kind: 'refused'; readonly message: string }
	/** Its budget was over before there was anything to answer. */
	| ({ readonly id: number } & GaveUp)
	| { readonly id: number; readonly kind: 'failed'; readonly message: string };
