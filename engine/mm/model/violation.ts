/** A broken rule as the monitor reports it: what, and at which place of the walk. */
import type { View } from '../../memory/thread/event.js';
import type { FunctionIndex, SiteIndex } from '../../program/op.js';

export interface Violation {
	/** A rule id of engine/rules/verdict.ts. */
	readonly rule: string;
	readonly message: string;
	/** Function of the checked file that is blamed. */
	readonly function: FunctionIndex;
	readonly site: SiteIndex;
	/** A second place, for related information. */
	readonly related: readonly { readonly site: SiteIndex; readonly message: string }[];
	/** Another rule; where that is broken too, this is a consequence and not worth a finding. */
	readonly explainedBy?: string;
}

/** What a monitor sees of a step, and where it reports. */
export type MonitorView = View<Violation>;

/** Reported instead of a violation where the world has no value for what the walk reads. */
export const UNMODELLED = 'reached-unsupported';
