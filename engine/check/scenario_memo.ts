/**
 * Scenarios that need not be explored again: what was said of one stands for as long as every function its threads can
 * meet there is the same, whatever an edit did to others.
 *
 * Why that is right. A step is decided by ops and cells. Take two programs with the same fields, symbols and features whose
 * root is called alike, and a scenario whose exploration of the first entered the functions E (steps that an `assume`
 * refused included). The cells and the harness are then the same. Let every function of E read the same in both, calls by
 * the name of what is called. Then the first steps are the same, and each step that follows is one of a function of E or
 * a call out of one, which in the first program led into E as well. So the explorations are the same, up to numbers of
 * functions and sites, which runs without a finding do not show.
 *
 * Invariant: only scenarios explored to their end in which nothing was met are kept.
 * Invariant: texts are compared as they are; nothing rests on a hash.
 */

import type { ArmBits } from '../memory/thread/arms.js';
import type { FunctionIndex, Op, SiteIndex } from '../program/op.js';
import { findFunction, type Program, type ProgramFunction } from '../program/program.js';
import { reachable } from '../program/reach.js';
import type { PreparedWalk } from './prepare.js';
import type { Explored } from './result.js';
import type { Scenario } from './scenario.js';
import type { ScenarioMachine } from './scenario_machine.js';

/** Kinds of requests (architecture, protections taken away …) that are remembered at once. */
const REQUESTS_MAX = 8;
/** Versions of one scenario that are remembered: what undo and redo go back to. */
const VERSIONS_MAX = 4;
/** Texts of functions that are remembered before all is forgotten. */
const TEXTS_MAX = 4000;

/** Number of a function by its origin, path and name, the same in every program. */
type Identity = number;
/** What the harness counts as: it is no function of the program. */
const HARNESS: Identity = -1;

interface Version {
	/** Functions that were met, adversaries' included. */
	readonly met: readonly Identity[];
	/** Numbers of their texts, as one word. */
	readonly texts: string;
	readonly entered: readonly Identity[];
	readonly arms: readonly (readonly [Identity, ArmBits])[];
	readonly names: readonly string[];
	readonly states: number;
	readonly executions: number;
}

/** By scenario and flags: the newest first. */
type Versions = Map<string, readonly Version[]>;

export class ScenarioMemo {
	/** Scenarios that were answered without exploring them. */
	recalled = 0;
	private readonly requests = new Map<string, Versions>();
	private readonly identities = new Map<string, Identity>();
	private readonly texts = new Map<string, number>();
	/** Lists of functions met, each kept once. */
	private readonly lists = new Map<string, readonly Identity[]>();

	/** What is remembered for a request's program; null where functions cannot be told apart by name. */
	of(walk: PreparedWalk): Recall | null {
		if (walk.calling.kind === 'reader' || walk.request.memory !== 'sc') return null;
		if (this.texts.size > TEXTS_MAX) this.forget();
		const { functions } = walk.request.program;
		const known = new Map<Identity, FunctionIndex>();
		const identities = functions.map((fn, index) => {
			const identity = numbered(this.identities, JSON.stringify([fn.origin, fn.path, fn.name]));
			known.set(identity, index as FunctionIndex);
			return identity;
		});
		if (known.size < functions.length) return null;
		const key = requestKey(walk);
		const versions: Versions = this.requests.get(key) ?? new Map();
		this.requests.delete(key);
		this.requests.set(key, versions);
		for (const oldest of this.requests.keys()) {
			if (this.requests.size <= REQUESTS_MAX) break;
			this.requests.delete(oldest);
		}
		const { texts, lists } = this;
		const found = (): void => {
			this.recalled++;
		};
		return new Recall(walk.request.program, { versions, identities, known, texts, lists, found });
	}

	private forget(): void {
		this.requests.clear();
		this.identities.clear();
		this.texts.clear();
		this.lists.clear();
	}
}

interface Known {
	readonly versions: Versions;
	/** By function of the program. */
	readonly identities: readonly Identity[];
	readonly known: ReadonlyMap<Identity, FunctionIndex>;
	readonly texts: Map<string, number>;
	readonly lists: Map<string, readonly Identity[]>;
	/** Counts an answer. */
	found(): void;
}

/** The memo as one check of one program asks it. */
export class Recall {
	private readonly program: Program;
	private readonly memo: Known;
	/** By identity: the number of its text in this program. */
	private readonly numbers = new Map<Identity, number>();
	private readonly words = new Map<readonly Identity[], string>();
	private readonly adversaries = new Map<string, readonly Identity[]>();

	constructor(program: Program, memo: Known) {
		this.program = program;
		this.memo = memo;
	}

