/**
 * Where the verdicts of a document stand while it is being edited: the server's lines moved along with the text until
 * its next answer.
 *
 * Invariant: lines are 0-based here; an answer for an older text never moves what has been moved already.
 */
import type { Verdict, VerdictsParams } from '../server/protocol.js';

export interface FunctionLine {
	readonly name: string;
	readonly line: number;
	readonly verdict: Verdict;
	readonly why: string;
	/** What came of each adversary in the last text that was checked whole. */
	readonly against: readonly { readonly actor: string; readonly verdict: Verdict }[];
}

/** A line that no explored run came to, and what it would take. */
export interface UnreachedLine {
	readonly line: number;
	readonly why: string;
}

export interface DocumentVerdicts {
	readonly functions: readonly FunctionLine[];
	readonly unreached: readonly UnreachedLine[];
	readonly findings: number;
	/** Architectures on which something breaks that does not here. */
	readonly elsewhere: readonly string[];
	/** 0-based line of the newest text that does not parse: all of this is of a text before; null: it is not. */
	readonly unparsed: number | null;
	/** Scenarios are still to be explored. */
	readonly isOpen: boolean;
	/** `checking`: the text is newer than what is shown. */
	readonly freshness: VerdictsParams['freshness'];
	readonly arch: string;
	readonly memory: string;
	readonly milliseconds: number;
}

/** What is shown is of a text before the newest, or nobody knows. */
export function isStale({ freshness, unparsed }: DocumentVerdicts): boolean {
	return freshness !== 'fresh' || unparsed !== null;
}

/** One change of a text: lines [line, endLine] replaced by text with `newlines` line breaks. 0-based. */
export interface LineChange {
	readonly line: number;
	readonly endLine: number;
	readonly newlines: number;
}

/** What to show after the server's answer, given what was shown and the version of the text now. */
export function answered(
	shown: DocumentVerdicts | null,
	answer: VerdictsParams,
	version: number,
): DocumentVerdicts {
	const old = answer.version < version;
	const nothing = answer.functions.length === 0 && answer.freshness !== 'fresh';
	const keep = shown !== null && (old || nothing);
	return {
		functions: keep
			? shown.functions
			: answer.functions.map((f) => ({
					...{ ...f, line: f.line - 1 },
					against: f.against ?? shown?.functions.find((g) => g.name === f.name)?.against ?? [],
				})),
		unreached: keep
			? shown.unreached
			: (answer.unreached ?? []).map((u) => ({ ...u, line: u.line - 1 })),
		findings: keep ? shown.findings : (answer.findings ?? 0),
		elsewhere: keep ? shown.elsewhere : (answer.elsewhere ?? []),
		unparsed: answer.unparsed === undefined ? null : answer.unparsed - 1,
		isOpen: keep ? shown.isOpen : answer.left !== undefined,
		freshness: old && answer.freshness === 'fresh' ? 'checking' : answer.freshness,
		arch: answer.arch,
		memory: answer.memory,
		milliseconds: answer.milliseconds,
	};
}

/** What to show after an edit: verdicts are stale and their lines move with the text; deleted lines take theirs along. */
export function edited(shown: DocumentVerdicts, changes: readonly LineChange[]): DocumentVerdicts {
	const functions = carried(shown.functions, changes);
	const unreached = carried(shown.unreached, changes);
	return { ...shown, functions, unreached, freshness: 'checking' };
}

function carried<T extends { readonly line: number }>(
	marks: readonly T[],
	changes: readonly LineChange[],
): readonly T[] {
	return marks.flatMap((mark) => {
		let line: number | null = mark.line;
		for (const change of changes) line = line === null ? null : moved(line, change);
		return line === null ? [] : [{ ...mark, line }];
	});
}

function moved(line: number, change: LineChange): number | null {
	const lost = change.endLine - change.line;
	if (line <= change.line) return line;
	if (line < change.endLine) return null;
	return line + change.newlines - lost;
}

/** The function whose verdict line is the last at or above `line`, null above the first. */
export function functionAt(functions: readonly FunctionLine[], line: number): FunctionLine | null {
	return functions
		.filter((f) => f.line <= line)
		.reduce<FunctionLine | null>(
			(best, f) => (best === null || f.line >= best.line ? f : best),
			null,
		);
}
