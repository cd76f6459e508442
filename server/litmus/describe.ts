/**
 * A litmus test as an editor asks for it: one run with everything in it that has a place in the text.
 */

import type { Generation } from '../../engine/memory/lkmm/axioms.js';
import { allRuns } from '../../engine/memory/lkmm/contents.js';
import { EXPLAIN_OPTIONS, explainRace } from '../../engine/memory/lkmm/explain.js';
import type { ShownEvent } from '../../engine/memory/lkmm/explanation.js';
import type { LitmusProgram } from '../../engine/memory/lkmm/litmus_program.js';
import { eventsBySite } from '../../engine/memory/lkmm/show_execution.js';
import { parseLitmus } from './parse.js';
import { LitmusProblem, placeOf } from './problem.js';
import { DEFAULT_LITMUS_OPTIONS, type LitmusReport, runText } from './run.js';
import type { LitmusShell } from './shell.js';

/** Places as offsets of the text, end exclusive. */
export interface Range {
	readonly start: number;
	readonly end: number;
}

export interface LitmusDescription {
	readonly report: LitmusReport;
	readonly states: readonly string[];
	readonly summary: string;
	readonly quantifier: LitmusShell['quantifier'];
	readonly header: Range;
	/** From its keyword on; null when nothing is asked. */
	readonly condition: Range | null;
	readonly expected: Range | null;
	readonly races: readonly {
		readonly location: string;
		readonly first: { readonly range: Range; readonly text: string };
		readonly second: { readonly range: Range; readonly text: string };
	}[];
	readonly accesses: readonly { readonly range: Range; readonly events: readonly string[] }[];
}

export interface DescribeOptions {
	readonly generation: Generation;
	/** Milliseconds. */
	readonly budget: number;
	readonly cancelled: () => boolean;
}

/** Runs and describes a test; a LitmusProblem when its text is not understood. */
export function describeLitmus(
	text: string,
	{ generation, budget, cancelled }: DescribeOptions,
): LitmusDescription | LitmusProblem {
	let parsed: ReturnType<typeof parseLitmus>;
	try {
		parsed = parseLitmus(text);
	} catch (error) {
		if (error instanceof LitmusProblem) return error;
		throw error;
	}
	const { program, shell } = parsed;
	const {
		report,
		states,
		text: summary,
	} = runText('', text, {
		...DEFAULT_LITMUS_OPTIONS,
		generation,
		budget,
		// A test nobody waits for any more has run out of time.
		now: () => (cancelled() ? Number.POSITIVE_INFINITY : performance.now()),
	});
	return {
		report,
		states,
		summary,
		quantifier: shell.quantifier,
		header: headerRange(text),
		condition: conditionRange(text, shell),
		expected: expectedRange(text),
		races: report.races ? racesOf(text, program, { generation, cancelled }) : [],
		accesses: accessesOf(text, program),
	};
}

function racesOf(
	text: string,
	program: LitmusProgram,
	options: Pick<DescribeOptions, 'generation' | 'cancelled'>,
): LitmusDescription['races'] {
	const found = explainRace(program, { ...EXPLAIN_OPTIONS, ...options });
	return (found?.races ?? []).flatMap((race) => {
		const told = (label: string) => {
			const event = found?.execution.events.find((e) => e.label === label);
			return event === undefined ? null : eventRange(text, event);
		};
		const first = told(race.first);
		const second = told(race.second);
		if (first === null || second === null) return [];
		// The plain access is the one to look at first.
		const swap = !/\[plain/.test(first.text) && /\[plain/.test(second.text);
		const { location } = race;
		return [swap ? { location, first: second, second: first } : { location, first, second }];
	});
}

function eventRange(
	text: string,
	event: ShownEvent,
): { readonly range: Range; readonly text: string } | null {
	if (event.line === null || event.column === null) return null;
	return { range: rangeAt(text, event.line, event.column), text: event.text };
}

function accessesOf(text: string, program: LitmusProgram): LitmusDescription['accesses'] {
	const { loopMax } = DEFAULT_LITMUS_OPTIONS;
	const threads = allRuns(program, { loopMax, runsMax: RUNS_MAX, blocking: false });
	const runs = threads.map((t) => t.runs);
	return eventsBySite(program, runs).map(({ line, column, events }) => ({
		range: rangeAt(text, line, column),
		events,
	}));
}

const RUNS_MAX = 200;

/** The call, or the dereference, that begins at a place. */
function rangeAt(text: string, line: number, column: number): Range {
	const start = lineStart(text, line) + column - 1;
	const call = /^\w+\s*\(/.exec(text.slice(start));
	if (call === null) {
		const object = /^[*\s]*\w+(?:\s*\[[^\]]*\])?/.exec(text.slice(start))?.[0] ?? '';
		return { start, end: start + Math.max(1, object.length) };
	}
	let depth = 0;
	for (let i = start + call[0].length - 1; i < text.length; i++) {
		if (text[i] === '(') depth++;
		else if (text[i] === ')' && --depth === 0) return { start, end: i + 1 };
	}
	return { start, end: start + call[0].length };
}

function lineStart(text: string, line: number): number {
	let at = 0;
	for (let i = 1; i < line; i++) at = text.indexOf('\n', at) + 1;
	return at;
}

function headerRange(text: string): Range {
	const found = /C\s+\S+/.exec(text);
	return { start: found?.index ?? 0, end: (found?.index ?? 0) + (found?.[0].length ?? 0) };
}

function conditionRange(text: string, { condition }: LitmusShell): Range | null {
	const before = /(?:~\s*exists|exists|forall)\s*$/.exec(text.slice(0, condition.offset));
	if (before === null) return null;
	return { start: before.index, end: condition.offset + condition.text.trimEnd().length };
}

function expectedRange(text: string): Range | null {
	const found = /\bResult:\s*([A-Za-z]+)/.exec(text);
	if (found === null) return null;
	const end = found.index + found[0].length;
	return { start: end - (found[1] as string).length, end };
}

/** 1-based lines and columns of a range. */
export function placesOf(text: string, { start, end }: Range) {
	const from = placeOf(text, start);
	const to = placeOf(text, end);
	return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
}
