/**
 * Carets: what a C fixture expects, written below the line it is about.
 *
 *     return mapping->a_ops != &secretmem_aops;
 *     //     ^^^^^^^^^^^^^^ error[racing-mapping]: folio->mapping is dereferenced …
 *
 * Columns are visual with tabs of 8. A span that goes on over lines is marked up to the end of its first line.
 */
import type { AnalysedFinding } from '../server/ide/analysis/analysis.js';

const CARETS = /^\s*\/\/\s*\^+ /;
const TAB = 8;

/** The code without what it expects. */
export function withoutCarets(text: string): string {
	return text
		.split('\n')
		.filter((line) => !CARETS.test(line))
		.join('\n');
}

/** The code with a caret line for each finding. */
export function withCarets(code: string, findings: readonly AnalysedFinding[]): string {
	const lines = code.split('\n');
	return lines
		.flatMap((line, i) => [
			line,
			...findings
				.filter((f) => f.place.line === i + 1)
				.map((f) => caretLine(line, f))
				.sort(),
		])
		.join('\n');
}

function caretLine(line: string, { place, severity, rule, message }: AnalysedFinding): string {
	const from = visual(line, place.column);
	const until = visual(line, place.endLine === place.line ? place.endColumn : line.length + 1);
	// the comment's own two characters stand left of the span
	const tabs = Math.max(0, Math.floor((from - 2) / TAB));
	const lead = `${'\t'.repeat(tabs)}//${' '.repeat(Math.max(0, from - 2 - tabs * TAB))}`;
	return `${lead}${'^'.repeat(Math.max(1, until - from))} ${severity}[${rule}]: ${message}`;
}

/** Visual column, 0-based, of a 1-based column. */
function visual(line: string, column: number): number {
	let at = 0;
	for (const char of line.slice(0, column - 1)) at += char === '\t' ? TAB - (at % TAB) : 1;
	return at;
}
