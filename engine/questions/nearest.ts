/**
 * The run nearest to one that breaks a rule: it goes the same way for as long as any that breaks none can.
 *
 * Leaves out: runs under lkmm, which are no order of steps.
 *
 * Invariant: it is made by the machine of the walk, and replays by its id.
 */
import type { CheckRequest } from '../check/request.js';
import { traceOfRun } from '../check/runs/run_trace.js';
import type { ScenarioMachine } from '../check/scenario_machine.js';
import type { Path } from '../explore/path.js';
import { replay } from '../explore/replay.js';
import type { Trace } from '../trace/trace.js';
import { carriedOn } from './carried_on.js';
import { runNamed } from './named_run.js';
import { subjectOf } from './subject.js';

/** Ways of carrying on that are tried at most. */
const TRIED_MAX = 2_000;

/** The run that goes as this one does for as long as one that breaks no rule can; null: there is none, or it was not found. */
export function nearestGood(request: CheckRequest, id: string): Trace | null {
	const subject = subjectOf(request, id);
	if ('why' in subject) return null;
	const given = runNamed(subject.request, subject.id);
	if (given === null) return null;
	const { of, path } = given;
	const { machine } = of;
	const run = replay(machine, path);
	let tried = 0;
	for (let k = path.length - 1; k >= 0; k--) {
		const [before, taken, rest] = [path.slice(0, k), path[k], path.slice(k)];
		const state = run.steps[k]?.before;
		if (state === undefined || taken === undefined) continue;
		let best: Path | null = null;
		for (let thread = 0; thread < machine.threads; thread++) {
			for (const { alternative } of machine.moves(state, thread).steps) {
				if (thread === taken.thread && alternative === taken.alternative) continue;
				const own = rest.findIndex((choice) => choice.thread === thread);
				const then = rest.filter((_, i) => i !== own);
				const begun = [...before, { thread, alternative }];
				for (const how of [
					{ first: thread, then: [] },
					{ first: 0, then: [] },
					{ first: 0, then },
				]) {
					if (++tried > TRIED_MAX) return null;
					const made = carriedOn(of, begun, how);
					if (!isWhole(of, made)) continue;
					if (best === null || isEasier(made, best)) best = made;
				}
			}
		}
		if (best === null) continue;
		const trace = traceOfRun(of, best, null);
		return trace === null ? null : { ...trace, id: subject.whole(trace.id) };
	}
	return null;
}

/** The walk came to its end, and nothing was broken, not understood or cut off on the way. */
function isWhole({ machine }: ScenarioMachine, path: Path): boolean {
	const run = replay(machine, path);
	if (run.kind === 'impossible' || machine.moves(run.last, 0).status !== 'done') return false;
	return run.steps.every(({ step }) => step.incidents.length === 0);
}

function isEasier(one: Path, other: Path): boolean {
	const switches = (path: Path): number =>
		path.filter(({ thread }, i) => i > 0 && thread !== path[i - 1]?.thread).length;
	return (
		switches(one) - switches(other) < 0 ||
		(switches(one) === switches(other) && one.length < other.length)
	);
}
