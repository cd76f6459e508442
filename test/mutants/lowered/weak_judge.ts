/**
 * Says of weakened guards what a check says of them: a finding, a verdict that is not `holds`, or `holds`. What holds is then
 * held against the walk without the guard: where nothing goes wrong there either the guard is one that the model does not need, and
 * no weakening of it says anything.
 */
import type { CheckRequest } from '../../../engine/check/request.js';
import { ScenarioMemo } from '../../../engine/check/scenario_memo.js';
import { type Edit, edited } from '../../../engine/program/edit/edit.js';
import type { FunctionIndex } from '../../../engine/program/op.js';
import type { Program } from '../../../engine/program/program.js';
import { check } from '../../../engine/questions/check.js';
import { type Guard, guardsOf } from '../../../engine/questions/guards/guards.js';
import type { Finding } from '../../../engine/rules/verdict.js';
import { explorable, explore } from './judge.js';
import { type LoweredMutant, named, type Subject } from './mutant.js';
import { weakenings } from './weakened.js';

/**
 * `found`: a finding · `named`: no finding, and not `holds` · `unneeded`: it holds, and so does the walk without the guard ·
 * `silent`: it holds, and the walk without the guard does not.
 */
export type WeakFate = 'found' | 'named' | 'unneeded' | 'silent';

export interface WeakMutant extends LoweredMutant {
	readonly guard: Guard;
}

export interface WeakJudge {
	readonly mutants: readonly WeakMutant[];
	readonly request: CheckRequest;
	judge(mutant: WeakMutant): WeakJudgement;
}

export interface WeakJudgement {
	readonly fate: WeakFate;
	/** The rules that are broken, or what is said instead. */
	readonly said: string;
}

/** Weakenings of every guard of a walk, and who judges them. */
export function weakJudge(given: CheckRequest): WeakJudge {
	return new Judge(given, guardsOf(given.program, given.root).guards);
}

/** Scenarios that are looked at before all are. */
const GLANCE = 40;
const OBSERVER = { cancelled: () => false, progress: () => undefined };

class Judge implements WeakJudge {
	readonly mutants: readonly WeakMutant[];
	readonly request: CheckRequest;
	private readonly memo = new ScenarioMemo();
	/** Rules that the walk breaks as it is, with the function. */
	private readonly known: ReadonlySet<string>;
	/** Titles of scenarios, with the functions that they enter. */
	private readonly entered: ReadonlyMap<string, readonly string[]>;
	/** By function: scenarios in which weakened guards of it were found, the latest first. */
	private readonly found = new Map<FunctionIndex, string[]>();
	private readonly removed = new Map<string, boolean>();

	constructor(request: CheckRequest, guards: readonly Guard[]) {
		const { program } = request;
		this.request = request;
		const { findings, scenarios } = check(request, OBSERVER, this.memo);
		this.known = new Set(findings.map(keyOf));
		this.entered = new Map(scenarios.map((s) => [s.name, s.entered]));
		const mutants = guards
			.filter(({ kind }) => kind === 'check' || kind === 'undo')
			.flatMap((guard) => {
				const fn = program.functions[guard.function];
				if (fn === undefined) return [];
				const subject: Subject = { program, index: guard.function, fn };
				const changes = weakenings(subject, guard);
				return named(subject, changes).map((m) => ({ ...m, guard }));
			});
		this.mutants = unique(mutants);
	}

	judge(mutant: WeakMutant): WeakJudgement {
		const now = this.ask(mutant, mutant.edits);
		if (now !== null) return now;
		const { guard } = mutant;
		const known = this.removed.get(guard.id);
		const isNeeded = known ?? this.ask(mutant, guard.removal)?.fate === 'found';
		this.removed.set(guard.id, isNeeded);
		return { fate: isNeeded ? 'silent' : 'unneeded', said: '' };
	}

	/** What is said of the walk with edits; null: that it holds. */
	private ask({ function: fn }: WeakMutant, edits: readonly Edit[]): WeakJudgement | null {
		const program = edited(this.request.program, edits);
		const rules = this.glance(program, fn);
		if (rules !== null) return { fate: 'found', said: rules };
		const { findings, functions } = check({ ...this.request, program }, OBSERVER, this.memo);
		const added = findings.filter((f) => !this.known.has(keyOf(f)));
		for (const { scenario } of added) this.remember(fn, scenario);
		if (added.length > 0)
			return { fate: 'found', said: [...new Set(added.map((f) => f.rule))].join(', ') };
		const open = functions.find((f) => f.verdict !== 'holds' && f.verdict !== 'violated');
		return open === undefined ? null : { fate: 'named', said: `${open.verdict}: ${open.why}` };
	}

	/** Rules that a few scenarios find broken, those first that found something in the function before; null: none. */
	private glance(program: Program, fn: FunctionIndex): string | null {
		const before = this.found.get(fn) ?? [];
		const name = program.functions[fn]?.name ?? '';
		const rank = (title: string): number =>
			before.includes(title) ? before.indexOf(title) : before.length;
		const few = explorable({ ...this.request, program })
			.filter(({ scenario }) => this.entered.get(scenario.title)?.includes(name) === true)
			.sort((a, b) => rank(a.scenario.title) - rank(b.scenario.title))
			.slice(0, GLANCE);
		const known = new Set([...this.known].map((key) => key.split(' ')[0]));
		for (const { scenario, scenarioMachine } of few) {
			const rules = explore(scenarioMachine()).rules.filter((rule) => !known.has(rule));
			if (rules.length === 0) continue;
			this.remember(fn, scenario.title);
			return [...new Set(rules)].join(', ');
		}
		return null;
	}

	private remember(fn: FunctionIndex, title: string): void {
		const others = (this.found.get(fn) ?? []).filter((t) => t !== title);
		this.found.set(fn, [title, ...others]);
	}
}

function keyOf({ rule, function: fn }: Pick<Finding, 'rule' | 'function'>): string {
	return `${rule} ${fn}`;
}

/** Guards of one line may be moved as one: each move is tried once. */
function unique(mutants: readonly WeakMutant[]): readonly WeakMutant[] {
	const seen = new Map<string, number>();
	return mutants.flatMap((mutant) => {
		const key = `${mutant.function} ${JSON.stringify(mutant.edits)}`;
		if (seen.has(key)) return [];
		seen.set(key, 1);
		return [mutant];
	});
}
