/**
 * What saved a run that breaks no rule: a guard that acted in it, and without which the same run breaks one.
 *
 * Leaves out: guards that interleavings tell nothing of, and what is only undone on the way out; runs under lkmm.
 *
 * Invariant: what a run breaks without a guard is seen in a run of the walk without it, which replays by its id.
 */
import type { CheckRequest } from '../check/request.js';
import { findingOfRun } from '../check/runs/run_finding.js';
import {
	machinesOf,
	type ScenarioMachine,
	type ScenarioMachines,
} from '../check/scenario_machine.js';
import { scenarioNamed } from '../check/scenarios.js';
import type { Path } from '../explore/path.js';
import { replay } from '../explore/replay.js';
import type { SiteIndex } from '../program/op.js';
import { carriedOn } from './carried_on.js';
import { idWithout } from './guards/guard_trace.js';
import { type Guard, type GuardedWalk, guardsOf, marked, without } from './guards/guards.js';
import { type NamedRun, runNamed } from './named_run.js';
import type { Saved, Saving } from './saving.js';
import { subjectOf } from './subject.js';

/** Guards of one run that are taken away, and that are named. */
const GUARDS_TRIED_MAX = 8;
const SAVINGS_MAX = 2;

/** What saved the run of that id; null: it breaks a rule, or nothing can be said. */
export function savedBy(request: CheckRequest, id: string): Saved | null {
	const subject = subjectOf(request, id);
	if ('why' in subject || subject.gone.length > 0) return null;
	const run = runNamed(subject.request, subject.id);
	if (run === null || run.scenario.actors.length === 0 || findingOfRun(run.of, run.path) !== null)
		return null;
	const saved = new Savings(subject.request).of(run);
	const savings = saved.savings.map((s) => ({ ...s, trace: subject.whole(s.trace) }));
	return { ...saved, savings };
}

/** Looks at runs of one walk. */
export class Savings {
	private readonly request: CheckRequest;
	private readonly walk: GuardedWalk;
	private readonly chosen: readonly Guard[];
	/** Number of the function that says that the first guard acted, in the walk that says so. */
	private readonly first: number;
	private readonly machines: ScenarioMachines | null;
	private readonly without = new Map<Guard, ScenarioMachines | null>();

	constructor(request: CheckRequest) {
		this.request = request;
		this.walk = guardsOf(request.program, request.root);
		this.chosen = this.walk.guards.filter((g) => ['check', 'result', 'section'].includes(g.kind));
		const { program, first } = marked(this.walk.program, this.chosen);
		this.first = first;
		this.machines = machinesFor({ ...request, program });
	}

	/** Of a run that breaks no rule; the guard that acts first comes first. */
	of(run: NamedRun): Saved {
		const savings: Saving[] = [];
		const all = this.acting(run);
		const acted = all.length;
		for (const { guard, held } of all.slice(0, GUARDS_TRIED_MAX)) {
			if (savings.length === SAVINGS_MAX) break;
			const broken = this.brokenWithout(run, { guard, held });
			if (broken === null) continue;
			const { program } = this.request;
			savings.push({
				site: guard.site,
				function: program.functions[guard.function]?.name ?? '',
				kind: guard.kind,
				givesUpWhen: guard.givesUpWhen,
				rule: broken.rule,
				message: broken.message,
				trace: idWithout([guard], broken.trace.id),
			});
		}
		return { savings, acted, isWhole: acted <= GUARDS_TRIED_MAX };
	}

	/** Guards that gave up in a run and do not where nobody comes between, and sections that another CPU waited for. */
	private acting({ path, scenario }: NamedRun): readonly Acting[] {
		const of = machineOf(this.machines, scenario.name);
		if (of === null || of.machine.threads === 1) return [];
		const undisturbed = this.actingIn(of, carriedOn(of, [], { first: 0, then: [] }));
		return this.actingIn(of, path).filter(
			({ guard }) => guard.kind === 'section' || undisturbed.every((a) => a.guard !== guard),
		);
	}

	/** In the order in which they act. */
	private actingIn({ machine }: ScenarioMachine, path: Path): readonly Acting[] {
		const run = replay(machine, path);
		if (run.kind === 'impossible') return [];
		const events = run.steps.map(({ before, choice }) =>
			choice.thread === 0 ? machine.eventsOf(before, choice) : [],
		);
		const waited = run.steps.findIndex(
			({ before, choice }) => choice.thread === 0 && waits(machine, before),
		);
		const at = new Map<Guard, number>();
		events.forEach((list, i) => {
			for (const { event } of list) {
				const guard = event.kind === 'call' ? this.chosen[event.function - this.first] : undefined;
				if (guard !== undefined && !at.has(guard)) at.set(guard, i);
			}
		});
		const isOwn = (guard: Guard, i: number): boolean =>
			events[i]?.some(
				({ event, frames }) =>
					event.kind === 'section' &&
					frames.some((f) => f.function === guard.function && isAt(guard, f.site)),
			) === true;
		return [...at]
			.flatMap(([guard, i]): readonly Acting[] => {
				if (guard.kind !== 'section') return [{ guard, held: null, at: i }];
				if (waited < i) return [];
				// its own steps are no steps of the walk without it
				const held = path.filter((_, k) => k < waited && !isOwn(guard, k));
				return [{ guard, held, at: waited }];
			})
			.sort((a, b) => a.at - b.at);
	}

	/** What the run breaks in the walk without the guard; a CPU that waited for a section goes on where it waited. */
	private brokenWithout({ path, scenario }: NamedRun, { guard, held }: Omit<Acting, 'at'>) {
		let machines = this.without.get(guard);
		if (machines === undefined) {
			machines = machinesFor({ ...this.request, program: without(this.walk, [guard]) });
			this.without.set(guard, machines);
		}
		const of = machineOf(machines, scenario.name);
		if (of === null) return null;
		const made =
			held === null
				? carriedOn(of, [], { first: 0, then: path })
				: carriedOn(of, followed(of, held), { first: 1, then: [] });
		return findingOfRun(of, made);
	}
}

interface Acting {
	readonly guard: Guard;
	/** Of a section: the run until another CPU first waited, without the section's own steps; null: it is no section. */
	readonly held: Path | null;
	/** Choice of the run at which it acts. */
	readonly at: number;
}

function machinesFor(request: CheckRequest): ScenarioMachines | null {
	const machines = machinesOf(request);
	return machines.kind === 'unknown' ? null : machines;
}

function machineOf(machines: ScenarioMachines | null, name: string): ScenarioMachine | null {
	const scenario = machines === null ? null : scenarioNamed(machines.walk, name);
	return machines === null || scenario === null ? null : machines.of(scenario);
}

function isAt({ site, ends = [] }: Guard, at: SiteIndex): boolean {
	return site === at || ends.includes(at);
}

/** Another CPU than the walk's can go on no further. */
function waits(machine: ScenarioMachine['machine'], state: number): boolean {
	return [...Array(machine.threads).keys()].some(
		(thread) => thread > 0 && machine.moves(state, thread).status === 'blocked',
	);
}

/** A path as far as it goes. */
function followed({ machine }: ScenarioMachine, path: Path): Path {
	const made: { thread: number; alternative: number }[] = [];
	let state = machine.initial();
	for (const { thread, alternative } of path) {
		const { steps } = machine.moves(state, thread);
		const step = steps.find((s) => s.alternative === alternative) ?? steps[0];
		if (step === undefined) continue;
		made.push({ thread, alternative: step.alternative });
		state = machine.successor(state, thread, step);
	}
	return made;
}
