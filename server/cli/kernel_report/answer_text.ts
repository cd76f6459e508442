/** An answer as text: what is said first, who the two sides are, the runs, and what it all rests on. */
import { type Terminal, terminal } from '../../../engine/escape/terminal.js';
import type { Paint } from '../paint.js';
import { drawnRun } from '../text.js';
import type { Answer } from './answer.js';

export function answerText(answer: Answer, file: string, colours: Paint): Terminal {
	const { report, walk, adversaries, cited, said, finding, runs, bounds } = answer;
	const [first = '', ...more] = said;
	const paint = PAINT[answer.outcome];
	const lines: Terminal[] = [
		colours.bold(`${file}:${report.line}: ${report.title}`),
		terminal`  ${colours[paint](first)}`,
		...more.map((line) => terminal`  ${line}`),
	];
	if (walk !== null) {
		const [at] = walk.lines;
		const where = at === undefined ? walk.frame.path : `${at.path}:${walk.frame.line ?? at.line}`;
		lines.push(
			terminal`  the walk's part: ${walk.frame.function}(), ${where}, in a walk of ${walk.root}()`,
		);
		if (walk.locations.length > 0 && cited.length > 0)
			lines.push(terminal`  both access: ${walk.locations.join(', ')}`);
	}
	if (cited.length > 0)
		lines.push(
			terminal`  the other part: ${cited.map((name) => `${name}()`).join(', ')}, as done by the adversaries ${adversaries.join(', ')}`,
		);
	if (finding !== null)
		lines.push(
			terminal`  ${finding.place.path}:${finding.place.line}:${finding.place.column}: ${finding.message} [${finding.rule}]`,
		);
	for (const { what, id, trace } of runs)
		lines.push(terminal`  ${what} (${trace.scenario}): racewalk show '${id}'`);
	const [drawn] = runs;
	if (drawn !== undefined && answer.outcome === 'explained')
		lines.push(terminal``, drawnRun(drawn.trace, { brief: finding !== null }), terminal``);
	lines.push(...bounds.map((line) => colours.dim(`  ${line}`)), terminal``);
	return terminal`${terminal.join(lines, '\n')}\n`;
}

const PAINT = {
	explained: 'red',
	benign: 'green',
	unexplained: 'yellow',
	'not-modelled': 'yellow',
	undecided: 'yellow',
} as const;
