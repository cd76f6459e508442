/**
 * `check --coverage`: a table of the functions with how many of their lines explored runs came to, how many no run can come to
 * under this configuration or with the flags that callers may pass, and how many none came to all the same; then each place
 * of the last two kinds.
 */
import { type Terminal, terminal } from '../../engine/escape/terminal.js';
import { neverMet } from '../../engine/rules/verdict.js';
import type { AnalysedFunction } from '../ide/analysis/analysis.js';
import { type FileReport, functionsOf } from './report.js';

const HEADINGS = ['reached', 'constant', 'never'] as const;

export function coverageLines(file: FileReport): readonly Terminal[] {
	const functions = functionsOf(file).map(({ verdict }) => verdict);
	return [...table(functions), ...functions.flatMap(placeLines)];
}

/** A row per function; a column per kind of line, empty where there are none. */
function table(functions: readonly AnalysedFunction[]): readonly Terminal[] {
	const rows = functions.flatMap(({ name, coverage }) =>
		coverage === undefined ? [] : [{ name, cells: HEADINGS.map((h) => coverage.lines[h]) }],
	);
	if (rows.length === 0) return [];
	const width = Math.max(...rows.map((row) => row.name.length));
	const row = (name: string, cells: readonly (string | number)[]): Terminal =>
		terminal`${name.padEnd(width)}${cells.map((c) => `${c === 0 ? '' : c}`.padStart(10)).join('')}`;
	return [row('lines', HEADINGS), ...rows.map(({ name, cells }) => row(name, cells))];
}

function placeLines({ name, place, coverage }: AnalysedFunction): readonly Terminal[] {
	const at = terminal`${place.path}:${place.line}: note: ${name}:`;
	if (coverage === undefined) return [terminal`${at} coverage is not recorded`];
	const { operations, never, constant } = coverage;
	return [
		terminal`${at} runs executed ${operations.reached} of ${operations.all} operations`,
		...never.map(
			({ place: { path, line, column }, ...never }) =>
				terminal`${path}:${line}:${column}: note: never reached: ${neverMet(never)}`,
		),
		...constant.map(
			({ path, line, column }) =>
				terminal`${path}:${line}:${column}: note: not reached under this configuration or with these flags`,
		),
	];
}
