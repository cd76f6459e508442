/**
 * Several architectures or configurations in `--format text`: a table of functions and verdicts, and under it what is
 * undecided and why.
 */
import { type Terminal, terminal } from '../../engine/escape/terminal.js';
import { visibleLine } from '../../engine/escape/visible.js';
import { variantName } from '../ide/variants.js';
import { inVerdictColour, type Paint } from './paint.js';
import type { FileReport } from './report.js';
import { isUndecided } from './undecided.js';

/** In a cell where the function is no part of the walk. */
const ABSENT = '-';

/** The table of a file checked more than once. */
export function matrixLines(file: FileReport, colours: Paint): readonly Terminal[] {
	const columns = columnsOf(file);
	const names = new Map<string, number>();
	for (const analysis of file.analyses) {
		for (const f of analysis.functions) {
			if (f.place.path === file.path && !names.has(f.name)) names.set(f.name, f.place.line);
		}
	}
	const rows = [...names].sort((a, b) => a[1] - b[1]);
	const first = Math.max(0, ...rows.map(([name, line]) => label(file, name, line).length));
	const widths = columns.map((column) => Math.max(column.length, 'inconclusive'.length));
	const head = columns.map((column, i) => column.padEnd(widths[i] ?? 0)).join('  ');
	const lines = [colours.bold(`${''.padEnd(first)}  ${head}`.trimEnd())];
	let isAbsent = false;
	for (const [name, line] of rows) {
		const cells = file.analyses.map((analysis, i) => {
			const verdict = analysis.functions.find((f) => f.name === name)?.verdict;
			if (verdict === undefined) isAbsent = true;
			const last = i === file.analyses.length - 1;
			return inVerdictColour(
				verdict,
				(verdict ?? ABSENT).padEnd(last ? 0 : (widths[i] ?? 0)),
				colours,
			);
		});
		lines.push(terminal`${label(file, name, line).padEnd(first)}  ${terminal.join(cells, '  ')}`);
	}
	if (isAbsent) lines.push(colours.dim(`${ABSENT}: not part of the walk under that configuration`));
	return [...lines, ...undecidedLines(file, colours), terminal``];
}

/** Names of the columns: the architecture, or only what was changed where that is what they differ in. */
function columnsOf({ variants }: FileReport): readonly string[] {
	const archs = new Set(variants.map((v) => v.arch));
	if (archs.size > 1) return variants.map(variantName);
	return variants.map((v) => v.changed?.replace(/^CONFIG_/, '') ?? v.arch);
}

function label(file: FileReport, name: string, line: number): string {
	return visibleLine(`${file.path}:${line}: ${name}`);
}

/** Why a cell is undecided: said once for all columns with the same reason. */
function undecidedLines(file: FileReport, colours: Paint): readonly Terminal[] {
	const said = new Map<string, string[]>();
	file.analyses.forEach((analysis, i) => {
		for (const f of analysis.functions) {
			if (!isUndecided(f)) continue;
			const key = `${file.path}:${f.place.line}: note: ${f.name}: ${f.verdict}: ${f.why ?? ''}`;
			const variant = file.variants[i];
			said.set(key, [...(said.get(key) ?? []), variant === undefined ? '' : variantName(variant)]);
		}
	});
	return [...said].map(([key, on]) => colours.yellow(`${key} (${on.join(', ')})`));
}
