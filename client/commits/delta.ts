/**
 * What a review of commits said, and the rows that show it: commits in their order, what each touches and changes.
 */
import { t } from '../view/words.js';

/** The part of a finding of `review --format json` that is shown. Its lines and columns begin with 1. */
export interface CommitFinding {
	readonly rule: string;
	readonly severity: string;
	readonly message: string;
	readonly path: string;
	readonly function: string;
	readonly line: number;
	readonly column: number;
	readonly endLine: number;
	readonly endColumn: number;
	readonly related: readonly {
		readonly path: string;
		readonly line: number;
		readonly message: string;
	}[];
}

export interface ToldFinding {
	readonly finding: CommitFinding;
	readonly fingerprint: string;
}

export interface FunctionDelta {
	readonly name: string;
	readonly line: number;
	readonly touched: boolean;
	readonly before: string | null;
	readonly after: string | null;
}

export interface FileDelta {
	readonly path: string;
	readonly from: string | null;
	readonly functions: readonly FunctionDelta[];
	readonly new: readonly ToldFinding[];
	readonly gone: readonly ToldFinding[];
	/** There before, and not of this commit. */
	readonly before: readonly ToldFinding[];
	readonly undecided: readonly string[];
	readonly texts: { readonly before: string | null; readonly after: string | null };
}

export interface CommitDelta {
	readonly title: string;
	readonly name: string;
	readonly adversaries: readonly {
		readonly actor: string;
		readonly path: string;
		readonly function: string;
	}[];
	readonly new: number;
	readonly gone: number;
	readonly undecided: number;
	readonly files: readonly FileDelta[];
}

/** What `racewalk review --format json --texts` prints, as far as it is shown. */
export interface ReviewedCommits {
	/** Commits that were not reviewed. */
	readonly left: number;
	readonly patches: readonly CommitDelta[];
}

export type Side = 'before' | 'after';
export type Sign = 'broken' | 'mended' | 'undecided' | 'same';

/** A line of a side of a file in a commit, from 0; null: the file as a whole. */
export interface Place {
	readonly commit: number;
	readonly file: number;
	readonly side: Side;
	readonly line: number | null;
}

export interface Row {
	readonly text: string;
	readonly description: string;
	readonly sign: Sign;
	readonly at: Place | null;
	readonly below: readonly Row[];
}

/** The commits as rows, in the order in which they were made. */
export function rowsOf(review: ReviewedCommits): readonly Row[] {
	return review.patches.map((_, i) => commitRow(review, i));
}

function commitRow({ patches }: ReviewedCommits, i: number): Row {
	const commit = patches[i] as CommitDelta;
	const files = commit.files.flatMap((file, f) => {
		const row = fileRow(file, { commit: i, file: f, later: patches.slice(i + 1) });
		return row === null ? [] : [row];
	});
	const adversaries = commit.adversaries.map(
		({ actor, path, function: name }): Row => ({
			text: t('touches the adversary {0}: {1}() in {2}', actor, name, path),
			description: '',
			sign: 'same',
			at: null,
			below: [],
		}),
	);
	const standing = commit.files.reduce((n, file) => n + file.new.length + file.before.length, 0);
	return {
		text: commit.title,
		description: [...countsOf(commit), stateOf(standing, commit.undecided)].join(', '),
		sign: signOf(commit),
		at: null,
		below: [...adversaries, ...files],
	};
}

function countsOf({ new: fresh, gone, undecided }: CommitDelta): readonly string[] {
	return [
		...(fresh === 0 ? [] : [t('{0} new', fresh)]),
		...(gone === 0 ? [] : [t('{0} gone', gone)]),
		...(undecided === 0 ? [] : [t('{0} undecided', undecided)]),
	];
}

function stateOf(standing: number, undecided: number): string {
	if (standing === 0) return undecided === 0 ? t('no finding after it') : t('not decided after it');
	return standing === 1 ? t('1 finding after it') : t('{0} findings after it', standing);
}

