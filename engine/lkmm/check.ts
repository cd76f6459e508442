/**
 * `--memory lkmm` for walks: what interleavings show, and what executions show beyond them (beyond.ts). Against a litmus test the
 * lowered walk and the test's threads are one program: every run of each, and every consistent execution of a run that ends
 * in something worth judging.
 *
 * Model: other CPUs change entries by fully ordered atomics (server/lower/primitives/page_table.c), as x86 does; arm64's order nothing.
 * Model: against a litmus test the rules judged are shared-anon-pin, stale-pin and a NULL or tagged folio->mapping that is
 * dereferenced.
 *
 * Invariant: `holds` against a litmus test rests on a consistent execution in which it read what the walk wrote.
 */

import { SEQUENTIAL } from '../check/assumptions.js';
import type { PreparedWalk } from '../check/prepare.js';
import type { CheckObserver, CheckRequest } from '../check/request.js';
import { CANCELLED, type CheckResult, type Explored, Stop, undecided } from '../check/result.js';
import { checkInterleavings } from '../check/runs/interleavings.js';
import type { Scenario } from '../check/scenario.js';
import type { ScenarioMachines } from '../check/scenario_machine.js';
import type { ScenarioMemo } from '../check/scenario_memo.js';
import { verdictsOf } from '../check/verdicts.js';
import { BUILT_IN_GENERATION, generationName } from '../memory/lkmm/generation.js';
import { executionsOf } from '../memory/lkmm/pair.js';
import type { ProgramRun } from '../memory/lkmm/program_run.js';
import type { ProgramRuns } from '../memory/lkmm/program_runs.js';
import type { Snapshot } from '../memory/lkmm/snapshot.js';
import type { FunctionIndex } from '../program/op.js';
import { attachedAssumptions, attachedScenario } from './attached.js';
import { beyondInterleavings } from './beyond.js';
import { findingOf } from './finding.js';
import { type Broken, handedOut } from './judge.js';
import {
	brokenBy,
	idOf,
	type LkmmCandidate,
	type LkmmRuns,
	lkmmRuns,
	runsOfPair,
} from './scenario_runs.js';

/** Decisions of the search over one scenario. */
const DECISIONS_MAX = 400_000;

/** Said with every verdict, instead of that only interleavings are explored. */
const ASSUMPTIONS = [
	'plain accesses count as READ_ONCE() and WRITE_ONCE(): data races, and what a compiler makes of them, are not looked at',
	'other CPUs change entries by fully ordered atomics, as x86 does',
	'an execution that no interleaving gives is judged in the orders in which the fewest reads, at most three, see what is not the latest; pins also by what memory holds in the end',
	'under sc only: several adversaries at once, plain loads that the compiler repeats, arms behind WARN_ON() that no run takes, what a narrow type or a mask cuts off',
];

/** Whose memory order it is. */
function modelOf({ generation }: CheckRequest): string {
	return generation === undefined
		? `${generationName(BUILT_IN_GENERATION)}; no tree says which`
		: `as this tree has it: ${generationName(generation)}`;
}

function modelAssumption(request: CheckRequest): string {
	return `memory order of tools/memory-model (${modelOf(request)}): every interleaving, and every execution that none gives, of the walk with one adversary at a time`;
}

function actorsAssumption(actors: readonly string[]): readonly string[] {
	if (actors.length === 0) return [];
	return [
		`no other adversary was looked at than ${actors.join(', ')}: others are named by --actor`,
	];
}

/** Explores a walk under LKMM: interleavings, and the executions beyond them. */
export function checkUnderLkmm(
	machines: ScenarioMachines,
	observer: CheckObserver,
	memo: ScenarioMemo | null = null,
): CheckResult {
	if (machines.walk.request.attached !== undefined) return checkAttached(machines, observer);
	return checkInterleavings(machines, observer, {
		memo,
		beyond: (explored, cancelled) => beyondInterleavings(machines, explored, { cancelled }),
		assumptions: (all) => [
			...all.filter((what) => what !== SEQUENTIAL),
			modelAssumption(machines.walk.request),
			...ASSUMPTIONS,
			...actorsAssumption(machines.walk.request.actors),
		],
	});
}

