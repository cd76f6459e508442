/**
 * Whatever stands in a workspace and its tree, a check of a walk in it ends with verdicts, and with sentences about what was not
 * read; nothing is thrown, and what holds without the workspace's adversaries is not violated by racewalk's.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attempted } from '../../engine/base/budget.js';
import { ownActors, workspaceActors } from '../../server/actors/sources.js';
import { analyse } from '../../server/ide/analysis/analyse.js';
import { openTree, placeOf } from '../../server/tree/workspace.js';
import { realEngine } from '../../server/worker/engine.js';
import { requestOf } from '../analysis.js';
import { repositoryRoot } from '../trees.js';
import { HOSTILE, makeTree } from './hostile_tree.js';

const WALKS = ['violated', 'holds'].map((kind) =>
	readFileSync(join(repositoryRoot, `test/fixtures/${kind}/stale-pin.c`), 'utf8'),
);
/** Milliseconds that a check may take, and what it may take to notice that they are over on a machine with other work to do. */
const BUDGET = 2000;
const GRACE = 15_000;

let folder = '';

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'racewalk-property-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const C = fc.constantFrom(
	'void actor_zap(void)\n{\n}\n',
	'void actor_mine(void)\n{\n\tpte_clear(victim_mm, 0, victim_ptep);\n}\n',
	'void actor_zap(void)\n{\n\tactor_zap();\n}\n',
	'void actor_loop(void)\n{\n\tfor (;;)\n\t\tfolio_get(page_folio(victim_page));\n}\n',
	'#define unmap_victim() nothing(\n#define reuse(x)\n',
	'#include "loop.c"\n#if 1\n',
	'void actor_cut(void)\n{\n\tif (',
	'static inline int pte_same(pte_t a, pte_t b)\n{\n\treturn 1;\n}\n',
	'typedef struct { int a; } pte_t;\n#define CONFIG_MMU 1\n',
);
const thing = fc.oneof(
	fc.constantFrom(...HOSTILE.filter((h) => !h.name.includes('FIFO'))).map((h) => h.make),
	C.map((text) => (path: string) => writeFileSync(path, text)),
	fc.string({ maxLength: 60 }).map((text) => (path: string) => writeFileSync(path, text)),
	fc
		.constantFrom('..', '.', '/', '../..', 'loop.c', '/dev/full', '/proc/self/maps')
		.map((target) => (path: string) => symlinkSync(target, path)),
);
const place = fc.constantFrom(
	...['.racewalk', '.racewalk/actors', '.racewalk/actors/zap.c', '.racewalk/actors/common.c'],
	...['.racewalk/actors/mine.c', '.racewalk/actors/loop.c', '.racewalk/actors/a b.c', '.config'],
	...['include', 'include/linux/mm.h', 'include/linux/pgtable.h', 'include/linux/mm_types.h'],
	...['include/linux/loop.h', 'mm/internal.h', 'mm/zap.c', 'arch/x86/include/asm/pgtable.h'],
	...['arch', 'arch/x86/include/asm', 'tools/memory-model/linux-kernel.bell'],
);

describe('whatever stands in a workspace', () => {
	test('a check in it ends, with verdicts and sentences', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...WALKS),
				fc.array(fc.tuple(place, thing), { maxLength: 10 }),
				(walk, things) => {
					const home = mkdtempSync(join(folder, 'any-'));
					for (const [at, make] of things) {
						try {
							mkdirSync(dirname(join(home, at)), { recursive: true });
							make(join(home, at));
						} catch {
							// something else stands there
						}
					}
					try {
						makeTree(home);
					} catch {
						// it is no tree then
					}
					const text = `#include <linux/mm.h>\n#include "internal.h"\n#include <linux/loop.h>\n${walk}`;
					const { tree } = placeOf(join(home, 'mm/walk.c'), {
						tree: null,
						as: null,
						folders: [home],
					});
					expect(tree === null || tree === home).toBe(true);
					const { sources, problems } = workspaceActors(tree, home);
					const started = performance.now();
					const over = (): boolean => performance.now() - started > BUDGET;
					const request = {
						...requestOf({ text, path: 'mm/walk.c', actors: ['zap'] }),
						tree: tree === null ? null : openTree(tree),
						actorSources: [...ownActors(), ...sources],
						conditions: problems.map((what) => ({ what, line: null })),
					};
					const ended = attempted(() =>
						analyse(realEngine, request, { observer: { cancelled: over }, cache: null }),
					);
					expect(performance.now() - started).toBeLessThan(BUDGET + GRACE);
					if (ended.kind === 'gave-up') return;
					const analysis = ended.result;
					const [f] = analysis.functions;
					const replaces = analysis.workspaceActors?.some((a) => a.replaces) === true;
					if (replaces) expect(f?.verdict).not.toBe('holds');
					if (replaces) expect(f?.assumptions[0]?.what).toMatch(/in the place of the built-in/);
					else if (f?.verdict === 'holds' || f?.verdict === 'violated')
						expect(f.verdict === 'violated').toBe(walk === WALKS[0]);
					for (const problem of problems) expect(problem).toMatch(/^[\x20-\x7e]+$/);
				},
			),
			{ numRuns: 20 },
		);
	});
});
