/**
 * What a walk ended with: the pages it handed out, checked against what the run knows, and the references it holds.
 */

import type { SiteIndex } from '../../program/op.js';
import { type CodePlace, notedPlace } from '../model/code_place.js';
import { FOLL, GUP_PIN_COUNTING_BIAS } from '../model/foll.js';
import { ghost, placeCells, walkPlaceCells } from '../model/ghost.js';
import { ENTRY, frameOfPage, pageAddress } from '../model/layout.js';
import { OWNER } from '../model/owner.js';
import type { MonitorView } from '../model/violation.js';
import { entryOf, leafLevelOf, objectAddress } from '../model/world.js';
import { frameBit, hasBit, headOf, type Watched } from './watch.js';

/** A page in `pages[0 … count-1]` when the walk returned. */
export interface HandedOut {
	readonly index: number;
	/** The word in `pages[index]`. */
	readonly page: number;
	/** Its frame and the head of its folio; null when the word is no page of the world. */
	readonly frame: number | null;
	readonly head: number;
	readonly owner: number;
	/** Mapped at its address at some moment while referenced; with the access permitted. */
	readonly valid: boolean;
	readonly permitted: boolean;
	/** The walk holds a reference on its folio (or needs none: the zero page under FOLL_PIN). */
	readonly referenced: boolean;
	/** Its entry was fetched twice, with different values, before the reference. */
	readonly refetched: boolean;
	/** PageAnonExclusive of the page; of its head where a leaf above the PTE maps it. */
	readonly exclusive: boolean;
	/** What it is in words when it was mapped while referenced, but not here; null otherwise. */
	readonly misplaced: string | null;
	/** The entry at its address pointed to no page when the walk began. */
	readonly absent: boolean;
	/** Level of the leaf that maps its address, as the kernel abbreviates it. */
	readonly level: string;
	/** Where the walk last read its folio's mapping, when that was NULL. */
	readonly nullMapping: CodePlace | null;
	/** Where it was counted as handed out. */
	readonly place: CodePlace;
}

/** References held against references owed for what was handed out. */
export interface Balance {
	readonly frame: number;
	/** `_refcount` units held beyond (positive) or short of (negative) what is owed. */
	readonly references: number;
	readonly pins: number;
	/** Where the walk last changed the count; null: it never did. */
	readonly place: CodePlace | null;
}

export interface WalkOutcome {
	readonly count: number;
	readonly handed: readonly HandedOut[];
	readonly balances: readonly Balance[];
	/** Where the walk's root returned. */
	readonly returned: CodePlace;
}

/** Evaluates the walk at the return of its root; `result`: what it returned. */
export function outcomeOf(
	s: Watched,
	view: MonitorView,
	site: SiteIndex,
	result: number | null,
): WalkOutcome {
	const returned: CodePlace = { function: s.root, site };
	const raw = !s.handsOut ? 0 : s.countInMemory ? view.read(objectAddress('nr')) : (result ?? 0);
	const count = Math.max(0, Math.min(raw, s.world.spec.pages));
	const handed = Array.from({ length: count }, (_, index) => handedOut(s, view, index, returned));
	return { count: raw, handed, balances: balancesOf(s, view, handed), returned };
}

