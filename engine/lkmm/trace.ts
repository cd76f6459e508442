/**
 * An execution that no interleaving gives, told as steps all the same: an order that keeps each thread's own order and
 * puts every write before who reads it, with what each read saw and whether that had been overwritten by then.
 *
 * Invariant: depends on the execution alone.
 */

import * as tag from '../memory/lkmm/event.js';
import type { EventNote, ProgramRun } from '../memory/lkmm/program_run.js';
import type { SeenEvent } from '../memory/lkmm/snapshot.js';
import { changedDepth } from '../memory/thread/sections.js';
import type { SiteIndex } from '../program/op.js';
import { Spans } from '../trace/spans.js';
import type { Effect, Relation, Trace, TraceStep } from '../trace/trace.js';
import { blamed, type LkmmExecution, operationsIn, runsOfPair } from './scenario_runs.js';

interface Node {
	readonly thread: number;
	readonly events: readonly number[];
	/** Nodes that come first. */
	readonly after: Set<number>;
}

/** The trace of an execution. */
export function traceOf(execution: LkmmExecution, violation: string | null): Trace {
	const { lkmm, snapshot, scenario } = execution;
	const runs = runsOfPair(execution);
	const nodes = nodesOf(execution, runs);
	const written = new Set<SeenEvent>();
	const steps: TraceStep[] = [];
	const spans = new Spans();
	const depths = new Map<string, number>();
	const stepOfEvent = new Map<string, number>();
	for (const node of inOrder(nodes)) {
		const run = runs[node.thread] as ProgramRun;
		const step = stepOf(execution, { node, run, written });
		const op = run.notes[node.events[0] ?? -1]?.op;
		if (op?.kind === 'section') {
			const { section: kind } = op;
			const held = { cpu: node.thread, kind, what: '' };
			const key = `${node.thread} ${kind}`;
			const depth = changedDepth(kind, depths.get(key) ?? 0, op.delta);
			depths.set(key, depth);
			if (depth > 0) spans.open(held, steps.length);
			else spans.close(held, steps.length);
		}
		if (step === null) continue;
		for (const index of node.events) stepOfEvent.set(`${node.thread}.${index}`, steps.length);
		steps.push(step);
	}
	const last = steps.at(-1);
	if (last !== undefined) steps[steps.length - 1] = { ...last, violation };
	const { machine } = lkmm.scenarioMachine;
	const initial = lkmm.labels.locations.map((address) => ({
		location: lkmm.labels.location(address) ?? '',
		value: lkmm.labels.value(address, machine.valueAt(machine.initial(), address) ?? 0),
	}));
	return {
		id: execution.id,
		scenario: scenario.title,
		threads: lkmm.threads,
		steps,
		initial: initial.filter((x) => x.location !== '' && snapshot.events.length > 0),
		relations: relationsOf(execution, stepOfEvent),
		spans: spans.of(steps.length),
	};
}

/** rf, co and fr of the execution between the steps that are told, the nearest only. */
function relationsOf(
	{ snapshot, lkmm }: LkmmExecution,
	stepOfEvent: ReadonlyMap<string, number>,
): readonly Relation[] {
	const { events } = snapshot;
	const stepAt = (e: SeenEvent): number | null => stepOfEvent.get(`${e.thread}.${e.index}`) ?? null;
	const relations: Relation[] = [];
	for (const event of events) {
		const at = stepAt(event);
		const address = lkmm.made.addresses[event.location];
		const location = address === undefined ? null : lkmm.labels.location(address);
		if (at === null || location === null) continue;
		const source = event.source === null ? undefined : events[event.source];
		if (event.isRead && source !== undefined)
			relations.push({ kind: 'rf', location, from: stepAt(source), to: at });
		const own = event.isWrite ? event : source;
		const next = own === undefined ? undefined : nextWrite(events, own);
		const to = next === undefined ? null : stepAt(next);
		if (to !== null && to !== at)
			relations.push({ kind: event.isWrite ? 'co' : 'fr', location, from: at, to });
	}
	return relations.sort((a, b) => a.to - b.to);
}

function nextWrite(events: readonly SeenEvent[], after: SeenEvent): SeenEvent | undefined {
	return events.find(
		(e) => e.isWrite && e.location === after.location && e.rank === after.rank + 1,
	);
}

function nodesOf({ snapshot }: LkmmExecution, runs: readonly ProgramRun[]): readonly Node[] {
	const nodes: Node[] = [];
	const at = new Map<string, number>();
	runs.forEach((run, thread) => {
		operationsIn(run).forEach((events, i) => {
			const after = new Set(i > 0 ? [nodes.length - 1] : []);
			for (const index of events) at.set(`${thread}.${index}`, nodes.length);
			nodes.push({ thread, events, after });
		});
	});
	const nodeOf = (e: SeenEvent | undefined): number =>
		e === undefined ? -1 : (at.get(`${e.thread}.${e.index}`) ?? -1);
	const edge = (from: number, to: number): void => {
		if (from >= 0 && to >= 0 && from !== to) nodes[to]?.after.add(from);
	};
	for (const e of snapshot.events) {
		if (e.source !== null) edge(nodeOf(snapshot.events[e.source]), nodeOf(e));
		if (!e.isWrite) continue;
		const before = snapshot.events.filter(
			(w) => w.isWrite && w.location === e.location && w.rank < e.rank,
		);
		for (const w of before) edge(nodeOf(w), nodeOf(e));
	}
	return nodes;
}

