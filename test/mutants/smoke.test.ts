/**
 * A handful of the mutants of each kind on Debian's real 6.12; all of them: `node scripts/mutants.mjs`. And that every edit
 * still fits the text it edits.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kernelTree } from '../trees.js';
import { type Judge, judgeOf } from './judge.js';
import { MUTANTS } from './table.js';

const PATH = 'mm/gup.c';
const tree = kernelTree('6.12');
const original = readFileSync(join(tree, PATH), 'utf8');

/** One or two of every area, those for which the model had to grow among them. */
const HANDFUL = [
	...[
		'pte-recheck-present',
		'pte-unshare-before-recheck',
		'pte-unshare-head',
		'pte-used-after-put',
	],
	...['pte-allowed-if-writable', 'pte-fail-goes-on', 'pte-next-two', 'pmd-devmap-longterm'],
	...['devmap-undo-grab', 'pmd-leaf-put-one', 'pud-leaf-recheck-present', 'irq-rcu'],
	...['allowed-twice-null', 'grab-movable-dropped', 'pud-present-live', 'sleep-kmalloc'],
	...['ok-recheck-macro', 'ok-helper-out', 'ok-flow-switch', 'ok-name-family', 'ok-crlf'],
	...['ok-form-split-walker', 'ok-form-column-zero', 'ok-mapping-null-again', 'ok-count-local'],
];

describe('mutants', () => {
	let judge: Judge | null = null;

	it.each(HANDFUL)('%s', (id) => {
		const mutant = MUTANTS.find((m) => m.id === id);
		if (mutant === undefined) throw new Error(`no mutant ${id}`);
		judge ??= judgeOf(tree, PATH, original);
		const judged = judge.judge(mutant);
		expect(judged.ok, judged.outcome).toBe(true);
	});

	it('have names of their own', () => {
		const ids = MUTANTS.map((m) => m.id);
		expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
	});

	it('all fit the text they edit', () => {
		expect(MUTANTS.filter((m) => m.edit(original) === original)).toEqual([]);
	});
});
