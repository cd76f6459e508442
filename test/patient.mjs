/**
 * Loaded into Vitest's workers before anything else: an answer of the runner that waits because a test computes counts as late
 * after an hour, not after a minute (birpc's default, for which Vitest has no setting). How long a test may take is
 * `testTimeout`, and nothing else: a busy machine is slow, and not red.
 */
const { setTimeout } = globalThis;
/** Milliseconds after which birpc takes whoever did not answer for dead. */
const TAKEN_FOR_DEAD = 60_000;

/** @param {(...args: unknown[]) => void} done @param {number} [delay] @param {unknown[]} args */
function patient(done, delay, ...args) {
	return setTimeout(done, delay === TAKEN_FOR_DEAD ? TAKEN_FOR_DEAD * 60 : delay, ...args);
}

globalThis.setTimeout = Object.assign(patient, setTimeout);
