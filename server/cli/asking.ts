/**
 * The one way of a command through its files: they are read, the command's work is done for each under every configuration,
 * one after the other, and the worker is ended whatever happens.
 */
import {
	type CommonOptions,
	type Input,
	readInput,
	type TextRequest,
	UsageError,
} from './options.js';
import { type Executor, executorOf, type TextSession } from './supervised.js';

/** One file under one configuration, and where tasks about it are run. */
export interface Asking {
	readonly input: Input;
	readonly request: TextRequest;
	/** The first of its file, for what is said of a file once. */
	readonly isFirst: boolean;
	readonly session: TextSession;
}

/** A UsageError for a format that the command does not print. */
export function requireFormat(
	command: string,
	{ format }: { readonly format: string },
	formats: readonly string[] = ['text', 'json'],
): void {
	if (formats.includes(format)) return;
	const last = formats.at(-1);
	throw new UsageError(`${command} prints ${formats.slice(0, -1).join(', ')} or ${last}`);
}

export function inputsOf(
	files: readonly string[],
	options: CommonOptions<string>,
): readonly Input[] {
	if (options.as !== undefined && files.length > 1)
		throw new UsageError('--as names one path; give one FILE with it');
	return files.map((file) => readInput(file, options));
}

/** What `work` makes of each file, under its configurations in their order; ends the executor, whosever it is. */
export async function forEachConfiguration<T>(
	inputs: readonly Input[],
	options: CommonOptions<string>,
	work: (asking: Asking) => Promise<T>,
	executor: Executor = executorOf(options),
): Promise<readonly { readonly input: Input; readonly told: readonly T[] }[]> {
	const all: { readonly input: Input; readonly told: readonly T[] }[] = [];
	try {
		for (const input of inputs) {
			const told: T[] = [];
			for (const request of input.requests)
				told.push(
					await work({
						input,
						request,
						isFirst: told.length === 0,
						session: executor.sessionFor(request),
					}),
				);
			all.push({ input, told });
		}
	} finally {
		await executor.end();
	}
	return all;
}
