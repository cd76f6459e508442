/**
 * The real front end and engine behind the analysis's port.
 */

import { sampleRuns } from '../../engine/check/runs/sample_runs.js';
import { machinesOf } from '../../engine/check/scenario_machine.js';
import { check } from '../../engine/questions/check.js';
import { decideClaim } from '../../engine/questions/claims/decide.js';
import { debug } from '../../engine/questions/debug.js';
import { guardTable } from '../../engine/questions/guards/guard_needs.js';
import { meeting } from '../../engine/questions/meeting.js';
import { nearestGood } from '../../engine/questions/nearest.js';
import { replay } from '../../engine/questions/replay.js';
import { savedBy } from '../../engine/questions/savings.js';
import { simulate } from '../../engine/questions/simulate.js';
import type { EnginePort } from '../ide/analysis/engine_port.js';
import * as frontEnd from '../lower/lower.js';

export const realEngine: EnginePort = {
	lower: (request) => frontEnd.lower(request),
	check,
	simulate,
	replay,
	debug,
	meeting,
	nearestGood,
	savedBy,
	decideClaim: (request, question, observer) => decideClaim(request, question, observer),
	sites(request, observer) {
		const machines = machinesOf(request);
		return machines.kind === 'unknown' ? [] : sampleRuns(machines, observer);
	},
	guards: (request, observer, wanted) =>
		guardTable(request, observer, ({ function: index, site }) =>
			wanted({ function: request.program.functions[index]?.name ?? '', site }),
		),
};
