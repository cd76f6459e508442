/**
 * Where a debugger stops: lines of the walk's file, a location that is read or written, and conditions on both. Watches of C decide
 * conditions; one that has no value at a moment does not stop there.
 */
import { shortened } from '../../engine/base/shortened.js';
import { framePlace } from '../ide/trace_content.js';
import { isTrue, misread } from './expression.js';
import { framesAt, moverAt, type Run, type Stops, worldAt } from './moments.js';

export interface LineStop {
	/** As steps name it: the tree's path. */
	readonly path: string;
	readonly line: number;
	readonly condition: string | null;
}

export interface DataStop {
	readonly location: string;
	readonly access: 'read' | 'write' | 'readWrite';
	readonly condition: string | null;
}

/** Where to stop in a run. */
export function stopsIn(run: Run, lines: readonly LineStop[], data: readonly DataStop[]): Stops {
	const holds = (condition: string | null, moment: number): boolean =>
		condition === null || isTrue(condition, namesAt(run, moment)) === true;
	return (moment) =>
		lines.some((stop) => isReached(run, moment, stop) && holds(stop.condition, moment)) ||
		data.some((stop) => isTouched(run, moment, stop) && holds(stop.condition, moment));
}

/** Names of a frame of a CPU at a moment. */
export function namesAt(run: Run, moment: number, cpu = moverAt(run, moment), depth = 0) {
	const frames = framesAt(run, moment, cpu).slice(depth);
	// a name means the innermost frame's; C has no names of callers
	const [frame] = frames;
	const { locals = [], unkept = [] } = frame ?? {};
	return { locals, unkept, world: worldAt(run, moment) };
}

/** A line is reached where a CPU comes to it; what else it does there is no other time. */
function isReached(run: Run, moment: number, { path, line }: LineStop): boolean {
	const { steps } = run.trace;
	const isOn = (index: number): boolean =>
		steps[index]?.frames.some((frame) => {
			const place = framePlace(frame);
			return place.path === path && place.line === line;
		}) === true;
	if (!isOn(moment)) return false;
	const cpu = steps[moment]?.cpu;
	const before = steps.slice(0, moment).findLastIndex((step) => step.cpu === cpu);
	return !isOn(before);
}

/** The step before the moment read or wrote it. */
function isTouched(run: Run, moment: number, { location, access }: DataStop): boolean {
	return (run.trace.steps[moment - 1]?.effects ?? []).some(
		(effect) =>
			isSameLocation(effect.location, location) &&
			((access !== 'read' && effect.wrote !== null) ||
				(access !== 'write' && effect.read !== null)),
	);
}

/** `folio.mapping` and `_refcount` mean every folio's; `pte[0]` is one. */
function isSameLocation(location: string, asked: string): boolean {
	if (location === asked || location.endsWith(`.${asked}`)) return true;
	return location.replace(/#\d+/, '') === asked;
}

/** Why nothing stops there in any run like this one; null: something may. */
export function whyNever(run: Run, { location, condition }: DataStop): string | null {
	const { initial, steps } = run.trace;
	const isTouchable =
		initial.some((cell) => isSameLocation(cell.location, location)) ||
		steps.some(({ effects }) => effects.some((e) => isSameLocation(e.location, location)));
	if (!isTouchable) return `${shortened(location)} is no location of this run`;
	return whyNeverTrue(condition);
}

/** Why a condition is true at no moment; null: it may be. */
export function whyNeverTrue(condition: string | null): string | null {
	const why = condition === null ? null : misread(condition);
	return why === null ? null : `the condition is not understood: ${why}`;
}

/** Lines of a file on which a run has steps. */
export function linesOf({ trace }: Run, path: string): ReadonlySet<number> {
	const places = trace.steps.flatMap(({ frames }) => frames.map(framePlace));
	return new Set(places.filter((place) => place.path === path).map(({ line }) => line));
}
