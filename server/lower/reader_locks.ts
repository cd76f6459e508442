/**
 * Which locks protect what where in the body of a function: by the order of its text and its blocks (roles_readers.ts).
 *
 * Leaves out: jumps, and which folio or table a lock belongs to.
 */

import { KINDS, type Kind } from './look_words.js';

/** A lock that is taken, or given back, in a body. */
export interface Lock {
	readonly at: number;
	/** What it protects; `-` entries end that protection. */
	readonly kinds: readonly Kind[];
	readonly released: boolean;
}

const FOLIO_LOCK =
	/\b(?!\w{0,200}unlock)\w{0,200}(?:folio_(?:try)?lock|lock_folio|lock_page|trylock_page|find_lock_\w{1,200})\w{0,200}\s*\(/g;
const FOLIO_ASSERTED =
	/\b(?:VM_)?(?:BUG|WARN)_ON(?:_ONCE)?(?:_FOLIO|_PAGE)?\s*\(\s*!\s*(?:folio_test_locked|PageLocked)\b/g;
const FOLIO_UNLOCK = /\b(?:folio_unlock|unlock_page)\s*\(/g;
const SLOT_LOCK = /\bxas?_lock\w*\s*\(/g;
const SLOT_UNLOCK = /\bxas?_unlock\w*\s*\(/g;
const TABLE_LOCK =
	/\b(?:pte_offset_map_lock|(?:pmd|pud)_lock|(?:pmd|pud)_trans_huge_lock|__(?:pmd|pud)_trans_huge_lock|huge_pte_lock|hugetlb_lock|spin_(?:try)?lock\w*\s*\([^();]{0,200}ptl|page_vma_mapped_walk|follow_page_pte|lockdep_assert_held\s*\([^;]{0,200}(?:pmd|pud|pte)_lockptr|(?:mmap|vma)_(?:write_lock|assert_write_locked))\s*[(,)]/g;
const TABLE_UNLOCK = /\b(?:pte_unmap_unlock\s*\(|spin_unlock\w*\s*\([^();]{0,200}ptl)/g;

/** Locks of a body in the order of its text. */
export function locksOf(body: string): readonly Lock[] {
	const found: Lock[] = [];
	const add = (pattern: RegExp, kinds: readonly Kind[], released: boolean): void => {
		for (const m of body.matchAll(pattern)) found.push({ at: m.index, kinds, released });
	};
	add(FOLIO_LOCK, ['mapping'], false);
	add(SLOT_LOCK, ['mapping', 'slot', 'reference'], false);
	add(TABLE_LOCK, ['entry'], false);
	add(FOLIO_UNLOCK, ['mapping'], true);
	add(SLOT_UNLOCK, ['mapping', 'slot', 'reference'], true);
	add(TABLE_UNLOCK, ['entry'], true);
	found.sort((a, b) => a.at - b.at);
	for (const kind of KINDS) {
		// what is released before it is taken was held by the caller
		if (found.find((l) => l.kinds.includes(kind))?.released === true)
			found.unshift({ at: 1, kinds: [kind], released: false });
	}
	if (assertsLock(body)) found.unshift({ at: 1, kinds: ['mapping'], released: false });
	return [...found, ...inBothArms(body, found)].sort((a, b) => a.at - b.at);
}

/** The folio lock is asserted on every way through the body: in its own block, behind no condition. */
export function assertsLock(body: string): boolean {
	const depths = depthsOf(body);
	return [...body.matchAll(FOLIO_ASSERTED)].some(
		({ index }) =>
			depths[index] === 1 && ';{}/'.includes(body.slice(0, index).trimEnd().at(-1) ?? '?'),
	);
}

/** Locks taken in an arm of an `if` and in its `else` hold behind it; those given back in both are held no more. */
function inBothArms(body: string, locks: readonly Lock[]): readonly Lock[] {
	const made: Lock[] = [];
	for (const m of body.matchAll(/\belse\b\s*/g)) {
		const otherwise = armFrom(body, m.index + m[0].length);
		const then = armBefore(body, m.index);
		for (const kind of KINDS) {
			const takes = ([from, to]: readonly [number, number]): boolean =>
				locks.some((l) => !l.released && l.kinds.includes(kind) && l.at >= from && l.at < to);
			const gives = ([from, to]: readonly [number, number]): boolean =>
				locks.findLast((l) => l.kinds.includes(kind) && l.at >= from && l.at < to)?.released ===
				true;
			if (takes(then) && takes(otherwise))
				made.push({ at: otherwise[1], kinds: [kind], released: false });
			else if (gives(then) && gives(otherwise))
				made.push({ at: otherwise[1], kinds: [kind], released: true });
		}
	}
	return made;
}

/** From an offset to the end of the block or statement that begins there. */
function armFrom(body: string, from: number): readonly [number, number] {
	let depth = 0;
	for (let i = from; i < body.length; i++) {
		const c = body[i];
		if (c === '{') depth++;
		else if (c === '}') depth--;
		if ((c === '}' && depth === 0) || (c === ';' && depth === 0)) return [from, i + 1];
		if (depth < 0) return [from, i];
	}
	return [from, body.length];
}

/** The block or statement that ends before an `else`. */
function armBefore(body: string, to: number): readonly [number, number] {
	let depth = 0;
	for (let i = to - 1; i >= 0; i--) {
		const c = body[i];
		if (c === '}') depth++;
		else if (c === '{') {
			depth--;
			if (depth === 0) return [i, to];
			if (depth < 0) return [i + 1, to];
		} else if (c === ';' && depth === 0 && i < to - 2 && /\S/.test(body.slice(i + 1, to)))
			if (body.slice(i + 1, to).trim() !== '') return [i + 1, to];
	}
	return [0, to];
}

/** Depth of braces at each offset. */
export function depthsOf(body: string): Int16Array {
	const depths = new Int16Array(body.length + 1);
	let depth = 0;
	for (let i = 0; i < body.length; i++) {
		const c = body.charCodeAt(i);
		if (c === 125) depth--;
		depths[i] = depth;
		if (c === 123) depth++;
	}
	return depths;
}

/** What is protected at an offset of a body: a lock taken before it, in a block that is still open. */
export function locksAt(
	body: { readonly locks: readonly Lock[]; readonly depths: Int16Array },
	at: number,
): ReadonlySet<Kind> {
	const { depths } = body;
	const held = new Map<Kind, number>();
	let from = 0;
	for (const lock of [...body.locks.filter((l) => l.at < at), { at, kinds: [], released: false }]) {
		const lowest = lowestDepth(depths, from, lock.at);
		for (const [kind, depth] of held) if (lowest < depth) held.delete(kind);
		from = lock.at;
		const depth = depths[lock.at] ?? 0;
		for (const kind of lock.kinds) {
			const since = held.get(kind);
			if (!lock.released) held.set(kind, Math.min(depth, since ?? depth));
			// a release deeper down is that of a way out
			else if (since !== undefined && depth <= since) held.delete(kind);
		}
	}
	return new Set(held.keys());
}

function lowestDepth(depths: Int16Array, from: number, to: number): number {
	let lowest = depths[from] ?? 0;
	for (let i = from; i <= to; i++) lowest = Math.min(lowest, depths[i] ?? 0);
	return lowest;
}