function signOf(delta: {
	readonly new: number;
	readonly gone: number;
	readonly undecided: number;
}) {
	if (delta.new > 0) return 'broken';
	if (delta.undecided > 0) return 'undecided';
	return delta.gone > 0 ? 'mended' : 'same';
}

/** Null: the commit has nothing to do with the file. */
function fileRow(
	file: FileDelta,
	{
		commit,
		file: index,
		later,
	}: { readonly commit: number; readonly file: number; readonly later: readonly CommitDelta[] },
): Row | null {
	const at = (side: Side, line: number | null): Place => ({ commit, file: index, side, line });
	const shown = (told: ToldFinding, side: Side): Place =>
		at(side, isIn(file, told.finding, side) ? told.finding.line - 1 : null);
	const row = (text: string, sign: Sign, place: Place, description = ''): Row => ({
		...{ text, sign, description },
		...{ at: place, below: [] },
	});
	const fresh = file.new.map((told) =>
		row(said(told), 'broken', shown(told, 'after'), mendedBy(told, later)),
	);
	const gone = file.gone.map((told) => row(said(told), 'mended', shown(told, 'before'), t('gone')));
	const open = file.undecided.map((why) => row(why, 'undecided', at('after', null)));
	const functions = file.functions
		.filter(({ touched, before, after }) => touched || before !== after)
		.map(({ name, line, before, after }) => {
			const side = after === null ? 'before' : 'after';
			return row(`${name}()`, 'same', at(side, line - 1), verdicts(before, after));
		});
	const below = [...fresh, ...gone, ...open, ...functions];
	if (below.length === 0) return null;
	const counts = { new: fresh.length, gone: gone.length, undecided: open.length };
	return {
		text: file.path,
		description: verdicts(tally(file, 'before'), tally(file, 'after')),
		sign: signOf(counts),
		at: at('after', null),
		below,
	};
}

function said({ finding }: ToldFinding): string {
	return `${finding.function}(): ${finding.message} [${finding.rule}]`;
}

/** Which later commit takes a finding away: the state between them is broken. */
function mendedBy({ fingerprint }: ToldFinding, later: readonly CommitDelta[]): string {
	const by = later.find(({ files }) =>
		files.some(({ gone }) => gone.some((told) => told.fingerprint === fingerprint)),
	);
	return by === undefined ? t('new') : t('new, and gone with: {0}', by.title);
}

function verdicts(before: string | null, after: string | null): string {
	const [was, is] = [before ?? t('not there'), after ?? t('not there')];
	return was === is ? was : t('{0} → {1}', was, is);
}

/** How many functions of a file have which verdict; null: it has none. */
function tally({ functions }: FileDelta, side: Side): string | null {
	const count = new Map<string, number>();
	for (const each of functions) {
		const verdict = each[side];
		if (verdict !== null) count.set(verdict, (count.get(verdict) ?? 0) + 1);
	}
	if (count.size === 0) return null;
	return [...count].map(([verdict, n]) => `${n} ${verdict}`).join(', ');
}

function isIn(file: FileDelta, finding: CommitFinding, side: Side): boolean {
	return finding.path === (side === 'after' ? file.path : (file.from ?? file.path));
}

/** A finding at its place in a side of a file. */
export interface Mark {
	readonly finding: CommitFinding;
	readonly kind: 'new' | 'gone' | 'before';
}

/** What stands in the margin of a side: on the right what is new and what was there before, on the left what goes. */
export function marksOf(file: FileDelta, side: Side): readonly Mark[] {
	const marks = (told: readonly ToldFinding[], kind: Mark['kind']): readonly Mark[] =>
		told
			.filter(({ finding }) => isIn(file, finding, side))
			.map(({ finding }) => ({ finding, kind }));
	return side === 'before'
		? marks(file.gone, 'gone')
		: [...marks(file.new, 'new'), ...marks(file.before, 'before')];
}
