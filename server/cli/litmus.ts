/**
 * `racewalk litmus`: hands the files to the litmus engine, under the tree's generation of the model.
 */
import { terminalLines } from '../../engine/escape/terminal.js';
import { BUILT_IN_GENERATION, generationOf } from '../litmus/generation.js';
import { DEFAULT_LITMUS_OPTIONS, runLitmus } from '../litmus/run.js';
import { UsageError } from './options.js';
import { complain, print, printJson } from './write.js';

export interface LitmusOptions {
	readonly tree?: string;
	readonly format: 'text' | 'json' | 'dot' | 'svg';
	/** Say why instead of running. */
	readonly explain?: true;
	/** Seconds for each test; without it DEFAULT_LITMUS_OPTIONS has the last word. */
	readonly budget?: number;
}

/** Runs the command; the process's exit status. */
export async function runLitmusCommand(
	files: readonly string[],
	options: LitmusOptions,
): Promise<number> {
	const generation = options.tree === undefined ? BUILT_IN_GENERATION : generationOf(options.tree);
	if (generation === null) {
		throw new UsageError(`${options.tree} has no tools/memory-model/linux-kernel.bell`);
	}
	const budget = options.budget === undefined ? null : options.budget * 1000;
	if (options.explain === true) {
		const { explainFiles } = await import('./litmus_explain.js');
		return explainFiles(files, { generation, format: options.format, budget });
	}
	if (options.format === 'dot' || options.format === 'svg') {
		throw new UsageError(`--format ${options.format} needs --explain`);
	}
	const output = runLitmus(files, {
		...DEFAULT_LITMUS_OPTIONS,
		generation,
		...(options.budget === undefined ? {} : { budget: options.budget * 1000 }),
	});
	if (options.format === 'json') printJson(output.reports, '\t');
	else print(terminalLines(output.text));
	for (const { file, problem, match, verdict, races, expected } of output.reports) {
		const prefix = problem?.startsWith(file) ? '' : `${file}: `;
		if (problem !== null) complain(`${prefix}${problem}`);
		const found = `${verdict}${races ? ' with a data race' : ''}`;
		if (match === false) complain(`${file}: ${found}, but its Result: says ${expected}`);
	}
	return output.status;
}
