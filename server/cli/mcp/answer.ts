/**
 * Answers of tools: text for who reads, and the same in short as data, both of a bounded size. What is cut off is said.
 *
 * Invariant: all text in an answer was made visible; it is quoted from files that anybody may have written.
 */
import { type Terminal, written } from '../../../engine/escape/terminal.js';
import { visible } from '../../../engine/escape/visible.js';
import type { AnalysedFinding, Analysis } from '../../ide/analysis/analysis.js';
import type { ObjectSchema } from './parameters.js';

/** What an answer amounts to, in a word. */
export const OUTCOMES = ['decided', 'finding', 'undecided'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** By exit status of the command that answers the same. */
export const OUTCOME_OF: Readonly<Record<0 | 1 | 3, Outcome>> = {
	0: 'decided',
	1: 'finding',
	3: 'undecided',
};

export interface Answer {
	readonly outcome: Outcome;
	readonly text: Terminal;
	/** The answer in short, by the tool's schema. */
	readonly data: Readonly<Record<string, unknown>>;
	/** A run that is left out of `data` where it is too long. */
	readonly run?: object;
}

/** Characters of an answer's text. */
const TEXT_MAX = 60_000;
/** Entries of a list in `data`. */
const LIST_MAX = 200;
/** Characters of a run as JSON. */
const RUN_MAX = 100_000;

/** What is sent for an answer. */
// no interface: those have no index signature, which the SDK's types want
export type Sent = {
	readonly content: { readonly type: 'text'; readonly text: string }[];
	readonly structuredContent: Record<string, unknown>;
};

export function sent({ outcome, text, data, run }: Answer, notes: readonly string[]): Sent {
	const left: string[] = [];
	const lists = Object.entries(data).map(([name, value]) => {
		if (!Array.isArray(value) || value.length <= LIST_MAX) return [name, value];
		left.push(`${value.length - LIST_MAX} of ${value.length} ${name} are left out`);
		return [name, value.slice(0, LIST_MAX)];
	});
	const isLong = run !== undefined && JSON.stringify(run).length > RUN_MAX;
	if (isLong) left.push('the steps of the run are left out of the data');
	const all = written(text);
	const cut = all.length <= TEXT_MAX ? all : all.slice(0, all.lastIndexOf('\n', TEXT_MAX) + 1);
	if (cut.length < all.length)
		left.push(
			`the text is cut at ${cut.length} of ${all.length} characters: ask about one function`,
		);
	const said = [...notes.map(visible), ...left];
	const shown = [cut, ...said.map((note) => `note: ${note}`)].filter((part) => part !== '');
	return {
		content: [{ type: 'text', text: shown.join('\n') }],
		structuredContent: {
			outcome,
			notes: said,
			...(shownIn(Object.fromEntries(lists)) as Record<string, unknown>),
			...(run === undefined || isLong ? {} : { run: shownIn(run) }),
		},
	};
}

/** A value whose texts are made visible. */
function shownIn(value: unknown): unknown {
	if (typeof value === 'string') return visible(value);
	if (Array.isArray(value)) return value.map(shownIn);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, shownIn(of)]));
}

/** A finding in short; the id of its run is replayed by `simulate`. */
export function findingOf(
	finding: AnalysedFinding,
	{ arch }: Pick<Analysis, 'arch'>,
): Readonly<Record<string, unknown>> {
	const { rule, severity, message, place, function: name, actors, scenario, trace } = finding;
	return {
		...{ rule, severity, message, path: place.path, line: place.line, column: place.column },
		...{ function: name, arch, memory: finding.memory, actors, scenario, trace: trace.id },
	};
}

export const STRING = { type: 'string' } as const;
const STRINGS = { type: 'array', items: STRING } as const;

/** The schema of a list of objects that have at least these texts and numbers. */
export function listOf(texts: readonly string[], numbers: readonly string[] = []): object {
	return {
		type: 'array',
		items: {
			type: 'object',
			properties: {
				...Object.fromEntries(texts.map((name) => [name, STRING])),
				...Object.fromEntries(numbers.map((name) => [name, { type: 'number' }])),
			},
			required: [...texts, ...numbers],
		},
	};
}

export const FINDINGS = listOf(
	['rule', 'severity', 'message', 'path', 'function', 'arch', 'scenario', 'trace'],
	['line', 'column'],
);

/** The schema of what a tool answers: its outcome, notes, and what is its own. */
export function answerSchema(
	own: Readonly<Record<string, object>>,
	maybe: Readonly<Record<string, object>> = {},
): ObjectSchema {
	return {
		type: 'object',
		properties: { outcome: { enum: OUTCOMES }, notes: STRINGS, ...own, ...maybe },
		required: ['outcome', 'notes', ...Object.keys(own)],
	};
}
