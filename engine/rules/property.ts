/**
 * A property: one rule of the command line's contract as something a run can break, with its documentation.
 *
 * Invariant: a property only reads the state and reports; bookkeeping is engine/mm/monitor/watch.ts.
 */
import type { MachineEvent } from '../memory/thread/event.js';
import type { CodePlace } from '../mm/model/code_place.js';
import { ghost, WALK } from '../mm/model/ghost.js';
import type { MonitorView, Violation } from '../mm/model/violation.js';
import type { WalkOutcome } from '../mm/monitor/outcome.js';
import type { Watched } from '../mm/monitor/watch.js';
import type { Rule, Severity } from './verdict.js';

export interface Property {
	readonly rule: Rule;
	readonly severity: Severity;
	/** One sentence: what was broken. */
	readonly what: string;
	/** How a run breaks it. */
	readonly run: string;
	/** What to do about it. */
	readonly fix: string;
	/** Kernel commits that fixed such bugs or brought the guard: abbreviated id and what it did. */
	readonly history: readonly string[];
	/** Looks at each event of thread 0 after the bookkeeping. */
	readonly onEvent?: (event: MachineEvent, view: MonitorView, s: Watched) => void;
	/** Looks at the walk's outcome when its root returns. */
	readonly onReturn?: (outcome: WalkOutcome, view: MonitorView, s: Watched) => void;
	/** Looks at what the walk handed out when a device writes to it later (Watched.writesLater, sharesLater). */
	readonly onLaterWrite?: (outcome: WalkOutcome, view: MonitorView, s: Watched) => void;
}

/** Reports the first violation of a run; what a run does after that is no longer worth reasoning about. */
export function report(
	view: MonitorView,
	rule: Rule,
	place: CodePlace,
	message: string,
	more: Partial<Pick<Violation, 'related' | 'explainedBy'>> = {},
): void {
	const broken = ghost('walk', WALK.broken);
	if (view.read(broken) === 1) return;
	view.write(broken, 1);
	view.report({ rule, message, function: place.function, site: place.site, related: [], ...more });
}
