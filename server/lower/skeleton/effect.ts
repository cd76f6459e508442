/**
 * What a step of an adversary, or of the kernel function that it stands for, does to what walks see or wait for. Everything else is
 * left out of a skeleton.
 */
import type { Citation } from '../../../engine/program/program.js';

export type Lock = string;

export type Effect =
	/** Waits until every CPU has answered an interrupt. */
	| 'ipi'
	/** Waits for a grace period, or leaves the rest to a callback behind one. */
	| 'grace-period'
	| 'tlb-flush'
	| 'full-barrier'
	| 'write-barrier'
	/** A sequence count becomes odd: readers of what it guards give up. */
	| 'sequence-begin'
	| 'sequence-end'
	/** Looks whether a folio may be pinned. */
	| 'pins'
	/** Looks how many references there are. */
	| 'references'
	/** Sets the reference count to 0, where it has the value that is expected. */
	| 'frozen'
	/** An entry is emptied: whoever reads it again finds it changed. */
	| 'emptied'
	/** A page-table entry changes. */
	| 'entry'
	| 'table-freed'
	| 'count'
	| 'mapcount'
	| 'mapping'
	| 'exclusive'
	| `lock ${Lock}`
	| `unlock ${Lock}`;

/** A place of a text. */
export interface Place {
	readonly path: string;
	/** Into the file. */
	readonly offset: number;
	/** 1-based. */
	readonly line: number;
	/** In an adversary: what the comment above it cites. */
	readonly cites: Citation | null;
}

/** Effects that keep an adversary from doing harm: without them there are more runs, never fewer. */
export function isProtective(effect: Effect): boolean {
	switch (effect) {
		case 'ipi':
		case 'grace-period':
		case 'tlb-flush':
		case 'full-barrier':
		case 'write-barrier':
		case 'sequence-begin':
		case 'sequence-end':
		case 'pins':
		case 'references':
		case 'frozen':
		case 'emptied':
			return true;
		default:
			return effect.startsWith('lock ') || effect.startsWith('unlock ');
	}
}

/** What headers of adversaries call what they leave out. */
export const LEFT_OUT: ReadonlyMap<string, Effect> = new Map<string, Effect>([
	['IPI', 'ipi'],
	['grace period', 'grace-period'],
	['full barrier', 'full-barrier'],
	['sequence count', 'sequence-begin'],
]);

/** As the end of "… no longer": what a function does that has the effect. */
export function effectText(effect: Effect): string {
	switch (effect) {
		case 'ipi':
			return 'waits for an IPI';
		case 'grace-period':
			return 'waits for a grace period';
		case 'tlb-flush':
			return 'flushes the TLB';
		case 'full-barrier':
			return 'has a full barrier';
		case 'write-barrier':
			return 'has a write barrier';
		case 'sequence-begin':
			return 'makes the sequence count odd';
		case 'sequence-end':
			return 'makes the sequence count even';
		case 'pins':
			return 'looks for pins';
		case 'references':
			return 'looks at the reference count';
		case 'frozen':
			return 'freezes the reference count';
		case 'emptied':
			return 'empties the entry';
		case 'entry':
			return 'changes an entry';
		case 'table-freed':
			return 'frees a page table';
		case 'count':
			return 'changes the reference count';
		case 'mapcount':
			return 'changes the mapcount';
		case 'mapping':
			return 'changes ->mapping';
		case 'exclusive':
			return 'changes PG_anon_exclusive';
		default: {
			const [verb, what] = effect.split(' ');
			return `${verb === 'lock' ? 'takes' : 'gives back'} the lock ${what}`;
		}
	}
}
