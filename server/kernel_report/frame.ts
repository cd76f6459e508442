/**
 * One line of a stack, in the forms in which kernels and `scripts/decode_stacktrace.sh` print it:
 *
 *     gup_fast_pte_range+0x1c8/0x5e0
 *     gup_fast_pte_range+0x1c8/0x5e0 mm/gup.c:2850
 *     ptep_get_lockless include/linux/pgtable.h:337 [inline]
 *     gup_fast_pte_range (mm/gup.c:2850 (discriminator 3) mm/gup.c:3010)
 *     [<ffffffff812a3b4c>] gup_pte_range+0x1c8/0x5e0
 *
 * Invariant: time grows with the line's length, whatever it holds.
 */
import type { ReportFrame } from './report.js';
import type { SymbolMap } from './symbol_map.js';

/** Characters of a line that are looked at. */
const LINE_MAX = 1000;
/** Places that one line gives at most. */
const PLACES_MAX = 20;

const NAME = /^[A-Za-z_]\w{0,199}$/;
const OFFSET = /^0x[0-9a-f]{1,16}\/0x[0-9a-f]{1,16}$/;
const PLACE = /^([\w./+@~-]{1,400}):(\d{1,7})$/;
const ADDRESS = /^\[?<?((?:0x)?[0-9a-f]{8,16})>?\]?$/;

/** A line without what logs put before it: `<4>`, `[   12.3][  T42]`, `host kernel: `. */
export function bareLine(line: string): string {
	let rest = line.slice(0, LINE_MAX).trimEnd();
	const at = rest.indexOf('kernel: ');
	if (at >= 0 && at < 100) rest = rest.slice(at + 'kernel: '.length);
	if (/^<\d{1,3}>/.test(rest)) rest = rest.slice(rest.indexOf('>') + 1);
	// a time, a CPU, a task
	for (let i = 0; i < 3; i++) {
		const end = rest.startsWith('[') ? rest.indexOf(']') : -1;
		if (end < 0 || end > 30 || !/^[\s\d.TC@:]+$/.test(rest.slice(1, end))) break;
		rest = rest.slice(end + 1);
	}
	return rest.startsWith(' ') ? rest.slice(1) : rest;
}

/** The frames that a line gives, innermost first; empty: it is none, or the kernel is not sure of it (`? f+0x1/0x2`). */
export function framesOf(line: string, map: SymbolMap | null): readonly ReportFrame[] {
	const words = line
		.trim()
		.split(/[\s()]+/)
		.filter((word) => word !== '');
	if (words[0] === '?' || words.length === 0) return [];
	const first = words[0] ?? '';
	const isAddress = ADDRESS.test(first);
	const [symbol = '', ...rest] = isAddress ? words.slice(1) : words;
	if (symbol === '?') return [];
	const named = namedBy(symbol);
	const places = rest.flatMap((word) => {
		const place = PLACE.exec(word);
		return place?.[1] === undefined ? [] : [{ path: place[1], line: Number(place[2]) }];
	});
	if (named === null) {
		const found = isAddress && words.length === 1 ? (map?.nameOf(first) ?? null) : null;
		return found === null ? [] : [{ function: found, path: null, line: null }];
	}
	// a word alone is a frame only where the line says that it is one
	if (!named.isSure && places.length === 0) return [];
	const [outermost] = places.slice(-1);
	if (outermost === undefined) return [{ function: named.name, path: null, line: null }];
	const inner = places
		.slice(0, -1)
		.slice(0, PLACES_MAX)
		.map((place) => ({ function: null, ...place }));
	return [...inner, { function: named.name, ...outermost }];
}

/** The function of `f.isra.0+0x12/0x34`, without what compilers hang on; null: it is no symbol. */
function namedBy(word: string): { readonly name: string; readonly isSure: boolean } | null {
	const [symbol = '', offset] = word.split('+', 2);
	const [name = ''] = symbol.split('.', 1);
	if (!NAME.test(name) || (offset !== undefined && !OFFSET.test(offset))) return null;
	return { name, isSure: offset !== undefined };
}
