/**
 * A run as kernel commit messages draw it: the engine's diagram over resolved places.
 */
import type { SiteIndex } from '../../engine/program/op.js';
import { diagram } from '../../engine/trace/diagram.js';
import type { TraceStep } from '../../engine/trace/trace.js';
import type { AnalysedStep, AnalysedTrace } from './analysis/analysis.js';

export interface TwoColumnOptions {
	readonly width: number;
	/**
	 * Leave out reads of what no other CPU writes in the run, what is done around a function that is looked at alone, and CPUs
	 * that do nothing.
	 */
	readonly brief?: boolean;
	readonly values?: boolean;
}

/** Text of the diagram, without a final line end. */
export function twoColumn(trace: AnalysedTrace, options: TwoColumnOptions): string {
	const drawn = options.brief ? trace.steps.filter((s) => !isAround(s)) : trace.steps;
	const last = Math.max(0, ...drawn.map((s) => s.cpu));
	const threads = options.brief ? trace.threads.slice(0, last + 1) : trace.threads;
	const steps = drawn.map((step, index): TraceStep => {
		const [innermost] = step.frames;
		// what becomes of the pages after the walk is no line of anybody's source
		if (innermost.function === HARNESS) return { ...step, frames: [] };
		const name = innermost.cites?.function ?? innermost.function;
		// The step's number stands in for the site: the text is asked for by it.
		return { ...step, frames: [{ function: name, site: index as SiteIndex }] };
	});
	const text = (site: SiteIndex): string | null => {
		const said = drawn[site]?.text ?? '';
		return said === '' || isOwnC(said) ? null : said;
	};
	return diagram({ ...trace, threads, steps }, { ...options, text }).trimEnd();
}

/** Words of racewalk's own C, which are no kernel code: the step is told by what it does. */
export function isOwnC(text: string): boolean {
	return /\b(?:__rw_|victim_)/.test(text);
}

/** The function around a root that needs to be given an entry or a folio. */
export const HARNESS = '__rw_harness';

/** A step of the function that engine/check/call/harness.ts puts around a root that needs to be given an entry or a folio. */
export function isAround({ frames: [innermost], violation }: AnalysedStep): boolean {
	return innermost.function === HARNESS && violation === null;
}
