/**
 * The real front end and engine behind the analysis's port.
 */
import * as checks from '../../engine/check/check.js';
import { sampleRuns } from '../../engine/check/runs/sample_runs.js';
import { benchOf } from '../../engine/check/scenario.js';
import { decideClaim } from '../../engine/questions/claims/decide.js';
import { guardTable } from '../../engine/questions/guards/guard_needs.js';
import type { EnginePort } from '../ide/engine_port.js';
import * as frontEnd from '../lower/lower.js';

export const realEngine: EnginePort = {
	lower: (request) => frontEnd.lower(request),
	check: (request, observer) => checks.check(request, observer),
	simulate: (request, observer) => checks.simulate(request, observer),
	replay: (request, id) => checks.replay(request, id),
	decideClaim: (request, question, observer) => decideClaim(request, question, observer),
	facts(request, observer) {
		const bench = benchOf(request);
		return bench.kind === 'unknown' ? [] : sampleRuns(bench, observer);
	},
	guards: (request, observer, wanted) =>
		guardTable(request, observer, ({ function: index, site }) =>
			wanted({ function: request.program.functions[index]?.name ?? '', site }),
		),
};
