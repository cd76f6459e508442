/**
 * Which functions outside the lockless walk are explored as readers: those that read `->mapping` of a folio, load page-table
 * entries or take speculative references without the lock that protects what they look at. By patterns over the text of each
 * function; `looks.ts` finds, on the syntax tree, the others, which are listed without a verdict.
 *
 * A function is left out when a protecting lock is taken before the access in a block that encloses it (or in both arms of
 * an `if` before it), when it asserts the lock or releases one that it never took, or, for a static function that nobody
 * takes the address of, when every call of it in the file is protected so.
 *
 * Model: "before" is the order of the text and of its blocks, jumps are not followed; which folio or table a lock belongs
 * to is not compared. Loses functions that take one folio's lock and look at another.
 */
import { anyNamed, named } from '../syntax/named.js';
import type { OutlineItem } from '../syntax/outline.js';
import type { Macro } from '../syntax/preprocess.js';
import { DOES, KINDS, type Kind } from './look_words.js';
import type { Unit } from './names.js';
import { assertsLock, depthsOf, type Lock, locksAt, locksOf } from './reader_locks.js';
import { isCallable, isCallableCaller } from './reader_signatures.js';
import { rootNames, walkNames } from './roles.js';
import { entersRcu, takesOrEnters } from './section_words.js';

/** A function that reads without the protecting lock. */
export interface Reader {
	readonly name: string;
	/** Offset of its name in the file. */
	readonly nameStart: number;
	/** Offsets of the deciding access in the file. */
	readonly start: number;
	readonly end: number;
	/** Types of its parameters fit a modelled reader, and it has a protocol of its own: worth lowering. */
	readonly modelled: boolean;
	/** Of those modelled: it is given a folio, and looks at its ->mapping alone: it is called as a walk's judge of a folio is. */
	readonly judges?: true;
	/** It asserts that its caller holds the folio's lock. */
	readonly locked: boolean;
	/** It is given the state of a walk of the xarray: whoever began that is in an RCU section. */
	readonly continues: boolean;
	/** Why there is no verdict on it, if it is not modelled: what it does, and what is missing. */
	readonly why: string;
	/** What it looks at, where it is not modelled. */
	readonly kinds?: ReadonlySet<Kind>;
}

interface Access {
	readonly kind: Kind;
	readonly start: number;
	readonly end: number;
}

interface Body {
	readonly name: string;
	readonly item: OutlineItem;
	readonly head: string;
	/** Text from `{` on; offsets in it are relative to `from`. */
	readonly text: string;
	readonly from: number;
	readonly accesses: readonly Access[];
	/** Takes a reference, a lock or an RCU section of its own. */
	readonly isProtocol: boolean;
	readonly locks: readonly Lock[];
	readonly depths: Int16Array;
}

const FOLIO_NAME =
	/\bstruct\s+(?:folio|page)\s*\*+\s*(?:const\s+)?(\w+)((?:\s*(?:=[^;,]{0,200})?,\s*\*+\s*\w+)*)/g;
const MAPPING_OF_CALL =
	/\b(?:page_folio|compound_head|pfn_to_page|pfn_folio|virt_to_page|virt_to_folio)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*->\s*mapping\b(?!\s*=[^=])/g;