/** Explores a walk against the threads of a litmus test. */
function checkAttached(machines: ScenarioMachines, observer: CheckObserver): CheckResult {
	const { walk } = machines;
	const { request } = walk;
	const test = request.attached;
	const named = test === undefined ? null : attachedScenario(walk, test);
	if (test === undefined || named === null || walk.calling.kind === 'folio')
		return undecided(request, 'inconclusive', whyNothing(walk));
	const stop = new Stop(() => observer.cancelled());
	observer.progress(0, 1, named.title);
	const exploration = new Exploration(machines, named, stop);
	const explored = exploration.explore();
	observer.progress(1, 1, '');
	// what is asked below only explains what was found
	const cancelled = stop.isMet;
	if (
		exploration.handed === 0 &&
		!cancelled &&
		explored.limit === null &&
		explored.unsupported.length === 0
	)
		return undecided(request, 'inconclusive', 'in what lkmm explores the walk hands out no page');
	const findings = exploration.candidates.map((candidate) => findingOf(walk, candidate));
	for (const finding of findings) observer.found?.(finding);
	const terms = {
		assumptions: attachedAssumptions(test, modelOf(request)),
		witness: (fn: FunctionIndex) => exploration.witnesses.get(fn) ?? null,
		needsWitness: true,
	};
	return {
		functions: verdictsOf(machines, {
			...{ explored: [explored], findings, terms, coverage: null, cancelled },
		}),
		findings,
		scenarios: [explored.result],
	};
}

function whyNothing({ request, calling }: PreparedWalk): string {
	return calling.kind === 'folio'
		? 'a function that hands out no page is not judged against a litmus test'
		: `the scenario of ${request.attached?.file} is none of this walk`;
}

class Exploration {
	readonly candidates: LkmmCandidate[] = [];
	/** Executions in which the walk handed out a page. */
	handed = 0;
	/** A consistent execution in which the function was entered and the adversary read what the walk wrote. */
	readonly witnesses = new Map<FunctionIndex, string>();
	readonly #scenario: Scenario;
	readonly #stop: Stop;
	readonly #lkmm: LkmmRuns;
	readonly #unsupported = new Map<number, string>();
	#decisions = 0;
	#executions = 0;
	#limit: string | null = null;

