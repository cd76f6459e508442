/**
 * A review as Markdown, for a pull request or a note. Subjects are code: elsewhere GitHub would mention people and link issues by the
 * words of a foreign commit.
 */
import {
	asMarkdown,
	code,
	codeBlock,
	heading,
	item,
	lines,
	type Markdown,
	md,
	paragraphs,
	prose,
	row,
	strong,
} from '../../../engine/escape/markdown.js';
import { type Terminal, terminalLines } from '../../../engine/escape/terminal.js';
import { twoColumn } from '../../ide/two_column.js';
import { hunkName } from '../../patch/patch.js';
import type { FileReview, Fresh, StepReview } from './reviewing.js';
import { configurationsOf, countsOf, undecidedOf, verdictCounts } from './summary.js';

export function reviewMarkdown(steps: readonly StepReview[], left: number): Terminal {
	const count = steps.length + left;
	const parts = [
		...steps.flatMap((review, i) => [
			heading(md`${i + 1}/${count} ${code(review.step.title)}`),
			...stepParts(review),
		]),
		heading('Series'),
		lines(steps.map((review, i) => item(seriesLine(review, i + 1, count)))),
		...(left === 0 ? [] : [md`${left} more not reviewed.`]),
	];
	return terminalLines(`${asMarkdown(paragraphs(parts))}\n`);
}

function seriesLine(review: StepReview, number: number, count: number): Markdown {
	const { fresh, gone, undecided } = countsOf(review);
	return md`${number}/${count}: ${fresh} new, ${gone} gone, ${undecided} undecided: ${code(review.step.title)}`;
}

function stepParts({ changes, adversaries, files }: StepReview): readonly Markdown[] {
	const touched = adversaries.map((a) => md`${a.actor} (${code(a.function)})`);
	return [
		md`Changes ${row(
			changes.map(({ path }) => code(path)),
			', ',
		)}.`,
		...(touched.length === 0 ? [] : [md`Adversaries that stand for it: ${row(touched, ', ')}.`]),
		...files.flatMap(fileParts),
	];
}

function fileParts(file: FileReview): readonly Markdown[] {
	if (file.restsOn.length === 0 && file.from === file.path)
		return [md`${code(file.path)} rests on nothing that it changes.`];
	const counts = configurationsOf(file).map((on) => {
		const own = file.functions.filter((f) => f.on === on);
		return item(
			md`${code(file.path)} on ${on}: before ${verdictCounts(own, 'before')}; after ${verdictCounts(own, 'after')}`,
		);
	});
	const rest = [
		...file.gone.map(
			({ finding: f }) => md`gone: ${code(f.function)}: ${prose(f.message)} (${f.rule})`,
		),
		...file.kept.map(
			({ finding: f }) => md`there before, and not of this patch: ${code(f.function)}: ${f.rule}`,
		),
		...undecidedOf(file).map((why) => md`not decided: ${prose(why)}`),
		...(file.questions?.guards ?? []).map(
			(g) =>
				md`guard ${code(g.text)} in ${code(g.function)}: ${g.before ?? 'not there'} before, ${g.after ?? 'not there'} after`,
		),
		...(file.questions?.claims ?? []).map(
			(c) => md`comment in ${code(c.function)}: “${c.text}” is ${c.after}: ${prose(c.why)}`,
		),
	].map(item);
	return [
		...(counts.length === 0 ? [] : [lines(counts)]),
		...file.fresh.flatMap(freshParts),
		...(rest.length === 0 ? [] : [lines(rest)]),
	];
}

function freshParts({ finding, on, made }: Fresh): readonly Markdown[] {
	const { path, line } = finding.place;
	const hunks = made.by.map(({ path: at, hunk }) =>
		codeBlock([`${at} ${hunkName(hunk)}`, ...hunk.lines].join('\n')),
	);
	return [
		md`${strong('New:')} ${code(`${path}:${line}`)} ${code(finding.function)}: ${prose(finding.message)} (${finding.rule}; ${on.join(', ')}; ${finding.memory})`,
		...hunks,
		md`${finding.scenario}; run ${code(finding.trace.id)}`,
		codeBlock(twoColumn(finding.trace, { width: 100, brief: true, values: false })),
	];
}
