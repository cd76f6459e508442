/**
 * What exploration learned about the walk's accesses and guards, per source site: the raw material of hover and of
 * `racewalk explain`. Counted over sampled runs (`engine/check/runs/sample_runs.ts`); nothing here is known beforehand.
 *
 * Counts compare with each other and are no probabilities.
 *
 * Invariant: plain data. A site is a span of walk text (`ProgramFunction.origin` walk); what a primitive does is told at
 * the call of it in the walk. Sites of actors are those of the actor's own C, with their citation.
 */
import type { SectionKind, SiteIndex } from '../program/op.js';

/** A step of an adversary that wrote what a site of the walk accesses. */
export interface WriterFact {
	readonly actor: string;
	/** Innermost site of actor text. */
	readonly site: SiteIndex;
	/** The location, printed by the world: `pte[0]`, `folio#1.mapping`. */
	readonly location: string;
	/** One written value, printed: `none`, `NULL`, `0`. */
	readonly wrote: string;
	/** Times it wrote between the walk's access and the end of the walk's run (the access had then seen an old value). */
	readonly after: number;
	/** Times it wrote before the access in the same run (the access had then seen the new value). */
	readonly before: number;
}

/** A later read of a location that this site read before, whose value is compared with one that is no constant. */
export interface RecheckFact {
	readonly site: SiteIndex;
	/** Times the later access saw the value seen here. */
	readonly same: number;
	/** Times it saw another value: the race was there to be caught. */
	readonly differed: number;
	/** Of `differed`: times the walk then ended without handing out a page of that entry. */
	readonly rejected: number;
}

/** All visits of one site of the walk. */
export interface SiteFacts {
	readonly site: SiteIndex;
	/** Function of the checked file the site stands in. */
	readonly function: string;
	/** What the ops under this site do to shared memory. */
	readonly kinds: readonly ('load' | 'store' | 'rmw' | 'fence' | 'section' | 'branch')[];
	/** Locations touched in any run, printed by the world. */
	readonly locations: readonly string[];
	/** Some of the values seen there, printed (bounded). */
	readonly values: readonly string[];
	readonly visits: number;
	/** Sections held at every visit. */
	readonly sections: readonly SectionKind[];
	/**
	 * Whether the walk held a reference on a folio at its visits. `later`: never at the first visit of a run, only at further
	 * ones: it was taken for an earlier page of the loop.
	 */
	readonly reference: 'always' | 'sometimes' | 'later' | 'never';
	/** What its visits do to the folio's _refcount and nothing else; null: they change nothing there, or other things too. */
	readonly counts: 'takes' | 'drops' | null;
	readonly writers: readonly WriterFact[];
	readonly rechecks: readonly RecheckFact[];
	/** For a guard (a branch on what was read): times each way was taken; null for other sites. */
	readonly taken: { readonly then: number; readonly otherwise: number } | null;
}
