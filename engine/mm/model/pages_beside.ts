/**
 * Worlds of several pages made from those of one: ordinary pages are walked before the world's page, or one behind it. What the
 * walk does with the first page says nothing of the next where the code can tell one page from another.
 *
 * Model: the pages beside are anonymous and writable, and no adversary changes them; before a huge leaf lies one page, the last of a table.
 *
 * Invariant: the world's page stays the victim, its folios come first.
 */
import { anonFolio } from './folio_specs.js';
import { ENTRY, RW } from './layout.js';
import { type FolioSpec, FRAME, type WorldSpec } from './world_spec.js';

/** Pages that lie before a world's page, at most. */
export const PAGES_BESIDE_MAX = 2;

const LAST = { pmd: FRAME.last, pud: FRAME.lastPud, pgd: FRAME.lastPgd } as const;
const FRAMES = [FRAME.beside, FRAME.beside2] as const;

/** Worlds that can have pages beside them: one page, mapped by an entry that is not empty. */
export function hasOnePage(spec: WorldSpec): boolean {
	const { pages, crosses, entries, folios } = spec;
	if (pages !== 1 || crosses !== undefined || entries.length !== 1 || folios.length === 0)
		return false;
	const [{ frame, bits }] = entries as [WorldSpec['entries'][number]];
	if (!folios.some((folio) => folio.frames.includes(frame))) return false;
	return bits !== 0 && (spec.level === 'pte' || isLeaf(spec));
}

/** Worlds of one address above the PTE whose entry is none, leads to no table, or is on its way to be another. */
export function hasNoLeaf(spec: WorldSpec): boolean {
	const { level, pages, crosses, entries } = spec;
	return (
		level !== 'pte' && pages === 1 && crosses === undefined && entries.length === 1 && !isLeaf(spec)
	);
}

function isLeaf({ entries }: WorldSpec): boolean {
	return ((entries[0]?.bits ?? 0) & ENTRY.leaf) !== 0;
}

/** The most pages that can lie before a world's page. */
export function pagesBeforeMax({ level }: WorldSpec): number {
	return level === 'pte' ? PAGES_BESIDE_MAX : 1;
}

/** Ordinary pages before the world's page; before a leaf of a higher level the page is the last of a table. */
export function pagesBefore(spec: WorldSpec, pages: number): WorldSpec {
	const { level } = spec;
	const frames = FRAMES.slice(0, pages);
	const entries = [...frames.map((frame) => ({ frame, bits: RW })), ...spec.entries];
	const folios = [...spec.folios.map(reaching), ...frames.map((frame) => anonFolio(frame))];
	const several: WorldSpec = { ...spec, entries, folios, pages: 1 + pages, victim: pages };
	return level === 'pte' ? several : { ...several, level: 'pte', crosses: level, behind: level };
}

/** A huge page that may take the place of the whole table has a page for each address. */
function reaching(folio: FolioSpec): FolioSpec {
	if (folio.frames[0] !== FRAME.huge) return folio;
	return { ...folio, frames: [0, 1, 2, 3].map((i) => FRAME.huge + i) };
}

/** An ordinary page behind the world's page; behind a leaf it is the first of a table, and the world's page the leaf's last. */
export function pageBehind(spec: WorldSpec): WorldSpec {
	const { level } = spec;
	const entries = [...spec.entries, { frame: FRAME.beside, bits: RW }];
	const before = spec.folios.map((folio, i) =>
		i > 0 || level === 'pte'
			? reaching(folio)
			: { ...folio, frames: [folio.frames[0] ?? 0, LAST[level]] },
	);
	const folios = [...before, anonFolio(FRAME.beside)];
	const several: WorldSpec = { ...spec, entries, folios, pages: 2, victim: 0 };
	return level === 'pte' ? several : { ...several, crosses: level };
}
