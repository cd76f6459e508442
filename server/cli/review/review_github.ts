/** `review --format github`: annotations on the lines of the last state, and what broke in between. */
import { type WorkflowCommand, workflowCommand } from '../../../engine/escape/report.js';
import type { StepReview } from './reviewing.js';
import { undecidedOf } from './summary.js';

const LEVELS = { error: 'error', warning: 'warning', information: 'notice' } as const;

export function reviewCommands(steps: readonly StepReview[]): readonly WorkflowCommand[] {
	const standing = new Set(
		(steps.at(-1)?.files ?? []).flatMap((f) =>
			[...f.fresh, ...f.kept].map(({ print }) => print.id),
		),
	);
	return steps.flatMap(({ step, files }, i) =>
		files.flatMap((file) => [
			...file.fresh.map(({ finding, print }) => {
				const { path, line, column, endLine, endColumn } = finding.place;
				const isLeft = standing.has(print.id);
				const at = isLeft ? { file: path, line, endLine, col: column, endColumn } : { file: path };
				const level = isLeft ? LEVELS[finding.severity] : 'warning';
				const which = `patch ${i + 1} of ${steps.length} (${step.title})`;
				const how = isLeft
					? `new with ${which}`
					: `only after ${which}: a later patch takes it away`;
				const body = `${finding.message}\n${how}; ${finding.scenario}; run ${finding.trace.id}`;
				return workflowCommand(level, { ...at, title: `racewalk ${finding.rule}` }, body);
			}),
			...undecidedOf(file).map((why) =>
				workflowCommand('warning', { file: file.path, title: 'racewalk undecided' }, why),
			),
		]),
	);
}
