/**
 * Where delays go: the walk and the adversary each wait where the run leaves them, before the step that they do next. What a CPU that
 * the run leaves for good would do next is told by another run, in which it goes on there.
 *
 * A step of the walk has its line. A step of an adversary stands for something in a kernel function that it cites: the delay is at that function's
 * begin, and where the step before is of the same function there is no place for it.
 */
import type { AnalysedStep } from '../../../ide/analysis/analysis.js';
import { splitLines } from '../../../tree/source_lines.js';
import { codeLines, isArm, spotBefore, spotInside } from './spots.js';

export interface Point {
	readonly cpu: number;
	readonly path: string;
	/** The statement goes before this 1-based line. */
	readonly line: number;
	/** The line begins an arm without braces: what goes before it is a loop around it that runs once. */
	readonly isArm: boolean;
	readonly function: string;
	/** What the CPU does next, and what happens meanwhile: for people. */
	readonly what: string;
}

export interface Points {
	readonly placed: readonly Point[];
	/** Windows that no delay could be placed for: sentences. */
	readonly left: readonly string[];
}

/** `later`: by CPU that the run leaves for good, what it would do next. */
export function pointsOf(
	steps: readonly AnalysedStep[],
	later: ReadonlyMap<number, readonly AnalysedStep[]>,
	read: (path: string) => string | null,
): Points {
	const placed = new Map<string, Point>();
	const left: string[] = [];
	const place = (window: Window): void => {
		const { what, spots } = windowOf(window, read);
		const spot = spots.find((one) => typeof one !== 'string') ?? spots[0];
		if (spot === undefined || typeof spot === 'string')
			left.push(`${what}: no delay was placed: ${spot ?? 'it does nothing more'}`);
		else {
			const does = spot.isEarly ? '; the statement does more before that, which waits, too' : '';
			const more = spots[0] === spot ? '' : '; there is no place for it, and it does that first';
			const { path, line, isArm: joined, function: name } = spot;
			const { cpu } = window.before;
			placed.set(`${path}:${line}`, {
				...{ path, line, cpu, isArm: joined, function: name },
				what: `${what}${does}${more}`,
			});
		}
	};
	for (const [i, step] of steps.entries()) {
		const before = steps[i - 1];
		if (before === undefined || before.cpu === step.cpu) continue;
		const next = steps.find((s, at) => at > i && s.cpu === before.cpu);
		if (next !== undefined) place({ before, next: [next], during: step });
	}
	for (const [cpu, next] of later) {
		const at = steps.findLastIndex((step) => step.cpu === cpu);
		const [before, during] = [steps[at], steps[at + 1]];
		if (before !== undefined && during !== undefined) place({ before, next, during });
	}
	return { placed: [...placed.values()], left };
}

/** A CPU stands still behind `before` while another one goes on. */
interface Window {
	readonly before: AnalysedStep;
	/** What it does next, and after that. */
	readonly next: readonly AnalysedStep[];
	readonly during: AnalysedStep;
}

function windowOf(
	{ before, next, during }: Window,
	read: (path: string) => string | null,
): { readonly what: string; readonly spots: readonly (Spot | string)[] } {
	const [first] = next;
	const does = first === undefined ? 'it goes on' : `${nameOf(first)}() does: ${first.what}`;
	return {
		what: `CPU ${before.cpu} waits before ${does}; CPU ${during.cpu} goes on with ${nameOf(during)}(): ${during.what}`,
		spots: next.map((step) =>
			step.cpu === 0 ? walkSpot(before, step, read) : citedSpot(before, step, read),
		),
	};
}

function nameOf({ frames: [innermost] }: AnalysedStep): string {
	return innermost.cites?.function ?? innermost.function;
}

/** `isEarly`: the step before lies in the same statement. */
type Spot = Omit<Point, 'cpu' | 'what'> & { readonly isEarly: boolean };

function walkSpot(
	before: AnalysedStep,
	next: AnalysedStep,
	read: (path: string) => string | null,
): Spot | string {
	// a header cannot include what the delay needs
	for (const { place, function: name } of next.frames) {
		const text = place.path.endsWith('.c') ? read(place.path) : null;
		if (text === null) continue;
		const lines = codeLines(text);
		if (isArm(lines, place.line))
			return { path: place.path, line: place.line, function: name, isArm: true, isEarly: false };
		const line = spotBefore(lines, place.line);
		if (line === null)
			return `where the statement at ${place.path}:${place.line} begins is not clear`;
		const earlier = before.frames.find((f) => f.place.path === place.path && f.function === name);
		const isSame =
			earlier !== undefined && line <= earlier.place.line && earlier.place.line <= place.line;
		return { path: place.path, line, function: name, isArm: false, isEarly: isSame };
	}
	return 'the step lies in no C file of the tree';
}

function citedSpot(
	before: AnalysedStep,
	next: AnalysedStep,
	read: (path: string) => string | null,
): Spot | string {
	const cites = next.frames.find((f) => f.cites !== null)?.cites ?? null;
	if (cites === null || cites.line === null)
		return 'the tree does not have the function that it stands for';
	if (nameOf(before) === cites.function)
		return `both are steps of ${cites.function}(): put it there by hand`;
	const text = cites.path.endsWith('.c') ? read(cites.path) : null;
	const line = text === null ? null : spotInside(splitLines(text), cites.line);
	if (line === null)
		return `${cites.function}() of ${cites.path} has no body that a delay can stand in`;
	return { path: cites.path, line, function: cites.function, isArm: false, isEarly: false };
}
