/**
 * Broken rules as exploration comes upon them, by rule and place, until all are known: then those that another one explains
 * go, and one per rule and function stays.
 */
import type { Path } from '../../explore/path.js';
import { UNMODELLED, type Violation } from '../../mm/model/violation.js';
import { type BrokenRule, explained } from '../../rules/precedence.js';
import type { Arm } from '../coverage/arms.js';
import { namesOf, type Scenario } from '../scenario.js';

/** A rule broken at a place, in whichever scenarios; the first one found is shown. */
export interface Candidate extends BrokenRule {
	readonly violation: Violation;
	readonly scenario: Scenario;
	readonly path: Path;
	/** It is so once this arm was taken, which a WARN_ON() says cannot be. */
	readonly arm?: Arm;
}

type Kept = Candidate & { readonly actors: Set<string> };

export class Candidates {
	readonly #places = new Map<string, Kept>();

	add(violation: Violation, scenario: Scenario, path: Path, arm?: Arm): void {
		if (violation.rule === UNMODELLED) return;
		const { rule, function: fn, site, explainedBy } = violation;
		const key = `${rule}@${fn}:${site}`;
		const before = this.#places.get(key);
		const actors = before?.actors ?? new Set<string>();
		const made = {
			...{ rule, function: fn, site, violation, scenario, path, actors },
			...(explainedBy === undefined ? {} : { explainedBy }),
			...(arm === undefined ? {} : { arm }),
		};
		this.#places.set(key, before === undefined || isBetter(made, before) ? made : before);
		const { adversary } = scenario;
		if (adversary !== null) addNames(actors, [adversary]);
	}

	/** What is worth a finding, by `rule@function`. */
	listed(): ReadonlyMap<string, Candidate> {
		const all = [...this.#places.values()];
		const gone = explained(all);
		const listed = new Map<string, Kept>();
		for (const candidate of all) {
			if (gone.has(candidate)) continue;
			const key = `${candidate.rule}@${candidate.function}`;
			const before = listed.get(key);
			const actors = new Set(before?.actors);
			addNames(actors, candidate.actors);
			const shown = before === undefined || isBetter(candidate, before) ? candidate : before;
			listed.set(key, { ...shown, actors });
		}
		return listed;
	}
}

/** One that stands on its own is worth more than one that another rule may explain. */
function isBetter(candidate: Candidate, before: Candidate): boolean {
	return before.explainedBy !== undefined && candidate.explainedBy === undefined;
}

/** What one of the two does alone is no news of the pair. */
function addNames(actors: Set<string>, names: Iterable<string>): void {
	for (const name of names) if (!namesOf(name).some((known) => actors.has(known))) actors.add(name);
}
