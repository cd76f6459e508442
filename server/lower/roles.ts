/**
 * Which functions of a file are lockless walks, by what they do and not by what they are called: a walk reads page-table
 * entries, takes references on what they map, hands the pages out in an array, and never gets to a page fault, a vma or a sleeping lock. Its root is the
 * outermost such function: whoever calls it (if anybody does) is on the slow path.
 *
 * In a file without such a walk, a function that judges `->mapping` of a folio it is given is a root of its own; that is
 * for excerpts. Model: in a whole kernel file such functions run under locks that their callers hold, which a root of
 * its own would not know; they are left out there. Loses races in files other than the walk's.
 */
import { named } from '../syntax/named.js';
import type { OutlineItem } from '../syntax/outline.js';
import type { Source } from '../syntax/source.js';
import type { DefinedFunction, Names, Unit } from './names.js';
import { disablesInterrupts, entersSection, lastLeft } from './section_words.js';

/** A function to lower from: a definition, or one that is there and cannot be read. */
export type Root =
	| DefinedFunction
	| {
			readonly kind: 'broken';
			readonly unit: Unit;
			readonly name: string;
			readonly reason: string;
	  };

/** What one function does by itself. */
interface Role {
	readonly name: string;
	/** Functions and function-like macros of the file that it mentions. */
	readonly mentions: readonly string[];
	readonly walks: boolean;
	readonly grabs: boolean;
	/** Has an array of pages as parameter. */
	readonly handsOut: boolean;
	readonly slow: boolean;
	readonly sleeps: boolean;
	readonly takesVma: boolean;
	/** Begins at the top of the tables of a process. */
	readonly fromTop: boolean;
	/** Disables interrupts or preemption, or opens an RCU section. */
	readonly isAtomic: boolean;
	readonly disablesInterrupts: boolean;
	readonly judgesMapping: boolean;
}

/** A file with more functions or includes than this is no excerpt. */
const excerptFunctionsMax = 12;
const excerptIncludesMax = 4;

