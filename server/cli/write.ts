/**
 * All that the command line writes: results on standard output, problems of the tool and progress on standard error. What is
 * written was escaped for where it goes, by its type.
 *
 * Invariant: no other file of the command line writes to a stream.
 */
import type { Page } from '../../engine/escape/page.js';
import type { WorkflowCommand } from '../../engine/escape/report.js';
import {
	ERASED_LINE,
	type Terminal,
	terminal,
	terminalLines,
	written,
} from '../../engine/escape/terminal.js';
import { visibleJson } from '../../engine/escape/visible.js';

/** Text on standard output. */
export function print(text: Terminal): void {
	process.stdout.write(written(text));
}

/** A value as JSON of one document, with a line end. */
export function printJson(value: unknown, space: string | number = 1): void {
	process.stdout.write(`${visibleJson(value, space)}\n`);
}

/** Lines that another program reads, each made by `engine/escape/report.ts`. */
export function printCommands(lines: readonly WorkflowCommand[]): void {
	process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** A page of HTML on standard output. */
export function printPage({ text }: Page): void {
	process.stdout.write(text);
}

/** A message of a protocol, with its header, on standard output. */
export function sendMessage(message: string): void {
	process.stdout.write(message);
}

/** Who hears of problems, and of what an answer rests on. */
export type Complaining = (problem: Terminal | string) => void;

/** `racewalk: …` on standard error. */
export function complain(problem: Terminal | string): void {
	process.stderr.write(written(terminal`racewalk: ${problem}\n`));
}

/** Columns that a line of progress may have; null: standard error is no terminal, or one that cannot erase a line. */
export function progressColumns(): number | null {
	if (process.stderr.isTTY !== true || process.env['TERM'] === 'dumb') return null;
	const said = Number(process.env['COLUMNS']);
	return Number.isInteger(said) && said > 0 ? said : process.stderr.columns;
}

/** Replaces the line of progress; an empty one takes it away. */
export function progress(what: string): void {
	const columns = progressColumns();
	if (columns === null) return;
	process.stderr.write(terminal`${ERASED_LINE}${what.slice(0, columns - 1)}`.text);
}

/** What the parser of the command line says of words that it does not know. */
export function writeHelp(text: string): void {
	process.stderr.write(written(terminalLines(text)));
}
