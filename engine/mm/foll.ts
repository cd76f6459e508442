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

/** Further bits that only some worlds can tell apart, added to a pin and to a reference for writing. */
export function flagSetsWith(bits: number): readonly number[] {
	if (bits === 0) return FLAG_SETS;
	const more = [FOLL.FOLL_PIN | FOLL.FOLL_WRITE, FOLL.FOLL_GET | FOLL.FOLL_WRITE];
	return [...FLAG_SETS, ...more.map((flags) => flags | bits)];
}

/** `FOLL_PIN|FOLL_WRITE`. */
export function printFlags(flags: number): string {
	const names = Object.entries(FOLL)
		.filter(([, bit]) => (flags & bit) !== 0)
		.map(([name]) => name);
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
