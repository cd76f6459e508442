/**
 * Fixes for two accesses of a walk that must be ordered: the weakest barrier that forbids what was found, behind the first of
 * them or before the second.
 */
import type { AnalysedFinding, Place } from '../analysis/analysis.js';
import { type FunctionSyntax, statementAt } from './function_syntax.js';
import { indentAt, lineEnd, lineStart, offsetAt, type TextChange } from './text_change.js';

/** Orders everything. */
const FULL = 'smp_mb()';

/** Edits that put a barrier between the accesses, the weakest barrier first. */
export function barrierCandidates(
	syntax: FunctionSyntax,
	{
		finding,
		text,
		path,
	}: { readonly finding: AnalysedFinding; readonly text: string; readonly path: string },
): readonly (readonly TextChange[])[] {
	const { barrier, place, related } = finding;
	if (barrier === undefined) return [];
	const statementOf = (at: Place | undefined) => {
		if (at === undefined || at.path !== path) return null;
		const offset = offsetAt(text, at.line, at.column) - syntax.base;
		if (offset < 0 || offset >= syntax.text.length) return null;
		return statementAt(syntax, offset);
	};
	const first = statementOf(place);
	const second = statementOf(related[0]?.place);
	return [...new Set([barrier, FULL])].flatMap((call) => {
		const changes: (readonly TextChange[])[] = [];
		const put = (at: number, indented: number): void => {
			const indent = indentAt(syntax.text, indented);
			const start = at + syntax.base;
			changes.push([{ start, end: start, text: `${indent}${call};\n` }]);
		};
		if (first !== null) put(lineEnd(syntax.text, first.node.end), first.node.start);
		if (second !== null) put(lineStart(syntax.text, second.node.start), second.node.start);
		return changes;
	});
}
