/**
 * `racewalk bisect GOOD..BAD`: the first commit with a finding of a rule, judged by verdicts of each commit as it stands in the
 * repository's objects. Where that commit is a merge, the search goes on in what was merged.
 *
 * Leaves out: findings that go away; a range is searched in one direction.
 */
import { terminal, terminalLines } from '../../../engine/escape/terminal.js';
import { visibleLine } from '../../../engine/escape/visible.js';
import { RULES } from '../../../engine/rules/verdict.js';
import type { AnalysedFinding, Analysis } from '../../ide/analysis/analysis.js';
import { twoColumn } from '../../ide/two_column.js';
import { unnoted } from '../../tree/asked_files.js';
import type { KernelTree } from '../../tree/kernel_tree.js';
import { requireFormat } from '../asking.js';
import { interrupted } from '../interrupted.js';
import { findingJson, TOOL } from '../json.js';
import { type CommonOptions, UsageError } from '../options.js';
import { type FileReport, findingsOf, functionsOf, notDecided } from '../report.js';
import { type Executor, executorOf } from '../supervised.js';
import { isUndecided } from '../undecided.js';
import { complain, print, printJson } from '../write.js';
import { type Narrowed, narrowed, type State } from './bisecting.js';
import { type History, historyOf } from './history.js';
import { lookingWith } from './looking.js';

export interface BisectOptions extends CommonOptions<'text' | 'json'> {
	/** The rule that is broken; absent: any. */
	readonly rule?: string;
	/** The file that is checked. */
	readonly file: string;
}

/** A finding of the commit that is told. */
interface Found {
	readonly finding: AnalysedFinding;
	readonly analysis: Analysis;
}

/** A commit that was looked at. */
interface Look {
	readonly commit: string;
	readonly state: State;
	readonly found: Found | null;
}

/** Exit status: 0 when the first commit is known, 3 when it is one of several. */
export async function runBisect(range: string, options: BisectOptions): Promise<number> {
	requireFormat('bisect', options);
	const { rule, tree, budget } = options;
	if (options.as !== undefined) throw new UsageError('bisect takes --file PATH, not --as');
	if (rule !== undefined && !RULES.some((known) => known === rule))
		throw new UsageError(`unknown rule '${rule}'; known: ${RULES.join(', ')}`);
	const history = historyOf(range, tree ?? process.cwd());
	const executor = executorOf({
		...{ remembering: true, open: history.open },
		...(budget === undefined ? {} : { budget }),
	});
	const looks: Look[] = [];
	const interruption = interrupted();
	try {
		const search = searched(history, { options, executor, looks });
		const found = await Promise.race([search, interruption.promise]);
		if (found === null) return tellInterrupted(looks, history);
		if (options.format === 'json') printJson(bisectJson(found, looks, history), 1);
		else tellText(found, { looks, history, options });
		return found.first.length === 1 ? 0 : 3;
	} finally {
		interruption.end();
		await executor.end();
		history.end();
	}
}

/** What is looked for, in words. */
function wanted({ rule, function: functions, file }: BisectOptions): string {
	const where = functions.length === 0 ? '' : `${functions.map((f) => `${f}()`).join(', ')} of `;
	return `${rule ?? 'a finding'} in ${where}${file}`;
}

async function searched(
	history: History,
	work: {
		readonly options: BisectOptions;
		readonly executor: Executor;
		readonly looks: Look[];
	},
): Promise<Narrowed> {
	const { options, looks } = work;
	const judging = judgeWith(history, work);
	const judge = async (commit: string): Promise<State> => {
		const known = looks.find((look) => look.commit === commit);
		if (known !== undefined) return known.state;
		const look = await judging(commit);
		looks.push(look);
		complain(`${named(history, commit)}: ${stateWords(look.state)}`);
		// signals are heard between two commits
		await new Promise((resolve) => setImmediate(resolve));
		return look.state;
	};
	const bad = history.commits.at(-1) ?? '';
	requireState('bad', bad, await judge(bad), { history, options });
	requireState('good', history.good, await judge(history.good), { history, options });
	let part: Pick<History, 'good' | 'commits'> = history;
	for (;;) {
		const found = await narrowed(part, judge);
		const side = found.first.length === 1 ? history.sideOf(found.first[0]) : null;
		const last = side?.commits.at(-1);
		if (side === null || last === undefined) return found;
		// the merge itself is to blame unless what it brings is bad, and began good
		if ((await judge(last)).kind !== 'bad') return found;
		if ((await judge(side.good)).kind !== 'good') return found;
		part = side;
	}
}

function requireState(
	as: 'good' | 'bad',
	commit: string,
	state: State,
	{ history, options }: { readonly history: History; readonly options: BisectOptions },
): void {
	if (state.kind === as) return;
	const what = named(history, commit);
	if (state.kind === 'undecided') throw new UsageError(`${what} is undecided: ${state.why}`);
	throw new UsageError(
		as === 'bad'
			? `${what} has no ${wanted(options)}: BAD of GOOD..BAD is to have it`
			: `${what} has ${wanted(options)} already: GOOD of GOOD..BAD is to be without it`,
	);
}

