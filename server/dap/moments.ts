/**
 * A run as moments that a debugger stands at: moment 0 is before the first step, moment n after the n-th. Everything is read off
 * the run, so that going back needs nothing to be undone.
 *
 * Invariant: what is shown of a moment depends on the run and the moment alone.
 */
import type { AnalysedDebugFrame, DebuggedRun } from '../ide/debug.js';

export type Run = Extract<DebuggedRun, { readonly moments: readonly unknown[] }>;

/** The last moment. */
export function lastOf({ trace }: Run): number {
	return trace.steps.length;
}

/** The CPU that moves next; at the end the one that moved last. */
export function moverAt({ trace }: Run, moment: number): number {
	return trace.steps[Math.min(moment, trace.steps.length - 1)]?.cpu ?? 0;
}

/**
 * Where a CPU stands, innermost first. One that has not come to its own code yet stands where its first step will be; one that
 * has ended by breaking a rule stands where it did.
 */
export function framesAt(run: Run, moment: number, cpu: number): readonly AnalysedDebugFrame[] {
	const { steps } = run.trace;
	const frames = run.moments[moment]?.threads[cpu]?.frames ?? [];
	if (frames.length > 0) return frames.map((frame, i) => withOld(run, moment, { cpu, frame, i }));
	const isFresh = run.moments
		.slice(0, moment)
		.every(({ threads }) => threads[cpu]?.frames.length === 0);
	const last = moment === lastOf(run) && steps.at(-1)?.cpu === cpu ? steps.at(-1) : undefined;
	const standing = isFresh ? steps.slice(moment).find((step) => step.cpu === cpu) : last;
	return (standing?.frames ?? []).map((frame) => ({ ...frame, locals: [], unkept: [] }));
}

/** A frame with the locals that are needed no more, as they were when they last were. */
function withOld(
	run: Run,
	moment: number,
	{
		cpu,
		frame,
		i,
	}: { readonly cpu: number; readonly frame: AnalysedDebugFrame; readonly i: number },
): AnalysedDebugFrame {
	const here = run.moments[moment]?.threads[cpu]?.frames ?? [];
	const outer = here.length - i;
	const known = new Map(frame.locals.map((local) => [local.name, local]));
	for (let at = moment - 1; at >= 0; at--) {
		const frames = run.moments[at]?.threads[cpu]?.frames ?? [];
		const before = frames[frames.length - outer];
		if (before === undefined || before.function !== frame.function) break;
		for (const local of before.locals) if (!known.has(local.name)) known.set(local.name, local);
	}
	return { ...frame, locals: [...known.values()] };
}

/** Locations with their values, in the world's order. */
export function worldAt({ trace }: Run, moment: number): ReadonlyMap<string, string> {
	const values = new Map(trace.initial.map(({ location, value }) => [location, value]));
	for (const step of trace.steps.slice(0, moment))
		for (const { location, wrote } of step.effects) if (wrote !== null) values.set(location, wrote);
	return values;
}

/** What the last step before a moment wrote: the values before it. */
export function changedAt(run: Run, moment: number): ReadonlyMap<string, string> {
	const step = run.trace.steps[moment - 1];
	if (step === undefined) return new Map();
	const before = worldAt(run, moment - 1);
	const changed = step.effects.flatMap(({ location, wrote }): [string, string][] => {
		const old = before.get(location);
		return wrote === null || old === undefined || old === wrote ? [] : [[location, old]];
	});
	return new Map(changed);
}

export type Stops = (moment: number) => boolean;

/** One step of the run, whoever makes it. */
export function stepIn(run: Run, moment: number): number {
	return Math.min(moment + 1, lastOf(run));
}

/** One step back. */
export function stepBack(moment: number): number {
	return Math.max(moment - 1, 0);
}

/** To where the same CPU moves again in the same function or a caller; past what others do, unless there is a stop. */
export function next(run: Run, moment: number, stops: Stops): number {
	return until(run, moment, stops, (depth, before) => depth <= before);
}

/** The same in a caller. */
export function stepOut(run: Run, moment: number, stops: Stops): number {
	return until(run, moment, stops, (depth, before) => depth < before);
}

function until(
	run: Run,
	moment: number,
	stops: Stops,
	isThere: (depth: number, before: number) => boolean,
): number {
	const cpu = moverAt(run, moment);
	const before = framesAt(run, moment, cpu).length;
	const last = lastOf(run);
	let own: number | null = null;
	for (let at = moment + 1; at < last; at++) {
		if (stops(at)) return at;
		if (moverAt(run, at) !== cpu) continue;
		own = at;
		if (isThere(framesAt(run, at, cpu).length, before)) return at;
	}
	// a CPU that is done leaves the next step to another
	return own === null ? stepIn(run, moment) : last;
}

/** To the next stop, else to the end. */
export function forward(run: Run, moment: number, stops: Stops): number {
	const last = lastOf(run);
	for (let at = moment + 1; at < last; at++) if (stops(at)) return at;
	return last;
}

/** To the stop before, else to the beginning. */
export function backward(moment: number, stops: Stops): number {
	for (let at = moment - 1; at > 0; at--) if (stops(at)) return at;
	return 0;
}
