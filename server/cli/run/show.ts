/** `racewalk show ID`: a run that was found elsewhere, replayed here, and what differs. */
import { type Terminal, terminal, terminalLines } from '../../../engine/escape/terminal.js';
import { twoColumn } from '../../ide/two_column.js';
import { colours } from '../format.js';
import { foundLine, simulationJson } from '../simulate.js';
import { complain, print, printJson } from '../write.js';
import { type Replayed, type ReplayOptions, replayed } from './replaying.js';

export interface ShowOptions extends ReplayOptions {
	readonly format: 'text' | 'json';
}

/** Exit status: 0 the same run, which breaks no rule; 1 the same run, which breaks one; 3 no run, or another one. */
export async function runShow(
	word: string,
	file: string | undefined,
	options: ShowOptions,
): Promise<number> {
	const shown = await replayed(word, file, options);
	if (options.format === 'json') printJson(showJson(shown));
	else print(showText(shown, options));
	if (shown.run === null) complain(`no such run here: ${shown.why}`);
	if (!shown.isSame || shown.isUntrusted) return 3;
	return shown.run?.finding == null ? 0 : 1;
}

/** Whether the run is the one of the id, in a sentence. */
export function sameness({ run, isSame, differs }: Replayed): string {
	if (run === null) return 'There is no such run here.';
	const count = `${run.trace.steps.length} steps`;
	if (!isSame)
		return differs.length === 0
			? `NOT the run of the id: its ${count} do something else; what differs is nothing that the id names: other functions or headers of the tree, or the id itself was changed`
			: `NOT the run of the id: its ${count} do something else`;
	return differs.length === 0
		? `The run of the id, replayed: each of its ${count} does what it did.`
		: `The run of the id, replayed: each of its ${count} does what it did, although this differs:`;
}

function showText(shown: Replayed, options: ShowOptions): Terminal {
	const colour = colours(options);
	const { run, made, differs } = shown;
	const head = sameness(shown);
	const lines: Terminal[] = [
		shown.isSame ? colour.green(head) : colour.red(head),
		...differs.map((what) => terminal`  - ${what}`),
		terminal`${made.path}: ${made.function}(), ${made.arch}, ${made.memory}`,
	];
	if (run !== null)
		lines.push(
			run.finding === null
				? colour.green('this run breaks no rule')
				: foundLine(run.finding, colour),
			terminal`${run.trace.scenario}; run ${run.trace.id}`,
			...(shown.isSame ? [] : [terminal`portable id of what is shown: '${shown.id}'`]),
			terminal``,
			terminalLines(twoColumn(run.trace, { width: 100, brief: true, values: true })),
		);
	return terminal`${terminal.join(lines, '\n')}\n`;
}

function showJson(shown: Replayed): object {
	const { made, run, request, isSame, differs, id } = shown;
	const outcome = run ?? { trace: null, why: shown.why, functions: [] };
	return { ...simulationJson(outcome, made.function, { request, id }), same: isSame, differs };
}
