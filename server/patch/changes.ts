/**
 * What differs between two texts, as hunks: the lines of a patch as it was really applied, wherever its headers said that they stand.
 */
import { structuredPatch } from 'diff';
import type { Hunk } from './patch.js';

/** Lines added and removed before two texts count as different in all of their lines. */
const EDIT_MAX = 20_000;

/** Hunks from one text to another; an empty text is a file that is not there. */
export function hunksBetween(before: string, after: string): readonly Hunk[] {
	if (before === after) return [];
	const found = structuredPatch('a', 'b', before, after, '', '', {
		context: 3,
		maxEditLength: EDIT_MAX,
	});
	return found === undefined ? [whole(before, after)] : found.hunks;
}

function whole(before: string, after: string): Hunk {
	const [old, now] = [before.split('\n'), after.split('\n')];
	const lines = [...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)];
	return { oldStart: 1, oldLines: old.length, newStart: 1, newLines: now.length, lines };
}

/** 1-based lines of the text after a hunk that are new, or behind which something is gone; blank lines are neither. */
export function changedLines({ newStart, lines }: Hunk): readonly number[] {
	const found: number[] = [];
	let at = newStart;
	for (const line of lines) {
		const [mark] = line;
		if (mark === '\\') continue;
		if (mark !== ' ' && line.slice(1).trim() !== '') found.push(at);
		if (mark !== '-') at++;
	}
	return found;
}
