/**
 * Answers a report: which of its stacks is a walk or a reader, which an adversary, whether the two meet in explored runs, and whether one of
 * these breaks a rule.
 *
 * Invariant: `benign` is said only where every function of the walk holds against the adversaries of the report.
 * Invariant: an answer names the adversaries, the bounds and the assumptions that it rests on.
 */
import { phraseOf, type WhatIf } from '../../../engine/check/what_ifs.js';
import type { AnalysedFinding, AnalysedTrace, Analysis } from '../../ide/analysis/analysis.js';
import type { FoundMeeting } from '../../ide/meeting.js';
import { counted } from '../../ide/verdict_words.js';
import type { KernelReport, ReportStack } from '../../kernel_report/report.js';
import type { KernelTree } from '../../tree/kernel_tree.js';
import { identified } from '../identified.js';
import { type CommonOptions, inputOf, type TextRequest, UsageError } from '../options.js';
import { portableText } from '../portable_id.js';
import type { Executor, TextSession } from '../supervised.js';
import type { Answer, ToldRun } from './answer.js';
import { type Side, Sides } from './sides.js';

/** Files in which a walk is looked for, of one stack. */
const FILES_MAX = 6;

/** Protections without which a use after free is tried to be shown. */
const TRIED: readonly WhatIf[] = [
	'no-rcu-table-free',
	'no-rcu-inode-free',
	'no-ipi',
	'interrupts-on',
];

export interface Answering {
	readonly tree: KernelTree;
	readonly folder: string;
	readonly options: CommonOptions<string>;
	readonly executor: Executor;
}

/** A stack that is a walk's, and what was found of it. */
interface Asked {
	readonly side: Side;
	readonly request: TextRequest;
	readonly session: TextSession;
	readonly met: FoundMeeting;
}

export async function answered(report: KernelReport, how: Answering): Promise<Answer> {
	const none = plain(report);
	if (report.kind === 'lockdep' && !ASKED.includes(report.sort))
		return {
			...none,
			said: [`not modelled: racewalk has no rule about ${report.sort}`, ...lockWords(report)],
		};
	const sides = new Sides(how.tree, how.options.actor.length > 0 ? [] : sourcesOf(how));
	const all = stacksOf(report).map((stack) => sides.of(stack));
	if (all.length === 0)
		return { ...none, said: ['not modelled: the report has no stack that can be read'] };
	const pairs = pairsOf(report, all);
	const tried: Answer[] = [];
	for (const { walk, other } of pairs) {
		const answer = await answerPair(report, { walk, other }, how);
		if (answer.outcome !== 'not-modelled') return answer;
		tried.push(answer);
	}
	// the one that got furthest
	return tried.find((answer) => answer.walk !== null) ?? { ...none, said: unknownWords(all) };
}

/** Sorts of lockdep's that a rule is about. */
const ASKED: readonly string[] = ['sleeping in atomic context', 'suspicious RCU usage'];

function plain(report: KernelReport): Answer {
	return {
		...{ report, outcome: 'not-modelled', said: [], walk: null, adversaries: [], cited: [] },
		...{ finding: null, runs: [], whatIf: [], bounds: [] },
	};
}

function lockWords({ stacks }: KernelReport): readonly string[] {
	const taken = stacks
		.filter(({ what }) => what.startsWith('takes '))
		.map(({ what }) => what.slice(6));
	return taken.length === 0
		? []
		: [`the locks of the report, in the order of its chain: ${taken.join(', ')}`];
}

function sourcesOf({ folder, tree, options }: Answering): TextRequest['actorSources'] {
	const [request] = inputOf({ path: 'mm/gup.c', text: '', tree, folder }, options).requests;
	return request?.actorSources ?? [];
}

/** Stacks that can be a part of an answer; the place of a report that has no stack of its own is one frame. */
function stacksOf({ stacks, at, sort }: KernelReport): readonly ReportStack[] {
	const own = at === null ? [] : [{ function: null, path: at.path, line: at.line }];
	const read = stacks.filter(({ frames, what }) => frames.length > 0 && what !== 'allocates');
	if (!ASKED.includes(sort)) return read;
	// what may sleep is called there; the stack leads to it
	return [
		{ what: sort, access: null, marked: null, frames: [...own, ...read.flatMap((s) => s.frames)] },
	];
}

interface Pair {
	readonly walk: Side;
	readonly other: Side | null;
}

