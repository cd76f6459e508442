/**
 * A litmus test attached to a walk: the walk takes the place of P0, the other threads are the adversary. The test's
 * comment says what it is about, as an exported one does: the scenario (`anon page, exclusive, writable; FOLL_PIN`), what
 * a location is (`pte: pte[1]`), what a number is (`pte=1: pfn 8 present|write|dirty`). A location that is not bound
 * is private to the test's threads.
 *
 * Model: where the test's threads do not write PG_anon_exclusive, what is bad is the test's own condition, whatever P0's
 * registers are taken to be, once the walk has handed out a page.
 */
import { AttachProblem } from '../base/attach_problem.js';
import type { PreparedWalk } from '../check/prepare.js';
import type { Scenario } from '../check/scenario.js';
import type { ScenarioMachine } from '../check/scenario_machine.js';
import { scenariosOf } from '../check/scenarios.js';
import { holds, observablesIn } from '../memory/lkmm/condition.js';
import { W } from '../memory/lkmm/event.js';
import type {
	AttachedLitmus,
	Condition,
	LitmusProgram,
	LocationIndex,
	Observable,
} from '../memory/lkmm/litmus_program.js';
import type { Beside } from '../memory/lkmm/program_beside.js';
import type { ProgramRuns } from '../memory/lkmm/program_runs.js';
import { numberOf, type SmallValues, wordOf } from '../memory/lkmm/small_values.js';
import type { Snapshot } from '../memory/lkmm/snapshot.js';
import { evaluate } from '../memory/lkmm/value.js';
import type { WorldLabels } from '../mm/model/labels.js';
import { PAGE_SIZE } from '../mm/model/layout.js';
import { WORLDS } from '../mm/worlds/walk/worlds.js';
import { type Broken, handedOut, type RunPair } from './judge.js';

/** Where private locations begin: no address of a world, nor a ghost's. */
const PRIVATE_BASE = 2 ** 45;
const RULES = ['shared-anon-pin', 'stale-pin', 'racing-mapping'] as const;

/** What an execution with the test's threads means. */
export interface AttachedJudge {
	judge(pair: RunPair, snapshot: Snapshot, countInMemory: boolean): Broken | null;
}

export interface Attached {
	readonly beside: Beside;
	/** Names of the test's threads. */
	readonly threads: readonly string[];
	readonly judge: AttachedJudge;
}

function actorOf(test: AttachedLitmus): string {
	return `litmus:${test.program.name}`;
}

/** Said with every verdict. */
export function attachedAssumptions(test: AttachedLitmus, model: string): readonly string[] {
	return [
		`memory order of tools/memory-model (${model}); plain accesses of the walk taken as READ_ONCE() and WRITE_ONCE()`,
		`only the threads of ${test.file} act, in the one scenario it names; other memory changes for nobody but the walk`,
		'one page; locks of the walk are taken at once',
	];
}

/** The scenario the test names, null when it is none of this walk's; an AttachProblem when it names none at all. */
export function attachedScenario(walk: PreparedWalk, test: AttachedLitmus): Scenario | null {
	const all = scenariosOf({ ...walk, request: { ...walk.request, actors: [] } });
	for (const line of test.comments) {
		const [world, flags] = line.split(';').map((part) => part.trim());
		if (flags === undefined) continue;
		const named = `${world}; ${flags}`;
		const found = all.find((s) => s.title === named || s.title.startsWith(`${named};`));
		if (found === undefined && WORLDS.some((spec) => spec.name === world)) return null;
		if (found === undefined) continue;
		const [at = '', set = ''] = found.name.split('.');
		const actor = actorOf(test);
		const title = `${named}; ${actor}`;
		return { ...found, name: `${at}.${set}.${actor}`, title, actors: [actor], adversary: actor };
	}
	const example = all[0]?.title.split('; ').slice(0, 2).join('; ') ?? '';
	throw new AttachProblem(
		`${test.file}: no line of its comment names a scenario, such as '${example}'`,
	);
}

/** Binds the test's locations and numbers to the world's; an AttachProblem where that makes no sense. */
export function attach(
	test: AttachedLitmus,
	{
		scenarioMachine,
		labels,
	}: { readonly scenarioMachine: ScenarioMachine; readonly labels: WorldLabels },
): Attached {
	const { file, program } = test;
	if (program.threads.length < 2)
		throw new AttachProblem(`${file}: has no thread besides P0, which the walk stands for`);
	const binding = new Binding(test, scenarioMachine, labels);
	const { addresses, small } = binding;
	const locations = program.locations.map((l, i) => {
		const address = addresses[i] as number;
		const word = wordOf(small, i as LocationIndex, l.initial);
		if (address >= PRIVATE_BASE) return { ...l, initial: word };
		const initial =
			scenarioMachine.machine.valueAt(scenarioMachine.machine.initial(), address) ?? 0;
		if (initial === word) return { ...l, initial };
		const is = labels.value(address, initial);
		throw new AttachProblem(
			`${file}: ${l.name} begins as ${l.initial} (${labels.value(address, word)}), in the world it is ${is}`,
		);
	});
	const seen = [...observablesIn(program.condition)];
	if (!seen.some((o) => o.kind === 'location' || o.thread > 0))
		throw new AttachProblem(`${file}: its condition is about P0 alone, which the walk stands for`);
	return {
		beside: { program: { ...program, locations }, addresses, small },
		threads: program.threads.slice(1).map((t) => `${actorOf(test)} ${t.name}`),
		judge: {
			judge: (pair, snapshot, countInMemory) =>
				typeof handedOut(pair.walk, { countInMemory }) === 'number' &&
				isBad(program, small, pair, snapshot)
					? { rule: ruleOf(program), what: whatOf(test), frames: null }
					: null,
		},
	};
}

