/**
 * Do an access of the walk and a step of an adversary meet? Runs in which both touch one location and one of them writes: one with the
 * walk's access first, one with the adversary's; and a run in which the walk comes to a WARN_ON().
 *
 * Tried are the runs in which the adversary acts once, at every step of the walk: what is found happened, what is not found may all the
 * same be possible, and only a verdict says that nothing goes wrong.
 *
 * Leaves out: runs under lkmm.
 *
 * Invariant: a run that is told replays by its id.
 */
import type { Choice } from '../base/step.js';
import type { CheckObserver, CheckRequest } from '../check/request.js';
import { traceOfFound } from '../check/runs/run_trace.js';
import { machinesOf, type ScenarioMachine } from '../check/scenario_machine.js';
import { scenariosOf } from '../check/scenarios.js';
import type { MachineEvent, StackFrame } from '../memory/thread/event.js';
import { GHOST_BASE } from '../mm/model/ghost.js';
import { labelsOf } from '../mm/model/labels.js';
import type { SiteIndex } from '../program/op.js';
import type { Trace } from '../trace/trace.js';

/** Steps of one run at most; a longer one is left out. */
const STEPS_MAX = 400;
/** Runs that are tried at most. */
const RUNS_MAX = 40_000;

export interface MeetingQuestion {
	/** Sites of the walk's text, of which an access is looked for. */
	readonly walk: ReadonlySet<SiteIndex>;
	/** Sites of adversaries. */
	readonly adversary: ReadonlySet<SiteIndex>;
	/** A WARN_ON() or BUG_ON() at the walk's sites is looked for, and no meeting. */
	readonly warns: boolean;
}

export interface Meeting {
	/** What both touch. */
	readonly locations: readonly string[];
	readonly walkFirst: Trace | null;
	readonly adversaryFirst: Trace | null;
	/** A run in which the walk comes to the WARN_ON() or BUG_ON() at one of its sites. */
	readonly warned: Trace | null;
	/** A run in which the walk accesses something at its sites behind a step of the adversary at its own, met or not. */
	readonly behind: Trace | null;
	/** The walk accesses something at its sites in some run; the adversary acts at its own in some. */
	readonly isReached: boolean;
	readonly isActing: boolean;
	readonly runs: number;
	/** All such runs were tried. */
	readonly isComplete: boolean;
}

interface Found {
	readonly locations: Set<string>;
	walkFirst: Trace | null;
	adversaryFirst: Trace | null;
	warned: Trace | null;
	behind: Trace | null;
	isReached: boolean;
	isActing: boolean;
	runs: number;
}

export function meeting(
	request: CheckRequest,
	question: MeetingQuestion,
	observer: CheckObserver,
): Meeting {
	const found: Found = {
		locations: new Set(),
		...{ walkFirst: null, adversaryFirst: null, warned: null, behind: null },
		...{ isReached: false, isActing: false, runs: 0 },
	};
	const machines = machinesOf(request);
	let isComplete = machines.kind !== 'unknown' && request.memory === 'sc';
	if (machines.kind !== 'unknown' && request.memory === 'sc')
		for (const scenario of scenariosOf(machines.walk)) {
			if (observer.cancelled() || found.runs >= RUNS_MAX) {
				isComplete = false;
				break;
			}
			if (isAllFound(found, question)) break;
			intrude(machines.of(scenario), question, found);
		}
	return { ...found, locations: [...found.locations].sort(), isComplete };
}

function isAllFound(
	{ walkFirst, adversaryFirst, warned }: Found,
	{ warns }: MeetingQuestion,
): boolean {
	return warns ? warned !== null : walkFirst !== null && adversaryFirst !== null;
}

/** The adversary acts at every step of the walk. */
function intrude(scenarioMachine: ScenarioMachine, question: MeetingQuestion, found: Found): void {
	const { machine } = scenarioMachine;
	const run = new Run(scenarioMachine, question);
	for (let k = 0; k < STEPS_MAX; k++) {
		const tried = run.copy();
		const ended = tried.finish();
		if (ended) {
			found.runs++;
			tried.tell(found);
		}
		if (isAllFound(found, question) || machine.threads === 1 || !run.move(0)) return;
	}
}

