/**
 * `racewalk explain FILE:LINE[:COL]`: what the editor's hover says there.
 */

import {
	asMarkdown,
	code,
	codeBlock,
	type Markdown,
	md,
	paragraphs,
	RULE,
} from '../../engine/escape/markdown.js';
import { terminalLines } from '../../engine/escape/terminal.js';
import { saysNothing } from '../ide/access_lines.js';
import {
	type AnalysedFunction,
	type Analysis,
	functionAt,
	stoppedAnalysis,
	type VariantAnalysis,
} from '../ide/analysis/analysis.js';
import { spanReader } from '../ide/analysis/spans.js';
import { configurationsMarkdown } from '../ide/configurations.js';
import { explain, verdictAt } from '../ide/explain.js';
import { type Reason, withoutLine, withReason } from '../ide/guard_words.js';
import { splitLines } from '../tree/source_lines.js';
import { forEachConfiguration, requireFormat } from './asking.js';
import {
	type CommonOptions,
	type Input,
	readInput,
	requireProfile,
	type TextRequest,
	UsageError,
} from './options.js';
import type { Executor, TextSession } from './supervised.js';
import { whatIfWords } from './text.js';
import { complainUndecided, isUndecided } from './undecided.js';
import { type Complaining, complain, print, printJson } from './write.js';

/** Nothing can be clicked on a terminal: runs are named. */
const NOWHERE = { text: '', run: () => null };

/** Exit status: 0, or 3 when the function that the line lies in is undecided, or not all of it was explored. */
export async function runExplain(subject: string, options: CommonOptions): Promise<number> {
	const split = /^(.+?):(\d+)(?::(\d+))?$/s.exec(subject);
	if (split?.[1] === undefined) {
		throw new UsageError(`explain takes FILE:LINE or FILE:LINE:COL, not '${subject}'`);
	}
	requireFormat('explain', options);
	const column = split[3] === undefined ? null : Number(split[3]);
	const at = { line: Number(split[2]), column };
	const input = readInput(split[1], options);
	const { said, isDecided } = await explanationOf(input, { at, options, tell: complain });
	tellMarkdown(said, options);
	return isDecided ? 0 : 3;
}

/** A line, and a column of it or any. */
export interface At {
	readonly line: number;
	readonly column: number | null;
}

/** What is said of a place; decided: all was explored, and no function there is undecided. */
export async function explanationOf(
	input: Input,
	asked: {
		readonly at: At;
		readonly options: CommonOptions<string>;
		readonly tell: Complaining;
		readonly executor?: Executor;
	},
): Promise<{ readonly said: Markdown; readonly isDecided: boolean }> {
	const { at, options, tell, executor } = asked;
	const { line } = at;
	requireProfile(input);
	const lines = splitLines(input.text).length;
	if (line < 1 || line > lines) {
		throw new UsageError(`${input.path} has ${lines} lines, there is no line ${line}`);
	}
	let silent: Markdown | null = null;
	const isSilent = saysNothing(input.text, line);
	const each = await forEachConfiguration(
		[input],
		options,
		async ({ request, session, isFirst }) => {
			const next = isFirst && isSilent ? await nextAccess(session, line) : null;
			if (next !== null) silent = silentLine(line, next);
			if (silent !== null) return null;
			// the first is explained; of the others it is said where they differ
			const isExplained = isFirst || request.whatIf !== undefined;
			return explainedUnder(session, { request, at, isExplained, text: input.text });
		},
		executor,
	);
	if (silent !== null) return { said: silent, isDecided: true };
	const told = each.flatMap((one) => one.told.filter((part) => part !== null));
	const analyses = input.variants.flatMap((variant, i): VariantAnalysis[] => {
		const analysis = told[i]?.analysis;
		return analysis === undefined ? [] : [{ variant, analysis }];
	});
	const isGivenUp = told.some(({ givenUp }) => givenUp !== null);
	const known = new Set(told.flatMap((one) => one.analysis.functions.map((f) => f.name)));
	for (const name of options.function)
		if (!isGivenUp && !known.has(name))
			throw new UsageError(`no lockless walk of ${input.path} reaches a function '${name}'`);
	const parts = told.flatMap(({ part }) => (part === null ? [] : [part]));
	const configurations = analyses.length > 1 ? configurationsMarkdown(analyses, line) : null;
	if (configurations !== null) parts.push(configurations);
	const ruled = parts.flatMap((part, i) => (i === 0 ? [part] : [RULE, part]));
	const given = [...new Set(told.flatMap(({ givenUp }) => (givenUp === null ? [] : [givenUp])))];
	for (const why of given) tell(`${input.path}: not all of it was explored: ${why}`);
	const open = told.flatMap(({ analysis }) => {
		const inside = functionAt(analysis, line);
		if (inside === null || !isUndecided(inside)) return [];
		complainUndecided(input.path, [inside], analysis.arch, tell);
		return [inside];
	});
	return { said: paragraphs(ruled), isDecided: given.length + open.length === 0 };
}

