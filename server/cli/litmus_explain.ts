/**
 * `racewalk litmus --explain`: why each test's condition can or cannot hold, as text, JSON or a drawing.
 */
import { terminalLines } from '../../engine/escape/terminal.js';
import {
	explainLitmus,
	type LitmusExplainOptions,
	type LitmusExplanation,
} from '../litmus/explain.js';
import { explanationDot, explanationSvg, explanationText } from '../litmus/litmus_text.js';
import { LitmusProblem, placeOf } from '../litmus/problem.js';
import { DEFAULT_LITMUS_OPTIONS } from '../litmus/run.js';
import { readSource, UsageError } from './options.js';
import { complain, print, printJson } from './write.js';

export interface LitmusExplainCliOptions {
	readonly generation: LitmusExplainOptions['generation'];
	readonly format: 'text' | 'json' | 'dot' | 'svg';
	/** Milliseconds for each test, or null for no limit. */
	readonly budget: number | null;
}

/** Explains the files on standard output; 0, or 2 when a file was not understood, 3 when something is undecided. */
export function explainFiles(
	files: readonly string[],
	{ generation, format, budget }: LitmusExplainCliOptions,
): 0 | 2 | 3 {
	if (format === 'svg' && files.length > 1) {
		throw new UsageError('--format svg draws one test at a time');
	}
	let status: 0 | 2 | 3 = 0;
	const made: LitmusExplanation[] = [];
	for (const file of files) {
		const text = readSource(file);
		const start = performance.now();
		const cancelled = (): boolean => budget !== null && performance.now() - start > budget;
		try {
			const { loopMax } = DEFAULT_LITMUS_OPTIONS;
			const explained = explainLitmus(text, { generation, loopMax, barriers: true, cancelled });
			made.push(explained);
			if (explained.explanation.kind === 'undecided' && status === 0) status = 3;
		} catch (error) {
			if (!(error instanceof LitmusProblem)) throw error;
			const { line, column } = placeOf(text, error.offset);
			complain(`${file}:${line}:${column}: ${error.message}`);
			status = 2;
		}
	}
	printExplained(made, format);
	return status;
}

function printExplained(
	made: readonly LitmusExplanation[],
	format: LitmusExplainCliOptions['format'],
): void {
	switch (format) {
		case 'text':
			print(terminalLines(made.map(explanationText).join('\n')));
			return;
		case 'json':
			printJson(made, '\t');
			return;
		case 'dot':
			print(terminalLines(made.map(explanationDot).join('')));
			return;
		case 'svg':
			print(terminalLines(made.map(explanationSvg).join('')));
			return;
	}
}
