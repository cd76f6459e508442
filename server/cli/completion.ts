/**
 * Completion of words in a shell, made from the commands and options that there are: bash, zsh and fish.
 */
import type { CommandTable, DocumentedCommand, DocumentedOption } from './documented.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What the shell is to read. */
export function completionFor(shell: Shell, table: CommandTable): string {
	switch (shell) {
		case 'bash':
			return bash(table);
		case 'zsh':
			// zsh reads what is written for bash
			return `#compdef racewalk
autoload -U +X bashcompinit && bashcompinit
${bash(table)}# where zsh has loaded this as a function, it is asked right now
[ "$funcstack[1]" = _racewalk ] && _bash_complete -o filenames -F _racewalk
`;
		case 'fish':
			return fish(table);
	}
}

function bash({ commands }: CommandTable): string {
	const names = commands.map(({ name }) => name).join(' ');
	return `# racewalk: completion for bash
_racewalk() {
	local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W "${names} --help --version" -- "$word"))
		return
	fi
	case "$command $before" in
${commands.flatMap(bashValues).join('\n')}
	esac
	case "$word" in
		-*) ;;
		*) COMPREPLY=($(compgen -f -- "$word")); return ;;
	esac
	case "$command" in
${commands.map(bashOptions).join('\n')}
	esac
}
complete -o filenames -F _racewalk racewalk
`;
}

function bashOptions({ name, options }: DocumentedCommand): string {
	const words = [...options.map(({ long }) => long), '--help'].join(' ');
	return `\t\t${name}) COMPREPLY=($(compgen -W "${words}" -- "$word")) ;;`;
}

function bashValues({ name, options }: DocumentedCommand): readonly string[] {
	return options.flatMap((option) => {
		const values = bashWords(option);
		return values === null
			? []
			: [`\t\t"${name} ${option.long}") COMPREPLY=($(compgen ${values} -- "$word")); return ;;`];
	});
}

/** What compgen is asked for; null: the option has no value. */
function bashWords({ value, choices }: DocumentedOption): string | null {
	if (choices.length > 0) return `-W "${choices.join(' ')}"`;
	switch (value) {
		case 'none':
			return null;
		case 'file':
			return '-f';
		case 'folder':
			return '-d';
		case 'word':
			return '-W ""';
	}
}

function fish({ commands }: CommandTable): string {
	return [
		'# racewalk: completion for fish',
		...commands.map(
			({ name, about }) =>
				`complete -c racewalk -n __fish_use_subcommand -f -a ${name} -d ${quoted(about)}`,
		),
		...commands.flatMap(({ name, options }) =>
			options.map(
				(option) =>
					`complete -c racewalk -n '__fish_seen_subcommand_from ${name}' -l ${option.long.slice(2)}${fishValue(option)} -d ${quoted(option.about)}`,
			),
		),
		'',
	].join('\n');
}

function fishValue({ value, choices }: DocumentedOption): string {
	if (choices.length > 0) return ` -x -a ${quoted(choices.join(' '))}`;
	switch (value) {
		case 'none':
			return '';
		case 'file':
		case 'folder':
			return ' -r';
		case 'word':
			return ' -x';
	}
}

function quoted(text: string): string {
	return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
