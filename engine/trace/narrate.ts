/**
 * A path made into a trace: the run is replayed on the machine and each step that touched shared state, entered or left a
 * section, or went wrong becomes one step for people. Primitives are folded into their callers, steps without any
 * effect on or view of shared state are left out.
 *
 * Invariant: says nothing the replay did not show; the same path gives the same trace.
 */
import type { Choice } from '../explore/model.js';
import { type Path, printPath } from '../explore/path.js';
import { replay } from '../explore/replay.js';
import type { Machine, StateId } from '../memory/sc/machine.js';
import type { MachineEvent, StackFrame } from '../memory/thread/event.js';
import { sectionCell } from '../memory/thread/sections.js';
import type { Half, SectionKind } from '../program/op.js';
import type { Program } from '../program/program.js';
import { relationsInOrder } from './relations.js';
import { Spans } from './spans.js';
import type { Effect, Span, Trace, TraceFrame, TraceStep } from './trace.js';

/** How a world names its locations and prints its values. */
export interface Labels {
	/** Addresses of all cells worth showing, in the order of the state table. Ghosts are left out. */
	readonly locations: readonly number[];
	/** `pte[1]`, `folio#1._refcount`; null for a cell that is not shown. */
	location(address: number): string | null;
	/** A word as the cell at `address` holds it (null: a word by itself, such as a pointer), or what a half of it shows. */
	value(address: number | null, word: number, half?: Half | null): string;
	/** What a world's own operation does, in the kernel's words; null when it is not worth a step. */
	intrinsic(name: string, args: readonly number[], result: number): string | null;
	/** The lock that an operation took (`delta` 1) or gave back (-1); null: none. */
	lock(
		name: string,
		args: readonly number[],
		result: number,
	): { readonly what: string; readonly delta: 1 | -1 } | null;
	/** Cells that count the references which the walk holds, and on what. */
	readonly references: readonly { readonly address: number; readonly what: string }[];
}

export interface NarrateOptions {
	readonly program: Program;
	readonly labels: Labels;
	/** The scenario's name: with the path it makes the trace's id. */
	readonly scenario: string;
	/** Message of the violation met at the last step, or null for a witness. */
	readonly violation: string | null;
}

/** The trace of a path; null when the path is not possible on this machine. */
export function narrate<V>(machine: Machine<V>, path: Path, options: NarrateOptions): Trace | null {
	return narrated(machine, path, options)?.trace ?? null;
}

/** The same with the state in which the run is before each of the trace's steps, and after the last of its path. */
export function narrated<V>(
	machine: Machine<V>,
	path: Path,
	options: NarrateOptions,
): {
	readonly trace: Trace;
	readonly moments: readonly { readonly index: number; readonly state: StateId }[];
} | null {
	const run = replay(machine, path);
	if (run.kind === 'impossible') return null;
	const { labels, scenario } = options;
	const steps: TraceStep[] = [];
	const moments: { readonly index: number; readonly state: StateId }[] = [];
	const spans = new Spans();
	for (const held of holdings(machine, labels, machine.initial())) spans.open(held, null);
	run.steps.forEach(({ before, after, choice }, i) => {
		const last = i === run.steps.length - 1;
		const violation = last ? options.violation : null;
		const move = { before, after, choice, violation };
		const told = tell(machine, options, move);
		// what is not told shows from the next step on
		changeSpans(spans, machine, { labels, move, at: steps.length });
		if (told === null) return;
		steps.push(told);
		moments.push({ index: i, state: before });
	});
	moments.push({ index: path.length, state: run.last });
	const initial = labels.locations.map((address) => ({
		location: labels.location(address) ?? '',
		value: labels.value(address, machine.valueAt(machine.initial(), address) ?? 0),
	}));
	const threads = machine.world.threads.map((t) => t.name);
	const id = `${scenario}:${printPath(path)}`;
	const shown = initial.filter((x) => x.location !== '');
	const relations = relationsInOrder(steps);
	const held = spans.of(steps.length);
	const trace = { id, scenario, threads, steps, initial: shown, relations, spans: held };
	return { trace, moments };
}

