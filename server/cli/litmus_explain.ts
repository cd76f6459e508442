/**
 * `racewalk litmus --explain`: why each test's condition can or cannot hold, as text, JSON or a drawing. With a budget in a
 * process of its own, which is ended when it does not end.
 */
import { terminalLines } from '../../engine/escape/terminal.js';
import type { LitmusExplainOptions } from '../litmus/explain.js';
import {
	type ExplainedFile,
	type ExplanationFormat,
	explainedFile,
} from '../worker/litmus_tasks.js';
import { readSource, UsageError } from './options.js';
import { type Supervisor, supervisor } from './supervised.js';
import { complain, print, printJson } from './write.js';

export interface LitmusExplainCliOptions {
	readonly generation: LitmusExplainOptions['generation'];
	/** Kernel tree whose model is meant, or null for the built-in one. */
	readonly tree: string | null;
	readonly format: ExplanationFormat;
	/** Milliseconds for each test, or null for no limit. */
	readonly budget: number | null;
}

/** Explains the files on standard output; 0, or 2 when a file was not understood, 3 when something is undecided. */
export async function explainFiles(
	files: readonly string[],
	options: LitmusExplainCliOptions,
): Promise<0 | 2 | 3> {
	const { format, budget } = options;
	if (format === 'svg' && files.length > 1) {
		throw new UsageError('--format svg draws one test at a time');
	}
	const worker = budget === null ? null : supervisor();
	let status: 0 | 2 | 3 = 0;
	const explained: Extract<ExplainedFile, { kind: 'explained' }>[] = [];
	try {
		for (const file of files) {
			const outcome = await explainOne(file, options, worker);
			if (outcome.kind === 'explained') {
				// Each as soon as it is there; JSON is one document.
				const between = format === 'text' && explained.length > 0 ? '\n' : '';
				if (format !== 'json') print(terminalLines(between + outcome.shown));
				explained.push(outcome);
			} else complain(outcome.message);
			if (outcome.kind === 'explained' && outcome.made.explanation.kind === 'undecided') {
				// a drawing has no place for it
				const said = format === 'dot' || format === 'svg' ? 'nothing to draw' : 'not decided';
				complain(`${file}: ${said}: ${outcome.made.explanation.why}`);
			}
			if (outcome.kind === 'problem') status = 2;
			else if (isUndecided(outcome) && status === 0) status = 3;
		}
	} finally {
		await worker?.end();
	}
	if (format === 'json') {
		printJson(
			explained.map(({ made }) => made),
			'\t',
		);
	}
	return status;
}

type Outcome = ExplainedFile | { readonly kind: 'ended'; readonly message: string };

async function explainOne(
	file: string,
	{ generation, tree, format, budget }: LitmusExplainCliOptions,
	worker: Supervisor | null,
): Promise<Outcome> {
	const text = readSource(file);
	if (worker === null || budget === null) {
		const start = performance.now();
		const cancelled = (): boolean => budget !== null && performance.now() - start > budget;
		return explainedFile(file, text, { generation, format, cancelled });
	}
	const litmus = { text, tree, budgetSeconds: budget / 1000 };
	const outcome = await worker.run({ kind: 'litmus-explain-file', litmus, file, format });
	if (outcome.kind === 'done') return outcome.result;
	return { kind: 'ended', message: `${file}: the explanation was given up: it ${outcome.why}` };
}

/** Given up, or not decided within what it may take. */
function isUndecided(outcome: Exclude<Outcome, { kind: 'problem' }>): boolean {
	return outcome.kind === 'ended' || outcome.made.explanation.kind === 'undecided';
}
