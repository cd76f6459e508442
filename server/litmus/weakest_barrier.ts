/**
 * The weakest ordering that forbids what a litmus test allows, or that ends its data race: found by trying. Each attempt
 * is an edit of the text, parsed and run like any other test.
 *
 * Stronger ordering never adds an outcome, so a set of places whose strongest orderings together do not suffice is left
 * out with all that is weaker there, and nothing is tried that costs as much as what was found.
 */

import type { Generation } from '../../engine/memory/lkmm/axioms.js';
import { DEFAULT_OPTIONS, outcomes } from '../../engine/memory/lkmm/outcomes.js';
import {
	type BarrierPlace,
	barrierPlaces,
	type Strengthening,
	type TextEdit,
} from './barrier_places.js';
import { type LitmusTest, parseLitmus } from './parse.js';
import { LitmusProblem } from './problem.js';

export type BarrierGoal = 'forbid' | 'no race';

export type BarrierAdvice =
	| {
			readonly kind: 'found';
			/** What to do, in order of the text. */
			readonly changes: readonly Strengthening[];
			/** Everything cheaper was tried. */
			readonly weakest: boolean;
			readonly tried: number;
	  }
	| { readonly kind: 'none'; readonly why: string; readonly tried: number };

export interface BarrierOptions {
	readonly generation: Generation;
	readonly loopMax: number;
	readonly triesMax: number;
	readonly cancelled: () => boolean;
}

export const BARRIER_TRIES_MAX = 1500;

/** Places changed at once while everything cheaper is tried. */
const TOGETHER_MAX = 3;
const DECISIONS_MAX = 200_000;

/** The text with edits made, which must not overlap. */
export function edited(text: string, edits: readonly TextEdit[]): string {
	const backwards = [...edits].sort((a, b) => b.start - a.start || b.end - a.end);
	return backwards.reduce((t, e) => t.slice(0, e.start) + e.text + t.slice(e.end), text);
}

/** Looks for the cheapest set of changes that reaches the goal. */
export function weakestBarrier(
	text: string,
	goal: BarrierGoal,
	options: BarrierOptions,
): BarrierAdvice {
	return new BarrierSearch(text, goal, options).run();
}

/** From as many places on a rough answer is looked for first, to leave out what costs more. */
const FEW_PLACES = 8;
/** The cost of smp_mb(), from which on a change is a full barrier. */
const FULL_COST = 30;

interface Found {
	readonly changes: readonly Strengthening[];
	readonly cost: number;
}

class BarrierSearch {
	readonly #text: string;
	readonly #goal: BarrierGoal;
	readonly #options: BarrierOptions;
	readonly #places: readonly BarrierPlace[];
	#best: Found | null = null;
	#tried = 0;
	/** Something was left untried for lack of tries or time. */
	#cut = false;

	constructor(text: string, goal: BarrierGoal, options: BarrierOptions) {
		this.#text = text;
		this.#goal = goal;
		this.#options = options;
		this.#places = barrierPlaces(text, parseLitmus(text), { marks: goal === 'no race' });
	}

