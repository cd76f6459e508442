/**
 * What stands above each function of a walk: its verdict, and a run to look at.
 */
import type { Analysis } from './analysis/analysis.js';
import { againstTitle, verdictTitle } from './verdict_words.js';

export interface ShownLens {
	/** 1-based line of the function's name. */
	readonly line: number;
	readonly title: string;
	readonly function: string;
	/** A run to open, or null to search for one. */
	readonly trace: string | null;
}

/** Two lenses per function: the verdict, and *simulate*. */
export function codeLenses(analysis: Analysis): readonly ShownLens[] {
	return analysis.functions
		.filter((f) => f.place.path === analysis.path)
		.flatMap((f) => {
			const finding = analysis.findings.find((x) => x.function === f.name);
			const trace = finding?.trace.id ?? null;
			const { against } = f;
			const at = { line: f.place.line, function: f.name, trace };
			const own = against === undefined || f.calls !== undefined || f.verdict !== against.verdict;
			return [
				...(own ? [{ ...at, title: verdictTitle(f, analysis) }] : []),
				...(against === undefined ? [] : [{ ...at, title: againstTitle(against) }]),
				{ line: f.place.line, title: 'Simulate', function: f.name, trace },
			];
		});
}
