/** A run as text for a mail: prose of 80 columns, two columns for the run, and the command that replays it. */
import { type Terminal, terminalLines } from '../../../engine/escape/terminal.js';
import { visibleLine } from '../../../engine/escape/visible.js';
import { twoColumn } from '../../ide/two_column.js';
import { COLUMNS, wrapped } from '../review/wrapped.js';
import type { Exported } from './exported.js';
import { sameness } from './show.js';

export function runMail(shown: Exported): Terminal {
	const { made, run, differs } = shown;
	const { trace, finding } = run;
	const head =
		finding === null
			? `${made.path}: ${made.function}(): a run that breaks no rule`
			: `${finding.place.path}:${finding.place.line}: ${finding.function}(): ${finding.message} [${finding.rule}]`;
	const drawn = twoColumn(trace, { width: COLUMNS - 2, brief: true, values: false });
	const rows = [
		...prose(head),
		'',
		...prose(`${made.arch}, ${made.memory}: ${trace.scenario}`),
		'',
		...drawn.split('\n').map((row) => (row === '' ? '' : `  ${row}`)),
		'',
		...prose(
			'This is one run of a model of the code and of what the other CPU does. It shows that the order above is possible there, and says nothing of whether it was seen on a machine.',
		),
		'',
		...prose(sameness(shown)),
		...differs.flatMap((what) => wrapped(visibleLine(what), { first: '- ', next: '  ' })),
		'',
		`racewalk show '${shown.id}'`,
	];
	return terminalLines(`${rows.join('\n')}\n`);
}

function prose(text: string): readonly string[] {
	return wrapped(visibleLine(text), {});
}
