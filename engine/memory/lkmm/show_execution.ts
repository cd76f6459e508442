/**
 * An execution as plain data, for people: labels in reading order, accesses in herd7's words, edges under LKMM's names
 * with `e` and `i` for between and within threads.
 */
import type { Relation } from '../../base/relation.js';
import type { Execution } from './axioms.js';
import type { ThreadRun } from './event.js';
import * as tag from './event.js';
import type { ShownEdge, ShownEvent, ShownExecution } from './explanation.js';
import { type LitmusProgram, locationAt } from './litmus_program.js';
import type { EventStructure, PlacedEvent } from './structure.js';
import { SYMBOLIC_BASE } from './symbolic.js';

/** A shown execution with the way from events to their labels. */
export interface Showing {
	readonly execution: ShownExecution;
	label(event: number): string;
}

/** Shows an execution (or candidate); `value` is what an event reads or writes. */
export function showExecution(
	program: LitmusProgram,
	structure: EventStructure,
	{ rf, co }: Execution,
	value: (event: number) => number | null,
): Showing {
	const labels = new Map<number, string>();
	const events: ShownEvent[] = [];
	const add = (event: number | null, shown: Omit<ShownEvent, 'label'>): void => {
		const label = eventLabel(events.length);
		if (event !== null) labels.set(event, label);
		events.push({ label, ...shown });
	};
	structure.runs.forEach((run, thread) => {
		run.events.forEach((e, index) => {
			const { line, column } = e.site;
			const event = structure.placed[thread]?.[index] ?? -1;
			if (event >= 0) {
				const placed = structure.events[event] as PlacedEvent;
				const text = eventText(program, placed, value(event));
				add(event, { thread, text, kind: kindOf(e.tags), line, column });
			} else if (!e.implied && e.fence !== null) {
				add(null, { thread, text: `[${e.fence}]`, kind: 'fence', line, column });
			}
		});
	});
	for (let event = 0; event < structure.initials; event++) {
		const placed = structure.events[event] as PlacedEvent;
		const text = eventText(program, placed, value(event));
		add(event, { thread: -1, text, kind: 'write', line: null, column: null });
	}
	const label = (event: number): string => labels.get(event) ?? '?';
	const threads = program.threads.map((t) => t.name);
	return {
		execution: { threads, events, edges: edgesOf(structure, { rf, co }, label) },
		label,
	};
}

/** The events that the accesses and fences of a program can make, by the place they stand at. */
export function eventsBySite(
	program: LitmusProgram,
	runs: readonly (readonly ThreadRun[])[],
): readonly {
	readonly line: number;
	readonly column: number;
	readonly events: readonly string[];
}[] {
	const bySite = new Map<string, { line: number; column: number; events: Set<string> }>();
	for (const e of runs.flat().flatMap((run) => run.events)) {
		if (e.implied) continue;
		const { line, column } = e.site;
		const key = `${line}:${column}`;
		const at = bySite.get(key) ?? { line, column, events: new Set<string>() };
		bySite.set(key, at);
		at.events.add(e.fence === null ? eventText(program, e, null) : `[${e.fence}]`);
	}
	return [...bySite.values()].map((at) => ({ ...at, events: [...at.events] }));
}

/** What a value is called: a number, the address of a location, or one out of thin air. */
function valueText(program: LitmusProgram, value: number): string {
	const location = locationAt(program, value);
	if (location !== null) return `&${program.locations[location]?.name}`;
	return value >= SYMBOLIC_BASE ? `S${value - SYMBOLIC_BASE}` : `${value}`;
}

/** The name of an edge between two events: with `e` or `i` for reads-from, coherence and from-reads. */
export function edgeName(
	structure: EventStructure,
	relation: string,
	pair: readonly [number, number],
): string {
	if (!/^(rf|co|fr)$/.test(relation)) return relation;
	return structure.space.has(structure.int, pair[0], pair[1]) ? `${relation}i` : `${relation}e`;
}

/** `a`, `b`, … `a1`, … */
export function eventLabel(index: number): string {
	const letter = String.fromCharCode(97 + (index % 26));
	return index < 26 ? letter : `${letter}${Math.floor(index / 26)}`;
}

/** What an event is drawn as. */
export function kindOf(tags: number): ShownEvent['kind'] {
	if ((tags & tag.R) !== 0) return 'read';
	return (tags & tag.W) !== 0 ? 'write' : 'mark';
}

/** Names of tags, first match wins. */
const TAG_NAMES: readonly (readonly [number, string])[] = [
	[tag.IW, 'initial'],
	[tag.LKR, 'lock'],
	[tag.LKW, 'lock'],
	[tag.UL, 'unlock'],
	[tag.LF, 'lock failed'],
	[tag.RU, 'unlocked'],
	[tag.ACQUIRE, 'acquire'],
	[tag.RELEASE, 'release'],
	[tag.MB, 'mb'],
	[tag.NORETURN, 'noreturn'],
	[tag.ONCE, 'once'],
];

const MARK_NAMES: readonly (readonly [number, string])[] = [
	[tag.RCU_LOCK, 'rcu_read_lock'],
	[tag.RCU_UNLOCK, 'rcu_read_unlock'],
	[tag.SYNC_RCU, 'synchronize_rcu'],
	[tag.SYNC_SRCU, 'synchronize_srcu'],
	[tag.SRCU_LOCK, 'srcu_read_lock'],
	[tag.SRCU_UNLOCK, 'srcu_read_unlock'],
];

function eventText(
	program: LitmusProgram,
	event: Pick<PlacedEvent, 'tags' | 'location'>,
	value: number | null,
): string {
	const name = event.location === null ? '' : (program.locations[event.location]?.name ?? '');
	const mark = markName(event.tags);
	if (mark !== null) return `${mark}${name === '' ? '' : ` ${name}`}`;
	const known = value === null ? '' : `=${valueText(program, value)}`;
	return `${accessText(event.tags)} ${name}${known}`;
}

/** `rcu_read_lock`, `synchronize_rcu`, …; null for accesses and fences. */
export function markName(tags: number): string | null {
	return MARK_NAMES.find(([bit]) => (tags & bit) !== 0)?.[1] ?? null;
}

/** `R[acquire]`, `W[once,rmw]`, … */
export function accessText(tags: number): string {
	const kind = (tags & tag.R) !== 0 ? 'R' : 'W';
	const order = TAG_NAMES.find(([bit]) => (tags & bit) !== 0)?.[1] ?? 'plain';
	const isPart = (tags & tag.RMW) !== 0 ? ',rmw' : '';
	return `${kind}[${order}${isPart}]`;
}

function edgesOf(
	structure: EventStructure,
	{ rf, co }: Execution,
	label: (event: number) => string,
): readonly ShownEdge[] {
	const { space: s, addr, data, ctrl, rmw, initials } = structure;
	const mark = s.mark();
	const next = s.difference(co, s.sequence(co, co));
	const relations: readonly (readonly [string, Relation])[] = [
		['rf', rf],
		['co', next],
		['fr', s.sequence(s.inverse(rf), next)],
		['addr', addr],
		['data', data],
		['ctrl', ctrl],
		['rmw', rmw],
	];
	const edges = relations.flatMap(([name, relation]) =>
		s.pairs(relation).flatMap(([from, to]): readonly ShownEdge[] => {
			// That a location's first write comes after its initial value goes without saying.
			if (name === 'co' && from < initials) return [];
			const shown = edgeName(structure, name, [from, to]);
			return [{ relation: shown, from: label(from), to: label(to) }];
		}),
	);
	s.release(mark);
	return edges;
}
