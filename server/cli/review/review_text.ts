/**
 * A review as text for a reply by mail: no line of prose is longer than 80 columns, what is quoted is marked as mails do, and a run is
 * two columns. The series stands at the end, as a table.
 */
import { type Terminal, terminal, terminalLines } from '../../../engine/escape/terminal.js';
import { visibleLine } from '../../../engine/escape/visible.js';
import { twoColumn } from '../../ide/two_column.js';
import { hunkName } from '../../patch/patch.js';
import type { Paint } from '../paint.js';
import { assumedBy } from '../report.js';
import type { ToldFinding } from './delta.js';
import type { MadeBy } from './makers.js';
import type { FileReview, Fresh, StepReview } from './reviewing.js';
import {
	changedOf,
	configurationsOf,
	countsOf,
	touchedOf,
	undecidedOf,
	verdictCounts,
} from './summary.js';
import { COLUMNS, wrapped } from './wrapped.js';

/** Lines of a hunk that are quoted around what it changes. */
const QUOTED_MAX = 40;

export function stepText(
	review: StepReview,
	{
		number,
		count,
		colours,
	}: { readonly number: number; readonly count: number; readonly colours: Paint },
): Terminal {
	const { step, adversaries, files, changes } = review;
	const parts: Terminal[] = [
		colours.bold(
			terminalLines(paragraph(`[${number}/${count}] ${visibleLine(step.title)}`, '      ')),
		),
	];
	const say = (text: string): void => {
		parts.push(terminalLines(paragraph(text, '    ', '  ')));
	};
	say(`changes ${changes.map(({ path }) => path).join(', ') || 'no text file'}`);
	for (const { path, isBinary, from } of step.files.map((f) => ({ ...f, path: f.to ?? f.from })))
		if (isBinary) say(`${path ?? from} is changed as a binary file: that is not looked at`);
	if (adversaries.length > 0)
		say(
			`adversaries that stand for what it changes: ${adversaries.map((a) => `${a.actor} (${a.function}())`).join(', ')}`,
		);
	const shown: Shown = { hunks: '', runs: new Set() };
	for (const file of files) parts.push(...fileParts(file, { colours, shown }));
	return terminal`${terminal.join(parts, '\n')}\n\n`;
}

/** What stands above already: the hunks quoted last, and runs. */
interface Shown {
	hunks: string;
	readonly runs: Set<string>;
}

function fileParts(
	file: FileReview,
	{ colours, shown }: { readonly colours: Paint; readonly shown: Shown },
): readonly Terminal[] {
	const parts: Terminal[] = [];
	const say = (text: string): void => {
		parts.push(terminalLines(paragraph(text, '    ', '  ')));
	};
	if (file.restsOn.length === 0 && file.from === file.path) {
		if (file.kept.length === 0) say(`${file.path}: rests on nothing that it changes`);
		else say(`${file.path}: rests on nothing that it changes; ${there(file.kept)}`);
		return parts;
	}
	const touched = touchedOf(file);
	if (touched.length > 0 && touched.length < file.functions.length)
		say(`${file.path}: touches ${touched.map(({ name }) => `${name}()`).join(', ')}`);
	for (const on of configurationsOf(file)) {
		const own = file.functions.filter((f) => f.on === on);
		const [before, after] = [verdictCounts(own, 'before'), verdictCounts(own, 'after')];
		say(
			before === after
				? `${file.path}: ${on}: ${after}, as before`
				: `${file.path}: ${on}: before ${before}; after ${after}`,
		);
	}
	if (file.functions.length === 0 && undecidedOf(file).length === 0)
		say(`${file.path}: nothing lockless in it, before and after`);
	for (const { name, before, after, on } of changedOf(file))
		if (file.fresh.length === 0 && file.gone.length === 0)
			say(`${file.path}: ${name}() ${before?.verdict} before, ${after?.verdict} after (${on})`);
	for (const fresh of file.fresh) {
		const hunks = fresh.made.by.flatMap(quotedHunk).join('\n');
		if (hunks !== shown.hunks && hunks !== '') parts.push(terminal``, terminalLines(hunks));
		shown.hunks = hunks;
		const { id, scenario } = fresh.finding.trace;
		const run = `${scenario} ${id}`;
		const isAbove = shown.runs.has(run);
		shown.runs.add(run);
		parts.push(terminal``, ...freshParts(fresh, { colours, isAbove }));
	}
	if (file.fresh.length > 0) parts.push(terminal``);
	for (const { finding, on, isEverywhere } of file.gone)
		say(
			`gone: ${finding.function}(): ${finding.message} [${finding.rule}]${isEverywhere ? '' : ` (${on.join(', ')})`}`,
		);
	if (file.kept.length > 0) say(there(file.kept));
	for (const why of undecidedOf(file)) say(`not decided: ${why}`);
	if (file.undecidedBefore.length > 0)
		say(`not decided before, and not touched: ${namesOf(file.undecidedBefore)}`);
	for (const { function: fn, text, before, after, on } of file.questions?.guards ?? [])
		say(
			`guard ${text} in ${fn}(): ${before ?? 'not there'} before, ${after ?? 'not there'} after (${on})`,
		);
	for (const claim of file.questions?.claims ?? [])
		say(
			`comment in ${claim.function}(): "${claim.text}" is ${claim.after}${claim.before === null ? '' : `, and was ${claim.before}`} (${claim.on}): ${claim.why}`,
		);
	return parts;
}

