/** `report --format json`, schema version 1. */
import { TOOL, traceJson } from '../json.js';
import type { Answer } from './answer.js';

export function answerJson(answers: readonly Answer[]): object {
	return { schema: 1, tool: TOOL, reports: answers.map(one) };
}

function one({ report, walk, finding, runs, ...rest }: Answer): object {
	return {
		report: { kind: report.kind, sort: report.sort, title: report.title, line: report.line },
		...rest,
		walk:
			walk === null
				? null
				: {
						function: walk.frame.function,
						path: walk.frame.path,
						line: walk.frame.line,
						root: walk.root,
						locations: walk.locations,
					},
		finding:
			finding === null
				? null
				: {
						rule: finding.rule,
						message: finding.message,
						path: finding.place.path,
						line: finding.place.line,
						function: finding.function,
					},
		runs: runs.map(({ what, id, trace }) => ({ what, portableId: id, trace: traceJson(trace) })),
	};
}