/** Looks at commits; those that rest on the same texts are looked at once. */
function judgeWith(
	history: History,
	{ options, executor }: { readonly options: BisectOptions; readonly executor: Executor },
): (commit: string) => Promise<Look> {
	const looking = lookingWith(options, executor);
	const { file } = options;
	const known: { readonly stamps: ReadonlyMap<string, string>; readonly look: Look }[] = [];
	return async (commit) => {
		const tree = history.treeAt(commit);
		const same = known.find(({ stamps }) =>
			[...stamps].every(([path, stamp]) => stampOf(tree, path) === stamp),
		);
		if (same !== undefined) return { ...same.look, commit };
		if (unnoted(() => tree.read(file)) === null)
			return { commit, found: null, state: { kind: 'undecided', why: `it has no ${file}` } };
		const { report } = await looking.at(tree, file);
		const look = { commit, ...judged(report, options) };
		const asked = report.analyses.map(({ files }) => files);
		if (asked.every((files) => files !== undefined)) {
			const paths = new Set([file, ...asked.flatMap((files) => files ?? [])]);
			known.push({ look, stamps: new Map([...paths].map((p) => [p, stampOf(tree, p)])) });
		}
		return look;
	};
}

/** What changes when a file does, or what is in a folder. */
function stampOf(tree: KernelTree, path: string): string {
	return unnoted(() => tree.stamp?.(path) ?? tree.list(path).join('\n'));
}

function judged(report: FileReport, options: BisectOptions): Omit<Look, 'commit'> {
	const { rule, function: names } = options;
	const isMeant = (name: string): boolean => names.length === 0 || names.includes(name);
	const findings = findingsOf(report).filter(({ finding }) => isMeant(finding.function));
	const hit = findings.find(({ finding }) => rule === undefined || finding.rule === rule);
	if (hit !== undefined) return { state: { kind: 'bad' }, found: hit };
	const open = (why: string) => ({ state: { kind: 'undecided', why } as const, found: null });
	const [given] = notDecided(report);
	if (given !== undefined) return open(given);
	const meant = functionsOf(report).filter(({ verdict }) => isMeant(verdict.name));
	for (const name of names)
		if (!meant.some(({ verdict }) => verdict.name === name))
			return open(`no walk reaches ${name}()`);
	const undecided = meant.find(({ verdict }) => isUndecided(verdict));
	if (undecided !== undefined) {
		const { name, verdict, why } = undecided.verdict;
		return open(`${name}() is ${verdict}: ${why}`);
	}
	const [other] = findings;
	if (other !== undefined)
		return open(`${other.finding.function}() breaks ${other.finding.rule}, which may hide it`);
	return { state: { kind: 'good' }, found: null };
}

function stateWords(state: State): string {
	return state.kind === 'undecided' ? `undecided: ${visibleLine(state.why)}` : state.kind;
}

function named(history: History, commit: string): string {
	return `${commit.slice(0, 12)} (${visibleLine(history.title(commit)).slice(0, 100)})`;
}

function tellInterrupted(looks: readonly Look[], history: History): number {
	const of = (kind: State['kind']): readonly string[] =>
		looks.filter(({ state }) => state.kind === kind).map(({ commit }) => named(history, commit));
	complain(
		`interrupted after ${looks.length} commits; good: ${of('good').join(', ') || 'none'}; bad: ${of('bad').join(', ') || 'none'}`,
	);
	return 3;
}

function tellText(
	{ first, undecided, good }: Narrowed,
	{
		looks,
		history,
		options,
	}: {
		readonly looks: readonly Look[];
		readonly history: History;
		readonly options: BisectOptions;
	},
): void {
	const last = first.at(-1) ?? first[0];
	const of = `${history.commits.length} commits, ${looks.length} looked at`;
	const head =
		first.length === 1
			? [`${named(history, last)} is the first with ${wanted(options)} (${of})`]
			: [
					`The first with ${wanted(options)} is one of these; all but the last are undecided (${of}):`,
					...first.map((commit) => {
						const why = undecided.get(commit);
						return `  ${named(history, commit)}${why === undefined ? '' : `: ${visibleLine(why)}`}`;
					}),
				];
	const found = looks.find(({ commit }) => commit === last)?.found ?? null;
	const run = found === null ? [] : ['', ...runLines(found)];
	const lines = [...head, `the last without it: ${named(history, good)}`, ...run];
	print(terminal`${terminalLines(lines.join('\n'))}\n`);
}

function runLines({ finding, analysis }: Found): readonly string[] {
	const { path, line, column } = finding.place;
	return [
		`${path}:${line}:${column}: ${finding.message} [${finding.rule}]`,
		`${[analysis.arch, finding.memory, finding.scenario].join(', ')}; run ${finding.trace.id}`,
		'',
		...twoColumn(finding.trace, { width: 100, brief: true, values: true }).split('\n'),
	];
}

function bisectJson(
	{ first, undecided, good }: Narrowed,
	looks: readonly Look[],
	history: History,
): object {
	const last = first.at(-1) ?? first[0];
	const found = looks.find(({ commit }) => commit === last)?.found ?? null;
	return {
		schema: 1,
		tool: TOOL,
		first: first.length === 1 ? last : null,
		candidates: first.map((commit) => ({
			commit,
			title: history.title(commit),
			undecided: undecided.get(commit) ?? null,
		})),
		good,
		finding: found === null ? null : findingJson(found.finding, found.analysis),
		looked: looks.map(({ commit, state }) => ({
			...{ commit, state: state.kind },
			why: state.kind === 'undecided' ? state.why : null,
		})),
	};
}
