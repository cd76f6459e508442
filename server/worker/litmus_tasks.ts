/**
 * What a worker does for a litmus document: run it, explain it, look for the weakest ordering that changes the answer.
 */
import type { Budget } from '../../engine/base/budget.js';
import { BUILT_IN_GENERATION } from '../../engine/memory/lkmm/generation.js';
import { type LitmusAnalysis, type LitmusFix, type LitmusGoal, NOTHING } from '../ide/litmus.js';
import { describeLitmus, placesOf } from '../litmus/describe.js';
import {
	explainLitmus,
	type LitmusExplainOptions,
	type LitmusExplanation,
} from '../litmus/explain.js';
import { generationOf } from '../litmus/generation.js';
import { explanationDot, explanationSvg, explanationText } from '../litmus/litmus_text.js';
import { LitmusProblem, placeOf } from '../litmus/problem.js';
import { DEFAULT_LITMUS_OPTIONS, type FileResult, runText } from '../litmus/run.js';
import {
	BARRIER_TRIES_MAX,
	type BarrierAdvice,
	weakestBarrier,
} from '../litmus/weakest_barrier.js';

export interface LitmusRequest {
	readonly text: string;
	/** Kernel tree whose model is meant, or null for the built-in one. */
	readonly tree: string | null;
	readonly budgetSeconds: number;
}

/** An explanation as documents to show. */
export interface LitmusDocuments {
	readonly title: string;
	readonly text: string;
	readonly dot: string;
	readonly svg: string;
}

/** How an explanation can be printed. */
export type ExplanationFormat = 'text' | 'json' | 'dot' | 'svg';

/** What the command line prints of one file. */
export type ExplainedFile =
	/** `shown`: the document; in JSON the explanation itself is printed. */
	| { readonly kind: 'explained'; readonly made: LitmusExplanation; readonly shown: string }
	| { readonly kind: 'problem'; readonly message: string };

export type LitmusTask =
	| { readonly kind: 'litmus-analyse'; readonly litmus: LitmusRequest }
	/** The command line's report of one file. */
	| { readonly kind: 'litmus-run-file'; readonly litmus: LitmusRequest; readonly file: string }
	| { readonly kind: 'litmus-document'; readonly litmus: LitmusRequest }
	/** The command line's explanation of one file. */
	| {
			readonly kind: 'litmus-explain-file';
			readonly litmus: LitmusRequest;
			readonly file: string;
			readonly format: ExplanationFormat;
	  }
	| { readonly kind: 'litmus-fix'; readonly litmus: LitmusRequest; readonly goal: LitmusGoal };

export interface LitmusResults {
	readonly 'litmus-analyse': LitmusAnalysis;
	readonly 'litmus-run-file': FileResult;
	readonly 'litmus-document': LitmusDocuments;
	readonly 'litmus-explain-file': ExplainedFile;
	readonly 'litmus-fix': LitmusFix;
}

export function runLitmusTask(task: LitmusTask, budget: Budget): LitmusResults[LitmusTask['kind']] {
	const cancelled = (): boolean => budget.isOver();
	budget.enter?.(
		task.kind === 'litmus-analyse' || task.kind === 'litmus-run-file' ? 'exploring' : 'explaining',
	);
	switch (task.kind) {
		case 'litmus-analyse':
			return analyseLitmus(task.litmus, cancelled);
		case 'litmus-run-file':
			return runText(task.file, task.litmus.text, {
				...DEFAULT_LITMUS_OPTIONS,
				generation: generation(task.litmus),
				budget: task.litmus.budgetSeconds * 1000,
			});
		case 'litmus-document':
			return explained(task.litmus, cancelled);
		case 'litmus-explain-file':
			return explainedFile(task.file, task.litmus.text, {
				generation: generation(task.litmus),
				format: task.format,
				cancelled,
			});
		case 'litmus-fix':
			return fixed(task.litmus, task.goal, cancelled);
	}
}

function generation({ tree }: LitmusRequest) {
	return (tree === null ? null : generationOf(tree)) ?? BUILT_IN_GENERATION;
}

