/**
 * The step that is being made, as a monitor and an intrinsic see it: cells by address on top of a transaction, the
 * running thread's stack, sections and waits, and what is reported.
 *
 * Invariant: everything read and written here is in the step's footprint.
 */

import type { Incident } from '../../base/step.js';
import { broken } from '../../base/unreachable.js';
import type { SectionKind } from '../../program/op.js';
import type { StackFrame, View } from '../thread/event.js';
import { type Stack, stackFrames } from '../thread/frame.js';
import { beginWait, sectionCell, waitOver } from '../thread/sections.js';
import type { CellTable } from './cells.js';
import { Transaction } from './transaction.js';

export class StepView<V> implements View<V> {
	readonly threads: number;
	readonly transaction: Transaction;
	private readonly indices: ReadonlyMap<number, number>;
	private mover = 0;
	/** Where the thread stands at the event being told; null outside its functions. */
	stack: Stack | null = null;
	incidents: Incident<V>[] = [];

	/** `indices`: index of each cell by address. */
	constructor(cells: CellTable, indices: ReadonlyMap<number, number>, threads: number) {
		this.transaction = new Transaction(cells, indices.size);
		this.indices = indices;
		this.threads = threads;
	}

	/** Begins a step of a thread in memory `root`. */
	begin(root: number, thread: number, stack: Stack | null): void {
		this.transaction.begin(root);
		this.mover = thread;
		this.stack = stack;
		this.incidents = [];
	}

	/** Begins another alternative of the same step. */
	alternative(stack: Stack | null): void {
		this.transaction.alternative();
		this.stack = stack;
		this.incidents = [];
	}

	/** Index of the cell at an address, undefined when there is none. */
	cell(address: number): number | undefined {
		return this.indices.get(address);
	}

	get thread(): number {
		return this.mover;
	}

	read(address: number): number {
		return this.transaction.read(this.index(address));
	}

	write(address: number, value: number): void {
		this.transaction.write(this.index(address), value);
	}

	has(address: number): boolean {
		return this.indices.has(address);
	}

	frames(): readonly StackFrame[] {
		return stackFrames(this.stack);
	}

	section(thread: number, kind: SectionKind): number {
		return this.read(sectionCell(thread, kind));
	}

	waitBegin(kinds: readonly SectionKind[]): void {
		beginWait(this, { thread: this.mover, threads: this.threads, kinds });
	}

	waitOver(): boolean {
		return waitOver(this, this.mover, this.threads);
	}

	report(violation: V): void {
		this.incidents.push({ kind: 'violation', violation });
	}

	private index(address: number): number {
		const index = this.indices.get(address);
		if (index === undefined) broken(`a cell at ${address.toString(16)}`);
		return index;
	}
}
