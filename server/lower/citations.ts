/**
 * Citations of actors: `mm/memory.c: zap_pte_range()` in the comment above a step says which kernel code it stands for. Where
 * generations differ, a comment holds several, and the first that a tree has counts:
 * `mm/memory.c: zap_present_folio_ptes(), mm/memory.c: zap_pte_range()`. Behind `from` stands who has to call it for the step to be made:
 * `include/linux/rmap.h: __folio_try_share_anon_rmap() from mm/ksm.c: write_protect_page()`.
 */
import type { Citation, KernelFunction } from '../../engine/program/program.js';
import type { Source } from '../syntax/source.js';

/** A citation and where its comment ends. */
export interface CitedFrom {
	readonly offset: number;
	readonly citation: Citation;
}

const known = new WeakMap<Source, readonly CitedFrom[]>();
const comment = /\/\*[\s\S]*?(?:\*\/|$)/g;
/** A path of no more than 200 characters, so that a text of dots is looked at once and not from each of them. */
const reference = /(?<![\w./-])([\w./-]{1,200}\.[chS]):\s*(\w{1,200})\(\)/g;

/** Right before the first of those who call it. */
const calledFrom = /\bfrom[\s*]{1,100}$/;

/** All citations of a text, in order; a comment without any gives none. */
export function citationsIn(text: string): readonly CitedFrom[] {
	return [...text.matchAll(comment)].flatMap((m): readonly CitedFrom[] => {
		const found = [...m[0].matchAll(reference)].map(({ index, 1: path = '', 2: name = '' }) => ({
			cited: { path, function: name },
			isCaller: calledFrom.test(m[0].slice(0, index)),
		}));
		const first = found.findIndex(({ isCaller }) => isCaller);
		const own = citationOf(first < 0 ? found : found.slice(0, first));
		const from = first < 0 ? null : citationOf(found.slice(first));
		if (own === null) return [];
		const citation = from === null ? own : { ...own, from };
		return [{ offset: m.index + m[0].length, citation }];
	});
}

function citationOf(found: readonly { readonly cited: KernelFunction }[]): Citation | null {
	const [first, ...rest] = found.map(({ cited }) => cited);
	if (first === undefined) return null;
	return rest.length === 0 ? first : { ...first, otherwise: rest };
}

/** The last citation above a place inside the same top-level item, else null. */
export function citationAt(source: Source, offset: number): Citation | null {
	let cited = known.get(source);
	if (cited === undefined) {
		cited = citationsIn(source.original);
		known.set(source, cited);
	}
	const item = source.items.find((i) => i.start <= offset && offset < i.end);
	const last = cited.findLast((c) => c.offset <= offset);
	return item === undefined || last === undefined || last.offset < item.start
		? null
		: last.citation;
}
