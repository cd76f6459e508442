/** The headers that a file includes: their texts made ready, and what is said of those that are not there. */
import { type LogicalLines, logicalLines } from './logical_lines.js';
import type { IncludeRequest, UnitRequest } from './translation_unit.js';
import { unreadIn } from './unread_text.js';

/** A header that was read. */
export interface Header {
	readonly text: string;
	readonly lines: LogicalLines;
	/** Why it is not what it reads as; null: it is. */
	readonly unread: string | null;
}

const headersByPath = new Map<string, Header>();
const headersMax = 6000;

/** A header's text made ready, kept by its path as long as it says the same. */
export function headerOf(path: string, text: string): Header {
	const known = headersByPath.get(path);
	if (known !== undefined && known.text === text) return known;
	if (headersByPath.size >= headersMax) headersByPath.clear();
	const header = { text, lines: logicalLines(text), unread: unreadIn(text) };
	headersByPath.set(path, header);
	return header;
}

/** Which header there is none of, and where a file of the tree that lies elsewhere belongs. */
export function notFound(
	{ files, path: main }: UnitRequest,
	{ path, quoted }: IncludeRequest,
): string {
	if (files === null) return `${path} is not found: there is no kernel tree to look in (--tree)`;
	if (!quoted) return `${path} is not found in the kernel tree`;
	const place = `${path} is not found next to ${main}`;
	if (files.text(main) !== null) return place;
	const likely = `mm/${main.slice(main.lastIndexOf('/') + 1)}`;
	const example = files.text(likely) === null ? 'PATH' : likely;
	return `${place}, which is no file of the kernel tree; on the command line, --as ${example} says which file of the tree it stands for`;
}

/** Headers that a build makes (scripts/Makefile.asm-headers, Kbuild): a tree that was not built has none of them. */
function isBuilt(path: string): boolean {
	return /^(?:generated|asm|uapi\/asm)\//.test(path);
}

/** Headers of numbers that no kernel changes (primitives/errno.c): where a tree has them not, they are what they are everywhere. */
export function isAbi(path: string): boolean {
	return /^(?:uapi\/)?(?:linux|asm|asm-generic)\/errno(?:-base)?\.h$/.test(path);
}

/** Headers that a whole tree may lack. */
export function mayLack(path: string): boolean {
	return isBuilt(path) || isAbi(path);
}

export function nameIn(rest: string): string {
	return /^[A-Za-z_$]\w*/.exec(rest)?.[0] ?? '';
}

/** `<linux/mm.h>` and `"internal.h"`; null for anything else. */
export function includeSpec(
	rest: string,
): { readonly path: string; readonly quoted: boolean } | null {
	const match = /^(?:<([^>\n]+)>|"([^"\n]+)")/.exec(rest);
	if (match === null) return null;
	return { path: (match[1] ?? match[2] ?? '').trim(), quoted: match[2] !== undefined };
}