/** Accessors whose result is the mapping itself: include/linux/pagemap.h, mm/util.c. */
const MAPPING_ACCESSOR =
	/\b(?:folio_mapping|page_mapping|folio_anon_vma|page_anon_vma|folio_raw_mapping|page_rmapping|page_file_mapping|page_mapping_file)\s*\(/g;
const ENTRY =
	/\b(?:(?:pte|pmd|pud|p4d|pgd)p_get_lockless|pmd_read_atomic|gup_get_pte|pte_offset_map(?:_(?:ro_|rw_)?nolock)?|(?:READ_ONCE|rcu_dereference)\s*\(\s*\*\s*(?:pte|pmd|pud|p4d|pgd)p?|pmdp_get(?=\s*\())\s*[()]/g;
const REFERENCE =
	/\b(?:folio_try_get(?:_rcu)?|get_page_unless_zero|try_get_page|folio_get_nontail_page|page_cache_(?:get|add)_speculative|folio_ref_try_add(?:_rcu)?|atomic_inc_not_zero)\s*\(/g;

/** Is given any page of memory, or its number, and says whether it got what that belongs to, or returns it. */
const GIVEN_PAGE =
	/\b(?:(?:int|bool)\s+\w+\s*\(\s*struct\s+page\s*\*\s*\w+\s*(?:,\s*(?:unsigned\s+long|isolate_mode_t)\s+\w+\s*)?|struct\s+(?:folio|page)\s*\*\s*\w+\s*\(\s*unsigned\s+long\s+\w+\s*)\)\s*$/;
/** Is given a folio that lies on a list of the LRU. */
const GIVEN_ON_LRU = /\(\s*struct\s+lruvec\s*\*\s*\w+\s*,\s*struct\s+folio\s*\*[^()]*\)\s*$/;

/** The folio that a list leads to. */
const TAKEN_OFF =
	'\\blru_to_(?:folio|page)\\s*\\(|\\blist_(?:first|last)_entry(?:_or_null)?\\s*\\(';

/** Slots of the page cache, looked at without the lock of the xarray. */
const SLOT =
	/\b(?:xas_(?:load|find|find_marked|next|prev|next_entry|for_each|for_each_marked)|xa_load)\s*\(/g;

/** The xarray of a file's pages. */
const CACHE = /->\s*i_pages\b/;

/** Readers of mm/filemap.c that hand out what is not locked, as other files call them. */
const FINDER =
	/\b(?:filemap_get_entry|(?:__)?filemap_get_folio|find_get_page|find_get_entry|mapping_get_entry|pagecache_get_page)\s*\(/;

/**
 * The readers of a file, in its order. A file with a lockless walk has none beside it: what its walk does not reach is the
 * slow path. Files of a tree outside mm/ have none either: what they may look at is up to the locks of their subsystem.
 */
export function readersOf(file: Unit, { inTree }: { readonly inTree: boolean }): readonly Reader[] {
	if (inTree && !file.source.path.startsWith('mm/')) return [];
	if (walkNames(file).length > 0) return [];
	const readers = findReaders(file);
	const modelled = readers.filter((r) => r.modelled);
	const isModelled = (name: string): boolean => modelled.some((r) => r.name === name);
	// what an excerpt's judges of ->mapping look at is looked at with them
	return rootNames(file).every(isModelled) ? readers : modelled;
}

/** The readers of a file, whatever else it holds. */
function findReaders(file: Unit): readonly Reader[] {
	const bodies = bodiesOf(file);
	const protectedBy = coveredByCallers(bodies);
	const openIn = (body: Body): readonly Access[] =>
		body.accesses.filter(
			(a) => !isLocked(body, a) && protectedBy.get(body.name)?.has(a.kind) !== true,
		);
	const opens = new Map([...bodies].map(([name, body]) => [name, openIn(body)]));
	const all = [...bodies.values()];
	const finders = all.filter((b) => opens.get(b.name)?.length && isModelled(b, all));
	return all.flatMap((body): readonly Reader[] => {
		const own = opens.get(body.name) ?? [];
		const left = finders.includes(body) || !leavesToOthers(body) ? [] : callsOf(body, finders);
		const open = own.length > 0 ? own : left;
		const [first] = open;
		if (first === undefined) return [];
		return [
			{
				name: body.name,
				nameStart: body.item.nameStart,
				start: body.from + first.start,
				end: body.from + first.end,
				modelled: isModelled(body, all) || left.length > 0,
				...(isJudge(body) ? { judges: true as const } : {}),
				locked: assertsLock(body.text),
				continues: /\bstruct\s+xa_state\s*\*/.test(parametersOf(body)),
				why: whyUndecided(body, open, file.source.lines.positionAt(body.from + first.start).line),
				kinds: new Set(open.map((a) => a.kind)),
			},
		];
	});
}

/** Where a function leaves the looking to readers: what they find is its own to keep or to give back. */
function callsOf(body: Body, finders: readonly Body[]): readonly Access[] {
	const own = callsOfOwn(body, finders);
	const elsewhere = FINDER.exec(body.text);
	if (own.length > 0 || elsewhere === null) return own;
	const { index: start, 0: call } = elsewhere;
	return [{ kind: 'slot', start, end: start + call.length - 1 }];
}

function callsOfOwn(body: Body, finders: readonly Body[]): readonly Access[] {
	return finders.flatMap(({ name, accesses: [first] }) => {
		const start = body.text.search(new RegExp(`\\b${named(name)}\\s*\\(`));
		if (start < 0 || first === undefined) return [];
		return [{ kind: first.kind, start, end: start + name.length }];
	});
}

function whyUndecided(body: Body, open: readonly Access[], line: number): string {
	const kinds = new Set(open.map((a) => a.kind));
	const does = KINDS.filter((k) => kinds.has(k)).map((k) => DOES[k]);
	const given = parametersOf(body).replace(/\s+/g, ' ').trim();
	const missing = body.isProtocol
		? `no world is modelled for what it is given (${given})`
		: 'racewalk does not know which locks its callers hold';
	return `${does.join(', ')} (line ${line}); ${missing}`;
}

/** The same of a body's head alone. */
function isCallableHead(head: string): boolean {
	const [, result = '', parameters = ''] =
		/^([^(]{0,400}?)\b\w{1,200}\s*\(([^()]{0,2000})\)\s*$/.exec(head) ?? [];
	return isCallable(result, parameters);
}

function parametersOf(body: Body): string {
	const open = body.item.nameStart - body.item.start;
	const behind = body.head.slice(open + body.name.length).trimEnd();
	const from = behind.indexOf('(');
	return from < 0 || !behind.endsWith(')') ? '' : behind.slice(from + 1, -1);
}

function isModelled(body: Body, all: readonly Body[]): boolean {
	return (
		(body.isProtocol || beginsItself(body, all)) && isCallable(resultOf(body), parametersOf(body))
	);
}

/** It is given one folio, reads its ->mapping and takes nothing: what it answers rests on that alone. */
function isJudge(body: Body): boolean {
	return (
		/^\s*(?:const\s+)?struct\s+(?:folio|page)\s*\*\s*\w+\s*$/.test(parametersOf(body)) &&
		/\b(?:int|bool)\s+$/.test(resultOf(body)) &&
		body.accesses.length > 0 &&
		body.accesses.every((a) => a.kind === 'mapping')
	);
}

/**
 * Its state of the xarray is its own, and others call it, or some of the file of whom none enters an RCU section: whoever
 * forgot the section forgot it there.
 */
function beginsItself({ name, head, text }: Body, all: readonly Body[]): boolean {
	if (!/\bXA_STATE\s*\(/.test(text)) return false;
	if (!/\bstatic\b/.test(head)) return true;
	const call = new RegExp(`\\b${named(name)}\\s*\\(`);
	const callers = all.filter((other) => other.name !== name && call.test(other.text));
	return callers.length > 0 && !callers.some((caller) => entersRcu.test(caller.text));
}

/** What it finds is what readers find for it: folios, of which its caller gets some. */
function leavesToOthers(body: Body): boolean {
	return isCallableCaller(resultOf(body), parametersOf(body));
}

function resultOf(body: Body): string {
	return body.head.slice(0, body.item.nameStart - body.item.start);
}

function bodiesOf(file: Unit): ReadonlyMap<string, Body> {
	const { source } = file;
	const { text } = source.preprocessed;
	const bodies = new Map<string, Body>();
	const macros = macrosOf(source.preprocessed.macros.values());
	for (const [name, [item]] of source.functions) {
		if (item === undefined || item.body < 0) continue;
		const head = text.slice(item.start, item.body);
		const body = text.slice(item.body, item.end);
		bodies.set(name, {
			name,
			item,
			head,
			text: body,
			from: item.body,
			accesses: accessesOf(head, body, macros),
			isProtocol:
				takesOrEnters.test(body) || (macros.protocol !== null && body.search(macros.protocol) >= 0),
			locks: locksOf(body),
			depths: depthsOf(body),
		});
	}
	return bodies;
}

/** The file's macros that look or take as functions do, as what calls one looks like. */
interface Macros {
	readonly slot: RegExp | null;
	readonly reference: RegExp | null;
	readonly entry: RegExp | null;
	readonly mapping: RegExp | null;
	readonly protocol: RegExp | null;
}

function macrosOf(all: Iterable<Macro>): Macros {
	const given = [...all];
	const using = (pattern: RegExp): RegExp | null => {
		const names = new Set<string>();
		for (let size = -1; size !== names.size; ) {
			size = names.size;
			for (const { name, body } of given) {
				const words = body.match(/[A-Za-z_]\w*/g) ?? [];
				if (body.search(pattern) >= 0 || words.some((word) => names.has(word))) names.add(name);
			}
		}
		return names.size === 0 ? null : new RegExp(`\\b(?:${anyNamed(names)})\\b\\s*\\(?`, 'g');
	};
	return {
		slot: using(SLOT),
		reference: using(REFERENCE),
		entry: using(ENTRY),
		mapping: using(MAPPING_ACCESSOR),
		protocol: using(takesOrEnters),
	};
}

function accessesOf(head: string, body: string, macros: Macros): readonly Access[] {
	const found: Access[] = [];
	const add = (kind: Kind, pattern: RegExp, from = 0): void => {
		for (const m of body.matchAll(pattern)) {
			if (m.index < from) continue;
			found.push({
				kind,
				start: m.index,
				end: m.index + m[0].replace(/[(),]$/, '').trimEnd().length,
			});
		}
	};
	const names = foliosIn(head + body);
	if (names.length > 0) {
		const read = `(?<![\\w.>])(?:${anyNamed(names)})\\s*->\\s*mapping\\b(?!\\s*=[^=])`;
		add('mapping', new RegExp(read, 'g'));
	}
	add('mapping', MAPPING_OF_CALL);
	add('mapping', MAPPING_ACCESSOR);
	add('entry', ENTRY);
	const looksIntoCache = names.length > 0 || (CACHE.test(body) && isCallableHead(head));
	if (looksIntoCache) add('slot', SLOT);
	add('reference', REFERENCE);
	if (macros.mapping !== null) add('mapping', macros.mapping);
	if (macros.entry !== null) add('entry', macros.entry);
	if (looksIntoCache && macros.slot !== null) add('slot', macros.slot);
	if (macros.reference !== null) add('reference', macros.reference);
	// whoever computes the folio of any page has no reference to begin with
	const comesUponIt =
		GIVEN_ON_LRU.test(head) ||
		(GIVEN_PAGE.test(head) &&
			/\b(?:page_folio|compound_head|pfn_to_\w*page|pfn_folio)\s*\(/.test(body));
	const from = comesUponIt ? 0 : offListAt(body, names);
	if (from !== null) add('reference', /\b(?:folio_get|get_page)\s*\(/g, from);
	return found.filter((a) => !isStored(body, a)).sort((a, b) => a.start - b.start);
}

/**
 * Where folios come off a list, which has no references of its own: whoever frees one takes it off later (`_deferred_list`). Null: nowhere.
 */
function offListAt(body: string, names: readonly string[]): number | null {
	if (names.length === 0) return null;
	const each = `\\blist_for_each_entry(?:_safe|_reverse|_safe_reverse)?\\s*\\(\\s*(?:${anyNamed(names)})\\b`;
	return new RegExp(`${each}|${TAKEN_OFF}`).exec(body)?.index ?? null;
}

/** `WRITE_ONCE(folio->mapping, …)` is no read. */
function isStored(body: string, access: Access): boolean {
	return /\bWRITE_ONCE\s*\(\s*$/.test(body.slice(Math.max(0, access.start - 20), access.start));
}

function foliosIn(text: string): readonly string[] {
	const names = new Set<string>();
	for (const m of text.matchAll(FOLIO_NAME)) {
		if (m[1] !== undefined) names.add(m[1]);
		for (const more of (m[2] ?? '').matchAll(/(?<!\*)\*+\s*(\w+)/g)) names.add(more[1] ?? '');
	}
	return [...names].filter((n) => n !== '');
}

function isLocked(body: Body, access: Access): boolean {
	return locksAt(body, access.start).has(access.kind);
}

/** What all callers in the file protect for a static function that is only called. */
function coveredByCallers(
	bodies: ReadonlyMap<string, Body>,
): ReadonlyMap<string, ReadonlySet<Kind>> {
	const { calls, named } = callsIn(bodies);
	const covered = new Map<string, ReadonlySet<Kind>>();
	for (let grew = true; grew; ) {
		grew = false;
		for (const [name, sites] of calls) {
			if (named.has(name) || !/\bstatic\b/.test(bodies.get(name)?.head ?? '')) continue;
			const kinds = KINDS.filter((k) =>
				sites.every((site) => site.held.has(k) || covered.get(site.caller)?.has(k) === true),
			);
			if (kinds.length <= (covered.get(name)?.size ?? 0)) continue;
			covered.set(name, new Set(kinds));
			grew = true;
		}
	}
	return covered;
}

interface CallSite {
	readonly caller: string;
	readonly held: ReadonlySet<Kind>;
}

/** Calls of the file's functions in the file, and those that are mentioned otherwise. */
function callsIn(bodies: ReadonlyMap<string, Body>): {
	readonly calls: ReadonlyMap<string, readonly CallSite[]>;
	readonly named: ReadonlySet<string>;
} {
	const calls = new Map<string, CallSite[]>();
	const named = new Set<string>();
	for (const body of bodies.values()) {
		for (const m of body.text.matchAll(/\b([A-Za-z_]\w*)\b(\s*\()?/g)) {
			const name = m[1] ?? '';
			const callee = name === body.name ? undefined : bodies.get(name);
			if (callee === undefined) continue;
			if (m[2] === undefined) named.add(name);
			if (m[2] === undefined) continue;
			const sites = calls.get(name) ?? [];
			sites.push({ caller: body.name, held: locksAt(body, m.index) });
			calls.set(name, sites);
		}
	}
	return { calls, named };
}
