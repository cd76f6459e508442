/** What a report of the kernel says, as data: who did what where. Nothing here knows a tree. */

/** A frame of a stack as it was printed. */
export interface ReportFrame {
	/** Null: the line names none (an inlined function of `decode_stacktrace.sh`). */
	readonly function: string | null;
	/** As printed; null: symbol and offset alone. */
	readonly path: string | null;
	readonly line: number | null;
}

/** A part of a report with a stack of its own, innermost frame first. */
export interface ReportStack {
	/** `read`, `write`, `use`, `free`, `warns`, `takes (&mm->mmap_lock)` … */
	readonly what: string;
	/** What it does to memory; null: the report does not say. */
	readonly access: 'read' | 'write' | 'free' | null;
	/** KCSAN's `(marked)`; null: it says nothing of it. */
	readonly marked: boolean | null;
	readonly frames: readonly ReportFrame[];
}

export type ReportKind = 'kcsan' | 'kasan' | 'lockdep' | 'warn';

export interface KernelReport {
	readonly kind: ReportKind;
	/** 1-based line of the text on which it begins. */
	readonly line: number;
	/** Its first line. */
	readonly title: string;
	/** KASAN's word (`slab-use-after-free`), or lockdep's (`circular locking`, `suspicious RCU usage`). */
	readonly sort: string;
	/** Where it says that it was raised; null: it does not. */
	readonly at: { readonly path: string; readonly line: number } | null;
	/** Slab cache of the object; null: it does not say. */
	readonly cache: string | null;
	/** In the order of the text. */
	readonly stacks: readonly ReportStack[];
}
