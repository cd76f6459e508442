/**
 * Critical sections and who waits for them, kept in ghost cells so that footprints come out right: a count per thread and
 * kind, and a flag per (waiter, reader) that holds the kinds the waiter still waits for. The reader clears the flag when
 * it leaves its last section of those kinds; no epoch is counted, so a wait leaves no trace once it is over.
 */
import { assert, unreachable } from '../../base/unreachable.js';
import type { SectionKind } from '../../program/op.js';

/** Cells from here on are the machine's own. */
const SECTION_BASE = 0x7f00_0000;
/** Threads of one world at most. */
const THREADS_MAX = 16;

const KINDS: readonly SectionKind[] = ['irq', 'rcu', 'preempt'];
const FLAGS_BASE = SECTION_BASE + 0x8000;

/** Address of the count of sections of that kind a thread is in. */
export function sectionCell(thread: number, kind: SectionKind): number {
	return SECTION_BASE + (thread * 4 + KINDS.indexOf(kind)) * 8;
}

/** Address of the flag by which `waiter` waits for `reader`. */
function waitCell(waiter: number, reader: number): number {
	return FLAGS_BASE + (waiter * THREADS_MAX + reader) * 8;
}

/** All section cells of a world with that many threads. */
export function sectionCells(threads: number): readonly number[] {
	assert(threads <= THREADS_MAX, `at most ${THREADS_MAX} threads`);
	const cells: number[] = [];
	for (let t = 0; t < threads; t++) {
		for (const kind of KINDS) cells.push(sectionCell(t, kind));
		for (let r = 0; r < threads; r++) if (r !== t) cells.push(waitCell(t, r));
	}
	return cells;
}

/** Access to cells by address, as part of a step. */
export interface SectionMemory {
	read(address: number): number;
	write(address: number, value: number): void;
}

/**
 * Enters or leaves a section; the counts before and afterwards (negative: left once too often). Interrupts that are off
 * are not turned off once more: whoever turns them on has them on.
 */
export function changeSection(
	memory: SectionMemory,
	options: { thread: number; threads: number; kind: SectionKind; delta: 1 | -1 },
): { readonly before: number; readonly depth: number } {
	const { thread, threads, kind, delta } = options;
	const cell = sectionCell(thread, kind);
	const before = memory.read(cell);
	const depth = changedDepth(kind, before, delta);
	if (depth !== before) memory.write(cell, depth);
	if (depth === 0) release(memory, thread, threads);
	return { before, depth };
}

/** How often a thread is in a section of that kind once it entered or left one. */
export function changedDepth(kind: SectionKind, before: number, delta: 1 | -1): number {
	return kind === 'irq' && delta > 0 && before > 0 ? before : before + delta;
}

/** A thread that ended is in no section. */
export function endSections(memory: SectionMemory, thread: number, threads: number): void {
	for (const kind of KINDS) {
		const cell = sectionCell(thread, kind);
		if (memory.read(cell) !== 0) memory.write(cell, 0);
	}
	release(memory, thread, threads);
}

/** See View.waitBegin. */
export function beginWait(
	memory: SectionMemory,
	options: { thread: number; threads: number; kinds: readonly SectionKind[] },
): void {
	const { thread, threads, kinds } = options;
	for (let reader = 0; reader < threads; reader++) {
		if (reader === thread) continue;
		const mask = inside(memory, reader, maskOf(kinds));
		memory.write(waitCell(thread, reader), mask === 0 ? 0 : maskOf(kinds));
	}
}

/** See View.waitOver. */
export function waitOver(memory: SectionMemory, thread: number, threads: number): boolean {
	let over = true;
	for (let reader = 0; reader < threads; reader++) {
		if (reader !== thread && memory.read(waitCell(thread, reader)) !== 0) over = false;
	}
	return over;
}

/** Clears the flags of those who wait for a thread that is in none of the kinds they wait for. */
function release(memory: SectionMemory, thread: number, threads: number): void {
	for (let waiter = 0; waiter < threads; waiter++) {
		if (waiter === thread) continue;
		const cell = waitCell(waiter, thread);
		const mask = memory.read(cell);
		if (mask !== 0 && inside(memory, thread, mask) === 0) memory.write(cell, 0);
	}
}

/** The kinds of `mask` the thread is inside of. */
function inside(memory: SectionMemory, thread: number, mask: number): number {
	let found = 0;
	KINDS.forEach((kind, bit) => {
		if (mask & (1 << bit) && memory.read(sectionCell(thread, kind)) > 0) found |= 1 << bit;
	});
	return found;
}

function maskOf(kinds: readonly SectionKind[]): number {
	let mask = 0;
	for (const kind of kinds) {
		switch (kind) {
			case 'irq':
				mask |= 1;
				break;
			case 'rcu':
				mask |= 2;
				break;
			case 'preempt':
				mask |= 4;
				break;
			default:
				unreachable(kind);
		}
	}
	return mask;
}
