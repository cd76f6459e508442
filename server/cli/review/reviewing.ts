/**
 * Reviews a series: checks every file that a step can matter to before and after it, and says what came of it.
 *
 * Invariant: what rests on no file that a step changes is not explored again, and keeps what was said of it.
 * Invariant: a finding is told as a step's only if the step makes it.
 */
import { ownActors } from '../../actors/sources.js';
import { archProfile } from '../../tree/arch_profiles.js';
import { unnoted } from '../../tree/asked_files.js';
import { type Baseline, type BaselineOptions, namesIn } from '../baseline.js';
import { archsOf, type CommonOptions } from '../options.js';
import type { Executor } from '../supervised.js';
import { type Delta, deltaOf, type Looked, type ToldFinding } from './delta.js';
import { type Looking, lookingWith } from './looking.js';
import { type Made, makersOf } from './makers.js';
import { compareQuestions, type QuestionDelta } from './questions.js';
import type { Series, Step } from './series.js';
import {
	changesOf,
	type FileChange,
	type TouchedAdversary,
	touchedAdversaries,
	touchedIn,
} from './touched.js';

export interface ReviewOptions extends CommonOptions<ReviewFormat>, BaselineOptions {
	/** Whether guards become needed or needless. */
	readonly guards?: true;
	/** Whether comments become true or false. */
	readonly claims?: true;
	/** In JSON, what each file is before and after. */
	readonly texts?: true;
	/** Files that are looked at, whatever the patches change. */
	readonly also?: readonly string[];
}

export type ReviewFormat = 'text' | 'markdown' | 'json' | 'sarif' | 'github';

export interface Fresh extends ToldFinding {
	readonly made: Made;
}

/** What a step changes for one file. */
export interface FileReview extends Omit<Delta, 'fresh'> {
	readonly path: string;
	/** Path before the step; null: it was not there. */
	readonly from: string | null;
	readonly before: Looked | null;
	readonly after: Looked | null;
	/** Changed files that it rests on. */
	readonly restsOn: readonly string[];
	readonly fresh: readonly Fresh[];
	readonly questions: QuestionDelta | null;
	/** The step leaves a file there whose text is not known: why. Null: it is. */
	readonly unread: string | null;
}

export interface StepReview {
	readonly step: Step;
	readonly changes: readonly FileChange[];
	readonly adversaries: readonly TouchedAdversary[];
	readonly files: readonly FileReview[];
}

/** Tells what is being done. */
export type Telling = (what: string) => void;

/** Reviews one step after the other; each is yielded when it is done. */
export async function* reviewing(
	series: Series,
	options: ReviewOptions,
	{
		executor,
		tell,
		baseline,
	}: {
		readonly executor: Executor;
		readonly tell: Telling;
		/** Known findings; null: there is no baseline. */
		readonly baseline: Baseline | null;
	},
): AsyncGenerator<StepReview> {
	const looking = lookingWith(options, executor);
	const actors = ownActors();
	for (const [i, step] of series.steps.entries()) {
		const changes = changesOf(step);
		const files: FileReview[] = [];
		for (const { from, to } of unnoted(() => subjectsOf(step, options))) {
			tell(`patch ${i + 1} of ${series.steps.length}: ${to ?? from}`);
			files.push(await reviewFile({ step, changes, from, to }, { looking, options, baseline }));
			// signals are heard between two files
			await new Promise((resolve) => setImmediate(resolve));
		}
		yield { step, changes, adversaries: touchedAdversaries(changes, actors), files };
	}
}

interface Subject {
	readonly from: string | null;
	readonly to: string | null;
}

