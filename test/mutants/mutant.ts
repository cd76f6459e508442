/**
 * An edit of a walk with what is to be said about it: a bug is to be found by a run, a benign edit is to change nothing.
 */
import type { ArchName } from '../../engine/program/arch.js';
import type { Rule } from '../../engine/rules/verdict.js';
import type { Edit } from './edit.js';

export interface Mutant {
	readonly id: string;
	readonly kind: 'bug' | 'benign';
	/** What the edit does. */
	readonly what: string;
	readonly edit: Edit;
	/** Bugs: one of these is to be found. */
	readonly rules: readonly Rule[];
	/** Architecture on which it shows; absent: x86_64. */
	readonly arch?: ArchName;
	/** Benign edits that look like bugs: why they are none. Bugs that cannot be found: why. */
	readonly why?: string;
	/** The bug is outside of what is modelled: expected to be missed. */
	readonly outOfReach?: true;
	/** Benign edits in C that is not lowered: why; they are `unsupported` then, and nothing else. */
	readonly undecided?: string;
}

type More = Pick<Mutant, 'arch' | 'why' | 'outOfReach' | 'undecided'>;

/** An edit that breaks a step of the protocol. */
export function bug(
	id: string,
	what: string,
	rules: readonly Rule[],
	edit: Edit,
	more: More = {},
): Mutant {
	return { id, kind: 'bug', what, rules, edit, ...more };
}

/** An edit that keeps the protocol. */
export function benign(id: string, what: string, edit: Edit, more: More = {}): Mutant {
	return { id, kind: 'benign', what, rules: [], edit, ...more };
}
