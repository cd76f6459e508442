/** What saved a run that breaks no rule (`savings.ts`): plain data. */
import type { SiteIndex } from '../program/op.js';
import type { Rule } from '../rules/verdict.js';
import type { GuardKind } from './guards/guard_result.js';

/** A guard that acted in a run, and without which the same run breaks a rule. */
export interface Saving {
	readonly site: SiteIndex;
	readonly function: string;
	readonly kind: GuardKind;
	/** Of a check: what its condition is when the walk gives up. */
	readonly givesUpWhen: boolean | null;
	/** What the same run breaks without it. */
	readonly rule: Rule;
	readonly message: string;
	/** Replays that. */
	readonly trace: string;
}

export interface Saved {
	/** The first that acted comes first; not all need be here. */
	readonly savings: readonly Saving[];
	/** Guards that acted in the run because of another CPU. */
	readonly acted: number;
	/** Each of them was taken away, unless enough had been found. */
	readonly isWhole: boolean;
}
