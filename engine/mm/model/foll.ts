/**
 * The FOLL_ flags a fast walk distinguishes (include/linux/mm_types.h). Values are those of server/lower/primitives/folio.c
 * (a test compares): kernels number them differently, and nothing depends on the numbers.
 */
import type { ProgramFunction } from '../../program/program.js';

/** Those that every walk may distinguish. */
export const FOLL = {
	FOLL_WRITE: 0x01,
	FOLL_GET: 0x02,
	FOLL_FORCE: 0x08,
	FOLL_LONGTERM: 0x100,
	FOLL_PCI_P2PDMA: 0x400,
	FOLL_PIN: 0x80000,
} as const;

/** Flags that make no difference to a walk unless it asks for them; then scenarios with them are explored too. */
const OTHER_FOLL = {
	FOLL_DUMP: 0x04,
	FOLL_NOWAIT: 0x10,
	FOLL_NOFAULT: 0x20,
	FOLL_HWPOISON: 0x40,
	FOLL_ANON: 0x80,
	FOLL_SPLIT_PMD: 0x200,
	FOLL_INTERRUPTIBLE: 0x800,
	FOLL_HONOR_NUMA_FAULT: 0x1000,
	FOLL_TOUCH: 0x10000,
	FOLL_TRIED: 0x20000,
	FOLL_REMOTE: 0x40000,
	FOLL_FAST_ONLY: 0x100000,
	FOLL_UNLOCKABLE: 0x200000,
	FOLL_MADV_POPULATE: 0x400000,
} as const;

/** Said by those who may not sleep (mm/gup.c, get_user_pages_fast_only()). */
export const FAST_ONLY = OTHER_FOLL.FOLL_FAST_ONLY;

/** All flags by name. */
export const ALL_FOLL: Readonly<Record<string, number>> = { ...FOLL, ...OTHER_FOLL };

/** Flags of which the sets below know only some combinations, and in some worlds only. */
const SELDOM: readonly number[] = [
	FOLL.FOLL_FORCE,
	FOLL.FOLL_PCI_P2PDMA,
	...Object.values(OTHER_FOLL),
];
/** A mask of more flags than this is a check of arguments and distinguishes none of them. */
const FLAGS_OF_MASK_MAX = 4;

/**
 * Flags that the functions test and that are not in every scenario anyway: those in a constant that a 32-bit word is
 * masked with.
 */
export function seldomFlagsTested(functions: readonly ProgramFunction[]): readonly number[] {
	const found = new Set<number>();
	for (const { ops } of functions) {
		for (const op of ops) {
			if (op.kind !== 'binary' || op.operator !== '&' || op.type.bits !== 32) continue;
			for (const operand of [op.left, op.right]) {
				if (operand.kind !== 'constant') continue;
				const flags = SELDOM.filter((flag) => (operand.value & flag) !== 0);
				if (flags.length <= FLAGS_OF_MASK_MAX) for (const flag of flags) found.add(flag);
			}
		}
	}
	return [...found].sort((a, b) => a - b);
}

/** The pin count a small folio's reference count carries per pin (include/linux/mm.h). */
export const GUP_PIN_COUNTING_BIAS = 1024;

/** Flag sets a caller may pass: GET or PIN; LONGTERM needs PIN (mm/gup.c, is_valid_gup_args()). Most demanding first. */
const FLAG_SETS: readonly number[] = [
	FOLL.FOLL_PIN | FOLL.FOLL_WRITE,
	FOLL.FOLL_PIN,
	FOLL.FOLL_PIN | FOLL.FOLL_LONGTERM | FOLL.FOLL_WRITE,
	FOLL.FOLL_PIN | FOLL.FOLL_LONGTERM,
	FOLL.FOLL_GET | FOLL.FOLL_WRITE,
	FOLL.FOLL_GET,
];

/** Flag sets of kernels without FOLL_PIN (until 5.5): references only, and FOLL_GET is not the caller's to pass. */
const OLD_FLAG_SETS: readonly number[] = [
	FOLL.FOLL_WRITE,
	0,
	FOLL.FOLL_LONGTERM | FOLL.FOLL_WRITE,
	FOLL.FOLL_LONGTERM,
];

/** What a kernel's fast walks can be asked for. */
export interface KnownFlags {
	readonly pin: boolean;
	readonly longterm: boolean;
	/** What it takes where it can be asked for nothing; null: it can be asked. */
	readonly fixed: number | null;
}

/** The flag sets, and with bits that only some worlds can tell apart: those added to a pin and to a reference for writing. */
export function flagSetsWith(bits: number, known: KnownFlags): readonly number[] {
	if (known.fixed !== null) return [known.fixed];
	const sets = (known.pin ? FLAG_SETS : OLD_FLAG_SETS).filter(
		(flags) => known.longterm || (flags & FOLL.FOLL_LONGTERM) === 0,
	);
	return bits === 0 ? sets : [...sets, ...demanding(known).map((flags) => flags | bits)];
}

/**
 * True for the sets under which most of what a walk can get wrong shows, which are explored first: a pin for reading (it has
 * to ask who else has the page) and the longest pin for writing (it has to ask everything). Where nothing can be pinned: a
 * reference for reading and one for writing.
 */
export function isTelling(flags: number, known: KnownFlags): boolean {
	if (known.fixed !== null) return true;
	const isLong = (flags & FOLL.FOLL_LONGTERM) !== 0;
	if (((flags & FOLL.FOLL_PIN) !== 0) !== known.pin) return false;
	return (flags & FOLL.FOLL_WRITE) === 0 ? !isLong : isLong === known.longterm;
}

/** A reference for reading: it gets through where walks refuse everything else. */
export function isFree(flags: number, { fixed, pin }: KnownFlags): boolean {
	return fixed === null && pin && flags === FOLL.FOLL_GET;
}

/** Flag sets with one more flag each, for walks that ask for it. */
export function flagSetsOf(flags: readonly number[], known: KnownFlags): readonly number[] {
	if (known.fixed !== null) return [];
	return flags.flatMap((flag) => demanding(known).map((set) => set | flag));
}

/** A pin and a reference for writing, where both can be asked for. */
export function demanding(known: KnownFlags): readonly number[] {
	if (known.fixed !== null) return [known.fixed];
	if (!known.pin) return [FOLL.FOLL_WRITE];
	return [FOLL.FOLL_PIN | FOLL.FOLL_WRITE, FOLL.FOLL_GET | FOLL.FOLL_WRITE];
}

/** `FOLL_PIN|FOLL_WRITE`; `for reading` where no flag asks for anything. */
export function printFlags(flags: number): string {
	let names = '';
	for (const [name, bit] of RANKED)
		if ((flags & bit) !== 0) names += names === '' ? name : `|${name}`;
	return names === '' ? 'for reading' : names;
}

/** Those not named here come last, by their bits. */
function flagRank(name: string): number {
	const first = ['FOLL_GET', 'FOLL_PIN', 'FOLL_LONGTERM', 'FOLL_WRITE'].indexOf(name);
	return first < 0 ? (ALL_FOLL[name] ?? 0) + 4 : first;
}

/** All flags in the order in which they are printed. */
const RANKED = Object.entries(ALL_FOLL).sort(([a], [b]) => flagRank(a) - flagRank(b));
