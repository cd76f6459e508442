/**
 * A fact: something that a kernel's generation, its architecture or its configuration decides and that primitives, worlds or
 * adversaries ask for by name, with the definition it was read from.
 */

/** Where a fact stands. */
export interface FactPlace {
	readonly path: string;
	/** From 1. */
	readonly line: number;
	/** The kernel's name that stands there. */
	readonly name: string;
}

export interface Fact {
	/** `RACEWALK_…` or `CONFIG_…`: what primitives, worlds and adversaries ask for. */
	readonly feature: string;
	readonly holds: boolean;
	/** What is so, as a sentence. */
	readonly what: string;
	/** The definition that says so; null: none was found, or none was looked for. */
	readonly from: FactPlace | null;
	/** Without a place: why it is taken to be so. */
	readonly why: string | null;
}
