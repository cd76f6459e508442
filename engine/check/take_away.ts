/**
 * Takes protections away from a walk: the program of a world in which a section with interrupts off is nothing, nobody waits
 * for an IPI, the entry is not checked again (engine/check/what_ifs.ts has the names). What is explored then is not the code; it
 * shows what the code owes to that protection.
 *
 * Invariant: the walk's sections, waits and comparisons are found by what they do; no kernel function is named here.
 */

import { type Edit, edited, type OpPlace } from '../program/edit/edit.js';
import { rechecksOf } from '../program/edit/recheck.js';
import { unneeded } from '../program/edit/unneeded.js';
import type { FunctionIndex, Op, OpIndex, SectionKind, SiteIndex } from '../program/op.js';
import type { Program, ProgramFunction } from '../program/program.js';
import { reachable } from '../program/reach.js';
import type { CheckRequest } from './request.js';
import type { Taken, WhatIf } from './what_ifs.js';

/** The program without, and what was taken away of it. */
export interface TakenAway {
	readonly program: Program;
	readonly taken: readonly Taken<SiteIndex>[];
}

type Change = { readonly edits: readonly Edit[]; readonly taken: readonly Taken<SiteIndex>[] };

/** Takes away what the request's what-ifs name. */
export function takeAway(request: Pick<CheckRequest, 'program' | 'root' | 'whatIf'>): TakenAway {
	const { program, root } = request;
	const names = request.whatIf ?? [];
	const changes = names.map((name) => changeOf(program, root, name, names));
	return {
		program: edited(program, unique(changes.flatMap((c) => c.edits))),
		taken: changes.flatMap((c) => c.taken),
	};
}

/** What a section of that kind is under the what-ifs; null: nothing. */
export function sectionUnder(kind: SectionKind, names: readonly WhatIf[]): SectionKind | null {
	if (kind === 'rcu') return names.includes('no-rcu-read-lock') ? null : 'rcu';
	if (kind !== 'irq') return kind;
	if (names.includes('rcu-read-lock')) return 'rcu';
	if (names.includes('preempt-disable')) return 'preempt';
	return names.includes('interrupts-on') ? null : 'irq';
}

function changeOf(
	program: Program,
	root: FunctionIndex,
	name: WhatIf,
	names: readonly WhatIf[],
): Change {
	switch (name) {
		case 'interrupts-on':
		case 'rcu-read-lock':
		case 'preempt-disable':
			return sectionsChanged(program, root, 'irq', { whatIf: name, names });
		case 'no-rcu-read-lock':
			return sectionsChanged(program, root, 'rcu', { whatIf: name, names });
		case 'no-ipi':
			return waitsDropped(program, everyFunction(program), ['ipi_begin', 'ipi_end'], {
				whatIf: name,
				what: 'waiting for an IPI',
			});
		case 'no-rcu-inode-free':
			return waitsDropped(
				program,
				freeingObjects(program),
				['grace_period_begin', 'grace_period_end'],
				{ whatIf: name, what: 'waiting for a grace period before an inode is freed' },
			);
		case 'no-recheck':
			return recheckDropped(program, root);
		case 'no-rcu-table-free':
			// the configuration's: configUnder()
			return { edits: [], taken: [] };
	}
}

/** Sections of a kind in what the walk reaches become others, or nothing. */
function sectionsChanged(
	program: Program,
	root: FunctionIndex,
	kind: SectionKind,
	options: { readonly whatIf: WhatIf; readonly names: readonly WhatIf[] },
): Change {
	const instead = sectionUnder(kind, options.names);
	const edits: Edit[] = [];
	const taken: Taken<SiteIndex>[] = [];
	const reached = reachable(program, root);
	for (const { op, at } of opsOf(program, reached)) {
		if (op.kind !== 'section' || op.section !== kind) continue;
		if (instead === null) edits.push({ kind: 'drop', at });
		else edits.push({ kind: 'replace', at, ops: [{ ...op, section: instead }] });
		if (op.delta !== 1) continue;
		const what =
			kind === 'irq'
				? 'the section with interrupts off that begins here'
				: 'the RCU section that begins here';
		for (const place of walkPlaces(program, reached, at)) {
			taken.push({ whatIf: options.whatIf, what, place });
		}
	}
	return { edits, taken: distinct(taken) };
}

