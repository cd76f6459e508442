/** What an id is about: the walk as it is, or changed as the id says, and the run's own id there. */
import { armOfId, forcedProgram, idWhen, warningOf } from '../check/coverage/forced.js';
import type { CheckRequest } from '../check/request.js';
import type { SiteIndex } from '../program/op.js';
import type { Finding } from '../rules/verdict.js';
import { walkOfId } from './guards/guard_trace.js';

export interface Subject {
	readonly request: CheckRequest;
	readonly id: string;
	whole(own: string): string;
	told(finding: Finding): Finding;
	readonly gone: readonly SiteIndex[];
}

/** Null with a reason when the program has not what the id takes away. */
export function subjectOf(request: CheckRequest, id: string): Subject | { readonly why: string } {
	const { program } = request;
	const when = armOfId(program, id);
	if (when !== null) {
		const { arm } = when;
		const inner = subjectOf({ ...request, program: forcedProgram(program, arm) }, when.id);
		if ('why' in inner) return inner;
		return {
			...inner,
			whole: (own) => idWhen(program, arm, inner.whole(own)),
			told: (finding) => warningOf(program, arm, inner.told(finding)),
		};
	}
	const walk = walkOfId(program, request.root, id);
	if (walk.program === null) return { why: walk.why };
	const before = id.slice(0, id.length - walk.id.length);
	return {
		request: { ...request, program: walk.program },
		id: walk.id,
		whole: (own) => before + own,
		told: (finding) => ({ ...finding, trace: { ...finding.trace, id: before + finding.trace.id } }),
		gone: walk.gone.map((guard) => guard.site),
	};
}
