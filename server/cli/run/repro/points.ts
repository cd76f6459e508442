/**
 * Where delays go: the walk and the adversary each wait where the run leaves them and comes back, before the step that they do next.
 *
 * A step of the walk has its line. A step of an adversary stands for something in a kernel function that it cites: the delay is at that function's
 * begin, and where the step before is of the same function there is no place for it.
 */
import type { AnalysedStep } from '../../../ide/analysis/analysis.js';
import { splitLines } from '../../../tree/source_lines.js';
import { codeLines, spotBefore, spotInside } from './spots.js';

export interface Point {
	readonly cpu: number;
	readonly path: string;
	/** The statement goes before this 1-based line. */
	readonly line: number;
	readonly function: string;
	/** What the CPU does next, and what happens meanwhile: for people. */
	readonly what: string;
}

export interface Points {
	readonly placed: readonly Point[];
	/** Windows that no delay could be placed for: sentences. */
	readonly left: readonly string[];
}

export function pointsOf(
	steps: readonly AnalysedStep[],
	read: (path: string) => string | null,
): Points {
	const placed = new Map<string, Point>();
	const left: string[] = [];
	for (const [i, step] of steps.entries()) {
		const before = steps[i - 1];
		if (before === undefined || before.cpu === step.cpu) continue;
		const next = steps.find((s, at) => at > i && s.cpu === before.cpu);
		if (next === undefined) continue;
		const during = `CPU ${step.cpu} goes on with ${nameOf(step)}(): ${step.what}`;
		const what = `CPU ${next.cpu} waits before ${nameOf(next)}() does: ${next.what}; ${during}`;
		const spot = next.cpu === 0 ? walkSpot(before, next, read) : citedSpot(before, next, read);
		if (typeof spot === 'string') left.push(`${what}: no delay was placed: ${spot}`);
		else {
			const early = spot.isEarly ? '; the statement does more before that, which waits, too' : '';
			const { path, line, function: name } = spot;
			placed.set(`${path}:${line}`, {
				path,
				line,
				function: name,
				cpu: next.cpu,
				what: `${what}${early}`,
			});
		}
	}
	return { placed: [...placed.values()], left };
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
		const line = spotBefore(codeLines(text), place.line);
		if (line === null)
			return `where the statement at ${place.path}:${place.line} begins is not clear`;
		const earlier = before.frames.find((f) => f.place.path === place.path && f.function === name);
		const isSame =
			earlier !== undefined && line <= earlier.place.line && earlier.place.line <= place.line;
		return { path: place.path, line, function: name, isEarly: isSame };
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
	return { path: cites.path, line, function: cites.function, isEarly: false };
}
