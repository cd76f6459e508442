/**
 * What an execution of a walk against an adversary means: which pages the walk handed out, and which rule that breaks given
 * what memory holds in the end.
 */

import type { ProgramRun } from '../memory/lkmm/program_run.js';
import type { StackFrame } from '../memory/thread/event.js';
import { frameOfPage, pageAddress } from '../mm/model/layout.js';
import { isAnonOfMm } from '../mm/model/owner.js';
import type { Violation } from '../mm/model/violation.js';
import { type BuiltWorld, objectAddress } from '../mm/model/world.js';
import { fieldOffset, type Program } from '../program/program.js';
import { isMappingField } from '../rules/racing_mapping.js';
import type { Rule } from '../rules/verdict.js';
import { freed } from './operations.js';

/** The frame of the page a run of the walk handed out, null: none; `unclear`: it depends on what is not known yet. */
export function handedOut(
	run: ProgramRun,
	options: { readonly countInMemory: boolean },
): number | 'unclear' | null {
	if (run.end.kind !== 'returned') return null;
	const count = options.countInMemory ? run.memory.get(objectAddress('nr')) : run.end.value;
	if (count === undefined || count === null) return null;
	const page = run.memory.get(objectAddress('pages')) ?? 0;
	if (typeof count !== 'number') return 'unclear';
	if (count < 1) return null;
	return typeof page === 'number' ? frameOfPage(page) : 'unclear';
}

/** A run of the walk with one of the adversary. */
export interface RunPair {
	readonly walk: ProgramRun;
	readonly adversary: ProgramRun;
}

export interface Broken {
	readonly rule: Rule;
	readonly what: string;
	/** Where the walk went wrong by itself, for a fault; else null. */
	readonly frames: readonly StackFrame[] | null;
	/** Where the monitor places it; absent: it does not. */
	readonly place?: Pick<Violation, 'function' | 'site'>;
}

/** What an execution breaks, given the last value of each contended location. */
export function judge(
	world: BuiltWorld,
	runs: RunPair & {
		readonly countInMemory: boolean;
		readonly isPinned: boolean;
		readonly program: Program;
	},
	final: (address: number) => number | null,
): Broken | null {
	const { walk, adversary } = runs;
	if (walk.end.kind === 'fault') {
		// NULL or tagged: an execution does not tell where the pointer came from
		if (!isMappingField(runs.program, walk.end.address)) return null;
		const { frames } = walk.end;
		return {
			rule: 'racing-mapping',
			what: 'folio->mapping is dereferenced although it is NULL or tagged',
			frames,
		};
	}
	const frame = handedOut(walk, runs);
	if (frame === null || frame === 'unclear') return null;
	if (adversary.facts.has(freed(frame)))
		return { rule: 'stale-pin', what: 'a page is returned that has been freed', frames: null };
	const folio = world.spec.folios.find((f) => f.frames.includes(frame));
	if (!runs.isPinned || folio === undefined || !isAnonOfMm(folio.owner)) return null;
	const field = world.field('page', 'PG_anon_exclusive');
	if (field === null || final(pageAddress(frame) + fieldOffset(field)) !== 0) return null;
	if (!rechecked(walk, world.victimEntry))
		return {
			rule: 'stale-pin',
			what: 'the entry is not read again after the reference is taken',
			frames: null,
		};
	return {
		rule: 'shared-anon-pin',
		what: 'the page is pinned but no longer exclusive to this mm',
		frames: null,
	};
}

/** Whether the walk reads the entry once it has taken its reference. */
function rechecked(walk: ProgramRun, entry: number): boolean {
	const { notes } = walk;
	const taken = notes.findIndex((n) => n?.op.kind === 'rmw');
	return notes.some((n, i) => i > taken && n?.op.kind === 'load' && n.address === entry);
}
