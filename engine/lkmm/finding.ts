/**
 * A broken rule made into a finding: the two accesses of the walk that must be ordered (found by trying a barrier at
 * every place), the weakest order that forbids it in every pair of runs, the execution as steps, and a litmus test.
 */

import type { PreparedWalk } from '../check/prepare.js';
import type { ThreadRun } from '../memory/lkmm/event.js';
import type { Happens } from '../memory/lkmm/machines.js';
import {
	type AccessPair,
	executionsOf,
	type Ordering,
	ordered,
	pairToOrder,
	weakestOrdering,
} from '../memory/lkmm/pair.js';
import type { EventNote, ProgramRun } from '../memory/lkmm/program_run.js';
import type { Snapshot } from '../memory/lkmm/snapshot.js';
import type { FunctionIndex, SiteIndex } from '../program/op.js';
import { severityOf } from '../rules/catalog.js';
import type { Finding } from '../rules/verdict.js';
import { drawingOf } from './drawing.js';
import type { RunPair } from './judge.js';
import { litmusOf } from './litmus.js';
import { blamed, brokenBy, type LkmmCandidate, placeOf, runsOfPair } from './scenario_runs.js';
import { traceOf } from './trace.js';

/** The finding a candidate is. */
export function findingOf(prepared: PreparedWalk, candidate: LkmmCandidate): Finding {
	const { lkmm, broken, walk, snapshot } = candidate;
	const pair = snapshot.isSequential || broken.frames !== null ? null : pairOf(candidate);
	const ordering = pair === null ? null : orderingOf(candidate, pair);
	const ofWalk = pair === null || pair.isOther === true ? null : pair;
	const first = ofWalk === null ? lastReference(walk) : (walk.notes[ofWalk.first] ?? null);
	const place = ofWalk === null ? broken.place : undefined;
	const frame = place ?? blamed(lkmm, broken.frames ?? first?.frames ?? [], prepared.path);
	const fn = frame?.function ?? prepared.request.root;
	const message =
		pair === null ? unpaired(candidate) : `${broken.what}: ${said(candidate, pair, ordering)}`;
	const { program } = lkmm.scenarioMachine;
	const litmus =
		pair === null || prepared.request.attached !== undefined
			? null
			: litmusOf(candidate, { pair, ordering, path: prepared.path });
	const missing = pair === null ? null : { pair, ordering };
	const drawing = drawingOf(candidate, { title: broken.rule, missing, path: prepared.path });
	return {
		rule: broken.rule,
		severity: severityOf(broken.rule),
		message,
		function: program.functions[fn as FunctionIndex]?.name ?? '',
		site: frame?.site ?? (0 as SiteIndex),
		related: pair === null ? [] : related(candidate, pair, prepared.path),
		actors: candidate.scenario.actors,
		scenario: candidate.scenario.title,
		memory: 'lkmm',
		trace: traceOf(candidate, message),
		...(litmus === null ? {} : { litmus }),
		...(ofWalk === null || ordering === null ? {} : { barrier: barrierOf(ordering) }),
		drawing,
	};
}

/** Whether no execution of a run of the walk with one of the adversary, one of them edited, breaks the rule. */
function forbids(
	candidate: LkmmCandidate,
	pair: RunPair,
	{ thread, run }: { readonly thread: number; readonly run: ThreadRun },
): boolean {
	let met = false;
	const runs = runsOfPair(pair);
	const isComplete = executionsOf(
		runs.map((r, i) => (i === thread ? run : r.run)),
		candidate.lkmm.options,
		(snapshot) => {
			// a barrier more is an event more: what is judged are the accesses
			const asRun = withoutFence(snapshot, { thread, run, of: runs[thread] as ProgramRun });
			met ||= brokenBy(candidate.lkmm, pair, asRun)?.rule === candidate.broken.rule;
			return !met;
		},
	);
	return isComplete && !met;
}

