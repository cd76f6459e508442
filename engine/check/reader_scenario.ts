/**
 * Scenarios of a reader, outside the lockless walk: world × adversary; its harness and its monitor.
 *
 * Invariant: a scenario's name finds it again; the names of readers begin with `r`, those of walks with a number.
 */

import type { Intrinsic, Monitor } from '../memory/thread/event.js';
import { readsHalves } from '../mm/model/halves.js';
import { pageAddress } from '../mm/model/layout.js';
import { LRU_LOCK, type ReaderWorld } from '../mm/model/reader_world.js';
import type { Violation } from '../mm/model/violation.js';
import type { ReaderScenario } from '../mm/monitor/reader_watch.js';
import { type Scenario as Watched, watchedOffsets } from '../mm/monitor/watch.js';
import { intrinsicsOf } from '../mm/operations/intrinsics.js';
import { readerIntrinsics } from '../mm/operations/reader_intrinsics.js';
import { READER_WORLDS } from '../mm/worlds/reader/reader_worlds.js';
import type { FunctionIndex } from '../program/op.js';
import type { Program, ProgramFunction } from '../program/program.js';
import { readerMonitorOf } from '../rules/reader.js';
import { Body, constant, reg, withHarness } from './call/harness_body.js';
import { type ReaderCalling, readerArguments } from './call/reader_calling.js';
import type { Scenario } from './scenario.js';

/** Taken for granted by every verdict on a reader. */
export const READER_ASSUMPTIONS: readonly string[] = [
	'sequential consistency: reorderings by CPU and compiler are not explored, only repeated plain loads',
	'one adversary at a time; one folio; what was handed out is given back at once',
	'whoever goes round gets out once the way out stays open (fair scheduling)',
];

/** Scenarios of a reader; `met`: a requirement is there; `may`: an adversary can act. */
export function readerScenariosOf(
	calling: ReaderCalling,
	is: { met(need: string): boolean; may(actor: string): boolean },
): readonly Scenario[] {
	const list: Scenario[] = [];
	READER_WORLDS.forEach((spec, w) => {
		if (spec.reader !== calling.kind) return;
		if (calling.lock !== null && calling.lock !== spec.callerHolds.lock) return;
		if (spec.needs !== undefined && !is.met(spec.needs)) return;
		const actors = spec.actors.filter(is.may);
		const of = (name: string, title: string, acting: readonly string[]): Scenario => ({
			name,
			title,
			spec,
			flags: 0,
			actors: acting,
			adversary: acting.length === 0 ? null : acting.join('+'),
			tier: 'first',
		});
		if (actors.length === 0) list.push(of(`r${w}`, spec.name, []));
		for (const actor of actors) list.push(of(`r${w}.${actor}`, `${spec.name}; ${actor}`, [actor]));
	});
	return list;
}

/** Thread 0 of a reader's scenario: calls it and gives back what it handed out. */
export function readerHarness(
	program: Program,
	root: FunctionIndex,
	{ world, calling }: { readonly world: ReaderWorld; readonly calling: ReaderCalling },
): { readonly program: Program; readonly entry: FunctionIndex } {
	const fn = program.functions[root] as ProgramFunction;
	const b = new Body(fn.site);
	if (calling.rcu) b.op({ kind: 'section', dst: null, section: 'rcu', delta: 1 });
	if (calling.lru) onLru(b, world);
	const values = readerArguments(b, fn.parameters, world);
	const result = b.register();
	b.op({ kind: 'call', dst: result, callee: root, arguments: values });
	b.op({ kind: 'intrinsic', dst: null, name: 'reader_release', arguments: [] });
	if (calling.rcu) b.op({ kind: 'section', dst: null, section: 'rcu', delta: -1 });
	if (calling.lru) {
		b.op({ kind: 'intrinsic', dst: null, name: 'unlock', arguments: [constant(LRU_LOCK)] });
		b.op({ kind: 'section', dst: null, section: 'irq', delta: -1 });
	}
	b.op({ kind: 'return', value: reg(result) });
	return withHarness(program, b);
}

/** mm/vmscan.c, evict_folios(), shrink_inactive_list(): the folio is found on the LRU, under its lock. */
function onLru(b: Body, world: ReaderWorld): void {
	b.op({ kind: 'section', dst: null, section: 'irq', delta: 1 });
	b.op({ kind: 'intrinsic', dst: null, name: 'lock', arguments: [constant(LRU_LOCK)] });
	const flag = world.at(pageAddress(world.victim), 'page', 'PG_lru');
	if (flag !== null) b.assume(b.load(constant(flag)));
}

/** What watches a reader, and the operations of its world. */
export function readerParts(
	program: Program,
	world: ReaderWorld,
	root: { readonly index: FunctionIndex; readonly path: string; readonly calling: ReaderCalling },
): {
	readonly monitor: Monitor<Violation>;
	readonly intrinsics: ReadonlyMap<string, Intrinsic<Violation>>;
} {
	const watched: Watched & ReaderScenario = {
		program,
		world,
		flags: 0,
		root: root.index,
		path: root.path,
		offsets: watchedOffsets(world),
		handsOut: false,
		countInMemory: false,
		sectionsAtEntry: root.calling.rcu ? ['rcu'] : root.calling.lru ? ['irq'] : [],
		out: root.calling.handsOut,
		values: root.calling.values,
		heldAtEntry: null,
		writesLater: false,
		halves: readsHalves(program),
	};
	return {
		monitor: readerMonitorOf(watched),
		intrinsics: readerIntrinsics(watched, intrinsicsOf(world)),
	};
}
