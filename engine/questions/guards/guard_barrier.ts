/**
 * Barriers make no difference to interleavings, so they are judged under the weak memory model: the walk without the barrier
 * is checked as `--memory lkmm` checks it, against the adversaries that barriers are there for (`Under lkmm` in their headers).
 */
import type { CheckRequest } from '../../check/request.js';
import { machinesOf } from '../../check/scenario_machine.js';
import { checkUnderLkmm } from '../../lkmm/check.js';
import type { GuardNeed, GuardObserver } from './guard_result.js';
import { idWithout } from './guard_trace.js';
import { type Guard, type GuardedWalk, without } from './guards.js';

/** What breaks under lkmm without the barrier and not with it. */
export function barrierNeeds(given: {
	readonly request: CheckRequest;
	readonly walk: GuardedWalk;
	readonly guard: Guard;
	readonly observer: GuardObserver;
}): readonly GuardNeed[] {
	const { request, walk, guard, observer } = given;
	// readers are explored under sc only
	if (request.reader) return [];
	const asked = ({ name }: { readonly name: string }): boolean =>
		request.actors.length === 0 || request.actors.includes(name);
	const actors = (request.program.actors ?? []).filter((a) => a.underLkmm && asked(a));
	if (actors.length === 0) return [];
	const names = actors.map((a) => a.name);
	const silent = { cancelled: () => observer.cancelled(), progress: () => {} };
	const under = (program: CheckRequest['program']) => {
		const machines = machinesOf({ ...request, program, actors: names, memory: 'lkmm' });
		const { findings } =
			machines.kind === 'unknown' ? { findings: [] } : checkUnderLkmm(machines, silent);
		return findings.filter((f) => f.memory === 'lkmm');
	};
	const news = under(without(walk, [guard]));
	if (news.length === 0) return [];
	const before = new Set(under(request.program).map((f) => `${f.rule} ${f.function}`));
	return news
		.filter((f) => !before.has(`${f.rule} ${f.function}`))
		.flatMap((finding) =>
			finding.actors.map((actor) => ({
				actor,
				rule: finding.rule,
				message: finding.message,
				scenario: finding.scenario,
				memory: 'lkmm' as const,
				steps: finding.trace.steps.length,
				switches: finding.trace.steps.filter(
					(s, i) => i > 0 && s.cpu !== finding.trace.steps[i - 1]?.cpu,
				).length,
				trace: idWithout([guard], finding.trace.id),
			})),
		);
}
