/** What a kit says of itself: what it is for, what to do, what to look for, and what it leaves out. */
import { visibleLine } from '../../../../engine/escape/visible.js';
import { twoColumn } from '../../../ide/two_column.js';
import { SIGNS } from './drivers.js';
import type { Point } from './points.js';
import type { RaceProgram } from './program.js';
import type { KitSubject } from './subject.js';

export function readme(
	{ made, run: { trace, finding }, id }: KitSubject,
	kit: {
		readonly points: readonly Point[];
		readonly left: readonly string[];
		readonly program: RaceProgram;
	},
): string {
	const { points, left, program } = kit;
	const listed = (lines: readonly string[]): readonly string[] =>
		lines.map((l) => `- ${visibleLine(l)}`);
	const sign = finding === null ? undefined : SIGNS[finding.rule];
	return [
		`${visibleLine(made.path)}: ${made.function}(): ${finding === null ? 'a run that breaks no rule' : visibleLine(finding.message)}`,
		'',
		'This kit tries to bring one run of a model about on a real kernel. It was made from the run and tried by nobody: that a run is possible in the',
		'model is one thing, that a machine does it another.',
		'',
		'The run:',
		'',
		visibleLine(trace.scenario),
		...twoColumn(trace, { width: 100, brief: true, values: true }).split('\n'),
		'',
		`racewalk show '${id}'`,
		'',
		'What the patch does:',
		'',
		...(points.length === 0
			? ['- it places no delay; the program runs without']
			: points.map(
					(p) => `- ${visibleLine(p.path)}:${p.line}, ${p.function}(): ${visibleLine(p.what)}`,
				)),
		'',
		'What to do:',
		'',
		'1. Build the patched kernel with CONFIG_DEBUG_VM and CONFIG_KASAN, and boot it in a virtual machine with at least two CPUs.',
		'2. cd tools/testing/racewalk && cc -O2 -pthread race.c -o race',
		...(points.length === 0
			? ['3. ./race 60']
			: ['3. echo 5 > /sys/module/kernel/parameters/racewalk_ms && ./race 120']),
		'',
		`How the walk is called: ${program.calls ?? 'that is left open'}.`,
		...(program.notes.length === 0
			? []
			: ['', 'To set up, and to know:', '', ...listed(program.notes)]),
		'',
		'What to assert and to look for:',
		'',
		sign === undefined
			? '- nothing is known to look for: the run breaks no rule, or one without a sign'
			: `- ${sign}`,
		'',
		...(left.length === 0 ? [] : ['What is left to do by hand:', '', ...listed(left), '']),
	].join('\n');
}
