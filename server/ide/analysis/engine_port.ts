/**
 * What the analysis needs of the front end and the engine, as one port: the real one is loaded on first use (tree-sitter
 * and the engine cost start-up time that `--help` should not pay), a test gives its own.
 */

import type { CheckObserver, CheckRequest } from '../../../engine/check/request.js';
import type { SiteFacts } from '../../../engine/check/site_facts.js';
import type { check } from '../../../engine/questions/check.js';
import type { DecideClaim } from '../../../engine/questions/claims/claim.js';
import type { debug } from '../../../engine/questions/debug.js';
import type { GuardObserver, GuardResult } from '../../../engine/questions/guards/guard_result.js';
import type { meeting } from '../../../engine/questions/meeting.js';
import type { nearestGood } from '../../../engine/questions/nearest.js';
import type { replay } from '../../../engine/questions/replay.js';
import type { savedBy } from '../../../engine/questions/savings.js';
import type { simulate } from '../../../engine/questions/simulate.js';
import type { lower } from '../../lower/lower.js';

export interface EnginePort {
	readonly lower: typeof lower;
	readonly check: typeof check;
	readonly simulate: typeof simulate;
	readonly replay: typeof replay;
	/** A run with what a debugger wants of its moments. */
	readonly debug: typeof debug;
	/** Runs in which an access of the walk and a step of an adversary meet. */
	readonly meeting: typeof meeting;
	/** The run that shares the most with one that breaks a rule, and breaks none. */
	readonly nearestGood: typeof nearestGood;
	/** What saved a run that breaks no rule. */
	readonly savedBy: typeof savedBy;
	/** Decides what a comment claims. */
	readonly decideClaim: DecideClaim;
	/** What runs of the walk show about each of its sites; what hover rests on, asked for after the check. */
	sites(request: CheckRequest, observer: CheckObserver): readonly SiteFacts[];
	/** Who needs each of the walk's guards that are wanted. */
	guards(
		request: CheckRequest,
		observer: GuardObserver,
		wanted: (guard: Pick<GuardResult, 'function' | 'site'>) => boolean,
	): readonly GuardResult[];
}
