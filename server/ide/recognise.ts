/**
 * Whether a text is worth lowering at all: cheap, so that opening any other C file costs nothing. The walks themselves
 * are found by role after lowering; this only rules out what cannot hold one.
 */

/** Characters beyond which an editor buffer is not checked, and that is said. */
const LENGTH_MAX = 4_000_000;
const SPEAKS_OF_PAGES =
	/\b(?:pte_t|pmd_t|pud_t|p4d_t|pgd_t|struct\s+folio|struct\s+page|struct\s+address_space)\b/;

export function looksLikeWalk(text: string): boolean {
	if (text.includes('\0')) return false;
	return SPEAKS_OF_PAGES.test(text) && text.includes('{');
}

/** Why a text that may hold a walk is not checked as one types; null: it is. */
export function whyTooLong(text: string): string | null {
	if (text.length <= LENGTH_MAX) return null;
	return `the file has more than ${LENGTH_MAX} characters: it is checked on the command line only (racewalk check)`;
}
