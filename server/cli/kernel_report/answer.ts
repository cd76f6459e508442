/** What racewalk says of a report of the kernel, as data. */
import type { WhatIf } from '../../../engine/check/what_ifs.js';
import type { AnalysedFinding, AnalysedTrace } from '../../ide/analysis/analysis.js';
import type { FoundMeeting } from '../../ide/meeting.js';
import type { KernelReport } from '../../kernel_report/report.js';

/** A run, with the id that `racewalk show` takes. */
export interface ToldRun {
	readonly what: string;
	readonly id: string;
	readonly trace: AnalysedTrace;
}

export type Outcome =
	/** A run shows it. */
	| 'explained'
	/** Whichever access comes first, no explored run breaks a rule. */
	| 'benign'
	/** No explored run does what the report says. */
	| 'unexplained'
	/** The code or the other CPU's part is not modelled. */
	| 'not-modelled'
	/** It is modelled, and was not decided. */
	| 'undecided';

export interface Answer {
	readonly report: KernelReport;
	readonly outcome: Outcome;
	/** Sentences: the answer first, then why. */
	readonly said: readonly string[];
	/** The walk's part: function and place. */
	readonly walk: Pick<FoundMeeting, 'frame' | 'root' | 'lines' | 'locations'> | null;
	/** Adversaries that stand for the other part, and the kernel functions that say so. */
	readonly adversaries: readonly string[];
	readonly cited: readonly string[];
	readonly finding: AnalysedFinding | null;
	readonly runs: readonly ToldRun[];
	/** Without which protections it is explained. */
	readonly whatIf: readonly WhatIf[];
	/** How far the answer reaches, and what it takes for granted: sentences. */
	readonly bounds: readonly string[];
}