/** Tests are named after the rule they show; one that is not shows a page handed out wrongly. */
function ruleOf(program: LitmusProgram): Broken['rule'] {
	return RULES.find((rule) => rule === program.name) ?? 'stale-pin';
}

function whatOf({ file, program }: AttachedLitmus): string {
	const outcome = program.quantifier === 'forall' ? 'not what' : 'what';
	return `a page is returned and the other threads of ${file} end with ${outcome} its ${program.quantifier} clause says of them`;
}

/** Whether the condition says that it is bad; what P0's registers are in it is not known. */
function isBad(
	program: LitmusProgram,
	small: SmallValues,
	pair: RunPair,
	snapshot: Snapshot,
): boolean {
	const runs = [pair.walk, pair.adversary, ...(pair.adversary.beside ?? [])];
	const read = (o: Observable): number | null => {
		if (o.kind === 'location') {
			const word = snapshot.final(o.location);
			return word === null
				? (program.locations[o.location]?.initial ?? 0)
				: numberOf(small, o.location, word);
		}
		if (o.thread === 0) return null;
		const value = runs[o.thread]?.run.registers.get(o.name) ?? 0;
		return evaluate(value, (event) => snapshot.value(o.thread, event));
	};
	const may = (condition: Condition): boolean => holds(condition, read) !== false;
	if (program.filter !== null && !may(program.filter)) return false;
	return program.quantifier === 'forall'
		? holds(program.condition, read) !== true
		: may(program.condition);
}

/** Whether the test's threads write PG_anon_exclusive: the rules are then judged as with any adversary. */
export function writesMark(made: ProgramRuns, labels: WorldLabels): boolean {
	const isMark = made.addresses.map(
		(at) => labels.location(at)?.endsWith('.PG_anon_exclusive') === true,
	);
	return (made.runs[1] ?? [])
		.flatMap((first) => [first, ...(first.beside ?? [])])
		.some(({ run }) => run.events.some((e) => (e.tags & W) !== 0 && isMark[e.location ?? -1]));
}

/** What the comment says locations and numbers are. */
class Binding {
	readonly addresses: number[];
	readonly small: Map<number, number>[];
	readonly #test: AttachedLitmus;
	readonly #scenarioMachine: ScenarioMachine;
	readonly #labels: WorldLabels;

	constructor(test: AttachedLitmus, scenarioMachine: ScenarioMachine, labels: WorldLabels) {
		this.#test = test;
		this.#scenarioMachine = scenarioMachine;
		this.#labels = labels;
		const { locations } = test.program;
		this.addresses = locations.map((_, i) => PRIVATE_BASE + i * 8);
		this.small = locations.map(() => new Map());
		for (const line of test.comments) this.#location(line);
		for (const line of test.comments) this.#number(line);
		if (this.addresses.every((at) => at >= PRIVATE_BASE))
			throw new AttachProblem(
				`${test.file}: no line of its comment binds a location, such as 'pte: pte[1]'`,
			);
	}

	#location(line: string): void {
		const [, name = '', label = ''] = /^(\w+): (\S+)$/.exec(line) ?? [];
		const index = this.#test.program.locations.findIndex((l) => l.name === name);
		if (index < 0) return;
		const cell = this.#scenarioMachine.world.cells.find(
			(c) => this.#labels.location(c.address) === label,
		);
		if (cell === undefined)
			throw new AttachProblem(
				`${this.#test.file}: '${line}' names nothing in the world; there are ${this.#known()}`,
			);
		this.addresses[index] = cell.address;
	}

	#known(): string {
		const all = this.#labels.locations.map((at) => this.#labels.location(at) ?? '');
		return all.filter((name) => !name.startsWith('pages[')).join(', ');
	}

	#number(line: string): void {
		const [, name = '', number = '', text = ''] = /^(\w+)=(-?\d+): (.+)$/.exec(line) ?? [];
		const index = this.#test.program.locations.findIndex((l) => l.name === name);
		const address = this.addresses[index] ?? PRIVATE_BASE;
		if (address >= PRIVATE_BASE) return;
		const word = this.#word(address, text);
		if (word === null)
			throw new AttachProblem(
				`${this.#test.file}: '${line}' is no value of ${this.#labels.location(address)}, which begins as ${this.#labels.value(address, this.#initial(address))}`,
			);
		if (word !== Number(number)) this.small[index]?.set(Number(number), word);
	}

	#initial(address: number): number {
		return (
			this.#scenarioMachine.machine.valueAt(this.#scenarioMachine.machine.initial(), address) ?? 0
		);
	}

	/** The word that is printed so, or null. */
	#word(address: number, text: string): number | null {
		// tests that were exported before say `frame 8`
		const own = text.replace(/^frame (?=\d)/, 'pfn ');
		const isSo = (word: number): boolean => this.#labels.value(address, word) === own;
		const known = [
			this.#initial(address),
			...this.#scenarioMachine.world.cells.map((c) => c.initial),
		];
		const found = known.find(isSo) ?? [Number.parseInt(text, 10)].find(isSo);
		if (found !== undefined) return found;
		const frame = /^pfn (\d+) /.exec(own)?.[1];
		if (frame === undefined) return null;
		for (let bits = 0; bits < PAGE_SIZE; bits++)
			if (isSo(Number(frame) * PAGE_SIZE + bits)) return Number(frame) * PAGE_SIZE + bits;
		return null;
	}
}