const walking =
	/\b(?:(?:pte|pmd|pud|p4d|pgd)_offset(?:_map|_kernel|_lockless|_k|_pgd)?|(?:huge_)?(?:pte|pmd|pud|p4d|pgd)p_get(?:_lockless)?|gup_get_pte|pmd_read_atomic|(?:pte|pmd|pud|p4d|pgd)_(?:page|pfn))\s*\(/;
/** The tables of a process; those of the kernel (pgd_offset_k()) are not freed. */
const topping = /\bpgd_offset(?:_pgd|_lockless)?\s*\(/;
const entryPointer = /\b(?:pte_t|pmd_t|pud_t|p4d_t|pgd_t)\s*\*\s*(\w+)/g;
const grabbing =
	/(?:try_(?:grab|get)_(?:page|folio|compound_head)\w{0,200}|\b(?:(?:page_cache|folio)_(?:try_)?(?:get|add)_(?:speculative|unless)\w*|get_page_unless_zero|(?:folio|page)_ref_(?:try_)?(?:add|inc)\w*|folio_try_get\w*|folio_get|(?:get|grab)_(?:page|folio|head_page|compound_head)\w*))\s*\(|\batomic_\w+\s*\([^;]{0,200}\b_(?:ref)?count\b/;
/** Where the pages that were grabbed go. */
const handingOut = /\bstruct\s+(?:page|folio)\s*\*\s*(?:\*|\w+\s*\[)/;
/** Page faults, vmas, sleeping or page-table locks: what makes a path the slow one. */
const leaving =
	/\b(?:handle_mm_fault|\w{0,200}faultin_page\w{0,200}|fixup_user_fault|fault_in_\w+|\w{0,200}mmap_(?:read|write|assert)\w{0,200}|(?:down|up)_(?:read|write)\w*|find_(?:extend_)?vma\w*|vma_lookup|\w{0,200}get_user_pages(?:_locked|_unlocked|_remote|_longterm)?|\w{0,200}gup_longterm\w{0,200}|follow_(?:page|hugetlb)\w*|pte_offset_map_lock|(?:pmd|pud)_(?:trans_huge_)?lock|spin_lock\w*|i_mmap_(?:un)?lock\w*|xas_(?:un)?lock\w*|walk_page_\w+)\s*\(/;
/** What a walk must not call and a path with locks may: by itself no reason to take an excerpt's walk for the slow path. */
const sleeping = /\b(?:(?:folio|page)_lock|lock_page|lock_folio|might_sleep|cond_resched)\s*\(/;
/** The slow path where it is not in the file: include/linux/mm.h. */
const slowElsewhere = /^(?:__)?(?:(?:get|pin)_user_pages|gup_longterm)(?:_\w+)?$/;
const mappingRead = /(?:->|\.)\s*mapping\b(?!\s*=[^=])/;
const mappingWrite = /(?:->|\.)\s*mapping\s*=[^=]|WRITE_ONCE\s*\([^;]{0,200}mapping/;
const folioParameter = /\bstruct\s+(?:folio|page)\s*\*\s*\w+/;

/** Whether a text has the words of a walk at all: what has not is not looked at further. */
export function mayWalk(text: string): boolean {
	return (
		walking.test(text) && ((grabbing.test(text) && handingOut.test(text)) || topping.test(text))
	);
}

/** Walks of the file in the order of their roots, then the functions asked for by name. */
export function findWalks(file: Unit, names: Names, also: readonly string[]): readonly Root[] {
	const wanted = new Set([...rootNames(file), ...lookNames(file), ...also]);
	return [...wanted].flatMap((name) => rootNamed(name, file, names)).filter((r) => r.unit.checked);
}

/** The function of that name as a root; none when the unit does not have it. */
export function rootNamed(name: string, unit: Unit, names: Names): readonly Root[] {
	const found = names.value(name, unit, 'without-macros');
	if (found?.kind === 'function') return [found];
	return found?.kind === 'broken' ? [{ ...found, name }] : [];
}

/** A few functions by themselves, and no kernel file. */
function isExcerpt(file: Unit): boolean {
	return (
		functionsOf(file).length <= excerptFunctionsMax &&
		file.source.preprocessed.includes.length <= excerptIncludesMax
	);
}

/** Names of the functions that are roots of lockless walks; in an excerpt without any, of those that judge `->mapping`. */
export function rootNames(file: Unit): readonly string[] {
	const roots = walkNames(file);
	if (roots.length > 0 || !isExcerpt(file)) return roots;
	const roles = rolesOf(file);
	return judgesOf(roles, callersOf(roles), functionsOf(file));
}

function functionsOf(file: Unit): readonly string[] {
	return [...rolesOf(file).keys()].filter((name) => file.source.functions.has(name));
}

/** Names of the functions that are roots of lockless walks. */
export function walkNames(file: Unit): readonly string[] {
	const roles = rolesOf(file);
	const callers = callersOf(roles);
	const functions = functionsOf(file);
	const excerpt = isExcerpt(file);
	const fast = fastFunctions(roles);
	const slow = closure(roles, (r) => r.slow || (r.sleeps && !excerpt));
	const atomic = functions.filter((name) => {
		const role = roles.get(name);
		return fast.has(name) && role?.isAtomic === true && role.handsOut;
	});
	const walkers = new Set([...fast].filter((name) => atomic.includes(name) || !slow.has(name)));
	// whatever stands below a function that must not sleep is part of its walk, even when it sleeps
	const below = reachedFrom(roles, atomic);
	const roots: string[] = [];
	for (const name of functions) {
		if (!walkers.has(name) || (below.has(name) && !atomic.includes(name))) continue;
		const above = [...(callers.get(name) ?? [])];
		if (above.some((c) => c !== name && walkers.has(c) && !mutual(roles, name, c))) continue;
		if (above.some((c) => roots.includes(c) && mutual(roles, name, c))) continue;
		roots.push(name);
	}
	const live = roots.filter((name) => !isDead(file, name, callers));
	return live.length > 0 ? live : roots;
}

/** Names of the functions that the file's walks reach, roots among them. */
export function walkFunctions(file: Unit): ReadonlySet<string> {
	return reachedFrom(rolesOf(file), walkNames(file));
}

/**
 * Roots of walks that only look (how large a mapping is, whether there is one): functions that go down the tables of a process
 * from the top, take no reference and no lock. In an excerpt the outermost one, which is called with nothing held; else the one that
 * opens the section: that disables interrupts, or, where none does on the way down, the outermost that opens one of another kind.
 */
export function lookNames(file: Unit): readonly string[] {
	const roles = rolesOf(file);
	const callers = callersOf(roles);
	const [tops, grabs, slow] = [
		closure(roles, (r) => r.fromTop),
		closure(roles, (r) => r.grabs),
		closure(roles, (r) => r.slow || r.sleeps || r.takesVma),
	];
	const walked = walkFunctions(file);
	const looks = (name: string): boolean =>
		tops.has(name) && !grabs.has(name) && !slow.has(name) && !walked.has(name);
	const found = functionsOf(file).filter(looks);
	// of those that call each other the first is the root
	const isBefore = (a: string, b: string): boolean => found.indexOf(a) < found.indexOf(b);
	if (isExcerpt(file)) {
		const isOutermost = (name: string): boolean =>
			![...(callers.get(name) ?? [])].some(
				(c) => c !== name && looks(c) && (!mutual(roles, name, c) || isBefore(c, name)),
			);
		return found.filter(isOutermost);
	}
	const ends = new Set(found.filter((name) => roles.get(name)?.disablesInterrupts === true));
	const opens = (name: string): boolean => roles.get(name)?.isAtomic === true;
	const down = new Map(found.map((name) => [name, reachedUpTo(roles, name, ends)]));
	const reachesTop = (name: string): boolean =>
		[...(down.get(name) ?? [])].some(
			(n) => roles.get(n)?.fromTop === true && (n === name || !ends.has(n)),
		);
	const candidates = found.filter((name) => opens(name) && reachesTop(name));
	return candidates.filter(
		(name) =>
			!candidates.some(
				(other) =>
					other !== name &&
					down.get(other)?.has(name) === true &&
					(ends.has(other) || !ends.has(name)) &&
					(down.get(name)?.has(other) !== true || isBefore(other, name)),
			),
	);
}

/** The function given and all that it mentions, directly or not; what stands below functions of `ends` is not looked for. */
function reachedUpTo(
	roles: ReadonlyMap<string, Role>,
	from: string,
	ends: ReadonlySet<string>,
): ReadonlySet<string> {
	const seen = new Set([from]);
	const open = [...(roles.get(from)?.mentions ?? [])];
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		if (seen.has(name)) continue;
		seen.add(name);
		if (!ends.has(name)) open.push(...(roles.get(name)?.mentions ?? []));
	}
	return seen;
}

/** A static function that nothing calls or names: left over, and no walk. */
function isDead(
	{ source }: Unit,
	name: string,
	callers: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
	if ((callers.get(name)?.size ?? 0) > 0) return false;
	const { text } = source.preprocessed;
	const items = source.functions.get(name) ?? [];
	const isStatic = items.some((item) => /\bstatic\b/.test(headOf(text, item)));
	return isStatic && !new RegExp(`\\b${named(name)}\\b(?!\\s*\\()`).test(text);
}

/** Functions that, with what they call, walk entries, take references and hand pages out, and are given no vma. */
function fastFunctions(roles: ReadonlyMap<string, Role>): ReadonlySet<string> {
	const parts = [
		closure(roles, (r) => r.walks),
		closure(roles, (r) => r.grabs),
		closure(roles, (r) => r.handsOut),
	];
	const all = [...roles.values()].filter((r) => !r.takesVma && parts.every((p) => p.has(r.name)));
	return new Set(all.map((r) => r.name));
}

/** The functions given and all that they mention, directly or not. */
function reachedFrom(
	roles: ReadonlyMap<string, Role>,
	from: readonly string[],
): ReadonlySet<string> {
	const seen = new Set<string>();
	const open = [...from];
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		if (seen.has(name)) continue;
		seen.add(name);
		for (const mentioned of roles.get(name)?.mentions ?? []) open.push(mentioned);
	}
	return seen;
}

/** Outermost functions of an excerpt that look at `->mapping` of a folio or page they are given. */
function judgesOf(
	roles: ReadonlyMap<string, Role>,
	callers: ReadonlyMap<string, ReadonlySet<string>>,
	functions: readonly string[],
): readonly string[] {
	const judges = closure(roles, (r) => r.judgesMapping);
	const slow = closure(roles, (r) => r.slow || r.sleeps);
	const fits = (name: string): boolean =>
		judges.has(name) && !slow.has(name) && roles.get(name)?.takesVma === false;
	const outermost = functions.filter(
		(name) => fits(name) && ![...(callers.get(name) ?? [])].some((c) => c !== name && fits(c)),
	);
	return outermost.filter((name) => takesFolio.get(roles)?.has(name) === true);
}

/** Functions with a folio or page parameter, by the roles they were read with. */
const takesFolio = new WeakMap<ReadonlyMap<string, Role>, ReadonlySet<string>>();

const rolesBySource = new WeakMap<Source, ReadonlyMap<string, Role>>();

function rolesOf({ source }: Unit): ReadonlyMap<string, Role> {
	const known = rolesBySource.get(source) ?? readRoles(source);
	rolesBySource.set(source, known);
	return known;
}

function readRoles(source: Source): ReadonlyMap<string, Role> {
	const { text } = source.preprocessed;
	const roles = new Map<string, Role>();
	const folio = new Set<string>();
	const local = new Set<string>([...source.functions.keys(), ...source.preprocessed.macros.keys()]);
	for (const [name, items] of source.functions) {
		const [item] = items;
		if (item === undefined) continue;
		const body = text.slice(Math.max(item.body, item.start), endOf(source.items, item));
		roles.set(name, roleOf(name, headOf(text, item), body, local));
		if (folioParameter.test(headOf(text, item))) folio.add(name);
	}
	for (const [name, macro] of source.preprocessed.macros) {
		if (macro.parameters !== null && !roles.has(name))
			roles.set(name, roleOf(name, '', macro.body, local));
	}
	takesFolio.set(roles, folio);
	return roles;
}

/** Where an item ends; one that is broken may go on until the next function starts. */
function endOf(items: readonly OutlineItem[], item: OutlineItem): number {
	if (item.broken === null) return item.end;
	const next = items.find((i) => i.kind === 'function' && i.start > item.start);
	return next?.start ?? items.at(-1)?.end ?? item.end;
}

function headOf(text: string, item: OutlineItem): string {
	return item.body < 0 ? text.slice(item.start, item.end) : text.slice(item.start, item.body);
}

function roleOf(name: string, head: string, body: string, local: ReadonlySet<string>): Role {
	const mentions = new Set<string>();
	for (const match of body.matchAll(/\b([A-Za-z_]\w*)\b/g)) {
		const word = match[1] ?? '';
		if (word !== name && local.has(word)) mentions.add(word);
	}
	const pointers = [...head.matchAll(entryPointer)].map((m) => m[1] ?? '');
	return {
		name,
		mentions: [...mentions],
		walks:
			walking.test(body) || pointers.some((p) => new RegExp(`\\*\\s*${named(p)}\\b`).test(body)),
		grabs: grabbing.test(body),
		fromTop: topping.test(body),
		handsOut: handingOut.test(head),
		slow: leaving.test(withoutLocalCalls(body, local)),
		sleeps: sleeping.test(withoutLocalCalls(body, local)),
		takesVma: /\bvm_area_struct\b/.test(head),
		isAtomic: entersSection.test(body),
		disablesInterrupts: disablesInterrupts.test(body),
		judgesMapping: mappingRead.test(body) && !mappingWrite.test(body),
	};
}

/** A name the file defines says what it does by its body, not by its name. */
function withoutLocalCalls(body: string, local: ReadonlySet<string>): string {
	return body.replace(/\b([A-Za-z_]\w*)(\s*\()/g, (whole, word: string, open: string) =>
		local.has(word) ? open : whole,
	);
}

/** Functions for which `holds` is true or that mention one for which it is. */
function closure(
	roles: ReadonlyMap<string, Role>,
	holds: (role: Role) => boolean,
): ReadonlySet<string> {
	const callers = callersOf(roles);
	const found = new Set([...roles.values()].filter(holds).map((r) => r.name));
	const open = [...found];
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		for (const caller of callers.get(name) ?? []) {
			if (found.has(caller)) continue;
			found.add(caller);
			open.push(caller);
		}
	}
	return found;
}

function callersOf(roles: ReadonlyMap<string, Role>): ReadonlyMap<string, ReadonlySet<string>> {
	const callers = new Map<string, Set<string>>();
	for (const role of roles.values()) {
		for (const callee of role.mentions) {
			const known = callers.get(callee);
			if (known === undefined) callers.set(callee, new Set([role.name]));
			else known.add(role.name);
		}
	}
	return callers;
}

/** Whether the inner function calls its way back to the outer one. */
function mutual(roles: ReadonlyMap<string, Role>, inner: string, outer: string): boolean {
	return reachedFrom(roles, [inner]).has(outer);
}

/**
 * Where functions that keep interrupts off for the walk itself go on, behind that section, to the slow path: offsets of the
 * called names in the file's preprocessed text. Until 5.10 walk and slow path stand in one function.
 */
export function slowCallsOf(file: Unit): ReadonlySet<number> {
	const roles = rolesOf(file);
	const slow = closure(roles, (r) => r.slow);
	const fast = fastFunctions(roles);
	const { source } = file;
	const found = new Set<number>();
	for (const [name, [item]] of source.functions) {
		const role = roles.get(name);
		if (item === undefined || role?.isAtomic !== true || !role.handsOut || !fast.has(name))
			continue;
		const from = Math.max(item.body, item.start);
		const body = source.preprocessed.text.slice(from, endOf(source.items, item));
		const opened = body.search(entersSection);
		const closed = lastLeft(body);
		for (const match of body.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)) {
			const callee = match[1] ?? '';
			const isSlow = roles.has(callee)
				? slow.has(callee) && roles.get(callee)?.handsOut === true
				: slowElsewhere.test(callee);
			if (isSlow && (match.index < opened || match.index > closed)) found.add(from + match.index);
		}
	}
	return found;
}

/** Which generation of names a file uses: a hint for people, nothing depends on it. */
export function dialectOf(file: Unit): string {
	const generations = [
		'gup_fast',
		'lockless_pages_from_mm',
		'internal_get_user_pages_fast',
		'get_user_pages_fast',
	];
	const { functions } = file.source;
	const found = generations.find((name) => functions.has(name));
	if (found !== undefined) return found;
	return [...functions.keys()].some((name) => name.startsWith('gup_fast_'))
		? 'gup_fast'
		: 'unknown';
}
