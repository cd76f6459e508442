/**
 * `racewalk review`: patches or commits, one after the other, against the tree that each is for. Nothing is applied but in memory.
 */

import type { Patch } from '../../patch/patch.js';
import { DISK, now } from '../../reading/disk.js';
import { reading } from '../../reading/file.js';
import { openTree } from '../../tree/workspace.js';
import { baselineOf, placedIn, updateBaseline } from '../baseline.js';
import { colours } from '../format.js';
import { interrupted } from '../interrupted.js';
import { readSource, shownName, treeOrCurrent, UsageError } from '../options.js';
import type { FileReport } from '../report.js';
import { executorOf } from '../supervised.js';
import { complain, print, printCommands, printJson, progress } from '../write.js';
import { reviewCommands } from './review_github.js';
import { reviewJson } from './review_json.js';
import { reviewMarkdown } from './review_markdown.js';
import { reviewSarif } from './review_sarif.js';
import { seriesText, stepText } from './review_text.js';
import { type ReviewOptions, reviewing, type StepReview } from './reviewing.js';
import { isRevision, revisionSeries, stagedSeries } from './revisions.js';
import { patchedSeries, patchesIn, type Series } from './series.js';
import { exitCodeOf } from './summary.js';

export interface ReviewCommandOptions extends ReviewOptions {
	/** What is staged, instead of patches. */
	readonly staged?: true;
}

/** What is to be reviewed. `either`: files, or one range; a name that is both is neither. */
export interface Asked {
	readonly kind: 'either' | 'range' | 'files';
	readonly names: readonly string[];
}

/** The names as git has it: `RANGE --` is a range, what stands behind `--` are files. `raw`: the command line. */
export function askedNames(names: readonly string[], raw: readonly string[]): Asked {
	const at = raw.indexOf('--');
	if (at < 0) return { kind: 'either', names };
	const behind = raw.length - at - 1;
	if (behind === 0) return { kind: 'range', names };
	if (behind < names.length)
		throw new UsageError(`'--' stands between '${names[0]}' and files: give one or the other`);
	return { kind: 'files', names };
}

/** Runs the command; the process's exit status. */
export async function runReview(asked: Asked, options: ReviewCommandOptions): Promise<number> {
	const baseline = baselineOf(options);
	const series = await seriesOf(asked, options);
	const { open } = series;
	const executor = executorOf({
		remembering: true,
		isInterruptible: true,
		...(options.budget === undefined ? {} : { budget: options.budget }),
		...(open === undefined ? {} : { open }),
	});
	const interruption = interrupted();
	const done: StepReview[] = [];
	const isText = options.format === 'text';
	try {
		const reviews = reviewing(series, options, { executor, tell: progress, baseline });
		for (;;) {
			const next = await Promise.race([reviews.next(), interruption.promise]);
			if (next === null || next.done === true) break;
			done.push(next.value);
			progress('');
			const count = series.steps.length;
			if (isText)
				print(stepText(next.value, { number: done.length, count, colours: colours(options) }));
		}
	} finally {
		interruption.end();
		progress('');
		await executor.end();
		series.end();
	}
	const left = series.steps.length - done.length;
	if (left > 0)
		complain(`interrupted: ${left} of ${series.steps.length} patches were not reviewed`);
	printSeries(done, options, left);
	if (options.updateBaseline === true && options.baseline !== undefined && left === 0) {
		const last = lastReports(done);
		const paths = last.map(({ path }) => path);
		updateBaseline(options.baseline, paths, last.flatMap(placedIn));
		return exitCodeOf(done, true) === 3 ? 3 : 0;
	}
	return exitCodeOf(done, left === 0);
}

/** What stands behind the last step. */
function lastReports(done: readonly StepReview[]): readonly FileReport[] {
	return (done.at(-1)?.files ?? []).flatMap((f) => (f.after === null ? [] : [f.after.report]));
}

function printSeries(done: readonly StepReview[], options: ReviewOptions, left: number): void {
	switch (options.format) {
		case 'text':
			print(seriesText(done, { colours: colours(options), left }));
			return;
		case 'markdown':
			print(reviewMarkdown(done, left));
			return;
		case 'json':
			printJson(reviewJson(done, { left, texts: options.texts === true }));
			return;
		case 'sarif':
			printJson(reviewSarif(done, left));
			return;
		case 'github':
			printCommands(reviewCommands(done));
			return;
	}
}

async function seriesOf({ kind, names }: Asked, options: ReviewCommandOptions): Promise<Series> {
	const { tree: named, budget } = options;
	if (named !== undefined) requireFolder(named);
	const folder = named ?? process.cwd();
	const limit = budget === undefined ? {} : { budget };
	if (options.staged === true) {
		if (names.length > 0) throw new UsageError('--staged takes no patch and no range');
		return stagedSeries(folder, limit);
	}
	if (names.length === 0)
		throw new UsageError(
			'give a patch, - for standard input, a range such as HEAD~3.., or --staged',
		);
	const [first = ''] = names;
	if (kind === 'either') for (const name of names) requireOne(name, folder, limit);
	if (names.length === 1 && first !== '-' && (kind === 'range' || !isThere(first))) {
		const series = kind === 'files' ? null : revisionSeries(first, folder, limit);
		if (series !== null) return series;
	}
	if (kind === 'range') throw new UsageError(`'${names.join(' ')}' is no range of commits: A..B`);
	const root = treeOrCurrent(named);
	const patches: Patch[] = [];
	for (const name of names) patches.push(...(await patchesIn(readSource(name), shownName(name))));
	return patchedSeries(openTree(root), patches);
}

/** Not a file and a range at once, of which one would be reviewed in the place of the other. */
function requireOne(name: string, folder: string, limit: { readonly budget?: number }): void {
	if (!isThere(name) || !isRevision(name, folder, limit)) return;
	throw new UsageError(
		`'${name}' is both a file and a revision: ./${name} is the file, '${name} --' the commits`,
	);
}

function requireFolder(folder: string): void {
	const there = now(reading(DISK, { root: null, path: folder, bytesMax: 1 }));
	if (there.kind === 'absent')
		throw new UsageError(`the tree ${folder} is not a folder that can be read`);
}

function isThere(name: string): boolean {
	return now(reading(DISK, { root: null, path: name, bytesMax: 1 })).kind !== 'absent';
}
