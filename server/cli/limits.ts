/**
 * The clock of the command line: a budget that ends exploration, and progress on a terminal's standard error.
 */

import {
	type Analysis,
	type AnalysisObserver,
	undecidedBecause,
} from '../ide/analysis/analysis.js';
import { progress } from './write.js';

export interface Limits {
	readonly observer: AnalysisObserver;
	/** Clears the progress line. */
	done(): void;
	/** Says which budget ended an analysis, where the engine could only say that it was stopped. */
	explain(analysis: Analysis): Analysis;
}

/** Milliseconds between two progress lines. */
const PROGRESS_EVERY = 100;

export function limits(options: {
	readonly budget?: number | undefined;
	/** Who else hears of progress. */
	readonly progress?: AnalysisObserver['progress'];
}): Limits {
	const started = performance.now();
	const deadline = options.budget === undefined ? Infinity : started + options.budget * 1000;
	let shown = started;
	return {
		observer: {
			cancelled: () => performance.now() > deadline,
			progress(done, total, scenario) {
				options.progress?.(done, total, scenario);
				const now = performance.now();
				if (now - shown < PROGRESS_EVERY) return;
				shown = now;
				progress(`[${done}/${total}] ${scenario}`);
			},
		},
		done() {
			progress('');
		},
		explain: (analysis) =>
			analysis.cancelled
				? undecidedBecause(analysis, `the budget of ${options.budget ?? 0} s ran out`)
				: analysis,
	};
}
