/**
 * Decides a claim by exploration: every scenario in which one adversary could make it false, until a run does.
 *
 * Invariant: `true` of a never-claim rests on exhausted scenarios, an attack inside the scope, and on runs that show that what is
 * denied happens outside of it; what no modelled adversary ever does is undecided.
 */

import { ALWAYS, archAssumption, flushAssumption } from '../../check/assumptions.js';
import { boundMet } from '../../check/bounds.js';
import type { PreparedWalk } from '../../check/prepare.js';
import type { CheckObserver, CheckRequest } from '../../check/request.js';
import { traceOfFound } from '../../check/runs/run_trace.js';
import type { Scenario } from '../../check/scenario.js';
import { machinesOf, type ScenarioMachines, type Watching } from '../../check/scenario_machine.js';
import { scenariosOf } from '../../check/scenarios.js';
import type { Path } from '../../explore/path.js';
import { reduced } from '../../explore/reduced.js';
import { shortest } from '../../explore/shortest.js';
import type { FunctionIndex } from '../../program/op.js';
import { findFunction, type Program } from '../../program/program.js';
import { reachable } from '../../program/reach.js';
import type { Trace } from '../../trace/trace.js';
import { CLAIM_CELLS } from './cells.js';
import type { Claim, ClaimAnswer, ClaimQuestion, ClaimVerdict } from './claim.js';
import { readingOf } from './claim_words.js';
import { type ClaimReport, claimMonitor } from './monitor.js';

/** Nodes the search for the easiest run looks at before the run first found is taken. */
const SHORTEST_NODES_MAX = 60_000;

interface Seen {
	readonly scenario: Scenario;
	readonly path: Path;
	readonly message: string;
}

interface Evidence {
	readonly seen: ReadonlyMap<ClaimReport, Seen>;
	readonly explored: ClaimAnswer['explored'];
	/** Why not everything was explored; null: it was. */
	readonly open: string | null;
}

/** Explores until the claim is decided. */
export function decideClaim(
	request: CheckRequest,
	question: ClaimQuestion,
	observer: CheckObserver,
): ClaimAnswer {
	const reading = readingOf(question.claim);
	const assumptions = [
		archAssumption(request),
		...ALWAYS,
		flushAssumption(request),
		'claims are decided against one adversary at a time',
	];
	const none = { scenarios: 0, states: 0, actors: [] };
	const undecided = (why: string): ClaimAnswer => ({
		verdict: 'undecided',
		reading,
		why,
		trace: null,
		assumptions,
		explored: none,
	});
	const machines = machinesFor(request);
	if (machines.kind === 'unknown') return undecided(machines.why);
	const { walk } = machines;
	if (walk.calling.kind === 'reader')
		return undecided('racewalk checks claims about lockless walks, not about other readers');
	const isCallers = question.claim.kind === 'state' && question.line === null;
	if (isCallers && question.function === request.root && walk.calling.kind !== 'range')
		return undecided('its callers are not checked: racewalk calls it as if this were true');
	const evidence = explore(machines, question, observer);
	const verdict = verdictOf(question.claim, evidence);
	const shown = verdict.show === null ? undefined : evidence.seen.get(verdict.show);
	const trace = shown === undefined ? null : traceOf(machines, question, verdict.show, shown);
	const { explored } = evidence;
	return { verdict: verdict.verdict, reading, why: verdict.why, trace, assumptions, explored };
}

/** Worlds and automata are the same for every claim of a walk. */
const known = new WeakMap<CheckRequest, ReturnType<typeof machinesOf>>();

function machinesFor(request: CheckRequest): ReturnType<typeof machinesOf> {
	const before = known.get(request);
	if (before !== undefined) return before;
	const made = machinesOf(request);
	known.set(request, made);
	return made;
}

function explore(
	machines: ScenarioMachines,
	question: ClaimQuestion,
	observer: CheckObserver,
): Evidence {
	const { request } = machines.walk;
	const list = relevant(machines.walk, question.claim);
	const watching = watchingFor(question);
	const seen = new Map<ClaimReport, Seen>();
	const actors = new Set<string>();
	let states = 0;
	let scenarios = 0;
	let open: string | null = null;
	for (const [i, scenario] of list.entries()) {
		observer.progress(i, list.length, scenario.title);
		if (observer.cancelled()) {
			open ??= 'it was stopped';
			break;
		}
		const scenarioMachine = machines.of(scenario, watching);
		const exploration = reduced(scenarioMachine.machine, {
			statesMax: request.statesMax,
			cancelled: () => observer.cancelled(),
		});
		scenarios++;
		states += exploration.states;
		for (const actor of scenario.actors) actors.add(actor);
		for (const { violation, path } of exploration.violations) {
			const report = violation.rule as ClaimReport;
			if (!seen.has(report)) seen.set(report, { scenario, path, message: violation.message });
		}
		const cut = exploration.cuts[0]?.incident;
		if (cut?.kind === 'unsupported')
			open ??= `code that could not be lowered is reached: ${cut.reason}`;
		else if (cut?.kind === 'limit') open ??= boundMet(cut.limit);
		if (exploration.end === 'limit') open ??= `the limit of ${exploration.states} states was met`;
		if (exploration.end === 'cancelled') open ??= 'it was stopped';
		if (seen.has('broken')) break;
	}
	return { seen, explored: { scenarios, states, actors: [...actors] }, open };
}

