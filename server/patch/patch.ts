/**
 * A patch as data: which files it changes, hunk by hunk, and its application to a text.
 *
 * Invariant: a hunk is applied where all of its lines stand, or it is not applied.
 */
import { applyPatch, parsePatch, type StructuredPatch } from 'diff';
import { diffPart } from './diff_part.js';

export interface Hunk {
	readonly oldStart: number;
	readonly oldLines: number;
	readonly newStart: number;
	readonly newLines: number;
	/** With their marks: ` `, `-`, `+`, `\`. */
	readonly lines: readonly string[];
}

export interface FilePatch {
	/** Path in the tree, or null: the patch makes the file. */
	readonly from: string | null;
	/** Path in the tree, or null: the patch removes the file. */
	readonly to: string | null;
	readonly hunks: readonly Hunk[];
	/** It is told as binary: what it changes is not known. */
	readonly isBinary: boolean;
	/** It is a link or a submodule afterwards, which nobody follows. */
	readonly isLink: boolean;
	/** The first is still there afterwards. */
	readonly isCopy: boolean;
}

export interface Patch {
	/** Subject without its tags. */
	readonly title: string;
	/** `[PATCH v2 3/7]`: 3; null: it says none. */
	readonly number: number | null;
	readonly version: number;
	/** How it is named: a commit, a file, `patch 2 of standard input`. */
	readonly name: string;
	readonly files: readonly FilePatch[];
}

export type Parsed =
	| { readonly kind: 'files'; readonly files: readonly FilePatch[]; readonly before: string }
	/** No diff stands in it. */
	| { readonly kind: 'none' }
	| { readonly kind: 'problem'; readonly problem: string };

/** The files that a text's diff changes. */
export function filesOf(text: string): Parsed {
	const { diff, before, binaries, links, cut } = diffPart(text);
	if (cut !== null)
		return {
			kind: 'problem',
			problem: `the hunk at line ${cut} is cut short or broken by line wrapping`,
		};
	if (diff === '') return { kind: 'none' };
	let parsed: readonly StructuredPatch[];
	try {
		parsed = parsePatch(diff);
	} catch (error) {
		return { kind: 'problem', problem: error instanceof Error ? error.message : String(error) };
	}
	const files: FilePatch[] = [];
	for (const one of parsed) {
		const file = fileOf(one, { binaries, links });
		if (typeof file === 'string') return { kind: 'problem', problem: file };
		files.push(file);
	}
	return { kind: 'files', files, before };
}

function fileOf(
	one: StructuredPatch,
	{ binaries, links }: { readonly binaries: readonly string[]; readonly links: readonly string[] },
): FilePatch | string {
	const { oldFileName = '', newFileName = '', hunks } = one;
	const isNone = (name: string): boolean => name === '/dev/null';
	const isBare = !/^[^/]+\//.test(isNone(oldFileName) ? newFileName : oldFileName);
	if (isBare)
		return `'${newFileName || oldFileName}' names no folder: patches begin at the tree's root`;
	const from = one.isCreate === true || isNone(oldFileName) ? null : stripped(oldFileName);
	const to = one.isDelete === true || isNone(newFileName) ? null : stripped(newFileName);
	for (const path of [from, to])
		if (path?.split('/').some((part) => part === '..' || part === '.' || part === '') === true)
			return `'${path}' is no path in a tree`;
	return {
		from,
		to,
		hunks,
		isBinary: one.isBinary === true || binaries.includes(`${oldFileName} ${newFileName}`),
		isCopy: one.isCopy === true,
		isLink: to !== null && links.includes(newFileName),
	};
}

/** Without the first folder: `a/mm/gup.c`. */
function stripped(name: string): string {
	return name.slice(name.indexOf('/') + 1);
}

/** The text after the hunks, or which of them does not apply (its index). */
export function applied(text: string, hunks: readonly Hunk[]): string | number {
	const all = apply(text, hunks);
	if (all !== null) return all;
	const first = hunks.findIndex((_, i) => apply(text, hunks.slice(0, i + 1)) === null);
	return Math.max(0, first);
}

function apply(text: string, hunks: readonly Hunk[]): string | null {
	const patched = applyPatch(text, {
		...{ oldFileName: 'a', newFileName: 'b', oldHeader: '', newHeader: '' },
		hunks: hunks.map((hunk) => ({ ...hunk, lines: [...hunk.lines] })),
	});
	return patched === false ? null : patched;
}

/** How the hunk is called: `@@ -10,4 +10,3 @@`. */
export function hunkName({ oldStart, oldLines, newStart, newLines }: Hunk): string {
	return `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`;
}