/** The execution with the edited run's accesses numbered as in the run itself. */
function withoutFence(
	snapshot: Snapshot,
	{
		thread,
		run,
		of,
	}: { readonly thread: number; readonly run: ThreadRun; readonly of: ProgramRun },
): Snapshot {
	if (run.events.length === of.run.events.length) return snapshot;
	const added = run.events.findIndex((e, i) => e.fence !== of.run.events[i]?.fence);
	const at = added < 0 ? of.run.events.length : added;
	return {
		...snapshot,
		events: snapshot.events.map((e) =>
			e.thread === thread && e.index > at ? { ...e, index: e.index - 1 } : e,
		),
	};
}

/** The pair of accesses to order: of the walk, else of the adversary. */
function pairOf(candidate: LkmmCandidate): AccessPair | null {
	const { walk, adversary } = candidate;
	const within = ({ run, notes }: ProgramRun, thread: number): AccessPair | null =>
		pairToOrder(
			run,
			(before) => notes[before - 1]?.op !== notes[before]?.op,
			(fenced) => forbids(candidate, candidate, { thread, run: fenced }),
		);
	const own = within(walk, 0);
	if (own !== null || candidate.lkmm.isAttached) return own;
	const other = within(adversary, 1);
	return other === null ? null : { ...other, isOther: true };
}

/** The run that a pair is of. */
function runWith(pair: AccessPair, { walk, adversary }: RunPair): ProgramRun {
	return pair.isOther === true ? adversary : walk;
}

/** The weakest order between the pair that forbids it in every pair of runs that breaks the rule. */
function orderingOf(candidate: LkmmCandidate, pair: AccessPair): Ordering | null {
	return weakestOrdering((ordering) =>
		candidate.pairs.every((other) => {
			const mine = runWith(pair, other);
			const there = sameAccesses(runWith(pair, candidate), pair, mine);
			const edited = there === null ? null : ordered(mine.run, there, ordering);
			const thread = pair.isOther === true ? 1 : 0;
			return edited !== null && forbids(candidate, other, { thread, run: edited });
		}),
	);
}

function sameAccesses(from: ProgramRun, pair: AccessPair, to: ProgramRun): AccessPair | null {
	const find = (index: number): number => {
		const note = from.notes[index] as EventNote;
		const tags = from.run.events[index]?.tags;
		return to.notes.findIndex(
			(n, i) => n.op === note.op && placeOf(n) === placeOf(note) && to.run.events[i]?.tags === tags,
		);
	};
	const first = find(pair.first);
	const second = find(pair.second);
	return first < 0 || second < 0 ? null : { first, second };
}

/** An acquire or a release is an edit of an access; a full barrier does as well. */
function barrierOf({ kind, text }: Ordering): string {
	return kind === 'fence' ? text : 'smp_mb()';
}

function said(candidate: LkmmCandidate, pair: AccessPair, ordering: Ordering | null): string {
	const run = runWith(pair, candidate);
	const first = access(candidate, run, pair.first);
	const second = access(candidate, run, pair.second);
	const by = ordering === null ? '' : `; ${ordering.text} between them is enough`;
	const who = pair.isOther === true ? `in ${candidate.scenario.adversary}, ` : '';
	return `${who}${first} must be ordered before ${second}${by}${onMachines(candidate)}`;
}

/** What to say where no order between accesses of the walk forbids it. */
function unpaired(candidate: LkmmCandidate): string {
	const { broken, snapshot, lkmm } = candidate;
	if (snapshot.isSequential || broken.frames !== null) return broken.what;
	const where = lkmm.isAttached ? 'in the walk alone' : 'in one of the two alone';
	return `${broken.what}, in an order that no interleaving produces and that no barrier ${where} forbids${onMachines(candidate)}`;
}

