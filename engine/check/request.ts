/** What is asked of a walk: plain data. */

import type { Generation } from '../memory/lkmm/axioms.js';
import type { AttachedLitmus } from '../memory/lkmm/litmus_program.js';
import type { ArchName } from '../program/arch.js';
import type { FunctionIndex, SiteIndex } from '../program/op.js';
import type { Program } from '../program/program.js';
import type { Finding, Memory } from '../rules/verdict.js';
import type { WhatIf } from './what_ifs.js';

/**
 * What is explored before what: `first` and `core` are each adversary alone in the common worlds, `first` under the flags
 * that ask most of a walk; `deep` is rarer worlds and two adversaries at once.
 */
export const TIERS = ['first', 'core', 'deep'] as const;
export type Tier = (typeof TIERS)[number];

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
	/** Under lkmm: the generation of the model that the tree has; absent: it has none, BUILT_IN_GENERATION is meant. */
	readonly generation?: Generation;
	/** CONFIG_ symbols that are set; decides e.g. whether page tables are freed by RCU or after an IPI. */
	readonly config: ReadonlySet<string>;
	/** States per scenario before it is `inconclusive`. */
	readonly statesMax: number;
	/** How deep exploration goes; absent: all scenarios. */
	readonly depth?: Tier;
	/** A litmus test whose threads are the adversary, in the scenario it names; under lkmm only. */
	readonly attached?: AttachedLitmus;
	/** Protections that are taken away: what is explored then is not the code as it stands. */
	readonly whatIf?: readonly WhatIf[];
	/**
	 * The root is a reader outside the lockless walk (server/lower/roles_readers.ts), not a walk; `locked`: it asserts that
	 * its caller holds the folio's lock.
	 */
	readonly reader?: 'locked' | 'open';
	/** A caller that calls the reader before it enters the RCU section which it enters itself, and where. */
	readonly outside?: { readonly caller: string; readonly site: SiteIndex };
}

export interface CheckObserver {
	/** Called between scenarios and every few thousand states; true stops the check (all open scenarios: inconclusive). */
	cancelled(): boolean;
	progress(done: number, total: number, scenario: string): void;
	/** A finding as soon as it is known, before the check ends. */
	found?(finding: Finding): void;
}

/** A CONFIG_ symbol is set, or a feature of the generation holds; what is not known is taken to be there. */
export function isMet(request: CheckRequest, need: string): boolean {
	if (need.startsWith('CONFIG_')) return request.config.size === 0 || request.config.has(need);
	return request.program.features === undefined || request.program.features.includes(need);
}
