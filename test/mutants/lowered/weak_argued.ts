/**
 * Weakened guards that nothing is found of although the walk without the guard is wrong, and why that is right.
 */

interface Argument {
	/** Mutants it is about. */
	readonly ids: RegExp;
	readonly why: string;
}

export const ARGUED: readonly Argument[] = [];

/** Why nothing is found of a weakened guard; null: nobody has said. */
export function silenceOf(id: string): string | null {
	return ARGUED.find((argument) => argument.ids.test(id))?.why ?? null;
}
