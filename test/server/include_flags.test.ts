/** Folders that Makefiles add to where headers are looked for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { includeFlags } from '../../server/tree/include_flags.js';
import { analysisOf } from '../analysis.js';
import { put } from './hostile_tree.js';

type Files = Readonly<Record<string, string>>;

const cases: readonly (readonly [string, string, Files, readonly string[]])[] = [
	['its own', 'a/b/x.c', { 'a/b/Makefile': 'ccflags-y := -I$(src)\n' }, ['a/b']],
	[
		'one above that lists the object',
		'a/b/x.c',
		{ 'a/Makefile': 'ccflags-y += -I $(srctree)/a # all\nfoo-y += main.o b/x.o\n' },
		['a'],
	],
	['one above that does not', 'a/b/x.c', { 'a/Makefile': 'ccflags-y += -Ia\nobj-y += b/\n' }, []],
	[
		'one above, for all below',
		'a/b/x.c',
		{ 'a/Makefile': 'subdir-ccflags-y += -Wall \\\n\t-I $(srctree)/$(src)/include\n' },
		['a/include'],
	],
	[
		'a Kbuild file',
		'a/x.c',
		{ 'a/Kbuild': 'ccflags-y = -I$(obj)/gen -Iinclude/own\n' },
		['a/gen', 'include/own'],
	],
	[
		'what only make knows',
		'a/x.c',
		{ 'a/Makefile': 'ccflags-y += -I$(WHERE) -I/usr/include\n' },
		[],
	],
	['a comment', 'a/x.c', { 'a/Makefile': '# ccflags-y += -Ia\n' }, []],
	['an option of a configuration', 'a/x.c', { 'a/Makefile': 'ccflags-$(CONFIG_X) += -Ia\n' }, []],
];

describe('folders of -I', () => {
	it.each(cases)('%s', (_, path, files, expected) => {
		expect(includeFlags(path, (name) => files[name] ?? null)).toEqual(expected);
	});

	const root = mkdtempSync(join(tmpdir(), 'racewalk-include-'));
	afterAll(() => rmSync(root, { recursive: true, force: true }));

	it('a header is found there, and what it says counts', () => {
		put(join(root, 'include/linux/mm_types.h'), '/* nothing */\n');
		put(join(root, 'virt/own.h'), '#define LOOK(p) READ_ONCE(*(p))\n');
		put(join(root, 'virt/deep/Makefile'), 'ccflags-y += -I $(srctree)/virt\n');
		const text = '#include "own.h"\nint is_set(pmd_t *p)\n{\n\treturn pmd_val(LOOK(p)) != 0;\n}\n';
		const said = (path: string) =>
			analysisOf({ text, path, tree: root }).functions.map((f) => f.why);
		expect(said('virt/deep/x.c')).toEqual([
			'loads page-table entries outside the page-table lock (line 4); racewalk does not know which locks its callers hold',
		]);
		expect(said('virt/other/x.c').join()).toContain('own.h is not found');
	});
});