/** Waits become nothing; those of adversaries are told by what was dropped, not where. */
function waitsDropped(
	program: Program,
	functions: Iterable<FunctionIndex>,
	intrinsics: readonly string[],
	told: { readonly whatIf: WhatIf; readonly what: string },
): Change {
	const edits: Edit[] = [];
	for (const { op, at } of opsOf(program, functions)) {
		if (op.kind === 'intrinsic' && intrinsics.includes(op.name)) edits.push({ kind: 'drop', at });
	}
	return { edits, taken: edits.length === 0 ? [] : [{ ...told, place: null }] };
}

/** The comparisons of entries read again say "unchanged", and what was read for them alone is not read. */
function recheckDropped(program: Program, root: FunctionIndex): Change {
	const edits: Edit[] = [];
	const taken: Taken<SiteIndex>[] = [];
	const gone = new Map<FunctionIndex, number[]>();
	for (const { at, same } of rechecksOf(program, reachable(program, root))) {
		edits.push({ kind: 'drop', at, value: { kind: 'constant', value: same } });
		gone.set(at.function, [...(gone.get(at.function) ?? []), at.op]);
		const what = 'the comparison of the entry, read again, with what was read first';
		taken.push({ whatIf: 'no-recheck', what, place: opAt(program, at).site });
	}
	for (const [fn, ops] of gone) {
		for (const op of unneeded(program, fn, ops)) {
			edits.push({ kind: 'drop', at: { function: fn, op } });
		}
	}
	return { edits, taken };
}

/** Functions of the adversaries that free an object other than a page table. */
function freeingObjects(program: Program): readonly FunctionIndex[] {
	const roots = program.functions.flatMap((f, i) =>
		f.origin === 'actor' && f.name.startsWith('actor_') ? [i as FunctionIndex] : [],
	);
	const calls = (fn: FunctionIndex, name: string): boolean =>
		[...opsOf(program, reachable(program, fn))].some(
			({ op }) => op.kind === 'intrinsic' && op.name === name,
		);
	const ones = roots.filter((r) => calls(r, 'free_object') && !calls(r, 'free_table'));
	return [...new Set(ones.flatMap((r) => [...reachable(program, r)]))];
}

/** Places of the walk's own text at which an op runs: its own, or those of the calls that lead to it. */
function walkPlaces(
	program: Program,
	reached: ReadonlySet<FunctionIndex>,
	at: OpPlace,
): readonly SiteIndex[] {
	if (program.functions[at.function]?.origin === 'walk') return [opAt(program, at).site];
	const callers = [...opsOf(program, reached)].filter(
		({ op, at: call }) =>
			op.kind === 'call' && op.callee === at.function && call.function !== at.function,
	);
	return callers.flatMap((call) => walkPlaces(program, without(reached, at.function), call.at));
}

function without(set: ReadonlySet<FunctionIndex>, one: FunctionIndex): ReadonlySet<FunctionIndex> {
	return new Set([...set].filter((f) => f !== one));
}

function* opsOf(
	program: Program,
	functions: Iterable<FunctionIndex>,
): Generator<{ readonly op: Op; readonly at: OpPlace }> {
	for (const fn of functions) {
		const ops = program.functions[fn]?.ops ?? [];
		for (const [i, op] of ops.entries()) yield { op, at: { function: fn, op: i as OpIndex } };
	}
}

function everyFunction(program: Program): readonly FunctionIndex[] {
	return program.functions.map((_, i) => i as FunctionIndex);
}

function opAt(program: Program, at: OpPlace): Op {
	return (program.functions[at.function] as ProgramFunction).ops[at.op] as Op;
}

function distinct(taken: readonly Taken<SiteIndex>[]): readonly Taken<SiteIndex>[] {
	return taken.filter((t, i) => taken.findIndex((o) => o.place === t.place) === i);
}

/** Two what-ifs may name one op (interrupts on, and RCU instead): it is edited once. */
function unique(edits: readonly Edit[]): readonly Edit[] {
	const seen = new Set<string>();
	return edits.filter((edit) => {
		if (!('at' in edit)) return true;
		const key = `${edit.at.function}:${edit.at.op}`;
		return !seen.has(key) && seen.add(key);
	});
}
