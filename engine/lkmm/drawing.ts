/**
 * An execution of a walk with its adversary as a drawing for Graphviz: a cluster per CPU, what each access read or wrote
 * and on which line, who reads from whom, and dashed the order that is missing between two accesses of the walk.
 *
 * Invariant: depends on the execution alone.
 */

import type { ShownEdge, ShownEvent } from '../memory/lkmm/explanation.js';
import type { AccessPair, Ordering } from '../memory/lkmm/pair.js';
import type { ProgramRun } from '../memory/lkmm/program_run.js';
import { accessText, eventLabel, kindOf, markName } from '../memory/lkmm/show_execution.js';
import type { SeenEvent } from '../memory/lkmm/snapshot.js';
import { executionDot } from '../trace/execution_dot.js';
import { blamed, type LkmmExecution, runsOfPair } from './scenario_runs.js';

export interface DrawingOptions {
	readonly title: string;
	/** What must be ordered by what; null when no order of the walk's accesses is missing. */
	readonly missing: { readonly pair: AccessPair; readonly ordering: Ordering | null } | null;
	/** The checked file. */
	readonly path: string;
}

/** The execution as dot text. */
export function drawingOf(execution: LkmmExecution, options: DrawingOptions): string {
	const { snapshot, lkmm } = execution;
	const seen = new Map(snapshot.events.map((e) => [keyOf(e.thread, e.index), e]));
	const names = new Map<SeenEvent, string>();
	const events: ShownEvent[] = [];
	const add = (event: SeenEvent | undefined, shown: Omit<ShownEvent, 'label'>): void => {
		const label = eventLabel(events.length);
		if (event !== undefined) names.set(event, label);
		events.push({ label, ...shown });
	};
	runsOfPair(execution).forEach((run, thread) => {
		run.run.events.forEach((e, index) => {
			const event = seen.get(keyOf(thread, index));
			const fence = e.fence === null || e.implied ? null : `[${e.fence}]`;
			const text = event === undefined ? (markName(e.tags) ?? fence) : textOf(event, e.tags);
			if (text === null) return;
			const kind = e.fence === null ? kindOf(e.tags) : 'fence';
			const { where, line } = placeIn(run, index);
			add(event, { thread, text: `${text}${where}`, kind, line, column: null });
		});
	});
	for (const e of snapshot.events.filter((x) => x.thread < 0))
		add(e, { thread: -1, text: textOf(e, 0), kind: 'write', line: null, column: null });
	const threads = lkmm.threads.map((name, i) => `CPU ${i}: ${name}`);
	const edges = edgesOf(snapshot.events, names);
	const missing = missingEdge();
	return executionDot(
		options.title,
		{ threads, events, edges },
		{ cycle: null, races: [], ...(missing === null ? {} : { missing }) },
	).text;

	function textOf(e: SeenEvent, tags: number): string {
		const address = lkmm.made.addresses[e.location] ?? null;
		const location = address === null ? null : lkmm.labels.location(address);
		const kind = e.thread < 0 ? 'W[initial]' : accessText(tags);
		return `${kind} ${location ?? 'memory'} = ${lkmm.labels.value(address, e.value)}`;
	}

	function placeIn(
		run: ProgramRun,
		index: number,
	): { readonly where: string; readonly line: number | null } {
		const frame = blamed(lkmm, run.notes[index]?.frames ?? [], options.path);
		const site = lkmm.scenarioMachine.program.sites[frame?.site ?? -1];
		if (site === undefined) return { where: '', line: null };
		if (site.cites !== null)
			return { where: ` (${site.cites.path}: ${site.cites.function}())`, line: null };
		if (site.path !== options.path) return { where: ` (${site.path}:${site.line})`, line: null };
		return { where: '', line: site.line };
	}

	function missingEdge(): ShownEdge | null {
		if (options.missing === null) return null;
		const { pair, ordering } = options.missing;
		const name = (index: number): string | undefined =>
			names.get(seen.get(keyOf(0, index)) as SeenEvent);
		const from = name(pair.first);
		const to = name(pair.second);
		if (from === undefined || to === undefined) return null;
		return { relation: `missing: ${ordering?.text ?? 'a barrier'}`, from, to };
	}
}

function keyOf(thread: number, index: number): string {
	return `${thread}.${index}`;
}

/** rf, and co and fr to the next write. */
function edgesOf(
	events: readonly SeenEvent[],
	names: ReadonlyMap<SeenEvent, string>,
): readonly ShownEdge[] {
	const edges: ShownEdge[] = [];
	const add = (relation: string, a: SeenEvent, b: SeenEvent): void => {
		const from = names.get(a);
		const to = names.get(b);
		const side = a.thread === b.thread ? 'i' : 'e';
		if (from !== undefined && to !== undefined)
			edges.push({ relation: `${relation}${side}`, from, to });
	};
	const next = (w: SeenEvent): SeenEvent | undefined =>
		events.find((e) => e.isWrite && e.location === w.location && e.rank === w.rank + 1);
	for (const e of events) {
		const source = e.source === null ? undefined : events[e.source];
		if (source !== undefined) {
			add('rf', source, e);
			const over = next(source);
			if (over !== undefined) add('fr', e, over);
		}
		// That a location's first write comes after its initial value goes without saying.
		const after = e.isWrite && e.thread >= 0 ? next(e) : undefined;
		if (after !== undefined) add('co', e, after);
	}
	return edges;
}
