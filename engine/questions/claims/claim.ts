/**
 * What a comment can claim that exploration decides, as plain data: that something never happens or can happen to a subject
 * while a scope lasts, that something is so at a place, that the walk checks an entry again after it has the reference.
 */
import type { CheckObserver, CheckRequest } from '../../check/request.js';
import type { FunctionIndex } from '../../program/op.js';
import type { Trace } from '../../trace/trace.js';

/**
 * `mapping` is the pointer in `folio->mapping`, `address-space` the object it points to; `pte` is the leaf entry of a small
 * page, `pmd` the entry above it or a leaf of its own.
 */
export type ClaimSubject =
	| 'folio'
	| 'page-table'
	| 'mapping'
	| 'address-space'
	| 'anon-vma'
	| 'pte'
	| 'pmd';

/** What another CPU does to it. `unmapped`: no entry of the walked range maps it any more. */
export type ClaimEvent = 'freed' | 'split' | 'unmapped' | 'changed' | 'emptied' | 'write-protected';

/**
 * While what? `use`: as long as the walk uses it, that is, up to its last access. `function`: while the comment's function
 * runs; `here`: while it runs and is behind the comment. `before-reference`: between reading the entry and taking the reference.
 */
export type ClaimScope =
	| 'interrupts-off'
	| 'rcu'
	| 'preemption-off'
	| 'reference'
	| 'recheck'
	| 'before-reference'
	| 'function'
	| 'here'
	| 'use';

export type Claim =
	| {
			readonly kind: 'event';
			readonly subject: ClaimSubject;
			/** Any of these. */
			readonly events: readonly ClaimEvent[];
			/** `never`: in no run; `possible`: in some run. */
			readonly modality: 'never' | 'possible';
			readonly scope: ClaimScope;
	  }
	/** At the comment's place; above a function: when it is entered. */
	| {
			readonly kind: 'state';
			readonly state: 'interrupts-off' | 'reference-held' | 'still-mapped';
			readonly holds: boolean;
	  }
	/** For each page handed out the entry was read again after the last reference and pin on it were taken. */
	| { readonly kind: 'order'; readonly entry: 'pte' | 'pmd' };

/** A claim and where it stands. */
export interface ClaimQuestion {
	readonly claim: Claim;
	/** The function whose comment it is. */
	readonly function: FunctionIndex;
	/** First line of code behind a comment inside the function; null: the comment stands above. */
	readonly line: number | null;
}

export type ClaimVerdict = 'true' | 'false' | 'undecided';

export interface ClaimAnswer {
	readonly verdict: ClaimVerdict;
	/** How the claim was read. */
	readonly reading: string;
	/** Undecided: why. False: what the run shows. True: what it rests on. */
	readonly why: string;
	/** The run that shows it; null when there is none to show. */
	readonly trace: Trace | null;
	/** What the verdict takes for granted. */
	readonly assumptions: readonly string[];
	readonly explored: {
		readonly scenarios: number;
		readonly states: number;
		readonly actors: readonly string[];
	};
}

/** Decides a claim by exploration (engine/questions/claims/decide.ts). */
export type DecideClaim = (
	request: CheckRequest,
	question: ClaimQuestion,
	observer: CheckObserver,
) => ClaimAnswer;

/** Equal claims have equal keys. */
export function claimKey(claim: Claim): string {
	return JSON.stringify(claim);
}