function handedOut(s: Watched, view: MonitorView, index: number, returned: CodePlace): HandedOut {
	const page = view.read(objectAddress('pages') + index * 8);
	const at = frameOfPage(page);
	const frame = at !== null && pageAddress(at) === page && s.world.frames.includes(at) ? at : null;
	const head = frame === null ? 0 : headOf(s, view, frame);
	const owner = frame === null ? OWNER.free : view.read(ghost('owner', frame));
	const bit = frame === null ? 0 : frameBit(frame);
	const flag = (f: number): boolean =>
		s.offsets.PG_anon_exclusive !== null &&
		view.read(pageAddress(f) + s.offsets.PG_anon_exclusive) === 1;
	const level = leafLevelOf(s.world.spec, index);
	const isLeaf = level !== 'pte';
	const entry = entryOf(s.world.spec, index);
	return {
		index,
		page,
		frame,
		head,
		owner,
		valid: hasBit(view.read(ghost('valid', index)), bit),
		permitted: hasBit(view.read(ghost('permitted', index)), bit),
		referenced:
			frame !== null &&
			((owner === OWNER.zero && leavesZeroPage(s)) || view.read(ghost('held', head)) > 0),
		refetched: view.read(ghost('refetched', index)) === 1,
		exclusive: frame !== null && (flag(frame) || (isLeaf && flag(head))),
		misplaced: frame === null ? null : misplacement(s, view, { index, frame }),
		level: level.toUpperCase(),
		absent: ((entry?.bits ?? 0) & (ENTRY.present | ENTRY.protnone)) === 0,
		nullMapping: frame === null ? null : notedPlace(view, placeCells('null', head)),
		place: notedPlace(view, placeCells('counted', index)) ?? returned,
	};
}

/** Walked addresses as people count them. */
const ORDINALS = ['first', 'second', 'third'] as const;

/** A page of another address, or another page of the folio that is mapped here. */
function misplacement(
	s: Watched,
	view: MonitorView,
	{ index, frame }: { readonly index: number; readonly frame: number },
): string | null {
	const wasMapped = (i: number, page: number): boolean =>
		hasBit(view.read(ghost('valid', i)), frameBit(page));
	if (wasMapped(index, frame)) return null;
	for (let i = 0; i < s.world.spec.pages; i++) {
		if (!wasMapped(i, frame)) continue;
		return `the page that is mapped at the ${ORDINALS[i] ?? `${i + 1}th`} address`;
	}
	const mapped = s.world.groups.get(frame)?.find((page) => wasMapped(index, page));
	return mapped === undefined
		? null
		: `page#${frame} of a folio whose page#${mapped} is mapped there`;
}

/** True when a zero page needs no reference: under FOLL_PIN, where the kernel's pins leave it alone. */
function leavesZeroPage(s: Watched): boolean {
	const { features } = s.program;
	return pinned(s) && (features?.includes('RACEWALK_ZERO_PAGE_NOT_PINNED') ?? true);
}

/** True when the flags ask for a pin. */
export function pinned(s: Watched): boolean {
	return (s.flags & FOLL.FOLL_PIN) !== 0;
}

function balancesOf(
	s: Watched,
	view: MonitorView,
	handed: readonly HandedOut[],
): readonly Balance[] {
	return s.world.frames.map((frame) => {
		let references = frame === s.heldAtEntry ? 1 : 0;
		let pins = 0;
		for (const page of handed) {
			if (page.frame === null || page.head !== frame) continue;
			if (!pinned(s)) references += 1;
			else if (page.owner === OWNER.zero && leavesZeroPage(s)) continue;
			else if (
				s.offsets.PG_head !== null &&
				view.read(pageAddress(frame) + s.offsets.PG_head) === 1
			) {
				references += 1;
				pins += 1;
			} else references += GUP_PIN_COUNTING_BIAS;
		}
		return {
			frame,
			references: view.read(ghost('held', frame)) - references,
			pins: view.read(ghost('pins', frame)) - pins,
			place: notedPlace(view, placeCells('held', frame)),
		};
	});
}

/** Where the walk last took a reference on the device's pagemap, if it still holds one. */
export function pagemapPlace(view: MonitorView): CodePlace | null {
	return notedPlace(view, walkPlaceCells('pagemap'));
}

/** Where the walk last took a lock. */
export function lockPlace(view: MonitorView): CodePlace | null {
	return notedPlace(view, walkPlaceCells('lock'));
}

/** Where the walk last mapped a table. */
export function mapPlace(view: MonitorView): CodePlace | null {
	return notedPlace(view, walkPlaceCells('map'));
}