function pairsOf({ kind }: KernelReport, sides: readonly Side[]): readonly Pair[] {
	const [first, second] = sides;
	if (first === undefined) return [];
	if (kind === 'kcsan')
		return second === undefined
			? [{ walk: first, other: null }]
			: [
					{ walk: first, other: second },
					{ walk: second, other: first },
				];
	if (kind !== 'kasan') return [{ walk: first, other: null }];
	const frees = sides.slice(1).filter(({ stack }) => stack.access === 'free');
	if (frees.length === 0) return [{ walk: first, other: null }];
	// the frames of all that free: a callback of RCU says nothing of who queued it
	const merged: Side = {
		stack: frees[0]?.stack ?? first.stack,
		frames: frees.flatMap((f) => f.frames),
		adversaries: [...new Set(frees.flatMap((f) => f.adversaries))].sort(),
		cited: [...new Set(frees.flatMap((f) => f.cited))].sort(),
	};
	return [{ walk: first, other: merged }];
}

function unknownWords(sides: readonly Side[]): readonly string[] {
	return [
		'not modelled: none of the functions of the report is a walk or a reader that racewalk explores',
		...sides.map(({ stack, frames, cited, adversaries }) => {
			const names = frames.slice(0, 4).map((f) => `${f.function}() in ${f.path}`);
			const acts =
				cited.length === 0 ? '' : `; ${cited.join(', ')} is what ${adversaries.join(', ')} does`;
			return names.length === 0
				? `${stack.what}: no frame of it is in the tree`
				: `${stack.what}: ${names.join(' ← ')}${acts}`;
		}),
	];
}

async function answerPair(
	report: KernelReport,
	{ walk, other }: Pair,
	how: Answering,
): Promise<Answer> {
	const isAlone = other === null && report.kind !== 'kcsan';
	const cited = other?.cited ?? [];
	const adversaries = other?.adversaries ?? [];
	const none = { ...plain(report), cited, adversaries };
	const asked = await askedIn(walk, { cited, adversaries, warns: report.kind === 'warn' }, how);
	if (asked === null) return { ...none, said: [] };
	const { met } = asked;
	const at = { ...none, walk: met };
	if (met.unsupported !== undefined)
		return {
			...at,
			said: [
				`not modelled: ${met.frame.function}() in ${met.frame.path} is unsupported: ${met.unsupported}`,
			],
		};
	if (!isAlone && cited.length === 0) {
		const names = other?.frames.slice(0, 6).map((f) => `${f.function}()`) ?? [];
		const what =
			other === null
				? 'the report does not say who the other one is'
				: names.length === 0
					? 'no frame of the other stack is in the tree'
					: `no adversary stands for any function of the other stack (${names.join(', ')})`;
		return { ...at, walk: { ...met, locations: [] }, said: [`not modelled: ${what}`] };
	}
	const analysis = await analysed(asked);
	if (analysis === null)
		return {
			...at,
			outcome: 'undecided',
			said: ['undecided: the check was given up before it was decided'],
		};
	return judged(report, { at, asked, analysis }, how);
}

/** The walk that a frame of the stack lies in; null: none of its files has one. */
async function askedIn(
	side: Side,
	other: {
		readonly cited: readonly string[];
		readonly adversaries: readonly string[];
		readonly warns: boolean;
	},
	{ tree, folder, options, executor }: Answering,
): Promise<Asked | null> {
	const paths = [...new Set(side.frames.map((f) => f.path))].filter((p) => p.endsWith('.c'));
	for (const path of paths.slice(0, FILES_MAX)) {
		const text = tree.read(path);
		if (text === null) continue;
		const actor = options.actor.length > 0 ? options.actor : other.adversaries;
		const input = inputOf({ path, text, tree, folder }, { ...options, actor });
		const [request] = input.requests;
		if (request === undefined) continue;
		if (input.requests.length > 1) throw new UsageError('report takes one architecture');
		const session = executor.sessionFor(request);
		const wanted = { frames: side.frames, adversary: other.cited, warns: other.warns };
		const outcome = await session.run({ kind: 'meeting', wanted });
		if (outcome.kind === 'ended') continue;
		if (outcome.result !== null) return { side, request, session, met: outcome.result };
	}
	return null;
}

async function analysed({ session }: Asked): Promise<Analysis | null> {
	const outcome = await session.run({ kind: 'analyse' });
	return outcome.kind === 'done' && outcome.result.stopped === undefined ? outcome.result : null;
}

