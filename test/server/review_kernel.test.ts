/**
 * `racewalk review` on a real kernel: a patch to the adversary's side changes the verdict of the walk in another file, the hunk that
 * does it is named, and what rests on nothing that a patch changes is not explored again.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTree } from '../../server/tree/workspace.js';
import { kernelTree } from '../trees.js';
import { bundle } from './bundle.js';
import { type Edit, edited, mailOf, patchOf } from './review_tree.js';

let programs = '';
const root = kernelTree('6.12');

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
});

afterAll(() => rmSync(dirname(programs), { recursive: true, force: true }));

function review(path: string, edits: readonly Edit[]) {
	const before = openTree(root).read(path) ?? '';
	const input = mailOf('[PATCH] mm: change', patchOf(path, before, edited(before, edits)));
	const ended = spawnSync(
		process.execPath,
		[join(programs, 'cli.js'), 'review', '-', '--tree', root, '--format', 'json'],
		{ encoding: 'utf8', input, maxBuffer: 256 * 1024 * 1024 },
	);
	return { status: ended.status, patch: (JSON.parse(ended.stdout) as Json).patches[0] };
}

interface Json {
	readonly patches: readonly {
		readonly adversaries: readonly { readonly actor: string; readonly function: string }[];
		readonly files: readonly {
			readonly path: string;
			readonly restsOn: readonly string[];
			readonly functions: readonly { readonly before: string; readonly after: string }[];
			readonly new: readonly {
				readonly finding: { readonly rule: string; readonly path: string };
				readonly made: {
					readonly how: string;
					readonly by: readonly { readonly lines: readonly string[] }[];
				};
			}[];
		}[];
	}[];
}

describe('a patch to 6.12', () => {
	it('that takes the IPI out of khugepaged is found in mm/gup.c, and only the hunk that does it is blamed', () => {
		const { status, patch } = review('mm/khugepaged.c', [
			['\ttlb_remove_table_sync_one();\n', ''],
			['#include <linux/mm.h>\n', '/* A comment. */\n#include <linux/mm.h>\n'],
		]);
		const walk = patch?.files.find((f) => f.path === 'mm/gup.c');
		expect(status).toBe(1);
		expect(patch?.adversaries.map((a) => `${a.actor} ${a.function}`)).toContain(
			'deposit collapse_huge_page',
		);
		expect(walk?.restsOn).toEqual(['mm/khugepaged.c']);
		expect(walk?.functions.filter((f) => f.before === 'holds')).toHaveLength(21);
		expect(walk?.new.map(({ finding: f }) => `${f.path} ${f.rule}`)).toContain(
			'mm/gup.c use-after-free',
		);
		for (const { made } of walk?.new ?? [])
			expect(made.by.flatMap(({ lines }) => lines.filter((l) => l.startsWith('-')))).toEqual([
				'-\ttlb_remove_table_sync_one();',
			]);
	});

	it('that changes what no walk rests on leaves it alone', () => {
		const { status, patch } = review('fs/buffer.c', [
			['#include <linux/fs.h>\n', '#include <linux/fs.h>\n/* A comment. */\n'],
		]);
		const walk = patch?.files.find((f) => f.path === 'mm/gup.c');
		expect(status).toBe(0);
		expect(walk?.restsOn).toEqual([]);
		expect(walk?.functions.every((f) => f.after === 'holds')).toBe(true);
	});
});