	/** What exploring the scenario would say; null: it has to be explored. */
	recall(scenario: Scenario): Explored | null {
		const versions = this.memo.versions.get(keyOf(scenario)) ?? [];
		const version = versions.find(({ met, texts }) => this.textsOf(met) === texts);
		if (version === undefined) return null;
		this.memo.found();
		const { entered, arms, names, states, executions } = version;
		const { title, actors } = scenario;
		const end = 'exhausted';
		return {
			scenario,
			entered: new Set(entered.map((identity) => this.indexOf(identity))),
			arms: new Map(arms.map(([identity, bits]) => [this.indexOf(identity), bits])),
			unsupported: [],
			limit: null,
			result: { name: title, actors, states, executions, end, entered: names },
		};
	}

	/** Remembers what exploring it said, if that may stand for later programs. */
	remember(
		{ scenario, machine }: ScenarioMachine,
		{ result, limit, entered, arms }: Explored,
	): void {
		if (result.end !== 'exhausted' || limit !== null) return;
		const identityOf = (fn: FunctionIndex): Identity => this.memo.identities[fn] ?? HARNESS;
		const own = [...machine.met].map(identityOf).filter((identity) => identity !== HARNESS);
		const others = scenario.actors.flatMap((name) => this.adversary(name));
		const met = this.listOf([...new Set([...own, ...others])].sort((a, b) => a - b));
		const version: Version = {
			met,
			texts: this.textsOf(met),
			entered: [...entered].map(identityOf),
			arms: [...(arms ?? [])].map(([fn, bits]) => [identityOf(fn), bits] as const),
			names: result.entered,
			states: result.states,
			executions: result.executions,
		};
		const key = keyOf(scenario);
		const before = this.memo.versions.get(key) ?? [];
		this.memo.versions.set(key, [version, ...before].slice(0, VERSIONS_MAX));
	}

	private indexOf(identity: Identity): FunctionIndex {
		const index = this.memo.known.get(identity) ?? this.program.functions.length;
		return index as FunctionIndex;
	}

	/** All that an adversary may call. */
	private adversary(name: string): readonly Identity[] {
		const known = this.adversaries.get(name);
		if (known !== undefined) return known;
		const entry = findFunction(this.program, `actor_${name}`);
		const called = entry === null ? [] : [...reachable(this.program, entry)];
		const made = called.map((fn) => this.memo.identities[fn] ?? HARNESS);
		this.adversaries.set(name, made);
		return made;
	}

	private listOf(met: readonly Identity[]): readonly Identity[] {
		const key = met.join(' ');
		const known = this.memo.lists.get(key);
		if (known !== undefined) return known;
		this.memo.lists.set(key, met);
		return met;
	}

	/** Numbers of the texts of these functions in this program; one that it does not have is said as such. */
	private textsOf(met: readonly Identity[]): string {
		const known = this.words.get(met);
		if (known !== undefined) return known;
		const made = met.map((identity) => this.numberOf(identity)).join(' ');
		this.words.set(met, made);
		return made;
	}

	private numberOf(identity: Identity): number {
		const known = this.numbers.get(identity);
		if (known !== undefined) return known;
		const fn = this.program.functions[this.indexOf(identity)];
		const text = fn === undefined ? '' : textOf(fn, this.memo.identities);
		const made = numbered(this.memo.texts, text);
		this.numbers.set(identity, made);
		return made;
	}
}

/** What a function does, without where it stands: calls by identity, sites numbered as they come. */
function textOf(fn: ProgramFunction, identities: readonly Identity[]): string {
	const sites = new Map<SiteIndex, number>();
	const identityOf = (index: FunctionIndex): Identity => identities[index] ?? HARNESS;
	const plain = (op: Op): object => {
		const site = numbered(sites, op.site);
		if (op.kind === 'call') return { ...op, site, callee: identityOf(op.callee) };
		if (op.kind === 'unsupported' && op.mentions !== undefined)
			return { ...op, site, mentions: op.mentions.map(identityOf) };
		return { ...op, site };
	};
	const { parameters, registers, slots, cells, ops } = fn;
	return JSON.stringify([parameters, registers, slots.length, cells ?? null, ops.map(plain)]);
}

function numbered<T>(table: Map<T, number>, key: T): number {
	const known = table.get(key);
	if (known !== undefined) return known;
	const made = table.size;
	table.set(key, made);
	return made;
}

/** All that a scenario rests on besides the functions met in it. */
function requestKey({ request, calling, path, takesLocks }: PreparedWalk): string {
	const { program, root, arch, config, statesMax, whatIf } = request;
	const { fields, symbols, features, actors, functions } = program;
	const { name, parameters } = functions[root] as ProgramFunction;
	const called = [calling, path, name, parameters];
	return JSON.stringify([
		...[fields, symbols, features, actors, called],
		...[arch, [...config].sort(), statesMax, whatIf, takesLocks],
	]);
}

function keyOf(scenario: Scenario): string {
	return `${scenario.name} ${scenario.flags}`;
}
