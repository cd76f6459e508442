/** What verdicts are told of adversaries that differ from the tree, or could not be held against it: plain data. */

/** What an adversary rests on that its tree does not say. */
export interface Untold {
	readonly actor: string;
	readonly what: string;
	/** A file of the tree is missing, and of that file nothing else is said. */
	readonly file?: string;
	/** What keeps the adversary from harm is not known to be done by the kernel: without it the walk may be wrong. */
	readonly isDoubt?: true;
}
