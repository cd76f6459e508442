/**
 * A scenario: one world, one set of flags, the adversaries that act in it. Plain data.
 *
 * Invariant: a scenario's name finds it again; the names of readers' begin with `r`, those of walks with a number.
 */
import { FOLL } from '../mm/model/foll.js';
import { isReaderWorld } from '../mm/model/reader_spec.js';
import type { WorldSpec } from '../mm/model/world_spec.js';
import { TIERS, type Tier } from './request.js';

export interface Scenario {
	/** Index in WORLDS, index among its flag sets, adversary: `3.1.zap`, `3.1.truncate+evict`; `3.1` when the walk is alone. */
	readonly name: string;
	/** For people. */
	readonly title: string;
	readonly spec: WorldSpec;
	readonly flags: number;
	/** A thread each. */
	readonly actors: readonly string[];
	/** The actors as one word, by which verdicts name them: `truncate+evict`; null when the walk is alone. */
	readonly adversary: string | null;
	readonly tier: Tier;
}

/** True for what is explored when exploration goes that deep. */
export function isWithin({ tier }: Scenario, depth: Tier): boolean {
	return TIERS.indexOf(tier) <= TIERS.indexOf(depth);
}

/** Names by which verdicts and findings may call an adversary of a scenario: the pair, and each of the two. */
export function namesOf(adversary: string): readonly string[] {
	const alone = adversary.split('+');
	return alone.length > 1 ? [adversary, ...alone] : alone;
}

/** The scenario without its adversaries. */
export function aloneIn(scenario: Scenario): Scenario {
	if (scenario.actors.length === 0) return scenario;
	// a walk's flags stand between its world and who acts there
	const before = isReaderWorld(scenario.spec) ? 1 : 2;
	const name = scenario.name.split('.').slice(0, before).join('.');
	const title = scenario.title.split('; ').slice(0, before).join('; ');
	return { ...scenario, name, title, actors: [] };
}

/** True when the flags hold a pin. */
export function isPin(flags: number): boolean {
	return (flags & FOLL.FOLL_PIN) !== 0;
}
