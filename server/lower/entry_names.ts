/** Page-table entries by their names: `pte_t` and its kin, and the members that hold their values. */

export const entryNames: ReadonlySet<string> = new Set([
	'pte_t',
	'pmd_t',
	'pud_t',
	'p4d_t',
	'pgd_t',
]);

/** The member that holds an entry's value, by type. */
export const entryMembers: ReadonlySet<string> = new Set(['pte', 'pmd', 'pud', 'p4d', 'pgd']);
