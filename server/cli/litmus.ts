/**
 * `racewalk litmus`: hands the files to the litmus engine, under the tree's generation of the model.
 */
import { terminalLines } from '../../engine/escape/terminal.js';
import { generationOf } from '../litmus/generation.js';
import {
	DEFAULT_LITMUS_OPTIONS,
	type FileResult,
	type LitmusOutput,
	type LitmusRunOptions,
	outputOf,
	readLitmus,
	runLitmus,
	undecidedFile,
} from '../litmus/run.js';
import { UsageError } from './options.js';
import { supervisor } from './supervised.js';
import { complain, print, printJson } from './write.js';

export interface LitmusOptions {
	readonly tree?: string;
	readonly format: 'text' | 'json' | 'dot' | 'svg';
	/** Say why instead of running. */
	readonly explain?: true;
	/** Seconds for each test; without it DEFAULT_LITMUS_OPTIONS has the last word. */
	readonly budget?: number;
}

interface Running {
	readonly generation: LitmusRunOptions['generation'];
	/** Told of each file as soon as it is done, in the order given. */
	readonly done: (result: FileResult) => void;
}

/** In a process of its own, for all its tests have a budget; here where there is none to start. */
async function runFiles(
	files: readonly string[],
	{ budget, tree }: LitmusOptions,
	{ generation, done }: Running,
): Promise<LitmusOutput> {
	const all = { ...DEFAULT_LITMUS_OPTIONS, generation };
	const milliseconds = budget === undefined ? all.budget : budget * 1000;
	const worker = milliseconds === null ? null : supervisor();
	if (worker === null || milliseconds === null)
		return runLitmus(files, { ...all, budget: milliseconds }, done);
	try {
		const results: FileResult[] = [];
		for (const file of files) {
			const text = readLitmus(file);
			let result = text;
			if (typeof result === 'string') {
				const litmus = { text: result, tree: tree ?? null, budgetSeconds: milliseconds / 1000 };
				const outcome = await worker.run({ kind: 'litmus-run-file', litmus, file });
				result =
					outcome.kind === 'done' ? outcome.result : undecidedFile(file, `it ${outcome.why}`);
			}
			done(result);
			results.push(result);
		}
		return outputOf(results);
	} finally {
		await worker.end();
	}
}

/** Runs the command; the process's exit status. */
export async function runLitmusCommand(
	files: readonly string[],
	options: LitmusOptions,
): Promise<number> {
	const generation =
		options.tree === undefined ? DEFAULT_LITMUS_OPTIONS.generation : generationOf(options.tree);
	if (generation === null) {
		throw new UsageError(`${options.tree} has no tools/memory-model/linux-kernel.bell`);
	}
	const budget = options.budget === undefined ? null : options.budget * 1000;
	if (options.explain === true) {
		const { explainFiles } = await import('./litmus_explain.js');
		const { format, tree = null } = options;
		return explainFiles(files, { generation, tree, format, budget });
	}
	if (options.format === 'dot' || options.format === 'svg') {
		throw new UsageError(`--format ${options.format} needs --explain`);
	}
	let isFirst = true;
	const done = (result: FileResult): void => {
		if (options.format !== 'json' && result.text !== '') {
			print(terminalLines(`${isFirst ? '' : '\n'}${result.text}`));
			isFirst = false;
		}
		complainOf(result);
	};
	const output = await runFiles(files, options, { generation, done });
	if (options.format === 'json') printJson(output.reports, '\t');
	return output.status;
}

function complainOf({ report }: FileResult): void {
	const { file, problem, match, verdict, races, expected } = report;
	const prefix = problem?.startsWith(file) ? '' : `${file}: `;
	if (problem !== null) complain(`${prefix}${problem}`);
	const found = `${verdict}${races ? ' with a data race' : ''}`;
	if (match === false) complain(`${file}: ${found}, but its Result: says ${expected}`);
}