function namesOf(functions: readonly { readonly name: string }[]): string {
	return [...new Set(functions.map(({ name }) => `${name}()`))].join(', ');
}

function there(kept: readonly ToldFinding[]): string {
	return `there before, and not of this patch: ${kept.map(({ finding: f }) => `${f.rule} in ${f.function}() (line ${f.place.line})`).join(', ')}`;
}

function freshParts(
	{ finding, analysis, on, isEverywhere, made }: Fresh,
	{ colours, isAbove }: { readonly colours: Paint; readonly isAbove: boolean },
): Terminal[] {
	const { path, line, column } = finding.place;
	const word = finding.severity === 'information' ? 'note' : finding.severity;
	const level = word === 'error' ? colours.red(word) : colours.yellow(word);
	const said = paragraph(`${finding.message} [${finding.rule}]`, '    ', '    ');
	const context = [isEverywhere && on.length === 1 ? analysis.arch : on.join(', '), finding.memory];
	const why = paragraph(
		`${howMade(made.how, made.by.length)} ${context.join(', ')}: ${finding.scenario}; run ${finding.trace.id}${isAbove ? ', which is drawn above' : ''}`,
		'    ',
		'    ',
	);
	const drawn = twoColumn(finding.trace, { width: COLUMNS - 4, brief: true, values: false });
	const run = isAbove ? [] : [terminal``, terminalLines(indented(drawn))];
	return [
		terminal`${colours.bold(`${path}:${line}:${column}:`)} ${level}: ${finding.function}()`,
		terminalLines(said),
		terminalLines(why),
		...run,
	];
}

function howMade(how: Fresh['made']['how'], count: number): string {
	switch (how) {
		case 'alone':
			return count === 1
				? 'New, made by the hunk above:'
				: 'New; each of the hunks above is needed for it:';
		case 'together':
			return 'New; no single hunk makes it, the nearest is above:';
		case 'unknown':
			return 'New; the nearest hunk is above:';
	}
}

/** The hunk with the mark of a quotation, cut where it is long. */
export function quotedHunk({ path, hunk }: MadeBy): readonly string[] {
	const lines = hunk.lines.map((line) => `> ${line}`.trimEnd());
	const cut = lines.slice(0, QUOTED_MAX);
	const more = lines.length > cut.length ? [`> [${lines.length - cut.length} more lines]`] : [];
	return [`> ${path} ${hunkName(hunk)}`, ...cut, ...more];
}

function indented(text: string): string {
	return text
		.split('\n')
		.map((line) => (line === '' ? '' : `  ${line}`))
		.join('\n');
}

function paragraph(text: string, next: string, first = ''): string {
	return wrapped(visibleLine(text), { first, next }).join('\n');
}

/** The series patch by patch, and what all of it rests on. */
export function seriesText(
	steps: readonly StepReview[],
	{ colours, left }: { readonly colours: Paint; readonly left: number },
): Terminal {
	const head = 'patch     new  gone  undecided  state after it';
	const rows = steps.map((review, i) => {
		const { fresh, gone, undecided } = countsOf(review);
		const cells = [
			`${i + 1}/${steps.length + left}`.padEnd(7),
			...[fresh, gone].map((n) => `${n}`.padStart(4)),
		];
		const row = `${cells.join('  ')}  ${`${undecided}`.padStart(9)}  ${stateAfter(review)}`;
		return fresh > 0 ? colours.red(row) : undecided > 0 ? colours.yellow(row) : terminal`${row}`;
	});
	const notes = left === 0 ? [] : [terminal`${left} more not reviewed`];
	return terminal`${terminal.join([colours.bold(head), ...rows, ...notes, terminal``, ...rested(steps, colours)], '\n')}\n`;
}

/** How the tree stands behind a step, whoever made it so. */
function stateAfter({ files }: StepReview): string {
	const standing = files.reduce((n, f) => n + f.fresh.length + f.kept.length, 0);
	return standing === 0 ? 'no finding' : standing === 1 ? '1 finding' : `${standing} findings`;
}

/** Assumptions of the last state, each once. */
function rested(steps: readonly StepReview[], colours: Paint): readonly Terminal[] {
	const reports = (steps.at(-1)?.files ?? []).flatMap((f) =>
		f.after === null ? [] : [f.after.report],
	);
	const said = new Set([
		...reports.flatMap((report) => assumedBy('workspace', report)),
		...reports.flatMap((report) => assumedBy('others', report)),
	]);
	if (said.size === 0) return [];
	const lines = [...said].flatMap((what) =>
		wrapped(visibleLine(what), { first: '  - ', next: '    ' }),
	);
	return [colours.dim('What the verdicts rest on:'), colours.dim(terminalLines(lines.join('\n')))];
}
