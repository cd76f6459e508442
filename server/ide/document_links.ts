/**
 * Commits that comments name, as links to the kernel's repository: `commit 1a2b3c4d5e6f ("mm: …")`. Addresses that comments spell out
 * are the editor's own.
 */
import { type Target, webTarget } from '../../engine/escape/markdown.js';

export interface ShownLink {
	/** 1-based. */
	readonly line: number;
	/** 1-based columns, end exclusive. */
	readonly column: number;
	readonly endColumn: number;
	readonly target: Target;
}

/** Where an abbreviated id leads. */
const REPOSITORY = 'https://git.kernel.org/linus/';
/** The word before an id keeps numbers from being taken for ids. */
const COMMIT = /\bcommit:? ([0-9a-f]{12,40})\b/gi;
/** Links of a document at most. */
const LINKS_MAX = 500;

/** The links of a text, in its order. */
export function documentLinks(lines: readonly string[]): readonly ShownLink[] {
	const found: ShownLink[] = [];
	lines.forEach((text, i) => {
		for (const match of text.matchAll(COMMIT)) {
			const id = match[1] ?? '';
			const target = webTarget(`${REPOSITORY}${id}`);
			if (target === null || found.length >= LINKS_MAX) continue;
			const column = (match.index ?? 0) + match[0].length - id.length + 1;
			found.push({ line: i + 1, column, endColumn: column + id.length, target });
		}
	});
	return found;
}