/** Thread by thread as far as it goes; where everything waits for something later, the first that waits goes on. */
function inOrder(nodes: readonly Node[]): readonly Node[] {
	const done = new Set<number>();
	const list: Node[] = [];
	let thread = 0;
	while (list.length < nodes.length) {
		const next = nodes.flatMap((n, i) =>
			!done.has(i) && nodes.every((m, j) => m.thread !== n.thread || j >= i || done.has(j))
				? [i]
				: [],
		);
		const ready = next.filter((i) => [...(nodes[i] as Node).after].every((a) => done.has(a)));
		const chosen =
			ready.find((i) => nodes[i]?.thread === thread) ?? ready[0] ?? (next[0] as number);
		const node = nodes[chosen] as Node;
		thread = node.thread;
		done.add(chosen);
		list.push(node);
	}
	return list;
}

function stepOf(
	execution: LkmmExecution,
	{
		node,
		run,
		written,
	}: { readonly node: Node; readonly run: ProgramRun; readonly written: Set<SeenEvent> },
): TraceStep | null {
	const { lkmm, snapshot } = execution;
	const { labels } = lkmm;
	const seen = snapshot.events.filter(
		(e) => e.thread === node.thread && node.events.includes(e.index),
	);
	const at = node.events.find((i) => run.notes[i]?.address !== null) ?? (node.events[0] as number);
	const note = run.notes[at] as EventNote;
	const read = seen.find((e) => e.isRead);
	const write = seen.find((e) => e.isWrite);
	const what = (read ?? write) ? accessText() : markText(run, node.events[0] as number);
	if (what === null) return null;
	if (write !== undefined) written.add(write);
	const effects: Effect[] = [];
	const location = note.address === null ? null : labels.location(note.address);
	if (location !== null && (read ?? write) !== undefined) {
		const print = (e: SeenEvent | undefined): string | null =>
			e === undefined ? null : labels.value(note.address, e.value);
		const old = print(read);
		const shown = old !== null && isStale(read) ? `${old}, already overwritten` : old;
		effects.push({ location, read: shown, wrote: print(write) });
	}
	return {
		cpu: node.thread,
		thread: lkmm.threads[node.thread] ?? '',
		frames: framesOf(execution, note),
		what,
		effects,
		violation: null,
	};

	function isStale(e: SeenEvent | undefined): boolean {
		if (e === undefined) return false;
		const source = e.source === null ? undefined : snapshot.events[e.source];
		const rank = source?.rank ?? -1;
		return [...written].some((w) => w !== write && w.location === e.location && w.rank > rank);
	}

	function accessText(): string {
		const name = note.address === null ? 'memory' : (labels.location(note.address) ?? 'memory');
		const value = (e: SeenEvent): string => labels.value(note.address, e.value);
		if (write !== undefined)
			return read === undefined
				? `${name} = ${value(write)}`
				: `${name} ${value(read)} → ${value(write)}`;
		if (read === undefined) return name;
		const stale = isStale(read) ? `: still ${value(read)}, already overwritten` : '';
		return `read ${name}${stale}`;
	}
}

function framesOf({ lkmm }: LkmmExecution, note: EventNote) {
	const { program } = lkmm.scenarioMachine;
	// Of a litmus thread: it is in no function of the program.
	if (note.frames.length === 0) return [];
	const own = note.frames.filter((f) => program.functions[f.function]?.origin !== 'primitive');
	const shown = own.length > 0 ? own : [blamed(lkmm, note.frames, null)];
	return shown.map((f) => ({
		function: program.functions[f?.function ?? -1]?.name ?? '',
		site: f?.site ?? (-1 as SiteIndex),
	}));
}

const FENCES: Readonly<Record<string, string>> = {
	mb: 'full memory barrier',
	rmb: 'read memory barrier',
	wmb: 'write memory barrier',
	'before-atomic': 'full memory barrier with the next atomic',
	'after-atomic': 'full memory barrier with the last atomic',
};

/** A fence or a section, in words; null when it is not worth a step. */
function markText(run: ProgramRun, index: number): string | null {
	const event = run.run.events[index];
	const op = run.notes[index]?.op;
	if (event?.fence) return FENCES[event.fence] ?? null;
	if (event !== undefined && (event.tags & tag.SYNC_RCU) !== 0)
		return op?.kind === 'intrinsic' && op.name === 'ipi_end'
			? 'every CPU has answered an IPI'
			: 'an RCU grace period passes';
	if (op?.kind !== 'section') return null;
	if (op.section === 'irq') return op.delta > 0 ? 'interrupts off' : 'interrupts on';
	const name = op.section === 'rcu' ? 'an RCU section' : 'a section without preemption';
	return `${op.delta > 0 ? 'enters' : 'leaves'} ${name}`;
}
