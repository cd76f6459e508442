/** A small tree for reviews: one walk that is right, and patches to it made from edits. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { repositoryRoot } from '../trees.js';

/** The walk's file in the tree. */
export const WALK = 'mm/walk.c';

/** Looks at the entry again once the reference is held. */
export const RIGHT = readFileSync(join(repositoryRoot, 'test/fixtures/holds/stale-pin.c'), 'utf8');

/** A text changed: what is there, and what stands there instead. */
export type Edit = readonly [string, string];

/** Without the second look: a finding. */
export const UNCHECKED: Edit = [' || pte_val(pte) != pte_val(*ptep)) {', ') {'];
/** The second look back. */
export const CHECKED: Edit = [
	'if (pmd_val(pmd) != pmd_val(*pmdp)) {',
	'if (pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(*ptep)) {',
];
export const COMMENT: Edit = ['static int walk_ptes', '/* A comment. */\nstatic int walk_ptes'];

/** More of these than any budget suffices for: each path leaves another value that the walk still asks about. */
const BRANCHES = Array.from(
	{ length: 30 },
	(_, i) => `\n\tif (READ_ONCE(ticks) & ${2 ** i}UL)\n\t\tseen |= ${2 ** i}UL;\n`,
);
const EXPLODES: Edit = [
	'\tint done = 0;\n',
	`\tint done = 0;\n\tunsigned long seen = 0;\n${BRANCHES.join('')}\tif (seen == 83)\n\t\tdone = 1;\n`,
];

export function edited(text: string, edits: readonly Edit[]): string {
	return edits.reduce((now, [from, to]) => {
		if (!now.includes(from)) throw new Error(`the text has no ${from}`);
		return now.replace(from, to);
	}, text);
}

/** A walk that is not explored to its end on any machine. */
export const LONG = `static unsigned long ticks;\n${edited(RIGHT, [EXPLODES])}`;

/** The patch of a file, as `diff -u` has it. */
export function patchOf(path: string, before: string, after: string): string {
	const made = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, '', '');
	return made.slice(made.indexOf('--- '));
}

/** A mail with a patch. */
export function mailOf(subject: string, patch: string): string {
	const date = 'Mon Sep 17 00:00:00 2001';
	return `From ${'0'.repeat(40)} ${date}\nSubject: ${subject}\n\nWhy.\n---\n${patch}-- \n2.39.5\n\n`;
}

export function writeTree(root: string, files: Readonly<Record<string, string>>): void {
	for (const [path, text] of Object.entries({ 'include/linux/empty.h': '', ...files })) {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), text);
	}
}
