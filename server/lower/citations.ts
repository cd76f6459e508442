/** Citations of actors: `mm/memory.c: zap_pte_range()` in the comment above a step says which kernel code it stands for. */
import type { Citation } from '../../engine/program/program.js';
import type { Source } from '../syntax/source.js';

interface CitedFrom {
	readonly offset: number;
	readonly citation: Citation;
}

const known = new WeakMap<Source, readonly CitedFrom[]>();
const pattern = /\/\*(?:[^*]|\*(?!\/))*?\b([\w./-]+\.[chS]):\s*(\w+)\(\)(?:[^*]|\*(?!\/))*\*\//g;

/** The last citation above a place inside the same top-level item, else null. */
export function citationAt(source: Source, offset: number): Citation | null {
	let cited = known.get(source);
	if (cited === undefined) {
		cited = [...source.original.matchAll(pattern)].map((m) => ({
			offset: m.index + m[0].length,
			citation: { path: m[1] ?? '', function: m[2] ?? '' },
		}));
		known.set(source, cited);
	}
	const item = source.items.find((i) => i.start <= offset && offset < i.end);
	const last = cited.findLast((c) => c.offset <= offset);
	return item === undefined || last === undefined || last.offset < item.start
		? null
		: last.citation;
}