function watchingFor(question: ClaimQuestion): Watching {
	return { cells: CLAIM_CELLS, monitor: (watched) => claimMonitor(question, watched) };
}

/** Scenarios of one adversary that could do what the claim is about. */
function relevant(walk: PreparedWalk, claim: Claim): readonly Scenario[] {
	const { program } = walk.request;
	const able = new Map<string, boolean>();
	return scenariosOf(walk).filter(({ actors }) => {
		const [actor] = actors;
		if (actor === undefined || actors.length > 1) return false;
		const known = able.get(actor);
		if (known !== undefined) return known;
		const made = canDo(program, findFunction(program, `actor_${actor}`), claim);
		able.set(actor, made);
		return made;
	});
}

/** Operations by which an adversary frees things: those claims look at no other adversary. */
function canDo(program: Program, actor: FunctionIndex | null, claim: Claim): boolean {
	if (actor === null) return false;
	if (claim.kind !== 'event' || claim.events.some((e) => e !== 'freed')) return true;
	const needed = {
		folio: 'free_folio',
		'page-table': 'free_table',
		'address-space': 'free_object',
		'anon-vma': 'free_object',
		mapping: null,
		pte: null,
		pmd: null,
	}[claim.subject];
	if (needed === null) return true;
	return [...reachable(program, actor)].some((f) =>
		(program.functions[f]?.ops ?? []).some((op) => op.kind === 'intrinsic' && op.name === needed),
	);
}

interface Verdict {
	readonly verdict: ClaimVerdict;
	readonly why: string;
	readonly show: ClaimReport | null;
}

function verdictOf(claim: Claim, evidence: Evidence): Verdict {
	const { seen, open } = evidence;
	const broken = seen.get('broken');
	const isPossible = claim.kind === 'event' && claim.modality === 'possible';
	if (broken !== undefined) {
		const wasSeen = seen.has('once');
		const once = wasSeen ? '; the entry did map the folio when the walk re-checked it' : '';
		return {
			verdict: isPossible ? 'true' : 'false',
			why: `in this run ${broken.message}${once}`,
			show: wasSeen ? 'once' : 'broken',
		};
	}
	const undecided = (why: string): Verdict => ({ verdict: 'undecided', why, show: null });
	if (seen.has('fault')) return undecided('a run accesses memory that the model has no value for');
	if (open !== null) return undecided(open);
	if (claim.kind === 'event' && !seen.has('elsewhere'))
		return undecided('no adversary of the model does that');
	if (!seen.has('met')) return undecided(unmet(claim));
	if (claim.kind === 'order' && !seen.has('elsewhere'))
		return undecided('no explored run returns such a page');
	const { scenarios, states } = evidence.explored;
	const bounds = `${scenarios} scenarios, ${states} states`;
	if (isPossible)
		return { verdict: 'false', why: `no explored run does it (${bounds})`, show: 'met' };
	return {
		verdict: 'true',
		why: `no explored run contradicts it (${bounds})`,
		show: bestWitness(seen),
	};
}

function unmet(claim: Claim): string {
	switch (claim.kind) {
		case 'event':
			return 'no adversary acts in that scope in any explored run';
		case 'state':
			return 'no explored run reaches it';
		case 'order':
			return 'the entry changed in no explored run';
	}
}

function bestWitness(seen: ReadonlyMap<ClaimReport, Seen>): ClaimReport {
	return seen.has('waited') ? 'waited' : 'met';
}

function traceOf(
	machines: ScenarioMachines,
	question: ClaimQuestion,
	report: ClaimReport | null,
	{ scenario, path, message }: Seen,
): Trace {
	const scenarioMachine = machines.of(scenario, watchingFor(question));
	const easiest =
		report === null
			? path
			: (shortest(scenarioMachine.machine, { key: report, nodesMax: SHORTEST_NODES_MAX }) ?? path);
	const isBroken = report === 'broken' || report === 'once';
	return traceOfFound(scenarioMachine, easiest, isBroken ? message : null);
}
