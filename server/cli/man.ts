/**
 * The manual page, made from the commands and options that there are. `man(7)`: what roff would obey in a text is escaped.
 */

import type { CommandTable, DocumentedCommand } from './documented.js';
import { KERNELS, VERSION } from './version.js';

/** The page as the source of man(1). */
export function manPage({ about, commands }: CommandTable): string {
	return [
		`.TH RACEWALK 1 "" "racewalk ${roff(VERSION)}" "User Commands"`,
		'.SH NAME',
		`racewalk \\- ${roff(about)}`,
		'.SH SYNOPSIS',
		...commands.flatMap(({ name, usage }) => ['.br', `.B racewalk ${roff(name)}`, roff(usage)]),
		'.SH DESCRIPTION',
		roff(
			'A verdict holds within the bounds and under the assumptions that are told with it. What is unsupported or inconclusive is undecided, which is not clean.',
		),
		roff(`The protocols of kernels ${KERNELS} are known.`),
		'.SH COMMANDS',
		...commands.flatMap(commandLines),
		'.SH FILES',
		'.TP',
		'.I .racewalk/actors/*.c',
		roff('adversaries of a workspace, beside those of racewalk'),
		'.SH SEE ALSO',
		roff(
			'The folder docs of the package has a page on each rule, on reviews, baselines and continuous integration.',
		),
		'',
	].join('\n');
}

function commandLines({
	name,
	usage,
	about,
	options,
	below,
}: DocumentedCommand): readonly string[] {
	return [
		`.SS "racewalk ${roff(name)} ${roff(usage)}"`,
		roff(`${about}.`),
		...options.flatMap(({ flags, about: what }) => ['.TP', `.B ${roff(flags)}`, roff(what)]),
		'.PP',
		'.nf',
		...below.trim().split('\n').map(roff),
		'.fi',
	];
}

/** Text that is shown: no request, no escape, hyphens that can be copied. */
function roff(text: string): string {
	const shown = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('"', '\\(dq');
	return /^[.']/.test(shown) ? `\\&${shown}` : shown;
}
