/**
 * What the architecture and its configuration decide between two forms of a primitive, and which worlds there are; each is
 * a macro that racewalk's primitives test, beside those of the generation (features.ts).
 */

interface TreeText {
	text(path: string): string | null;
}

/**
 * Entries of 64 bits are read in two accesses of 32: i386 with PAE. The symbol has had three names: mm/Kconfig of 6.12, of
 * 6.1, and before 5.3 arch/x86/mm/gup.c asked for PAE itself.
 */
const HALVES = [
	'CONFIG_GUP_GET_PXX_LOW_HIGH',
	'CONFIG_GUP_GET_PTE_LOW_HIGH',
	'CONFIG_X86_PAE',
] as const;

/** Names of the features that hold under a configuration. */
export function archFeatures(
	config: ReadonlyMap<string, string>,
	{ tree, wholeEntries }: { readonly tree: TreeText | null; readonly wholeEntries: boolean },
): readonly string[] {
	const found: string[] = [];
	const has = (name: string): boolean => config.has(name);
	if (HALVES.some(has) && !wholeEntries) {
		found.push('RACEWALK_ENTRY_HALVES');
		const header = tree?.text('include/linux/pgtable.h') ?? '';
		// the tree's own text is read as it stands, half by half
		if (readsHalves(header, 'pte')) found.push('RACEWALK_TREE_PTEP_GET_LOCKLESS');
		if (readsHalves(header, 'pmd')) found.push('RACEWALK_TREE_PMDP_GET_LOCKLESS');
	}
	// arch/s390/include/asm/pgtable.h: which levels a process has is told by the type bits of its entries
	if (has('CONFIG_S390')) found.push('RACEWALK_DYNAMIC_FOLD');
	// arch/x86/include/asm/pgtable-3level_types.h: the entries at the top are PUDs, and lead to tables only
	else if (!has('CONFIG_X86_PAE')) found.push('RACEWALK_PGD_TABLE');
	if (!has('CONFIG_X86_PAE')) found.push('RACEWALK_PUD_LEAF');
	return found;
}

/** A `p*p_get_lockless()` that takes the entry by its halves. */
function readsHalves(header: string, entry: 'pte' | 'pmd'): boolean {
	return new RegExp(
		`\\b${entry}p_get_lockless\\([^;{]{0,200}\\{[^}]{0,2000}\\b${entry}_low\\b`,
	).test(header);
}