/** The walks of the tree, the C files that the step changes, and what the user names. */
function subjectsOf({ files, before, after }: Step, options: ReviewOptions): readonly Subject[] {
	const changed: Subject[] = files
		.filter(({ from, to }) => /\.c$/.test(to ?? from ?? ''))
		.map(({ from, to }) => ({
			from: from !== null && before.read(from) !== null ? from : null,
			to: to !== null && after.read(to) !== null ? to : null,
		}));
	const walks = [
		'mm/gup.c',
		...archsOf(options, '').map((arch) => `arch/${archProfile(arch).folder}/mm/gup.c`),
		...(options.also ?? []),
	];
	const more = [...new Set(walks)]
		.filter((path) => !changed.some(({ from, to }) => from === path || to === path))
		.filter((path) => after.stamp?.(path) !== null && after.read(path) !== null)
		.map((path) => ({ from: path, to: path }));
	const subjects = [...more, ...changed];
	const once = new Map(subjects.map((s) => [`${s.from}\n${s.to}`, s]));
	return [...once.values()].sort(
		(a, b) => Number(b.to === 'mm/gup.c') - Number(a.to === 'mm/gup.c'),
	);
}

interface Reviewed extends Subject {
	readonly step: Step;
	readonly changes: readonly FileChange[];
}

async function reviewFile(
	{ step, changes, from, to }: Reviewed,
	{
		looking,
		options,
		baseline,
	}: {
		readonly looking: Looking;
		readonly options: ReviewOptions;
		readonly baseline: Baseline | null;
	},
): Promise<FileReview> {
	const before = from === null ? null : await looking.at(step.before, from);
	const restsOn = restingOn(before, changes, { from, to });
	const isSame = from === to && restsOn.length === 0;
	const after = to === null ? null : isSame ? before : await looking.at(step.after, to);
	const own = changes.find((change) => change.path === (to ?? from));
	const others = restsOn.filter((path) => path !== own?.path);
	const touched = own === undefined ? new Set<string>() : touchedIn(own);
	const delta = deltaOf(
		before,
		after,
		({ name }) => others.length > 0 || touched === null || touched.has(name),
	);
	const isKnown = (told: ToldFinding): boolean =>
		baseline !== null &&
		after !== null &&
		told.on.every((on) =>
			baseline.has(
				{ path: after.report.path, on, print: told.print, finding: told.finding },
				namesIn(after.report),
			),
		);
	const kept = [...delta.kept, ...delta.fresh.filter(isKnown)];
	const fresh: Fresh[] = [];
	for (const told of delta.fresh.filter((t) => !isKnown(t)))
		fresh.push({
			...told,
			made: await makersOf(told, { step, changes, restsOn, path: to ?? '', looking }),
		});
	const wantsMore = options.guards === true || options.claims === true;
	const questions =
		!wantsMore || isSame || from === null || to === null
			? null
			: await compareQuestions(
					looking.asked(step.before, from),
					looking.asked(step.after, to),
					options,
				);
	const unread = to === null ? unreadIn(step, from) : null;
	const path = to ?? from ?? '';
	return { path, from, before, after, restsOn, ...delta, kept, fresh, questions, unread };
}

/** Why the text of what a step leaves there, or puts there, is not known; null: nothing is there. */
function unreadIn({ files, after }: Step, from: string | null): string | null {
	const there = files.filter(({ to }) => to !== null && after.read(to) === null);
	const own =
		there.find((f) => f.from === from || f.to === from) ?? there.find((f) => f.from === null);
	return own?.to == null
		? null
		: `${own.to} is there afterwards and is not read: it is a link, no text, or too large`;
}

/** Changed files that what was said of a file may rest on, itself included. */
function restingOn(
	before: Looked | null,
	changes: readonly FileChange[],
	{ from, to }: Subject,
): readonly string[] {
	const known = before?.report.analyses.map((a) => a.files);
	const isKnown = known?.every((files) => files !== undefined) === true;
	const asked = new Set(known?.flatMap((files) => files ?? []));
	return changes
		.filter((change) => {
			if (change.before === change.after && change.from === change.to) return false;
			if (!isKnown || change.path === to || change.path === from) return true;
			const isMoved = change.from !== change.to;
			return [change.from, change.to].some(
				(path) =>
					path !== null &&
					(asked.has(path) || (isMoved && asked.has(path.slice(0, path.lastIndexOf('/'))))),
			);
		})
		.map(({ path }) => path);
}
