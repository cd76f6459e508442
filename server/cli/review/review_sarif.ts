/**
 * `review --format sarif`: one run about the last state. What the series makes is `new`, what was there before it `unchanged`; what
 * stood only in between is told as a notification of the tool.
 */
import { sarifText } from '../../../engine/escape/report.js';
import { notification, type SarifResult, sarifOf, sarifResult } from '../sarif.js';
import type { FileReview, StepReview } from './reviewing.js';
import { undecidedOf } from './summary.js';

export function reviewSarif(steps: readonly StepReview[], left: number): object {
	const last = steps.at(-1)?.files ?? [];
	const made = new Set(
		steps.flatMap((s) => s.files.flatMap((f) => f.fresh.map((t) => t.print.id))),
	);
	const results = last.flatMap((file) =>
		[...file.fresh, ...file.kept].map((told): SarifResult => {
			const { finding, on, isEverywhere } = told;
			const where = isEverywhere ? null : `on ${on.join(', ')}`;
			const state = made.has(told.print.id) ? 'new' : 'unchanged';
			return { ...sarifResult(finding, { where, text: textOf(file) }), baselineState: state };
		}),
	);
	const standing = new Set(last.flatMap((f) => [...f.fresh, ...f.kept].map((t) => t.print.id)));
	const between = steps.flatMap(({ step, files }, i) =>
		files.flatMap((f) =>
			f.fresh
				.filter((t) => !standing.has(t.print.id))
				.map((t) =>
					notification({
						id: 'broken-in-between',
						text: `after patch ${i + 1} (${step.title}) ${t.finding.function}() has: ${t.finding.message} [${t.finding.rule}]; a later patch takes it away`,
						place: t.finding.place,
					}),
				),
		),
	);
	const open = steps.flatMap(({ files }) =>
		files.flatMap((f) =>
			undecidedOf(f).map((text) => notification({ id: 'undecided', text, place: startOf(f.path) })),
		),
	);
	const cut =
		left === 0
			? []
			: [{ level: 'error', message: { text: sarifText(`${left} patches were not reviewed`) } }];
	const tree = last.find((f) => f.after !== null)?.after?.report.tree ?? null;
	return sarifOf({
		tree,
		results,
		notifications: [...between, ...open, ...cut],
		isWhole: left === 0,
	});
}

function textOf({ after, path }: FileReview): { readonly path: string; readonly text: string } {
	return { path, text: after?.text ?? '' };
}

function startOf(path: string) {
	return { path, line: 1, column: 1, endLine: 1, endColumn: 1 };
}
