/**
 * `racewalk litmus`: hands the files to the litmus engine.
 */
import { UsageError } from './options.js';

export interface LitmusOptions {
	readonly tree?: string;
	readonly format: 'text' | 'json';
	readonly budget?: number;
}

/** Runs the command; the process's exit status. */
export async function runLitmusCommand(
	_files: readonly string[],
	_options: LitmusOptions,
): Promise<number> {
	throw new UsageError('litmus: not built yet');
}
