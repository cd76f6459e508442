/**
 * `check --coverage`: a line per function with how much of it explored runs went through, and one per line that none reached.
 */
import { type Terminal, terminal } from '../../engine/escape/terminal.js';
import type { AnalysedFunction } from '../ide/analysis/analysis.js';
import { type FileReport, functionsOf } from './report.js';

export function coverageLines(file: FileReport): readonly Terminal[] {
	return functionsOf(file).flatMap(({ verdict }) => functionLines(verdict));
}

function functionLines({ name, place, coverage }: AnalysedFunction): readonly Terminal[] {
	const at = terminal`${place.path}:${place.line}: note: ${name}:`;
	if (coverage === undefined) return [terminal`${at} coverage is not recorded`];
	const { operations, never, constant } = coverage;
	return [
		terminal`${at} runs executed ${operations.reached} of ${operations.all} operations`,
		...never.map(
			({ place: { path, line, column }, needs }) =>
				terminal`${path}:${line}:${column}: note: never reached: in no explored run ${needs}`,
		),
		...constant.map(
			({ path, line, column }) =>
				terminal`${path}:${line}:${column}: note: not reached under this configuration or with these flags`,
		),
	];
}