type Holding = Pick<Span, 'cpu' | 'kind' | 'what'>;

/** The sections that CPUs are in and the references that the walk holds in a state. */
function holdings<V>(machine: Machine<V>, labels: Labels, state: StateId): readonly Holding[] {
	const holds = (address: number): boolean => (machine.valueAt(state, address) ?? 0) > 0;
	const sections = machine.world.threads.flatMap((_, cpu) =>
		SECTION_KINDS.filter((kind) => holds(sectionCell(cpu, kind))).map((kind) => ({
			...{ cpu, kind, what: '' },
		})),
	);
	const references = labels.references.filter(({ address }) => holds(address));
	return [
		...sections,
		...references.map(({ what }) => ({ cpu: 0, kind: 'reference', what }) as const),
	];
}

const SECTION_KINDS: readonly SectionKind[] = ['irq', 'rcu', 'preempt'];

function changeSpans<V>(
	spans: Spans,
	machine: Machine<V>,
	{ labels, move, at }: { readonly labels: Labels; readonly move: Move; readonly at: number },
): void {
	const after = holdings(machine, labels, move.after);
	const isSame = (a: Holding) => (b: Holding) =>
		a.cpu === b.cpu && a.kind === b.kind && a.what === b.what;
	for (const held of holdings(machine, labels, move.before))
		if (!after.some(isSame(held))) spans.close(held, at);
	for (const held of after) spans.open(held, at);
	const cpu = move.choice.thread;
	for (const { event } of machine.eventsOf(move.before, move.choice)) {
		if (event.kind !== 'intrinsic') continue;
		const lock = labels.lock(event.name, event.arguments, event.result);
		if (lock === null) continue;
		const held = { cpu, kind: 'lock', what: lock.what } as const;
		if (lock.delta > 0) spans.open(held, at);
		else spans.close(held, at);
	}
}

/** What a step would do, in the kernel's words; null: nothing that is shown. */
export function tellMove<V>(
	machine: Machine<V>,
	options: Pick<NarrateOptions, 'program' | 'labels'>,
	{
		state,
		choice,
		after,
	}: { readonly state: StateId; readonly choice: Choice; readonly after: StateId },
): TraceStep | null {
	const told = { ...options, scenario: '', violation: null };
	return tell(machine, told, { before: state, after, choice, violation: null });
}

interface Move {
	readonly before: StateId;
	readonly after: StateId;
	readonly choice: Choice;
	readonly violation: string | null;
}

function tell<V>(machine: Machine<V>, options: NarrateOptions, move: Move): TraceStep | null {
	const { labels, program } = options;
	const events = machine.eventsOf(move.before, move.choice);
	const effects = effectsOf(machine, labels, move, events);
	let what: string | null = null;
	let at: readonly StackFrame[] = [];
	for (const { event, frames } of events) {
		const said = describe(event, labels);
		if (said === null) continue;
		// The op on shared state comes first; a bug or a fault on the way after it says more.
		if (what === null || event.kind === 'bug' || event.kind === 'fault')
			[what, at] = [said, frames];
	}
	if (what === null && (move.violation !== null || effects.length > 0)) {
		what = effects.map((e) => `${e.location} → ${e.wrote}`).join(', ') || 'returns';
	}
	if (what === null) return null;
	if (at.length === 0) at = events.find((e) => e.frames.length > 0)?.frames ?? [];
	return {
		cpu: move.choice.thread,
		thread: machine.world.threads[move.choice.thread]?.name ?? '',
		frames: shownFrames(program, at),
		what,
		effects,
		violation: move.violation,
	};
}

