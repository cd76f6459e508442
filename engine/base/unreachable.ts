/**
 * Assertions: failures of racewalk itself, never of the user's code. Caught once per request and shown as an internal error.
 */

/** Ends an exhaustive switch; throws if a value of an impossible kind arrives at run time. */
export function unreachable(value: never): never {
	throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** Throws when racewalk's own invariant does not hold. Where that is asked for every step, what to say is made by `broken`. */
export function assert(condition: boolean, what: string): asserts condition {
	if (!condition) broken(what);
}

/** Racewalk's own invariant does not hold. */
export function broken(what: string): never {
	throw new Error(`invariant broken: ${what}`);
}
