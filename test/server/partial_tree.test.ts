/**
 * A part of a kernel tree: what it lacks may be in the rest, so that a missing header is no fact about the kernel, and the
 * verdict says what was assumed instead.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { analysisOf, foundIn } from '../analysis.js';
import { repositoryRoot } from '../trees.js';
import { put } from './hostile_tree.js';

const root = mkdtempSync(join(tmpdir(), 'racewalk-partial-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
put(join(root, 'include/linux/mm_types.h'), '/* nothing */\n');

const RIGHT = readFileSync(join(repositoryRoot, 'test/fixtures/holds/secretmem-pin.c'), 'utf8');
/** The wrong one of the pair: nothing in it names what it forgets. */
const WRONG = readFileSync(join(repositoryRoot, 'test/fixtures/violated/secretmem-pin.c'), 'utf8');

it.each([
	['without its check', WRONG, ['secretmem-pin']],
	['with it', RIGHT, []],
])('secretmem is met by a walk %s though the header is not there', (_, text, rules) => {
	const analysis = analysisOf({ text, path: 'mm/gup.c', tree: root });
	expect(foundIn(analysis).map((found) => found.split('@')[0])).toEqual(rules);
	const assumed = analysis.functions.flatMap((f) => f.assumptions.map(({ what }) => what));
	expect(assumed.filter((what) => what.includes('no include/linux/mm.h')).length).toBeGreaterThan(
		0,
	);
});

it('what the tree has is read from it', () => {
	const other = join(root, 'other');
	put(join(other, 'include/linux/mm_types.h'), 'enum { FOLL_PIN = 1 };\n');
	put(join(other, 'include/linux/mm.h'), 'struct page;\n');
	const analysis = analysisOf({ text: RIGHT, path: 'mm/gup.c', tree: other });
	const assumed = analysis.functions.flatMap((f) => f.assumptions.map(({ what }) => what));
	expect(assumed.filter((what) => what.includes('no include/linux/mm.h'))).toEqual([]);
	expect(assumed).toContain(
		'the tree has no mm/userfaultfd.c: what differs between kernels is taken to be as in the newest',
	);
});

it('numbers of errors are the ABI’s where no header has them', () => {
	const text = RIGHT.replace(
		'if (!mapping)\n\t\treturn 0;',
		'if (!mapping)\n\t\treturn EBUSY - 16;',
	);
	expect(text).not.toBe(RIGHT);
	const { functions } = analysisOf({ text, path: 'mm/gup.c', tree: root });
	expect(functions.map((f) => f.verdict)).toEqual(['holds', 'holds']);
});

it('the header of those numbers may not be there: that is told once, and no function is given up for it', () => {
	const text = `#include <linux/errno.h>\n${RIGHT}`;
	const { functions } = analysisOf({ text, path: 'mm/gup.c', tree: root });
	expect(functions.map((f) => f.verdict)).toEqual(['holds', 'holds']);
	const assumed = new Set(functions.flatMap((f) => f.assumptions.map(({ what }) => what)));
	const told = 'linux/errno.h is not found: its numbers are those of every kernel';
	expect([...assumed].filter((what) => what.includes('errno'))).toEqual([told]);
	// another that is not there may define anything
	const other = analysisOf({
		text: text.replace('errno', 'anything'),
		path: 'mm/gup.c',
		tree: root,
	});
	expect(other.functions.map((f) => f.verdict)).toEqual(['unsupported']);
});
