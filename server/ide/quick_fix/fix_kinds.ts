/**
 * The kinds of fixes there are, what a search for one is given and what it answers: plain data.
 */
import type { Rule } from '../../../engine/rules/verdict.js';
import type { AnalysedFinding } from '../analysis/analysis.js';
import type { TextChange } from './text_change.js';

export const FIX_KINDS = ['recheck', 'read-once', 'null-check', 'give-back', 'barrier'] as const;
export type FixKind = (typeof FIX_KINDS)[number];

export interface FixRequest {
	readonly kind: FixKind;
	readonly finding: AnalysedFinding;
	/** All findings of the document: a fix may leave these, not add others. */
	readonly known: readonly { readonly rule: Rule; readonly function: string }[];
}

export type FixOutcome =
	| { readonly kind: 'verified'; readonly changes: readonly TextChange[] }
	/** Exploration was cut short: the likeliest edit, unproven. */
	| { readonly kind: 'unverified'; readonly changes: readonly TextChange[] }
	| { readonly kind: 'none'; readonly why: string };
