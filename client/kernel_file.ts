/**
 * Whether a C file is worth starting the language server for: a cheap look at its text and at the folders above it.
 *
 * It errs on the side of starting (the server decides properly, and says nothing about a file without a walk); what it
 * keeps out is all the C that has nothing to do with kernel mm.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Characters of a file that are looked at. */
const TEXT_MAX = 1_000_000;
/** Folders above a file that are looked at. */
const FOLDERS_MAX = 40;

/** Words that only lockless readers of page tables and folios use. */
const WALK_WORDS =
	/\b(?:p(?:te|md|ud|4d|gd)p?_(?:get_lockless|offset_lockless|offset_map\w*)|ptep_get|gup_get_pte|(?:get|pin)_user_pages_fast\w*|try_grab_\w+|try_get_(?:folio|compound_head)|folio_try_get\w*|page_cache_get_speculative|folio_ref_\w+|(?:folio|page)->mapping)\b/g;
/** Words any kernel mm code uses. */
const KERNEL_WORDS =
	/\b(?:struct (?:folio|page|mm_struct|address_space)|p(?:te|md|ud|4d|gd)_t|READ_ONCE|rcu_read_lock|local_irq_save)\b/;

/** True when the text, with or without a kernel tree around it, may hold a lockless walk. */
export function mayHoldWalk(file: { readonly text: string; readonly inTree: boolean }): boolean {
	const text = file.text.slice(0, TEXT_MAX);
	const words = new Set(Array.from(text.matchAll(WALK_WORDS), ([word]) => word));
	const wanted = file.inTree ? 1 : 2;
	return words.size >= wanted && KERNEL_WORDS.test(text);
}

/**
 * The kernel tree a file lies in: the nearest folder above with `mm/` and `include/linux/`, else null. The search ends at
 * `end`, the folder of the workspace that the file lies in.
 */
export function treeOf(
	path: string,
	exists: (path: string) => boolean = existsSync,
	end: string | null = null,
): string | null {
	let folder = dirname(path);
	for (let i = 0; i < FOLDERS_MAX; i++) {
		if (exists(join(folder, 'include', 'linux')) && exists(join(folder, 'mm'))) return folder;
		const above = dirname(folder);
		if (above === folder || folder === end) return null;
		folder = above;
	}
	return null;
}
