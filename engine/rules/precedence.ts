/**
 * Which of several broken rules is the finding: what another one explains is not listed beside it.
 *
 * Within a run the order of `PROPERTIES` decides: the first rule that looks and objects is the one the run breaks, and what the
 * run does after that is not judged. Between runs the table below decides.
 *
 * Invariant: a rule never hides a finding of another that is true by itself at another place.
 */
import type { FunctionIndex, SiteIndex } from '../program/op.js';
import type { Rule } from './verdict.js';

/** A rule broken at a place, by some adversaries. */
export interface BrokenRule {
	readonly rule: string;
	readonly function: FunctionIndex;
	readonly site: SiteIndex;
	/** The rule it follows from, where the rule itself says so. */
	readonly explainedBy?: string;
	/** Names of adversaries and pairs; empty: the walk alone. */
	readonly actors: ReadonlySet<string>;
}

interface Explanation {
	readonly by: Rule;
	/** For whoever reads this table. */
	readonly why: string;
	explains(broken: BrokenRule, other: BrokenRule): boolean;
}

/** What explains what. */
const EXPLANATIONS: readonly Explanation[] = [
	{
		by: 'stale-pin',
		why: 'a page that is not the one the entry maps is wrong in every other way too, where it is handed out and for the same adversaries; and who does not re-check the entry reads the mapping of another owner',
		explains: (broken, stale) =>
			broken.function === stale.function &&
			(broken.site === stale.site || broken.explainedBy === 'stale-pin') &&
			// what happens with nobody about is no stale pin's doing
			broken.actors.size > 0 &&
			[...broken.actors].every((name) => isAmong(name, stale.actors)),
	},
	{
		by: 'double-fetch',
		why: 'who follows what a second fetch gave follows what nobody looked at, be it another entry or none',
		explains: (broken, fetched) =>
			broken.rule === 'bad-entry' &&
			broken.function === fetched.function &&
			broken.site === fetched.site &&
			// an entry that is followed with nobody about was not changed between
			broken.actors.size > 0,
	},
	{
		by: 'secretmem-pin',
		why: 'who never asks what the folio is does not decide by its mapping either',
		explains: (broken) => broken.explainedBy === 'secretmem-pin',
	},
	{
		by: 'unsafe-longterm-pin',
		why: 'who never asks what the folio is does not decide by its mapping either',
		explains: (broken) => broken.explainedBy === 'unsafe-longterm-pin',
	},
];

/** Those of them that another one explains. */
export function explained<T extends BrokenRule>(all: readonly T[]): ReadonlySet<T> {
	const isBy = (broken: T, other: T): boolean =>
		EXPLANATIONS.some(({ by, explains }) => by === other.rule && explains(broken, other));
	return new Set(
		all.filter((broken) => all.some((other) => other.rule !== broken.rule && isBy(broken, other))),
	);
}

/** True where nothing explains it, whatever else is found: it can be told as soon as it is known. */
export function isFinal({ rule }: Pick<BrokenRule, 'rule'>): boolean {
	return rule === 'stale-pin';
}

/** An adversary or one of a pair is among those. */
function isAmong(name: string, actors: ReadonlySet<string>): boolean {
	return actors.has(name) || name.split('+').some((one) => actors.has(one));
}