function analyseLitmus(request: LitmusRequest, cancelled: () => boolean): LitmusAnalysis {
	const { text, budgetSeconds } = request;
	const options = { generation: generation(request), budget: budgetSeconds * 1000, cancelled };
	const described = describeLitmus(text, options);
	if (described instanceof LitmusProblem) {
		const { message, offset } = described;
		const end = Math.max(offset + 1, offset + (/^\S*/.exec(text.slice(offset))?.[0].length ?? 0));
		return { ...NOTHING, problem: { message, place: placesOf(text, { start: offset, end }) } };
	}
	const { report, condition, expected } = described;
	return {
		problem: null,
		name: report.name,
		header: placesOf(text, described.header),
		verdict: report.verdict,
		undecided: report.problem,
		quantifier: described.quantifier,
		condition: condition === null ? null : placesOf(text, condition),
		states: described.states,
		positive: report.positive,
		negative: report.negative,
		expected:
			report.expected === null || expected === null
				? null
				: { text: report.expected, place: placesOf(text, expected) },
		match: report.match,
		races: described.races.map(({ location, first, second }) => ({
			location,
			first: placesOf(text, first.range),
			second: placesOf(text, second.range),
			firstText: first.text,
			secondText: second.text,
		})),
		flags: report.flags,
		deadlock: report.deadlock,
		accesses: described.accesses.map(({ range, events }) => ({
			place: placesOf(text, range),
			events,
		})),
		summary: described.summary,
	};
}

function explained(request: LitmusRequest, cancelled: () => boolean): LitmusDocuments {
	const { loopMax } = DEFAULT_LITMUS_OPTIONS;
	const options = { generation: generation(request), loopMax, barriers: true, cancelled };
	try {
		const made = explainLitmus(request.text, options);
		const text = explanationText(made);
		return { title: made.name, text, dot: explanationDot(made), svg: explanationSvg(made) };
	} catch (error) {
		if (!(error instanceof LitmusProblem)) throw error;
		return { title: 'not understood', text: `${error.message}\n`, dot: '', svg: '' };
	}
}

/** One file explained for the command line, drawn where that is asked for. */
export function explainedFile(
	file: string,
	text: string,
	options: {
		readonly generation: LitmusExplainOptions['generation'];
		readonly format: ExplanationFormat;
		readonly cancelled: () => boolean;
	},
): ExplainedFile {
	const { generation, format, cancelled } = options;
	const { loopMax } = DEFAULT_LITMUS_OPTIONS;
	try {
		const made = explainLitmus(text, { generation, loopMax, barriers: true, cancelled });
		return { kind: 'explained', made, shown: SHOWN[format](made) };
	} catch (error) {
		if (!(error instanceof LitmusProblem)) throw error;
		const { line, column } = placeOf(text, error.offset);
		return { kind: 'problem', message: `${file}:${line}:${column}: ${error.message}` };
	}
}

const SHOWN: Readonly<Record<ExplanationFormat, (made: LitmusExplanation) => string>> = {
	text: explanationText,
	json: () => '',
	dot: explanationDot,
	svg: explanationSvg,
};

function fixed(request: LitmusRequest, goal: LitmusGoal, cancelled: () => boolean): LitmusFix {
	const { loopMax } = DEFAULT_LITMUS_OPTIONS;
	const options = {
		generation: generation(request),
		loopMax,
		triesMax: BARRIER_TRIES_MAX,
		cancelled,
	};
	let advice: BarrierAdvice;
	try {
		advice = weakestBarrier(request.text, goal, options);
	} catch (error) {
		if (!(error instanceof LitmusProblem)) throw error;
		return { edits: [], title: error.message, found: false };
	}
	if (advice.kind === 'none') return { edits: [], title: advice.why, found: false };
	const title = advice.changes.map((c) => `${c.what} in ${c.thread}`).join(', ');
	return { edits: advice.changes.flatMap((c) => c.edits), title, found: true };
}