interface Judging {
	readonly at: Answer;
	readonly asked: Asked;
	readonly analysis: Analysis;
}

async function judged(report: KernelReport, judging: Judging, how: Answering): Promise<Answer> {
	const { asked, analysis } = judging;
	const { met } = asked;
	const at = { ...judging.at, bounds: boundsOf(judging) };
	const told = (what: string, trace: AnalysedTrace, name = met.frame.function): ToldRun => ({
		what,
		trace,
		id: portableText(identified(asked.request, { function: name, trace, set: how.options.set })),
	});
	const finding = analysis.findings.find((f) => explains(f, report, judging)) ?? null;
	if (finding !== null)
		return {
			...at,
			outcome: 'explained',
			finding,
			said: [`explained by a run that breaks ${finding.rule}: ${finding.message}`],
			runs: [told('the run', finding.trace, finding.function)],
		};
	if (report.kind === 'warn' && met.warned !== null)
		return {
			...at,
			outcome: 'explained',
			said: ['explained by a run in which the condition is true; it breaks no rule of its own'],
			runs: [told('the run', met.warned)],
		};
	const [first] = ofWalk(judging).filter((f) => f.verdict !== 'holds' && !isLeftOut(f, judging));
	if (analysis.cancelled)
		return {
			...at,
			outcome: 'undecided',
			said: ['undecided: the check was stopped before its end'],
		};
	if (first !== undefined) return { ...at, outcome: 'undecided', said: [openWords(first, at)] };
	if (!met.isReached && report.kind !== 'warn')
		return {
			...at,
			outcome: 'unexplained',
			said: ['no explored run comes to an access on that line'],
		};
	if (report.kind === 'kcsan') return unordered(at, met, told);
	return unexplained(report, { ...judging, at }, { told, how });
}

function openWords(
	f: { readonly name: string; readonly verdict: string; readonly why: string | null },
	{ adversaries }: Answer,
): string {
	const against = adversaries.length === 0 ? '' : ` against ${adversaries.join(', ')}`;
	return f.verdict === 'violated'
		? `undecided: ${f.name}() breaks a rule${against} in runs without these two accesses; whether they matter can be told once that is repaired`
		: `undecided: ${f.name}() is ${f.verdict}${against}${f.why === null ? '' : `: ${f.why}`}`;
}

/** Functions of the walk that has the frame. */
function ofWalk({ asked: { met }, analysis }: Judging): Analysis['functions'] {
	const roots = new Set(
		analysis.functions.filter((f) => f.name === met.frame.function).map((f) => f.root),
	);
	return analysis.functions.filter((f) => roots.has(f.root));
}

type Tell = (what: string, trace: AnalysedTrace) => ToldRun;

/** A function that no run against these adversaries enters is no part of what they do to each other. */
function isLeftOut(
	{ name, verdict, byActor, explored }: Analysis['functions'][number],
	{ asked: { met } }: Judging,
): boolean {
	const isEntered = byActor.length > 0 || explored.states > 0 || explored.executions > 0;
	return (
		verdict === 'inconclusive' && !isEntered && name !== met.frame.function && name !== met.root
	);
}

function unordered(at: Answer, met: FoundMeeting, told: Tell): Answer {
	if (met.locations.length === 0)
		return {
			...at,
			outcome: 'unexplained',
			said: [
				met.isActing
					? 'no explored run has both accesses at one location: what the report is about is another one than racewalk has for that line'
					: 'the adversary comes in no explored run to the function of the report',
			],
		};
	const runs = [
		...(met.walkFirst === null ? [] : [told('the walk first', met.walkFirst)]),
		...(met.adversaryFirst === null ? [] : [told('the other CPU first', met.adversaryFirst)]),
	];
	const which =
		runs.length === 2
			? 'whichever of the two comes first'
			: `and in the runs that were looked at ${runs[0]?.what ?? ''} is the only order`;
	return {
		...at,
		outcome: 'benign',
		said: [`benign: no explored run is changed by it: ${which}, none breaks a rule`],
		runs,
	};
}

