/**
 * The FOLL_ flags a fast walk distinguishes (include/linux/mm_types.h). Values are those of server/lower/primitives/folio.c
 * (a test compares): kernels number them differently, and nothing depends on the numbers.
 */
export const FOLL = {
	FOLL_WRITE: 0x01,
	FOLL_GET: 0x02,
	FOLL_FORCE: 0x08,
	FOLL_LONGTERM: 0x100,
	FOLL_PCI_P2PDMA: 0x400,
	FOLL_PIN: 0x80000,
} as const;

/** The pin count a small folio's reference count carries per pin (include/linux/mm.h). */
export const GUP_PIN_COUNTING_BIAS = 1024;

/** Flag sets a caller may pass: GET or PIN; LONGTERM needs PIN (mm/gup.c, is_valid_gup_args()). Most demanding first. */
export const FLAG_SETS: readonly number[] = [
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
}

/** The flag sets, and with bits that only some worlds can tell apart: those added to a pin and to a reference for writing. */
export function flagSetsWith(bits: number, known: KnownFlags): readonly number[] {
	const sets = (known.pin ? FLAG_SETS : OLD_FLAG_SETS).filter(
		(flags) => known.longterm || (flags & FOLL.FOLL_LONGTERM) === 0,
	);
	if (bits === 0) return sets;
	const more = known.pin
		? [FOLL.FOLL_PIN | FOLL.FOLL_WRITE, FOLL.FOLL_GET | FOLL.FOLL_WRITE]
		: [FOLL.FOLL_WRITE];
	return [...sets, ...more.map((flags) => flags | bits)];
}

/** `FOLL_PIN|FOLL_WRITE`; `for reading` where no flag asks for anything. */
export function printFlags(flags: number): string {
	const names = Object.entries(FOLL)
		.filter(([, bit]) => (flags & bit) !== 0)
		.map(([name]) => name);
	if (names.length === 0) return 'for reading';
	return names.sort((a, b) => flagRank(a) - flagRank(b)).join('|');
}

function flagRank(name: string): number {
	return [
		'FOLL_GET',
		'FOLL_PIN',
		'FOLL_LONGTERM',
		'FOLL_WRITE',
		'FOLL_FORCE',
		'FOLL_PCI_P2PDMA',
	].indexOf(name);
}