	run(): BarrierAdvice {
		const places = apart(this.#places);
		if (!this.#reaches(places.map(strongest))) {
			const why = this.#cut
				? 'the search was given up'
				: 'no fence, release, acquire or grace period between the accesses does it';
			return { kind: 'none', why, tried: this.#tried };
		}
		if (places.length > FEW_PLACES) this.#best = this.#minimised(places);
		for (let size = 1; size <= Math.min(TOGETHER_MAX, this.#places.length); size++) {
			for (const some of subsets(this.#places, size)) this.#refine(some);
		}
		const best = this.#best ?? this.#minimised(places);
		const changes = [...best.changes].sort((a, b) => firstOffset(a) - firstOffset(b));
		const weakest = !this.#cut && best.cost <= this.#beyond(places, best.cost) && !this.#cut;
		return { kind: 'found', changes, weakest, tried: this.#tried };
	}

	/** What more places than are tried together cost at least, as far as it matters below `cost`. */
	#beyond(places: readonly BarrierPlace[], cost: number): number {
		if (this.#places.length <= TOGETHER_MAX) return Number.POSITIVE_INFINITY;
		const least = places.map((place) => place[0]?.cost ?? 0).sort((a, b) => a - b);
		const rest = least[0] ?? 0;
		const more = TOGETHER_MAX + 1;
		const weakOnly = least.slice(0, more).reduce((sum, c) => sum + c, 0);
		if (weakOnly >= cost) return weakOnly;
		// With everything weak everywhere, how many full barriers does it still take?
		const weak = places.flatMap((place) => place.filter((s) => s.cost < FULL_COST));
		const gaps = places.filter((place) => strongest(place).cost >= FULL_COST);
		for (let full = 0; full <= TOGETHER_MAX; full++) {
			if (full * FULL_COST + (more - full) * rest >= cost) return cost;
			for (const some of subsets(gaps, full)) {
				if (this.#reaches([...weak, ...some.map(strongest)]))
					return full * FULL_COST + Math.max(0, more - full) * rest;
			}
		}
		return more * FULL_COST;
	}

	/** The cheapest way to reach the goal by changes at exactly these places, if it is the cheapest so far. */
	#refine(places: readonly BarrierPlace[]): void {
		const least = places.reduce((sum, place) => sum + (place[0]?.cost ?? 0), 0);
		if (least >= this.#bestCost || !this.#reaches(places.map(strongest))) return;
		const choices = [...products(places)].map((changes) => ({ changes, cost: costOf(changes) }));
		choices.sort((a, b) => a.cost - b.cost);
		for (const choice of choices) {
			if (choice.cost >= this.#bestCost) return;
			if (!this.#reaches(choice.changes)) continue;
			this.#best = choice;
			return;
		}
	}

	/** Everything at its strongest, then place by place left out or made weaker while the goal is still reached. */
	#minimised(places: readonly BarrierPlace[]): Found {
		const dearFirst = [...places].sort((a, b) => strongest(b).cost - strongest(a).cost);
		let kept = dearFirst.map((place) => ({ place, change: strongest(place) }));
		for (const one of [...kept]) {
			const others = kept.filter((k) => k !== one);
			if (this.#reaches(others.map((k) => k.change))) kept = others;
		}
		for (const [i, one] of kept.entries()) {
			for (const weaker of one.place) {
				const changes = kept.map((k, j) => (j === i ? weaker : k.change));
				if (!this.#reaches(changes)) continue;
				kept = kept.map((k, j) => (j === i ? { ...k, change: weaker } : k));
				break;
			}
		}
		const changes = kept.map((k) => k.change);
		return { changes, cost: costOf(changes) };
	}

	get #bestCost(): number {
		return this.#best?.cost ?? Number.POSITIVE_INFINITY;
	}

	#reaches(changes: readonly Strengthening[]): boolean {
		const edits = changes.flatMap((c) => c.edits);
		if (overlap(edits)) return false;
		const { triesMax, cancelled } = this.#options;
		if (this.#tried >= triesMax || cancelled()) {
			this.#cut = true;
			return false;
		}
		this.#tried++;
		return this.#decide(edited(this.#text, edits));
	}

	#decide(text: string): boolean {
		let test: LitmusTest;
		try {
			test = parseLitmus(text);
		} catch (error) {
			if (error instanceof LitmusProblem) return false;
			throw error;
		}
		const { generation, loopMax, cancelled } = this.#options;
		const found = outcomes(test.program, {
			...DEFAULT_OPTIONS,
			...{ generation, loopMax, cancelled },
			decisionsMax: DECISIONS_MAX,
			verdictOnly: true,
		});
		if (found.limit !== null) {
			this.#cut = true;
			return false;
		}
		// What leaves no execution at all orders nothing: it cannot run.
		if (found.positive + found.negative === 0) return false;
		if (this.#goal === 'no race') return !found.flags.includes('data-race');
		return test.program.quantifier === 'forall' ? found.negative === 0 : found.positive === 0;
	}
}

function strongest(place: BarrierPlace): Strengthening {
	return place[place.length - 1] as Strengthening;
}

function costOf(changes: readonly Strengthening[]): number {
	return changes.reduce((sum, change) => sum + change.cost, 0);
}

function firstOffset(change: Strengthening): number {
	return Math.min(...change.edits.map((e) => e.start));
}

function overlap(edits: readonly TextEdit[]): boolean {
	const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
	return ordered.some((e, i) => i > 0 && e.start < (ordered[i - 1] as TextEdit).end);
}

/** Of places that change the same text (marking `*x = *y` and the read in it) the first ones. */
function apart(places: readonly BarrierPlace[]): readonly BarrierPlace[] {
	const kept: BarrierPlace[] = [];
	for (const place of places) {
		const all = [...kept, place].flatMap((p) => strongest(p).edits);
		if (!overlap(all)) kept.push(place);
	}
	return kept;
}

/** Sets of `size` places, those first that could be cheapest. */
function subsets(places: readonly BarrierPlace[], size: number): readonly BarrierPlace[][] {
	const found: BarrierPlace[][] = [];
	const choose = (from: number, chosen: readonly BarrierPlace[]): void => {
		if (chosen.length === size) {
			found.push([...chosen]);
			return;
		}
		for (let i = from; i < places.length; i++)
			choose(i + 1, [...chosen, places[i] as BarrierPlace]);
	};
	choose(0, []);
	const least = (set: readonly BarrierPlace[]): number =>
		set.reduce((sum, place) => sum + (place[0]?.cost ?? 0), 0);
	return found.sort((a, b) => least(a) - least(b));
}

function* products(places: readonly BarrierPlace[]): Generator<readonly Strengthening[]> {
	const [first, ...rest] = places;
	if (first === undefined) {
		yield [];
		return;
	}
	for (const one of first) for (const others of products(rest)) yield [one, ...others];
}
