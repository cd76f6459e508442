/**
 * What the architecture and its configuration decide between two forms of a primitive, and which worlds there are; each is
 * a macro that racewalk's primitives test, beside those of the generation (facts/generation.ts).
 */
import type { Source } from '../../syntax/source.js';
import type { TreeSources } from './ask.js';
import { definitionIn, type FoundDefinition } from './definition.js';
import type { Fact } from './fact.js';

/**
 * Entries of 64 bits are read in two accesses of 32: i386 with PAE. The symbol has had three names: mm/Kconfig of 6.12, of
 * 6.1, and before 5.3 arch/x86/mm/gup.c asked for PAE itself.
 */
const HALVES = [
	'CONFIG_GUP_GET_PXX_LOW_HIGH',
	'CONFIG_GUP_GET_PTE_LOW_HIGH',
	'CONFIG_X86_PAE',
] as const;

const PAE = 'CONFIG_X86_PAE';
const S390_PAGE = 'arch/s390/include/asm/page.h';
const GET_LOCKLESS = 'include/linux/pgtable.h';

/** Facts of an architecture under a configuration, those that hold. */
export function archFacts(
	config: ReadonlyMap<string, string>,
	{
		tree,
		wholeEntries,
		abi,
	}: {
		readonly tree: TreeSources | null;
		readonly wholeEntries: boolean;
		readonly abi: { readonly longBits: 32 | 64; readonly bigEndian: boolean };
	},
): readonly Fact[] {
	const found: Fact[] = [];
	const add = (feature: string, what: string, why: string | FoundDefinition): void => {
		const from = typeof why === 'string' ? null : why;
		const place = from === null ? null : { path: from.path, line: from.line, name: from.name };
		found.push({
			...{ feature, what, holds: true, from: place },
			why: typeof why === 'string' ? why : null,
		});
	};
	const has = (name: string): boolean => config.has(name);
	const set = (name: string): string => (has(name) ? `${name} is set` : `${name} is not set`);
	const halves = HALVES.find(has);
	if (halves !== undefined && !wholeEntries) {
		add('RACEWALK_ENTRY_HALVES', 'entries are read in two halves', set(halves));
		const header = tree?.source(GET_LOCKLESS) ?? null;
		// the tree's own text is read as it stands, half by half
		for (const entry of ['pte', 'pmd'] as const) {
			const reads = readsHalves(header, entry);
			if (reads === null) continue;
			const feature = `RACEWALK_TREE_${entry.toUpperCase()}P_GET_LOCKLESS`;
			add(feature, `${entry}p_get_lockless() reads the halves of an entry itself`, reads);
		}
	}
	// arch/s390/include/asm/pgtable.h: which levels a process has is told by the type bits of its entries
	if (has('CONFIG_S390'))
		add('RACEWALK_DYNAMIC_FOLD', 'levels are folded at run time', set('CONFIG_S390'));
	// arch/x86/include/asm/pgtable-3level_types.h: the entries at the top are PUDs, and lead to tables only
	else if (!has(PAE)) add('RACEWALK_PGD_TABLE', 'a PGD leads to a table of PUDs', set(PAE));
	if (!has(PAE)) add('RACEWALK_PUD_LEAF', 'a PUD can be a leaf', set(PAE));
	if (has('CONFIG_X86'))
		add('RACEWALK_X86_ENTRIES', 'bits of entries lie where x86 has them', set('CONFIG_X86'));
	const hook = has('CONFIG_S390') ? hookOf(tree?.source(S390_PAGE) ?? null) : null;
	if (hook !== null)
		add('RACEWALK_PAGES_MADE_ACCESSIBLE', 'pages are made accessible before they are pinned', hook);
	if (abi.longBits === 32) add('RACEWALK_WORDS_32', 'words have 32 bits', set(PAE));
	if (abi.bigEndian)
		add('RACEWALK_BIG_ENDIAN', 'the first byte of a word is its highest', 'the ABI');
	return found;
}

/** Whether an architecture has arch_make_folio_accessible(): 5.7 and later, for guests that are protected. */
function hookOf(header: Source | null): FoundDefinition | null {
	if (header === null) return null;
	const guards = ['HAVE_ARCH_MAKE_FOLIO_ACCESSIBLE', 'HAVE_ARCH_MAKE_PAGE_ACCESSIBLE'];
	return guards.map((name) => definitionIn(header, name)).find((d) => d !== null) ?? null;
}

/** A `p*p_get_lockless()` that takes the entry by its halves. */
function readsHalves(header: Source | null, entry: 'pte' | 'pmd'): FoundDefinition | null {
	const defined = header === null ? null : definitionIn(header, `${entry}p_get_lockless`);
	return defined?.words.has(`${entry}_low`) === true ? defined : null;
}
