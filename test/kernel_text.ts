/**
 * Text of real kernels and edits of it: made in memory, by short anchors, never written anywhere.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelTree } from './trees.js';

/** A file of a fetched kernel. */
export function textOf(version: '6.12' | '6.1', path: string): string {
	return readFileSync(join(kernelTree(version), path), 'utf8');
}

/** mm/gup.c of a fetched kernel. */
export function gup(version: '6.12' | '6.1'): string {
	return textOf(version, 'mm/gup.c');
}

export interface Edit {
	/** Function whose first definition is edited. */
	readonly in: string;
	readonly find: RegExp | string;
	readonly put: string;
}

/** The text after the edits, in order; throws when one finds nothing. */
export function edited(text: string, edits: readonly Edit[]): string {
	return edits.reduce((before, edit) => {
		const start = before.search(new RegExp(`^[a-z][^;{}]*\\b${edit.in}\\([^;{}]*\\)\\s*\\{`, 'm'));
		const end = before.indexOf('\n}\n', start);
		if (start < 0 || end < 0) throw new Error(`no function ${edit.in}`);
		const body = before.slice(start, end);
		const after = body.replace(edit.find, () => edit.put);
		if (after === body) throw new Error(`${edit.in} has nothing like ${edit.find}`);
		return before.slice(0, start) + after + before.slice(end);
	}, text);
}

/** Edits of different functions of one file are made at once: what each breaks is its own function's. */
export function rounds<R extends readonly [string, string, Edit, ...unknown[]]>(
	list: readonly R[],
): readonly (readonly [string, readonly R[]])[] {
	const made: R[][] = [];
	for (const row of list) {
		const fits = (r: typeof row): boolean => r[1] === row[1] && r[2].in !== row[2].in;
		const round = made.find((rows) => rows.every(fits));
		if (round === undefined) made.push([row]);
		else round.push(row);
	}
	return made.map((rows) => [rows.map(([what]) => what).join('; '), rows]);
}