interface Touch {
	readonly address: number;
	readonly writes: boolean;
}

/** A run being made, with what was touched at the sites that are asked about. */
class Run {
	readonly #of: ScenarioMachine;
	readonly #question: MeetingQuestion;
	#state: number;
	#path: Choice[] = [];
	#walk: Touch[] = [];
	#adversary: Touch[] = [];
	#walkFirst = false;
	#adversaryFirst = false;
	#isReached = false;
	#isActing = false;
	#warned = false;
	#behind = false;
	readonly #met = new Set<number>();

	constructor(scenarioMachine: ScenarioMachine, question: MeetingQuestion) {
		this.#of = scenarioMachine;
		this.#question = question;
		this.#state = scenarioMachine.machine.initial();
	}

	copy(): Run {
		const run = new Run(this.#of, this.#question);
		run.#state = this.#state;
		run.#path = [...this.#path];
		run.#walk = [...this.#walk];
		run.#adversary = [...this.#adversary];
		run.#isReached = this.#isReached;
		run.#isActing = this.#isActing;
		run.#warned = this.#warned;
		run.#behind = this.#behind;
		run.#walkFirst = this.#walkFirst;
		run.#adversaryFirst = this.#adversaryFirst;
		for (const address of this.#met) run.#met.add(address);
		return run;
	}

	/** One step of a thread; false when it has none or the run is too long. */
	move(thread: number): boolean {
		const { machine } = this.#of;
		const step = machine.moves(this.#state, thread).steps[0];
		if (step === undefined || this.#path.length >= STEPS_MAX) return false;
		const choice = { thread, alternative: step.alternative };
		for (const { event, frames } of machine.eventsOf(this.#state, choice))
			this.#look(thread, event, frames);
		this.#path.push(choice);
		this.#state = machine.successor(this.#state, thread, step);
		return true;
	}

	/** The others as far as they can, then the walk, then what is left; false where the run is too long. */
	finish(): boolean {
		const { threads } = this.#of.machine;
		for (let again = true; again; ) {
			for (let thread = 1; thread < threads; thread++) while (this.move(thread));
			again = this.move(0);
			while (again && this.move(0));
		}
		return this.#path.length < STEPS_MAX;
	}

	tell(found: Found): void {
		const { world, program } = this.#of;
		const labels = labelsOf(program, world);
		for (const address of this.#met) {
			const label = labels.location(address);
			if (label !== null) found.locations.add(label);
		}
		found.isReached ||= this.#isReached;
		found.isActing ||= this.#isActing;
		const trace = (): Trace => traceOfFound(this.#of, this.#path, null);
		if (this.#walkFirst) found.walkFirst ??= trace();
		if (this.#adversaryFirst) found.adversaryFirst ??= trace();
		if (this.#warned) found.warned ??= trace();
		if (this.#behind) found.behind ??= trace();
	}

	#look(thread: number, event: MachineEvent, frames: readonly StackFrame[]): void {
		const sites = thread === 0 ? this.#question.walk : this.#question.adversary;
		if (!frames.some((frame) => sites.has(frame.site))) return;
		if (event.kind === 'bug') this.#warned ||= thread === 0;
		if (thread === 0) {
			if (event.kind === 'load' || event.kind === 'store' || event.kind === 'rmw') {
				this.#isReached = true;
				this.#behind ||= this.#isActing;
			}
		} else this.#isActing = true;
		const touch = touchOf(event);
		if (touch === null) return;
		const others = thread === 0 ? this.#adversary : this.#walk;
		const meets = others.some((o) => o.address === touch.address && (o.writes || touch.writes));
		if (meets) {
			this.#met.add(touch.address);
			if (thread === 0) this.#adversaryFirst = true;
			else this.#walkFirst = true;
		}
		(thread === 0 ? this.#walk : this.#adversary).push(touch);
	}
}

function touchOf(event: MachineEvent): Touch | null {
	if (event.kind !== 'load' && event.kind !== 'store' && event.kind !== 'rmw') return null;
	if (event.address >= GHOST_BASE) return null;
	const writes = event.kind === 'store' || (event.kind === 'rmw' && event.stored);
	return { address: event.address, writes };
}
