/**
 * Suppressions: a comment `racewalk: allow(rule): reason` on the line of a finding or alone on the lines above it
 * takes the finding out of the diagnostics and into the list of what was allowed, with its reason. One without a reason
 * allows nothing.
 *
 * Invariant: a suppression never changes a verdict: a violated function stays violated.
 */
import { RULES, type Rule } from '../../../engine/rules/verdict.js';
import { splitLines } from '../../tree/source_lines.js';
import type { AnalysedFinding } from './analysis.js';

export interface Suppression {
	readonly rules: readonly Rule[];
	readonly reason: string;
	/** 1-based line the comment stands on. */
	readonly line: number;
	/** 1-based line it speaks about: its own, or the next one with code when the comment stands alone. */
	readonly target: number;
}

const COMMENT = /\/[*/]\s*racewalk:\s*allow\(([^)]{0,400})\)\s*:?([^\n]*)/;
const COMMENT_LINE = /^\s*(\/\*.*|\*.*|\/\/.*)?$/;

/** All suppressions of a text, in order. */
export function suppressions(text: string): readonly Suppression[] {
	if (!text.includes('racewalk:')) return [];
	const lines = splitLines(text);
	const found: Suppression[] = [];
	for (const [index, line] of lines.entries()) {
		const match = COMMENT.exec(line);
		if (match === null) continue;
		const reason = ((match[2] ?? '').split('*/', 1)[0] ?? '').trim();
		const rules = (match[1] ?? '').split(',').map((name) => name.trim());
		const known = RULES.filter((rule) => rules.includes(rule));
		if (reason === '' || known.length === 0) continue;
		found.push({ rules: known, reason, line: index + 1, target: targetOf(lines, index) });
	}
	return found;
}

function targetOf(lines: readonly string[], index: number): number {
	if (!COMMENT_LINE.test(lines[index] ?? '')) return index + 1;
	let at = index + 1;
	while (at < lines.length && COMMENT_LINE.test(lines[at] ?? '')) at++;
	return at + 1;
}

/** The suppression that allows a finding, or null. */
export function allowed(
	finding: AnalysedFinding,
	path: string,
	known: readonly Suppression[],
): Suppression | null {
	if (finding.place.path !== path) return null;
	const { line, endLine } = finding.place;
	return (
		known.find(
			(s) =>
				s.rules.includes(finding.rule) && s.target >= line && s.target <= Math.max(line, endLine),
		) ?? null
	);
}

/** The comment that suppresses a rule once its reason is written into it, indented like the line it goes above. */
export function suppressionComment(rule: Rule, indent: string): string {
	return `${indent}/* racewalk: allow(${rule}): */\n`;
}
