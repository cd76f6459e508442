/**
 * Where names are looked for when a skeleton is made: in the file itself, then in the files where the protocol between page
 * tables and those who change them stands.
 *
 * Model: what stands neither there nor, before something counts as gone, anywhere in mm/ or the architecture's mm/ has no
 * effect, but for a function that an adversary cites.
 */
import { outline } from '../../syntax/outline.js';
import { functionOf, remembered, type Source } from '../../syntax/source.js';
import type { Defined } from './around.js';

/** Files of a tree as they are preprocessed. */
export interface SourceFiles {
	source(path: string): Source | null;
	text(path: string): string | null;
	/** Paths of the files right in a folder. */
	list(folder: string): readonly string[];
}

const HEADERS: readonly string[] = [
	...['include/linux/mm.h', 'include/linux/pgtable.h', 'include/asm-generic/pgtable.h'],
	...['include/asm-generic/tlb.h', 'include/asm-generic/pgalloc.h', 'include/linux/rmap.h'],
	...['include/linux/hugetlb.h', 'include/linux/huge_mm.h', 'include/linux/pagemap.h'],
	...['include/linux/mmap_lock.h', 'include/linux/swapops.h', 'include/linux/page_ref.h'],
	...['include/linux/page-flags.h', 'include/linux/mm_inline.h', 'mm/internal.h', 'mm/swap.h'],
	...['mm/mmu_gather.c', 'mm/pgtable-generic.c'],
];
const ARCH: readonly string[] = ['pgtable', 'pgalloc', 'tlb', 'tlbflush', 'hugetlb'];

/** Looks names up in a tree; `isWide`: in all of mm/ and the architecture's mm/ for what the files of `paths` below ask for. */
export function lookup(
	files: SourceFiles,
	archFolder: string,
	{ isWide }: { readonly isWide: boolean },
): (name: string, from: Source | null) => Defined | null {
	const near = [
		...ARCH.map((name) => `arch/${archFolder}/include/asm/${name}.h`),
		...HEADERS,
		...ARCH.map((name) => `arch/${archFolder}/mm/${name}.c`),
	];
	const folders = isWide ? ['mm', `arch/${archFolder}/mm`] : [];
	const wide = folders.flatMap((folder) =>
		files.list(folder).filter((path) => /\.[ch]$/.test(path)),
	);
	const paths = [...near, ...wide.filter((path) => !near.includes(path))];
	const known = new Map<string, Defined | null>();
	let named: readonly { readonly path: string; readonly names: ReadonlySet<string> }[] | null =
		null;
	const elsewhere = (name: string): Defined | null => {
		named ??= paths.map((path) => ({ path, names: wordsIn(files.text(path) ?? '') }));
		for (const { path, names } of named) {
			const source = names.has(name) ? files.source(path) : null;
			const found = source === null ? null : definedIn(source, name);
			if (found !== null) return found;
		}
		return null;
	};
	return (name, from) => {
		const own = from === null ? null : definedIn(from, name);
		if (own !== null) return own;
		let found = known.get(name);
		if (found === undefined) {
			found = elsewhere(name);
			known.set(name, found);
		}
		return found;
	};
}

/** Words of a text: only what is among them may be defined there. */
const words = new Map<string, ReadonlySet<string>>();

function wordsIn(text: string): ReadonlySet<string> {
	return remembered(words, text, () => {
		const found = new Set<string>();
		for (let at = 0; at < text.length; at++) {
			if (!isLetter(text.charCodeAt(at))) continue;
			const start = at;
			while (isInWord(text.charCodeAt(at))) at++;
			found.add(text.slice(start, at));
		}
		return found;
	});
}

function isLetter(code: number): boolean {
	return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function isInWord(code: number): boolean {
	return isLetter(code) || (code >= 48 && code <= 57);
}

/** The function or macro of that name in one file, in what of it is active. */
export function definedIn(source: Source, name: string): Defined | null {
	const [item] = source.functions.get(name) ?? [];
	if (item !== undefined && item.broken === null) {
		const syntax = functionOf(source.piece(item).text);
		if (syntax !== null && syntax.name === name) return { kind: 'function', source, item, syntax };
	}
	const macro = source.preprocessed.macros.get(name);
	return macro === undefined || macro.body === name ? null : { kind: 'macro', source, macro };
}

/** Whether a file defines a function of that name, whatever is compiled of it. */
export function definedAnyway(source: Source, name: string): boolean {
	return (definitionsOf(source).get(name) ?? 0) > 0;
}

/** Whether a file defines a function of that name more than once, whatever is compiled of it. */
export function definedOften(source: Source, name: string): boolean {
	return (definitionsOf(source).get(name) ?? 0) > 1;
}

const definitions = new WeakMap<Source, ReadonlyMap<string, number>>();

/** How often a file defines each function, all arms of its conditionals counted. */
function definitionsOf(source: Source): ReadonlyMap<string, number> {
	const known = definitions.get(source);
	if (known !== undefined) return known;
	const counts = new Map<string, number>();
	for (const { kind, name } of outline(withoutDirectives(source.original)))
		if (kind === 'function') counts.set(name, (counts.get(name) ?? 0) + 1);
	definitions.set(source, counts);
	return counts;
}

/** Directives and comments as blanks: all arms stand side by side. */
function withoutDirectives(text: string): string {
	const blanked = (part: string): string =>
		part.replace(/[^\n]+/g, (run) => ' '.repeat(run.length));
	return text
		.replace(/\/\*[\s\S]*?(?:\*\/|$)/g, blanked)
		.replace(/^[ \t]*#[^\n]*(?:\\\n[^\n]*)*/gm, blanked);
}
