/**
 * Explores mutants of a lowered walk and says what becomes of each. A mutant that is not killed is compared with the walk as it
 * is: the same ways to end in every scenario, or only ways that hand out less, or an op that no scenario gets to.
 */

import { prepare } from '../../../engine/check/prepare.js';
import type { CheckRequest } from '../../../engine/check/request.js';
import type { Scenario } from '../../../engine/check/scenario.js';
import { type ScenarioMachine, ScenarioMachines } from '../../../engine/check/scenario_machine.js';
import { scenariosOf } from '../../../engine/check/scenarios.js';
import { reduced } from '../../../engine/explore/reduced.js';
import { ghost } from '../../../engine/mm/model/ghost.js';
import { UNMODELLED } from '../../../engine/mm/model/violation.js';
import { type Edit, edited } from '../../../engine/program/edit/edit.js';
import type { FunctionIndex } from '../../../engine/program/op.js';
import type { Program } from '../../../engine/program/program.js';
import { check } from '../../../engine/questions/check.js';
import type { LoweredMutant } from './mutant.js';

/**
 * `killed`: a finding · `undecided`: no finding, and never `holds` (a bound, or something unmodelled) · `same`, `less`, `unreached`:
 * see above · `survived`: it behaves differently, and nothing is found.
 */
export type Fate = 'killed' | 'undecided' | 'same' | 'less' | 'unreached' | 'survived';

export interface Judged {
	readonly mutant: LoweredMutant;
	readonly fate: Fate;
	/** Rules that found it, scenarios in which a survivor behaves differently, or what else is to be said. */
	readonly said: string;
}

/** References and pins the walk holds at the end of a run, by frame, as text. */
type Ends = ReadonlySet<string>;

interface Baseline {
	readonly scenario: Scenario;
	readonly entered: ReadonlySet<FunctionIndex>;
	readonly ends: Ends;
}

const STATES_MAX = 300_000;

export interface LoweredJudge {
	judge(mutant: LoweredMutant): Judged;
	/** Findings and undecided scenarios of a program that should behave as the walk does; empty: none. */
	alarms(edits: readonly Edit[], functions: ReadonlySet<FunctionIndex>): readonly string[];
}

/** A judge for mutants of the walk of a request, which must be without findings itself. */
export function loweredJudge(request: CheckRequest): LoweredJudge {
	return new Judge(request);
}

class Judge implements LoweredJudge {
	private readonly request: CheckRequest;
	private readonly baselines: readonly Baseline[];
	/** By function: scenarios that killed mutants of it, the latest first. */
	private readonly killers = new Map<FunctionIndex, string[]>();

	constructor(request: CheckRequest) {
		this.request = request;
		this.baselines = explorable(request).map(({ scenario, scenarioMachine }) => {
			const explored = explore(scenarioMachine());
			if (explored.rules.length > 0) throw new Error(`the walk itself breaks ${explored.rules}`);
			return { scenario, entered: explored.entered, ends: explored.ends };
		});
	}

	judge(mutant: LoweredMutant): Judged {
		if (mutant.memory === 'lkmm') return this.underLkmm(mutant);
		const program = edited(this.request.program, mutant.edits);
		const candidates = this.candidates(program, [mutant.function]);
		let undecided: string | null = null;
		const compared: Comparison[] = [];
		const differs: string[] = [];
		for (const { baseline, scenarioMachine } of candidates) {
			const explored = explore(scenarioMachine());
			if (explored.rules.length > 0) {
				this.remember(mutant.function, baseline.scenario.title);
				return { mutant, fate: 'killed', said: [...new Set(explored.rules)].join(', ') };
			}
			undecided ??= explored.undecided;
			const comparison = compare(baseline.ends, explored.ends);
			compared.push(comparison);
			if (comparison === 'different') differs.push(baseline.scenario.title);
		}
		if (undecided !== null) return { mutant, fate: 'undecided', said: undecided };
		const survivor = this.survivor(mutant, compared);
		return survivor.fate === 'survived' ? { ...survivor, said: differs.join(' | ') } : survivor;
	}

	alarms(edits: readonly Edit[], functions: ReadonlySet<FunctionIndex>): readonly string[] {
		const program = edited(this.request.program, edits);
		return this.candidates(program, [...functions]).flatMap(({ baseline, scenarioMachine }) => {
			const { rules, undecided, ends } = explore(scenarioMachine());
			const words = [...rules, ...(undecided === null ? [] : [undecided])];
			if (compare(baseline.ends, ends) !== 'same') words.push('ends differently');
			return words.map((word) => `${baseline.scenario.title}: ${word}`);
		});
	}

	/** Scenarios that get to one of the functions, those first that killed mutants of the first one. */
	private candidates(program: Program, functions: readonly FunctionIndex[]) {
		const known = new Map(this.baselines.map((b) => [b.scenario.title, b]));
		const first = this.killers.get(functions[0] as FunctionIndex) ?? [];
		const rank = (title: string): number => {
			const at = first.indexOf(title);
			return at < 0 ? first.length : at;
		};
		return explorable({ ...this.request, program })
			.flatMap(({ scenario, scenarioMachine }) => {
				const baseline = known.get(scenario.title);
				return baseline !== undefined && functions.some((f) => baseline.entered.has(f))
					? [{ baseline, scenarioMachine }]
					: [];
			})
			.sort((a, b) => rank(a.baseline.scenario.title) - rank(b.baseline.scenario.title));
	}

