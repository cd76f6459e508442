/**
 * The one way of a command through its files: they are read, each is asked about under every configuration, one after the other,
 * and the process beside is ended whatever happens.
 */
import {
	type CommonOptions,
	type Input,
	readInput,
	type TextRequest,
	UsageError,
} from './options.js';
import { type Questions, roadOf } from './supervised.js';

/** One file under one configuration, and where it can be asked about. */
export interface Asking {
	readonly input: Input;
	readonly request: TextRequest;
	/** The first of its file, for what is said of a file once. */
	readonly isFirst: boolean;
	readonly asked: Questions;
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

/** What `ask` makes of each file, under its configurations in their order. */
export async function askedOfEach<T>(
	inputs: readonly Input[],
	options: CommonOptions<string>,
	ask: (asking: Asking) => Promise<T>,
): Promise<readonly { readonly input: Input; readonly told: readonly T[] }[]> {
	const road = roadOf(options);
	const all: { readonly input: Input; readonly told: readonly T[] }[] = [];
	try {
		for (const input of inputs) {
			const told: T[] = [];
			for (const request of input.requests)
				told.push(
					await ask({ input, request, isFirst: told.length === 0, asked: road.about(request) }),
				);
			all.push({ input, told });
		}
	} finally {
		await road.end();
	}
	return all;
}