function tellMarkdown(said: Markdown, { format }: CommonOptions): void {
	const markdown = asMarkdown(said);
	if (format === 'json') printJson({ schema: 1, markdown });
	else print(terminalLines(`${markdown}\n`));
}

/** The first line behind it on which a walk accesses what is shared; null: on the line itself, on none, or it is not known. */
async function nextAccess(session: TextSession, line: number): Promise<number | null> {
	const outcome = await session.run({ kind: 'accesses' });
	if (outcome.kind !== 'done' || outcome.result.includes(line)) return null;
	return outcome.result.find((access) => access > line) ?? null;
}

function silentLine(line: number, next: number): Markdown {
	return md`Line ${line} holds no shared access; the next one is line ${next}.`;
}

/** What is known under one configuration. */
interface Told {
	readonly analysis: Analysis;
	/** Null: it is only compared. */
	readonly part: Markdown | null;
	/** Why it is not all there is to know; null: it is. */
	readonly givenUp: string | null;
}

async function explainedUnder(
	session: TextSession,
	about: {
		readonly request: TextRequest;
		readonly at: At;
		readonly isExplained: boolean;
		readonly text: string;
	},
): Promise<Told> {
	const { request, at, isExplained, text } = about;
	const checked = await session.run({ kind: 'analyse' });
	const analysis =
		checked.kind === 'done'
			? session.limit.explain(checked.result)
			: stoppedAnalysis(request, { phase: checked.phase, why: `it ${checked.why}` });
	const sites = isExplained ? await session.run({ kind: 'sites' }) : null;
	const guards = isExplained ? await session.run({ kind: 'guards', line: at.line }) : null;
	const ended = [checked, sites, guards].find((outcome) => outcome?.kind === 'ended');
	const stopped = analysis.stopped ?? (analysis.cancelled ? { why: 'the budget ran out' } : null);
	const givenUp = ended?.kind === 'ended' ? `it ${ended.why}` : (stopped?.why ?? null);
	if (sites === null || guards === null) return { analysis, part: null, givenUp };
	const known = {
		guards: guards.kind === 'done' ? guards.result : session.guards,
		complete: guards.kind === 'done',
	};
	const without = withoutLine(known, at, NOWHERE);
	const all = { ...analysis, sites: sites.kind === 'done' ? sites.result : [] };
	return { analysis, part: explained({ ...all, without }, text, at), givenUp };
}

/** Whether the configuration, or what callers may pass, keeps every run off the line. */
function isNotReached({ coverage, place: { path } }: AnalysedFunction, line: number): boolean {
	return (coverage?.constant ?? []).some(
		(place) => place.path === path && place.line <= line && line <= place.endLine,
	);
}

/** What is said of a place under one configuration. */
function explained(
	analysis: Analysis & { readonly without: Reason | null },
	text: string,
	at: At,
): Markdown {
	const said = explain(analysis, at, { link: () => null, spanText: spanReader(text) });
	const inside = functionAt(analysis, at.line);
	const { stopped } = analysis;
	const silent =
		stopped !== undefined
			? md`Nothing is known of this place on ${analysis.arch}: ${stopped.why}.`
			: inside === null
				? md`This line is in no function of a lockless walk on ${analysis.arch}.`
				: isNotReached(inside, at.line)
					? md`No run of ${code(`${inside.name}()`)} reaches this line under this configuration, or with the flags that callers may pass.`
					: md`No sampled run of ${code(`${inside.name}()`)} accesses shared memory on this line.`;
	const { without } = analysis;
	const otherwise = without === null ? silent : verdictAt(analysis, at.line);
	const silence = otherwise === null ? null : { head: otherwise, parts: [], details: null };
	const { brief, details } = withReason(said ?? silence, without);
	const told = details === null ? [brief] : [brief, RULE, details];
	if (analysis.whatIf === undefined) return paragraphs(told);
	const supposed = whatIfWords(analysis.whatIf, analysis.arch);
	return paragraphs([codeBlock(supposed.join('\n')), RULE, ...told]);
}
