/**
 * `--format github`: workflow commands, which GitHub shows as annotations on the changed lines.
 */
import { type WorkflowCommand, workflowCommand } from '../../engine/escape/report.js';
import { twoColumn } from '../ide/two_column.js';
import { assumedBy, type FileReport, findingsOnce, notDecided, undecidedOnce } from './report.js';

const LEVELS = { error: 'error', warning: 'warning', information: 'notice' } as const;

export function githubCommands(files: readonly FileReport[]): readonly WorkflowCommand[] {
	const assumed = files.flatMap((file) =>
		assumedBy('workspace', file).map((what) =>
			workflowCommand('notice', { file: file.path, title: 'racewalk assumes' }, what),
		),
	);
	const found = files.flatMap(findingsOnce).map(({ finding, where }) => {
		const { path, line, column, endLine, endColumn } = finding.place;
		const properties = {
			file: path,
			line,
			endLine,
			col: column,
			endColumn,
			title: `racewalk ${finding.rule}`,
		};
		const also = where === null ? '' : `\n\nFound ${where}.`;
		const drawn = twoColumn(finding.trace, { width: 100, brief: true, values: true });
		const body = `${finding.message}${also}\n\n${drawn}`;
		return workflowCommand(LEVELS[finding.severity], properties, body);
	});
	const undecided = files.flatMap(undecidedOnce).map(({ name, place, verdict, why }) => {
		const properties = { file: place.path, line: place.line, title: `racewalk ${verdict}` };
		return workflowCommand('warning', properties, `${name}() is ${verdict}: ${why}`);
	});
	const open = files.flatMap((file) =>
		notDecided(file).map((why) =>
			workflowCommand('warning', { file: file.path, line: 1, title: 'racewalk' }, why),
		),
	);
	return [...assumed, ...found, ...undecided, ...open];
}
