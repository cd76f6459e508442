/**
 * What an explored walk says to a report: a run that has it, that it changes nothing, or that no run does it.
 *
 * Invariant: `benign` is said only where every function of the walk holds against the adversaries of the report.
 * Invariant: an answer names the adversaries, the bounds and the assumptions that it rests on.
 */
import { phraseOf, type WhatIf } from '../../../engine/check/what_ifs.js';
import type { AnalysedFinding, AnalysedTrace, Analysis } from '../../ide/analysis/analysis.js';
import type { FoundMeeting } from '../../ide/meeting.js';
import { counted } from '../../ide/verdict_words.js';
import type { KernelReport } from '../../kernel_report/report.js';
import type { KernelTree } from '../../tree/kernel_tree.js';
import { identified } from '../identified.js';
import type { CommonOptions, TextRequest } from '../options.js';
import { portableText } from '../portable_id.js';
import type { Executor, TextSession } from '../supervised.js';
import type { Answer, ToldRun } from './answer.js';
import type { Side } from './sides.js';

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
export interface Asked {
	readonly side: Side;
	readonly request: TextRequest;
	readonly session: TextSession;
	readonly met: FoundMeeting;
}

export interface Judging {
	readonly at: Answer;
	readonly asked: Asked;
	readonly analysis: Analysis;
}

export async function judged(
	report: KernelReport,
	judging: Judging,
	how: Answering,
): Promise<Answer> {
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
	if (!ofWalk(judging).some((f) => f.name === met.root))
		return { ...at, outcome: 'undecided', said: [`undecided: ${met.root}() has no verdict`] };
	const [first] = ofWalk(judging).filter((f) => f.verdict !== 'holds' && !isLeftOut(f, judging));
	if (analysis.cancelled)
		return {
			...at,
			outcome: 'undecided',
			said: ['undecided: the check was stopped before its end'],
		};
	if (first !== undefined) return { ...at, outcome: 'undecided', said: [openWords(first, at)] };
	if (!met.isComplete && (!met.isReached || !met.isActing))
		return {
			...at,
			outcome: 'undecided',
			said: ['undecided: not all runs were looked at in which the two can meet'],
		};
	if (!met.isReached && report.kind !== 'warn')
		return {
			...at,
			outcome: 'unexplained',
			said: ['unexplained: no run that was looked at comes to an access on that line'],
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

/** Functions of the walks that have the frame, which may stand in a header and have no verdict of its own. */
function ofWalk({ asked: { met }, analysis }: Judging): Analysis['functions'] {
	const named = analysis.functions.filter((f) => f.name === met.frame.function);
	const roots = new Set([met.root, ...named.map((f) => f.root)]);
	return analysis.functions.filter((f) => roots.has(f.root));
}

/** What a report of lockdep's asks: which sections the walk is in on that line. */
async function heldThere({ session, met }: Asked): Promise<string> {
	const outcome = await session.run({ kind: 'sites' });
	const own = (outcome.kind === 'done' ? outcome.result : []).filter(({ place, visits }) =>
		met.lines.some((l) => l.path === place.path && l.line === place.line && visits > 0),
	);
	if (own.length === 0) return 'what is held on that line was not found out';
	const words = {
		irq: 'interrupts are off',
		rcu: 'rcu_read_lock() is held',
		preempt: 'preemption is off',
	};
	const held = (['irq', 'rcu', 'preempt'] as const).filter((section) =>
		own.every(({ sections }) => sections.includes(section)),
	);
	return held.length === 0
		? 'no section of RCU or with interrupts off is held on that line in every sampled run'
		: `on that line ${held.map((section) => words[section]).join(' and ')} in every sampled run`;
}

const NOT_ACTING =
	'unexplained: the adversary comes to the function of the report in no run that was looked at';

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
					? 'unexplained: no run that was looked at has both accesses at one location: what the report is about is another one than racewalk has for that line'
					: NOT_ACTING,
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
			: report.kind === 'kasan' && at.adversaries.length > 0
				? 'unexplained: no explored run uses it behind that free'
				: 'unexplained: no explored run breaks a rule there',
	];
	if (report.kind === 'lockdep') said.push(await heldThere(asked));
	if (report.kind !== 'kasan') return { ...at, outcome: 'unexplained', said };
	if (at.adversaries.length > 0 && !asked.met.isActing)
		return { ...at, outcome: 'unexplained', said: [NOT_ACTING] };
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
		step.frames.some(
			({ cites }) => cites !== null && (at.cited.length === 0 || at.cited.includes(cites.function)),
		);
	if (report.kind === 'warn' || report.kind === 'lockdep' || at.adversaries.length === 0) {
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
	const own =
		functions.find((f) => f.name === asked.met.frame.function) ??
		functions.find((f) => f.name === asked.met.root);
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
					`the report's line is not known, or nothing is accessed on it: all of ${asked.met.frame.function}() counts`,
				]
			: []),
		...(left.length === 0 ? [] : [`no run against them enters ${left.join(', ')}`]),
		...assumed.map((what) => `assumes: ${what}`),
	];
}