/** Everything holds, and the report says that something happened all the same. */
async function unexplained(
	report: KernelReport,
	{ at, asked }: Judging,
	{ told, how }: { readonly told: Tell; readonly how: Answering },
): Promise<Answer> {
	const said = [
		report.kind === 'warn'
			? 'unexplained: the condition is true in no run that was looked at, and no explored run breaks a rule there'
			: report.kind === 'kasan'
				? 'unexplained: no explored run uses it behind that free'
				: 'unexplained: no explored run breaks a rule there',
	];
	if (report.kind !== 'kasan') return { ...at, outcome: 'unexplained', said };
	const runs: ToldRun[] = [];
	const whatIf: WhatIf[] = [];
	for (const name of TRIED) {
		const run = await under(name, asked, how);
		if (run === null) continue;
		whatIf.push(name);
		runs.push(told(`if ${phraseOf([name])}`, run));
	}
	return {
		...at,
		...{ outcome: 'unexplained', whatIf, runs },
		said: [
			...said,
			whatIf.length === 0
				? 'nor is it explained where page tables or inodes are freed at once, no CPU waits for IPIs, or interrupts stay on'
				: `it would be explained if ${whatIf.map((w) => phraseOf([w])).join(', or if ')}: look whether the kernel of the report has that protection`,
		],
	};
}

/** A run that uses what was freed without a protection that is there. */
async function under(
	name: WhatIf,
	{ request, met }: Asked,
	{ executor }: Answering,
): Promise<AnalysedTrace | null> {
	const session = executor.sessionFor({ ...request, whatIf: [name] });
	const wanted = { function: met.frame.function, rule: 'use-after-free', trace: null };
	const outcome = await session.run({ kind: 'simulate', wanted });
	if (outcome.kind !== 'done' || outcome.result.trace === null) return null;
	return outcome.result.finding === null ? null : outcome.result.trace;
}

/** The finding's run has the walk's access and the adversary's step. */
function explains(
	finding: AnalysedFinding,
	report: KernelReport,
	{ asked: { met }, at }: Judging,
): boolean {
	const { steps } = finding.trace;
	const isWalk = (step: (typeof steps)[number]): boolean =>
		step.cpu === 0 &&
		step.frames.some(({ function: name, place }) =>
			met.lines.length === 0
				? name === met.frame.function
				: met.lines.some(
						(l) => l.path === place.path && l.line <= place.endLine && place.line <= l.endLine,
					),
		);
	const isOther = (step: (typeof steps)[number]): boolean =>
		step.cpu > 0 &&
		step.frames.some(({ cites }) => cites !== null && at.cited.includes(cites.function));
	if (report.kind === 'warn' || report.kind === 'lockdep') {
		if (report.sort === 'sleeping in atomic context' && finding.rule !== 'sleep-in-atomic')
			return false;
		const last = steps.findLast((step) => step.cpu === 0);
		return last !== undefined && isWalk(last);
	}
	const accesses = steps.flatMap((step, i) => (isWalk(step) ? [i] : []));
	const acts = steps.flatMap((step, i) => (isOther(step) ? [i] : []));
	if (report.kind === 'kasan') return acts.some((i) => accesses.some((j) => i < j));
	return accesses.some((i) =>
		acts.some((j) => {
			const [mine, its] = [steps[i]?.effects ?? [], steps[j]?.effects ?? []];
			return mine.some((e) =>
				its.some((o) => o.location === e.location && (o.wrote !== null || e.wrote !== null)),
			);
		}),
	);
}

/** How far it reaches, in sentences. */
function boundsOf(judging: Judging): readonly string[] {
	const { asked, analysis, at } = judging;
	const functions = ofWalk(judging);
	const own = functions.find((f) => f.name === asked.met.frame.function);
	if (own === undefined) return [];
	const { bounds } = own;
	const against = at.adversaries.length === 0 ? analysis.actors : at.adversaries;
	const states = Math.max(...functions.map((f) => f.explored.states));
	const assumed = [...new Set(functions.flatMap((f) => f.assumptions.map((a) => a.what)))];
	const left = functions.filter((f) => isLeftOut(f, judging)).map((f) => `${f.name}()`);
	return [
		`explored: ${own.root}() on ${analysis.arch} under ${analysis.memory} against ${against.join(', ')}; ${counted(bounds.worlds.length, 'world', 'worlds')}, at most ${counted(bounds.pagesMax, 'page', 'pages')} and ${counted(bounds.actorsAtOnceMax, 'adversary', 'adversaries')} at once; ${states} states`,
		...(asked.met.lines.length === 0
			? [
					`the report's line is not known, or nothing is accessed on it: all of ${own.name}() counts`,
				]
			: []),
		...(left.length === 0 ? [] : [`no run against them enters ${left.join(', ')}`]),
		...assumed.map((what) => `assumes: ${what}`),
	];
}