/** Frames with source of the walk or of an actor; where all are primitives, the outermost stays. */
export function shownFrames(
	program: Program,
	frames: readonly StackFrame[],
): readonly TraceFrame[] {
	const named = frames.map((f) => ({ function: program.functions[f.function], site: f.site }));
	const kept = named.filter((f) => f.function !== undefined && f.function.origin !== 'primitive');
	return (kept.length > 0 ? kept : named.slice(-1)).map((f) => ({
		function: f.function?.name ?? '',
		site: f.site,
	}));
}

function describe(event: MachineEvent, labels: Labels): string | null {
	switch (event.kind) {
		case 'load': {
			const location = labels.location(event.address);
			if (location === null) return null;
			if (event.reload) return `read ${location} again (plain: the compiler may)`;
			return event.half === null
				? `read ${location}`
				: `read the ${event.half} half of ${location}`;
		}
		case 'store': {
			const location = labels.location(event.address);
			return location === null ? null : changed(labels, location, event);
		}
		case 'rmw': {
			const location = labels.location(event.address);
			if (location === null) return null;
			if (event.stored) return changed(labels, location, event);
			return `${location} stays ${labels.value(event.address, event.old)}`;
		}
		case 'section':
			return SECTIONS[event.section][event.delta === 1 ? 0 : 1];
		case 'intrinsic':
			return labels.intrinsic(event.name, event.arguments, event.result);
		case 'bug':
			return event.severity === 'bug' ? `BUG: ${event.what}` : `WARNING: ${event.what}`;
		case 'fault':
			if (event.what === 'division') return 'divides by zero';
			return `${labels.location(event.address) ?? labels.value(null, event.address)} is ${ACCESSED[event.access ?? 'load']}`;
		case 'fence':
		case 'call':
		case 'return':
		case 'end':
			return null;
	}
}

const ACCESSED = { load: 'loaded', store: 'stored to', rmw: 'changed' } as const;

const SECTIONS: Readonly<Record<SectionKind, readonly [string, string]>> = {
	irq: ['interrupts off', 'interrupts on'],
	rcu: ['rcu_read_lock()', 'rcu_read_unlock()'],
	preempt: ['preemption off', 'preemption on'],
};

function changed(
	labels: Labels,
	location: string,
	event: { readonly address: number; readonly old: number; readonly value: number },
): string {
	const value = labels.value(event.address, event.value);
	if (event.old === event.value) return `${location} = ${value}`;
	return `${location} ${labels.value(event.address, event.old)} → ${value}`;
}

/** What was read and written, and every shown cell the world changed besides. */
function effectsOf<V>(
	machine: Machine<V>,
	labels: Labels,
	move: Move,
	events: readonly { readonly event: MachineEvent }[],
): readonly Effect[] {
	const effects = new Map<number, Effect>();
	for (const { event } of events) {
		if (event.kind !== 'load' && event.kind !== 'store' && event.kind !== 'rmw') continue;
		const { address } = event;
		const location = labels.location(address);
		if (location === null) continue;
		const read = (word: number): string => labels.value(address, word);
		if (event.kind === 'load') {
			const shown = labels.value(address, event.value, event.half);
			const value = event.half === null ? shown : `${shown} (${event.half} half)`;
			effects.set(address, { location, read: value, wrote: null });
		} else if (event.kind === 'store') {
			effects.set(address, { location, read: null, wrote: read(event.value) });
		} else {
			const wrote = event.stored ? read(event.value) : null;
			effects.set(address, { location, read: read(event.old), wrote });
		}
	}
	for (const address of labels.locations) {
		const word = machine.valueAt(move.after, address);
		if (word === null || word === machine.valueAt(move.before, address)) continue;
		const location = labels.location(address);
		if (location === null) continue;
		const wrote = labels.value(address, word);
		const known = effects.get(address);
		if (known?.wrote !== wrote)
			effects.set(address, { location, read: known?.read ?? null, wrote });
	}
	return [...effects.values()];
}
