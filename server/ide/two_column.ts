/**
 * A run as kernel commit messages draw it: the engine's diagram over resolved places.
 */
import type { SiteIndex } from '../../engine/program/op.js';
import { diagram } from '../../engine/trace/diagram.js';
import type { TraceStep } from '../../engine/trace/trace.js';
import type { AnalysedTrace } from './analysis.js';

/** Text of the diagram, without a final line end. `brief` leaves out reads of what no other CPU writes in the run. */
export function twoColumn(
	trace: AnalysedTrace,
	options: { readonly width: number; readonly brief?: boolean; readonly values?: boolean },
): string {
	const steps = trace.steps.map((step, index): TraceStep => {
		const [innermost] = step.frames;
		const name = innermost.cites?.function ?? innermost.function;
		// The step's number stands in for the site: the text is asked for by it.
		return { ...step, frames: [{ function: name, site: index as SiteIndex }] };
	});
	const text = (site: SiteIndex): string | null => {
		const said = trace.steps[site]?.text ?? '';
		return said === '' ? null : said;
	};
	return diagram({ ...trace, steps }, { ...options, text }).trimEnd();
}
