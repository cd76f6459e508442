/**
 * Pins judged by what memory holds when both threads are done: the same in every order of an execution. Nobody takes
 * PageAnonExclusive away from a page with a pin that it sees, so where interleavings are all there is, this says what the
 * rules say at the walk's return.
 */
import { isPin } from '../check/scenario.js';
import type { ScenarioMachine } from '../check/scenario_machine.js';
import type { ProgramRun } from '../memory/lkmm/program_run.js';
import type { Snapshot } from '../memory/lkmm/snapshot.js';
import { evaluate } from '../memory/lkmm/value.js';
import { ghost, WALK } from '../mm/model/ghost.js';
import { frameOfPage, pageAddress } from '../mm/model/layout.js';
import { isAnonOfMm } from '../mm/model/owner.js';
import type { Violation } from '../mm/model/violation.js';
import { leafLevelOf, objectAddress } from '../mm/model/world.js';
import { fieldOffset } from '../program/program.js';

export interface EndedScenario {
	readonly scenarioMachine: Pick<ScenarioMachine, 'machine' | 'world' | 'program' | 'scenario'>;
	readonly countInMemory: boolean;
}

/** The pin of a page that is shared in the end; null: there is none. */
export function sharedAtEnd(
	{ scenarioMachine, countInMemory }: EndedScenario,
	{ walk, snapshot }: { readonly walk: ProgramRun; readonly snapshot: Snapshot },
	state: number,
): Violation | null {
	const { machine, world, program, scenario } = scenarioMachine;
	const held = (address: number): number => machine.valueAt(state, address) ?? 0;
	const exclusive = world.field('page', 'PG_anon_exclusive');
	const { end } = walk;
	if (!isPin(scenario.flags) || exclusive === null || end.kind !== 'returned') return null;
	const result = evaluate(end.value ?? 0, (read) => snapshot.value(0, read)) ?? 0;
	const count = Math.min(countInMemory ? held(objectAddress('nr')) : result, world.spec.pages);
	const compoundHead = world.field('page', 'compound_head');
	const isExclusive = (frame: number): boolean =>
		held(pageAddress(frame) + fieldOffset(exclusive)) === 1;
	for (let index = 0; index < count; index++) {
		const frame = frameOfPage(held(objectAddress('pages') + index * 8));
		if (frame === null || !world.frames.includes(frame)) continue;
		if (!isAnonOfMm(held(ghost('owner', frame))) || isExclusive(frame)) continue;
		const tail = compoundHead === null ? 0 : held(pageAddress(frame) + fieldOffset(compoundHead));
		const head = tail % 2 === 1 ? frameOfPage(tail - 1) : null;
		const isLeaf = leafLevelOf(world.spec, index) !== 'pte';
		if (isLeaf && head !== null && isExclusive(head)) continue;
		const isFork = held(ghost('walk', WALK.sharedByFork)) > 0;
		const frames = walk.notes.findLast((n) => n !== undefined && n.frames.length > 0)?.frames ?? [];
		const own = frames.filter((f) => program.functions[f.function]?.origin !== 'primitive');
		const place = own.at(-1) ?? frames[0];
		if (place === undefined) continue;
		return {
			rule: isFork ? 'fork-pin' : 'shared-anon-pin',
			message: isFork
				? `pages[${index}] stays pinned, but fork() shared it with the child during the walk`
				: `pages[${index}] is a pinned anonymous page without PageAnonExclusive`,
			function: place.function,
			site: place.site,
			related: [],
		};
	}
	return null;
}