	constructor(machines: ScenarioMachines, scenario: Scenario, stop: Stop) {
		this.#scenario = scenario;
		this.#stop = stop;
		this.#lkmm = lkmmRuns(machines, scenario, {
			cancelled: stop.cancelled,
			proceed: () => this.#proceed(),
		});
		const { made } = this.#lkmm;
		this.#limit = made.limit ?? obstacle(made, this.#lkmm);
	}

	explore(): Explored {
		const { made, countInMemory } = this.#lkmm;
		const [walks = [], adversaries = []] = made.runs;
		// Cut short, what counts as contended is not all there is: executions of such runs need not exist.
		if (made.limit !== null) return this.#summary(walks);
		const judged = walks.filter(
			(w) => w.end.kind === 'fault' || handedOut(w, { countInMemory }) !== null,
		);
		for (const walk of judged) for (const adversary of adversaries) this.#judge(walk, adversary);
		// What only runs enter that hand out nothing: one consistent execution shows that they exist.
		for (const walk of walks) {
			if ([...walk.entered].every((fn) => this.witnesses.has(fn))) continue;
			for (const adversary of adversaries) if (this.#meet(walk, adversary)) break;
		}
		const summary = this.#summary(walks);
		// What follows explains what was found, with decisions of its own.
		this.#decisions = 0;
		return summary;
	}

	#proceed(): boolean {
		if (this.#decisions++ > DECISIONS_MAX) this.#limit ??= `more than ${DECISIONS_MAX} decisions`;
		else if ((this.#decisions & 127) === 0 && this.#stop.cancelled()) this.#limit ??= CANCELLED;
		else return true;
		return false;
	}

	#judge(walk: ProgramRun, adversary: ProgramRun): void {
		const runs = runsOfPair({ walk, adversary }).map((r) => r.run);
		executionsOf(runs, this.#lkmm.options, (snapshot) => {
			this.#executions++;
			const broken = brokenBy(this.#lkmm, { walk, adversary }, snapshot);
			if (walk.end.kind === 'returned') this.handed++;
			if (broken !== null) this.#collect({ walk, adversary, snapshot, broken });
			else if (walk.end.kind === 'fault') {
				const site = walk.end.frames[0]?.site as number;
				this.#unsupported.set(site, 'it accesses memory that the model has no value for');
			} else this.#witness(walk, adversary, snapshot);
			return true;
		});
	}

	#meet(walk: ProgramRun, adversary: ProgramRun): boolean {
		let met = false;
		const runs = runsOfPair({ walk, adversary }).map((r) => r.run);
		executionsOf(runs, this.#lkmm.options, (snapshot) => {
			this.#executions++;
			met ||= this.#witness(walk, adversary, snapshot);
			return !met;
		});
		return met;
	}

	#witness(walk: ProgramRun, adversary: ProgramRun, snapshot: Snapshot): boolean {
		const meets = snapshot.events.some((e) => {
			const source = e.source === null ? null : snapshot.events[e.source];
			return source !== null && source !== undefined && source.thread >= 0 && e.thread >= 0
				? source.thread !== e.thread
				: false;
		});
		if (!meets) return false;
		const id = idOf(this.#scenario, this.#lkmm.made, { walk, adversary });
		for (const fn of walk.entered) if (!this.witnesses.has(fn)) this.witnesses.set(fn, id);
		return true;
	}

	#collect(example: {
		readonly walk: ProgramRun;
		readonly adversary: ProgramRun;
		readonly snapshot: Snapshot;
		readonly broken: Broken;
	}): void {
		const { walk, adversary, broken } = example;
		const at = this.candidates.findIndex((c) => c.broken.rule === broken.rule);
		const known = this.candidates[at];
		const pairs = known?.pairs ?? [];
		if (!pairs.some((p) => p.walk === walk && p.adversary === adversary))
			pairs.push({ walk, adversary });
		// One that needs no weak memory says more.
		if (known !== undefined && (known.snapshot.isSequential || !example.snapshot.isSequential))
			return;
		this.candidates.splice(at < 0 ? this.candidates.length : at, 1, {
			...example,
			pairs,
			lkmm: this.#lkmm,
			scenario: this.#scenario,
			id: idOf(this.#scenario, this.#lkmm.made, example),
		});
	}

	#summary(walks: readonly ProgramRun[]): Explored {
		const { scenarioMachine } = this.#lkmm;
		const entered = new Set(walks.flatMap((w) => [...w.entered]));
		for (const { end } of walks)
			if (end.kind === 'unsupported') this.#unsupported.set(end.site, end.reason);
		const unsupported = [...this.#unsupported].map(([site, reason]) => ({ site, reason }));
		const end =
			this.candidates.length > 0
				? 'violated'
				: unsupported.length > 0
					? 'unsupported'
					: this.#limit !== null
						? this.#limit === CANCELLED
							? 'cancelled'
							: 'limit'
						: 'exhausted';
		return {
			scenario: this.#scenario,
			entered,
			arms: null,
			unsupported,
			limit:
				this.#limit === null ? null : { why: this.#limit, isOpen: this.#lkmm.made.limit !== null },
			result: {
				name: this.#scenario.title,
				actors: this.#scenario.actors,
				states: this.#decisions,
				executions: this.#executions,
				end,
				entered: [...entered].map((f) => scenarioMachine.program.functions[f]?.name ?? ''),
			},
		};
	}
}

/** Why not all runs can be judged, or null. */
function obstacle(made: ProgramRuns, lkmm: LkmmRuns): string | null {
	const [walks = [], adversaries = []] = made.runs;
	const unclear = walks.some((w) => handedOut(w, lkmm) === 'unclear');
	if (unclear)
		return 'what the walk hands out depends on what it reads in a way that is not followed';
	for (const { end } of adversaries) {
		if (end.kind === 'unsupported') return `the adversary: ${end.reason}`;
		if (end.kind === 'fault')
			return 'the adversary accesses memory that the model has no value for';
	}
	return null;
}
