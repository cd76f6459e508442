/**
 * A lowered program: functions over one table of fields, symbols and source sites. The walk, the primitives and the
 * actors of one check are functions of one Program, so that a field or a symbol has one index for all of them.
 *
 * Invariant: plain data (structured-clone safe), so that it crosses to a worker as it is.
 */
import type { FieldIndex, FunctionIndex, Op, OpIndex, SiteIndex } from './op.js';

/** Where an op comes from. Lines and columns are 1-based, end exclusive; columns count UTF-16 units. */
export interface Site {
	/** Path relative to the tree (`mm/gup.c`), or `racewalk:primitives.c`, `racewalk:actors/zap.c`. */
	readonly path: string;
	readonly line: number;
	readonly column: number;
	readonly endLine: number;
	readonly endColumn: number;
	/** For an actor's step: the kernel function it stands for, from its citation comment, else null. */
	readonly cites: Citation | null;
}

/** A function of the kernel, by the file that defines it. */
export interface KernelFunction {
	readonly path: string;
	readonly function: string;
}

/** `mm/memory.c: zap_present_folio_ptes()` in a comment above an actor's step. */
export interface Citation extends KernelFunction {
	/** Where other generations do the same, in the order in which they are tried: further citations in the same comment. */
	readonly otherwise?: readonly KernelFunction[];
	/** Who has to call it there, the first that a tree has: `… from mm/ksm.c: write_protect_page()`. */
	readonly from?: Citation;
}

/** One (struct, field) pair. `struct folio` and `struct page` share the fields they overlay under `page`. */
export interface Field {
	readonly struct: string;
	readonly name: string;
	/** Bytes of the scalar it is; absent: not known, or no scalar. */
	readonly size?: number;
}

/** Bytes of frame memory that a thread has at most. A bit-field lies above them: see FrameCell. */
export const BIT_STRIDE = 0x10_0000;

/**
 * A scalar of frame memory, by its byte in the frame and the bytes it has. A bit-field has a place that no byte has, and size 0: the
 * byte of its first bit, and as often BIT_STRIDE as the bit's number in the byte, counted from 1.
 */
export interface FrameCell {
	readonly offset: number;
	readonly size: number;
}

/** What a parameter is, as far as a harness needs it to call the function. */
export interface Parameter {
	readonly name: string;
	/** The C type as written, normalised to single blanks: `pmd_t *`, `struct page **`, `unsigned long`. */
	readonly type: string;
}

export interface ProgramFunction {
	readonly name: string;
	readonly path: string;
	/** The definition's name in the source (1-based line). */
	readonly site: SiteIndex;
	readonly parameters: readonly Parameter[];
	/** Registers in a frame; the first `parameters.length` hold the arguments. */
	readonly registers: number;
	/** Source name of each register, null for temporaries. */
	readonly registerNames: readonly (string | null)[];
	/** Cells of addressable frame memory, with the local's name each belongs to (empty: none, and 0 at first). */
	readonly slots: readonly string[];
	/** Where the cells lie, by slot; a frame takes 8 bytes for each of its slots at most. Absent: each is a word. */
	readonly cells?: readonly FrameCell[];
	readonly ops: readonly Op[];
	/** It returns `void *`: what an entry of the xarray is, be it a pointer or not. */
	readonly givesEntry?: true;
	/** `walk`: the user's text (file or tree); `primitive`: racewalk's primitive table; `actor`: an adversary. */
	readonly origin: 'walk' | 'primitive' | 'actor';
}

/** Something the lowering took for granted, shown with every verdict that rests on it. */
export interface Assumption {
	readonly what: string;
	/** Where in the checked file it matters, else null. */
	readonly site: SiteIndex | null;
	/** Function of the checked file it was made in, else null: applies to all. */
	readonly function: string | null;
}

/** A span that could not be lowered. */
export interface UnsupportedSpan {
	readonly reason: string;
	readonly site: SiteIndex;
	/** Function it stands in, else null. */
	readonly function: string | null;
}

/** What an adversary says of itself (server/lower/actor_header.ts); the function is `actor_NAME`. */
export interface ActorHeader {
	readonly name: string;
	/** CONFIG_ symbols and features without which it does not act at all. */
	readonly needs: readonly string[];
	/** Names of worlds it acts in beside those that name it; null: nothing is said. */
	readonly worlds: readonly string[] | null;
	/** Those it acts together with, where, and what only the two of them can do. */
	readonly beside: readonly {
		readonly actor: string;
		readonly worlds: readonly string[];
		readonly why: string;
	}[];
	/** Pages lose their dirty bit and their write permission: a device that was given one for the long term writes on. */
	readonly makesClean: boolean;
	/** Afterwards another page, or none, is mapped where the walk read its entry. */
	readonly unmaps: boolean;
	/** It acts where no world has it when what it changes is asked for. */
	readonly onDemand: boolean;
	/** What the caller of a function that is looked at alone keeps it off. */
	readonly leftToCallers: 'pins' | 'references' | null;
	/** What the kernel function waits for and it does not, on purpose: `IPI`, `grace period`. */
	readonly leavesOut: readonly string[];
	/** Barriers of a walk are looked at as guards against it. */
	readonly underLkmm: boolean;
}

export interface Program {
	readonly functions: readonly ProgramFunction[];
	readonly fields: readonly Field[];
	readonly symbols: readonly string[];
	readonly sites: readonly Site[];
	readonly assumptions: readonly Assumption[];
	readonly unsupported: readonly UnsupportedSpan[];
	/** What the kernel's generation has, as macros the primitives test (server/tree/facts/generation.ts). Absent: nothing is known. */
	readonly features?: readonly string[];
	/** The adversaries by what they say of themselves. Absent: nothing is said. */
	readonly actors?: readonly ActorHeader[];
}

/** Bytes between the addresses of two fields; the low bits are free for pointer tags. */
export const FIELD_STRIDE = 8;
/** Bytes of address space per object: an address is object × OBJECT_STRIDE + field index × FIELD_STRIDE + tag. */
export const OBJECT_STRIDE = 0x1_0000;

/** Offset in bytes of a field from its object's address. Field 0 sits at the object's own address. */
export function fieldOffset(field: FieldIndex): number {
	return field * FIELD_STRIDE;
}

/** The function of that name, or null. */
export function findFunction(program: Program, name: string): FunctionIndex | null {
	const index = program.functions.findIndex((f) => f.name === name);
	return index < 0 ? null : (index as FunctionIndex);
}

/** Ops an op may continue at inside its function (a call continues at the next op). */
export function successors(op: Op, at: OpIndex): readonly OpIndex[] {
	switch (op.kind) {
		case 'jump':
			return [op.target];
		case 'branch':
			return [op.then, op.otherwise];
		case 'return':
		case 'unsupported':
			return [];
		default:
			return [(at + 1) as OpIndex];
	}
}
