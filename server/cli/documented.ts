/**
 * The command line as data: what `--help` is made from, for the manual page and for shells that complete words.
 */
import { WHAT_IF_NAMES } from '../../engine/check/what_ifs.js';
import { ARCHS } from '../../engine/program/arch.js';
import { RULES } from '../../engine/rules/verdict.js';
import { COMMAND_NAMES, helpBelow } from './help.js';

/** Words that an option takes, where the option itself does not say. */
const WORDS_OF: Readonly<Record<string, readonly string[]>> = {
	'--arch': [...ARCHS, 'all'],
	'--rule': RULES,
	'--what-if': WHAT_IF_NAMES,
};

export interface DocumentedOption {
	/** `--arch <name>`, as help shows it. */
	readonly flags: string;
	readonly long: string;
	/** It has a value, which is a file, a folder or any word. */
	readonly value: 'none' | 'file' | 'folder' | 'word';
	readonly choices: readonly string[];
	readonly about: string;
}

export interface DocumentedCommand {
	readonly name: string;
	/** `[options] <file...>`. */
	readonly usage: string;
	readonly about: string;
	readonly options: readonly DocumentedOption[];
	/** What stands below the options in help: exit status, examples. */
	readonly below: string;
}

export interface CommandTable {
	readonly about: string;
	readonly commands: readonly DocumentedCommand[];
}

/** An option as the parser of the command line has it. */
interface ParsedOption {
	readonly flags: string;
	readonly long?: string | undefined;
	readonly argChoices?: readonly string[] | undefined;
}

interface ParsedCommand<O extends ParsedOption> {
	name(): string;
	usage(): string;
	description(): string;
	readonly options: readonly O[];
}

/** The commands of the parser, in the order in which help has them; `described`: what help says of an option. */
export function documented<O extends ParsedOption>(
	all: ParsedCommand<O> & { readonly commands: readonly ParsedCommand<O>[] },
	described: (option: O) => string,
): CommandTable {
	const commands = COMMAND_NAMES.flatMap((name): DocumentedCommand[] => {
		const command = all.commands.find((c) => c.name() === name);
		if (command === undefined) return [];
		return [
			{
				...{ name, usage: command.usage(), about: command.description() },
				options: command.options.map((o) => ({ ...optionOf(o), about: described(o) })),
				below: helpBelow(name),
			},
		];
	});
	return { about: all.description(), commands };
}

function optionOf({ flags, long, argChoices }: ParsedOption): Omit<DocumentedOption, 'about'> {
	const name = long ?? flags;
	const value = /<(\w{1,40})/.exec(flags)?.[1];
	const kind = value === 'dir' ? 'folder' : value === 'file' || value === 'path' ? 'file' : 'word';
	return {
		...{ flags, long: name, value: value === undefined ? 'none' : kind },
		choices: argChoices ?? WORDS_OF[name] ?? [],
	};
}
