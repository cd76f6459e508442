/** `review --format json`: schema/review.schema.json says what it looks like, a test holds the two together. */

import { hunkName } from '../../patch/patch.js';
import { findingJson, TOOL } from '../json.js';
import type { FunctionChange, ToldFinding } from './delta.js';
import type { MadeBy } from './makers.js';
import type { FileReview, StepReview } from './reviewing.js';
import { countsOf, undecidedOf } from './summary.js';

export function reviewJson(
	steps: readonly StepReview[],
	{
		left,
		texts,
	}: {
		/** Patches that were not reviewed. */
		readonly left: number;
		/** With the texts of the files. */
		readonly texts: boolean;
	},
): object {
	const patches = steps.map((review) => stepJson(review, texts));
	return { schema: 1, tool: TOOL, left, patches };
}

function stepJson(review: StepReview, texts: boolean): object {
	const { step, changes, adversaries, files } = review;
	const counts = countsOf(review);
	return {
		title: step.title,
		name: step.name,
		changes: changes.map(({ path, from, to, hunks }) => ({ path, from, to, hunks: hunks.length })),
		binary: step.files.filter((f) => f.isBinary).map((f) => f.to ?? f.from),
		adversaries,
		new: counts.fresh,
		gone: counts.gone,
		undecided: counts.undecided,
		files: files.map((file) => ({
			...fileJson(file),
			...(texts ? { texts: textsJson(file) } : {}),
		})),
	};
}

function fileJson(file: FileReview): object {
	const { path, from, restsOn, functions, fresh, gone, kept, questions } = file;
	return {
		path,
		from,
		restsOn,
		functions: functions.map(functionJson),
		new: fresh.map((told) => ({
			...toldJson(told),
			made: { how: told.made.how, by: told.made.by.map(hunkJson) },
		})),
		gone: gone.map(toldJson),
		before: kept.map(toldJson),
		undecided: undecidedOf(file),
		undecidedBefore: file.undecidedBefore.map(functionJson),
		...(questions === null ? {} : { guards: questions.guards, claims: questions.claims }),
	};
}

/** Null: the file is not there, or its text is not known. */
function textsJson({ before, after }: FileReview): object {
	return { before: before?.text ?? null, after: after?.text ?? null };
}

function functionJson({ name, line, root, on, before, after, isTouched }: FunctionChange): object {
	return {
		...{ name, line, root, on },
		touched: isTouched,
		before: before?.verdict ?? null,
		after: after?.verdict ?? null,
		why: after?.why ?? null,
	};
}

function toldJson({ finding, analysis, on, isEverywhere, print }: ToldFinding): object {
	return {
		finding: findingJson(finding, analysis),
		on,
		everywhere: isEverywhere,
		fingerprint: print.id,
	};
}

/** A hunk with its header. */
export function hunkJson({ path, hunk }: MadeBy): object {
	return { path, header: hunkName(hunk), lines: hunk.lines };
}