	private remember(fn: FunctionIndex, title: string): void {
		const list = this.killers.get(fn) ?? [];
		this.killers.set(fn, [title, ...list.filter((t) => t !== title)]);
	}

	private survivor(mutant: LoweredMutant, compared: readonly Comparison[]): Judged {
		if (!this.isReached(mutant)) return { mutant, fate: 'unreached', said: '' };
		if (compared.every((c) => c === 'same')) return { mutant, fate: 'same', said: '' };
		const isLess = compared.every((c) => c !== 'different');
		return { mutant, fate: isLess ? 'less' : 'survived', said: '' };
	}

	/** Some scenario gets to where the mutant differs: an op that stops everything is put there. */
	private isReached({ edits, function: fn }: LoweredMutant): boolean {
		const [edit] = edits;
		if (edit === undefined) return false;
		const at =
			edit.kind === 'insert'
				? edit.before
				: edit.kind === 'move' || edit.kind === 'copy' || edit.kind === 'drop-range'
					? { function: fn, op: edit.range.from }
					: edit.at;
		const op = this.request.program.functions[fn]?.ops[at.op];
		if (op === undefined) return false;
		const stop = { kind: 'unsupported', reason: 'reached', site: op.site } as const;
		const program = edited(this.request.program, [{ kind: 'insert', before: at, ops: [stop] }]);
		return this.candidates(program, [fn]).some(
			({ scenarioMachine }) => explore(scenarioMachine()).undecided !== null,
		);
	}

	private underLkmm(mutant: LoweredMutant): Judged {
		const program = edited(this.request.program, mutant.edits);
		const observer = { cancelled: () => false, progress: () => undefined };
		const actors = (program.actors ?? []).filter((a) => a.underLkmm).map((a) => a.name);
		const { findings } = check({ ...this.request, program, actors, memory: 'lkmm' }, observer);
		const rules = [...new Set(findings.map((f) => f.rule))];
		return rules.length > 0
			? { mutant, fate: 'killed', said: `${rules.join(', ')} (lkmm)` }
			: { mutant, fate: 'survived', said: 'lkmm' };
	}
}

/** The scenarios of a request; each machine is made when it is asked for. */
export function explorable(
	request: CheckRequest,
): readonly { readonly scenario: Scenario; readonly scenarioMachine: () => ScenarioMachine }[] {
	const walk = prepare(request);
	if (walk.kind === 'unknown') throw new Error(walk.why);
	const machines = new ScenarioMachines(walk);
	return scenariosOf(walk).map((scenario) => ({
		scenario,
		scenarioMachine: () => machines.of(scenario),
	}));
}

/** What a scenario came to. */
export interface Explored {
	readonly rules: readonly string[];
	/** A bound met or something unmodelled, in words. */
	readonly undecided: string | null;
	readonly ends: Ends;
	readonly entered: ReadonlySet<FunctionIndex>;
}

/** Explores a scenario. */
export function explore({ machine, world, entered }: ScenarioMachine): Explored {
	const { violations, cuts, end, ends, deadlock } = reduced(machine, { statesMax: STATES_MAX });
	const unmodelled = violations.find((v) => v.violation.rule === UNMODELLED);
	const cut = cuts[0]?.incident;
	const undecided =
		unmodelled !== undefined
			? unmodelled.violation.message
			: cut?.kind === 'unsupported'
				? cut.reason
				: cut?.kind === 'limit'
					? `a bound was met (${cut.limit})`
					: end !== 'exhausted'
						? 'the limit of states was met'
						: deadlock !== null
							? 'a run ends in a deadlock'
							: null;
	const held = (state: number): string =>
		world.frames
			.map((f) => [
				machine.valueAt(state, ghost('held', f)),
				machine.valueAt(state, ghost('pins', f)),
			])
			.join(' ');
	return {
		rules: violations.flatMap((v) => (v.violation.rule === UNMODELLED ? [] : [v.violation.rule])),
		undecided,
		ends: new Set(ends.map(({ state }) => held(state))),
		entered: new Set(entered),
	};
}

/** Against the walk as it is: the same ways to end; none that holds more than some of them; others. */
type Comparison = 'same' | 'less' | 'different';

function compare(before: Ends, now: Ends): Comparison {
	if (now.size === before.size && [...now].every((e) => before.has(e))) return 'same';
	const known = [...before].map(numbersOf);
	const isLess = (end: string): boolean => {
		const mine = numbersOf(end);
		return known.some((k) => mine.every((n, i) => n <= (k[i] ?? 0)));
	};
	return [...now].every(isLess) ? 'less' : 'different';
}

function numbersOf(end: string): readonly number[] {
	return end.split(/[ ,]/).map(Number);
}