/** ` (on arm64 and powerpc; riscv and x86 keep the order by themselves)`; nothing where all do it. */
function onMachines({ isOnX86, machines }: LkmmCandidate): string {
	if (isOnX86 === undefined || machines === undefined) return '';
	const all: readonly (readonly [string, Happens])[] = [
		...machines,
		['x86', isOnX86 ? 'yes' : 'no'],
	];
	const having = (wanted: Happens): readonly string[] =>
		all.flatMap(([name, said]) => (said === wanted ? [name] : []));
	const [yes, depends, no] = [having('yes'), having('depends'), having('no')];
	if (yes.length === all.length) return '';
	const said = [
		...(yes.length > 0 ? [`on ${listed(yes)}`] : []),
		...(depends.length > 0
			? [`on ${listed(depends)} where entries change or locks are taken without full order`]
			: []),
		...(no.length > 0
			? [
					`${listed(no)} ${no.length === 1 ? 'keeps' : 'keep'} the order by ${no.length === 1 ? 'itself' : 'themselves'}`,
				]
			: []),
	];
	return ` (${said.join('; ')})`;
}

function listed(names: readonly string[]): string {
	return names.length < 2
		? names.join()
		: `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

/** `the write of folio#8._refcount (line 592)`. */
function access({ lkmm }: LkmmCandidate, run: ProgramRun, index: number): string {
	const note = run.notes[index] as EventNote;
	const kind = run.run.events[index]?.value === null ? 'read' : 'write';
	const frame = blamed(lkmm, note.frames, null);
	const line = lkmm.scenarioMachine.program.sites[frame?.site ?? -1]?.line;
	const location = note.address === null ? null : lkmm.labels.location(note.address);
	return `the ${kind} of ${location ?? 'memory'}${line === undefined ? '' : ` (line ${line})`}`;
}

function related(
	candidate: LkmmCandidate,
	pair: AccessPair,
	path: string,
): readonly { readonly site: SiteIndex; readonly message: string }[] {
	const { lkmm, walk, adversary, snapshot } = candidate;
	const list: { site: SiteIndex; message: string }[] = [];
	const add = (run: ProgramRun, index: number, message: string): void => {
		const frame = blamed(lkmm, run.notes[index]?.frames ?? [], run === walk ? path : null);
		if (frame !== null) list.push({ site: frame.site, message });
	};
	const mine = runWith(pair, candidate);
	add(
		mine,
		pair.second,
		`may take effect before ${access(candidate, mine, pair.first)} is visible`,
	);
	if (pair.isOther === true) {
		add(adversary, pair.first, 'the first of the two');
		return list;
	}
	const [actor] = candidate.scenario.actors;
	const first = snapshot.events.find((e) => e.thread === 0 && e.index === pair.first);
	const second = snapshot.events.find((e) => e.thread === 0 && e.index === pair.second);
	const rankOf = (source: number | null | undefined): number =>
		source === null || source === undefined ? -1 : (snapshot.events[source]?.rank ?? -1);
	for (const e of snapshot.events.filter((x) => x.thread === 1)) {
		const location = lkmm.labels.location(adversary.notes[e.index]?.address ?? 0);
		if (
			e.isWrite &&
			second?.isRead &&
			e.location === second.location &&
			e.rank === rankOf(second.source) + 1
		)
			add(adversary, e.index, `${actor}'s write of ${location}, which the walk does not see yet`);
		const isMereRead = e.isRead && adversary.notes[e.index]?.op.kind === 'load';
		if (
			isMereRead &&
			first?.isWrite &&
			e.location === first.location &&
			rankOf(e.source) < first.rank
		)
			add(
				adversary,
				e.index,
				`${actor}'s read of ${location}, which does not see the walk's write`,
			);
	}
	return list;
}

/** The walk's last read-modify-write: where it took what it should not have. */
function lastReference(walk: ProgramRun): EventNote | null {
	return walk.notes.findLast((n) => n?.op.kind === 'rmw') ?? null;
}
