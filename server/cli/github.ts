/**
 * `--format github`: workflow commands, which GitHub shows as annotations on the changed lines.
 */
import { twoColumn } from '../ide/two_column.js';
import { type FileReport, findingsOnce, undecidedOnce } from './report.js';

const LEVELS = { error: 'error', warning: 'warning', information: 'notice' } as const;

export function formatGithub(files: readonly FileReport[]): string {
	const lines: string[] = [];
	for (const { finding, where } of files.flatMap(findingsOnce)) {
		const { path, line, column, endLine, endColumn } = finding.place;
		const properties = [
			`file=${escapeProperty(path)}`,
			`line=${line}`,
			`endLine=${endLine}`,
			`col=${column}`,
			`endColumn=${endColumn}`,
			`title=${escapeProperty(`racewalk ${finding.rule}`)}`,
		];
		const found = where === null ? '' : `\n\nFound ${where}.`;
		const body = `${finding.message}${found}\n\n${twoColumn(finding.trace, { width: 100, brief: true, values: true })}`;
		lines.push(`::${LEVELS[finding.severity]} ${properties.join(',')}::${escapeData(body)}`);
	}
	for (const { name, place, verdict, why } of files.flatMap(undecidedOnce)) {
		const properties = [
			`file=${escapeProperty(place.path)}`,
			`line=${place.line}`,
			`title=${escapeProperty(`racewalk ${verdict}`)}`,
		];
		lines.push(
			`::warning ${properties.join(',')}::${escapeData(`${name}() is ${verdict}: ${why}`)}`,
		);
	}
	return lines.map((line) => `${line}\n`).join('');
}

function escapeData(text: string): string {
	return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function escapeProperty(text: string): string {
	return escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
