/**
 * Where a finding began: the lines of the walk that were removed, changed or added between the last text without it and the first
 * with it. Both are texts of the editor: what stood there before racewalk looked is not known.
 *
 * Invariant: a mark claims no more than that order of events; which of several changes did it is not said.
 */
import type { AnalysedFinding, Analysis, Place } from './analysis/analysis.js';
import type { ShownDiagnostic } from './diagnostics.js';

/** Lines that map between two texts, as `server/lsp/line_map.ts` makes them. */
export interface Lines {
	toAnalysed(line: number): number | null;
	toCurrent(line: number): number | null;
}

export interface Change {
	readonly how: 'removed' | 'changed' | 'added';
	/** 1-based, in the later text: where the lines were, are now, or begin. */
	readonly line: number;
	/** Text of the first line with words that is gone, or that is new. */
	readonly text: string;
}

/** Changes that are told at most. */
const CHANGES_MAX = 3;

/** Changes inside of functions that were checked before or are now, in order. */
export function changesBetween(
	before: { readonly lines: readonly string[]; readonly analysis: Pick<Analysis, 'functions'> },
	after: { readonly lines: readonly string[]; readonly analysis: Pick<Analysis, 'functions'> },
	map: Lines,
): readonly Change[] {
	const isInside = ({ functions }: Pick<Analysis, 'functions'>, line: number): boolean =>
		functions.some((f) => f.place.line <= line && line <= f.endLine);
	const words = (lines: readonly string[], from: number, to: number): string =>
		lines
			.slice(from - 1, to)
			.find((line) => /\w/.test(line))
			?.trim() ?? '';
	const found: Change[] = [];
	let [old, now] = [1, 1];
	while (old <= before.lines.length || now <= after.lines.length) {
		let [oldEnd, nowEnd] = [old, now];
		while (oldEnd <= before.lines.length && map.toCurrent(oldEnd) === null) oldEnd++;
		while (nowEnd <= after.lines.length && map.toAnalysed(nowEnd) === null) nowEnd++;
		const gone = words(before.lines, old, oldEnd - 1);
		const made = words(after.lines, now, nowEnd - 1);
		const inWalk =
			(oldEnd > old && isInside(before.analysis, old)) ||
			(nowEnd > now && isInside(after.analysis, now));
		if (inWalk && (gone !== '' || made !== '')) {
			const how = made === '' ? 'removed' : gone === '' ? 'added' : 'changed';
			found.push({ how, line: Math.min(now, after.lines.length), text: gone === '' ? made : gone });
		}
		[old, now] = [oldEnd + 1, nowEnd + 1];
	}
	return found.slice(0, CHANGES_MAX);
}

/** Hints at the changes with which a finding began; `lineOf`: of the text as it stands, null where it is gone. */
export function changeMarks(
	finding: Pick<AnalysedFinding, 'rule' | 'function' | 'place'>,
	changes: readonly Change[],
	{ path, lineOf }: { readonly path: string; readonly lineOf: (line: number) => number | null },
): readonly ShownDiagnostic[] {
	return changes.flatMap((change): readonly ShownDiagnostic[] => {
		const line = lineOf(change.line);
		if (line === null) return [];
		const place: Place = { path, line, column: 1, endLine: line, endColumn: 1000 };
		const message = `${changeSentence(change)}; before, ${finding.rule} was not found in ${finding.function}().`;
		const related = [{ place: finding.place, message: `${finding.rule} is found here` }];
		return [
			{
				...{ rule: finding.rule, severity: 'hint', message, place, related },
				...{ function: finding.function, trace: null, actors: [] },
			},
		];
	});
}

/** `removed here: if (…)`. */
export function changeSentence({ how, text }: Change): string {
	const shown = text.length > 80 ? `${text.slice(0, 80)} …` : text;
	return how === 'changed' ? `changed here, was: ${shown}` : `${how} here: ${shown}`;
}
