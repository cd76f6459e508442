/** Walks that stand in what the checked file includes: never "no walk found". By the analysis, and by the command. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analysisOf } from '../analysis.js';
import { bundle } from '../server/bundle.js';
import { put } from '../server/hostile_tree.js';
import { GOOD, hostileRoot, putHeaders } from './otherwise.js';

const root = hostileRoot();
const MADE = `#define WALK(name) ${GOOD.replace(/\/\*.*?\*\//gs, '')
	.replace('walk_ptes', 'name')
	.trim()
	.replace(/\n/g, ' \\\n')}\n`;

putHeaders(root, {
	'mm/w.inc': GOOD,
	'mm/w.h': '#include "w.inc"\n',
	'mm/other.c': GOOD,
	'include/linux/w.h': `#ifndef W_H\n#define W_H\n${GOOD}#endif\n`,
	'include/linux/made.h': MADE,
	'mm/harmless.inc': 'static inline int aa(void) { return 0; }\n',
});

/** What is said of each function. */
function said(text: string): readonly string[] {
	const given = { text, path: 'mm/walk.c', tree: root, depth: 'core', actors: ['zap'] } as const;
	return analysisOf(given).functions.map((f) => `${f.name} ${f.verdict}: ${f.why}`);
}

const NOT_CHECKED = (path: string): string =>
	`walk_ptes unsupported: it is a lockless walk of ${path}, which the file includes: only the file's own functions are checked (racewalk check ${path})`;

describe('a walk of an included file', () => {
	it.each([
		['#include "w.inc"\n', 'mm/w.inc'],
		['#include "w.h"\n', 'mm/w.inc'],
		['#include "other.c"\n', 'mm/other.c'],
		['#include <linux/w.h>\n', 'include/linux/w.h'],
		['#define W "w.inc"\n#include W\n', 'mm/w.inc'],
		['#include "harmless.inc"\n#include "w.inc"\n', 'mm/w.inc'],
	])('is said to be there: %s', (text, path) => {
		expect(said(text)).toEqual([NOT_CHECKED(path)]);
	});

	it('is said beside the walk of the file', () => {
		const text = `#include "w.inc"\n${GOOD.replaceAll('walk_ptes', 'own_ptes')}`;
		expect(said(text)).toEqual([NOT_CHECKED('mm/w.inc'), 'own_ptes holds: null']);
	});

	it('is not made up', () => {
		expect(said('#include "harmless.inc"\n')).toEqual([]);
		expect(said(`#include "harmless.inc"\n${GOOD}`)).toEqual(['walk_ptes holds: null']);
	});

	it('may be in a file that is not there, unless that is a header', () => {
		expect(said('#include "gone.inc"\n')).toEqual([
			'gone.inc unsupported: the file includes gone.inc, which is not found: a walk in it is not checked',
		]);
		expect(said('#include "gone.h"\n')).toEqual([]);
	});

	it('is said to be there when a macro of a header makes it', () => {
		for (const more of ['', 'int aa;\n', 'int aa(void) { return 0; }\n']) {
			const found = said(`#include <linux/made.h>\nWALK(walk_ptes)\n${more}`);
			expect(found.length).toBeGreaterThan(0);
			expect(found.join()).toMatch(/^\w+ unsupported: a macro makes it, a lockless walk/);
		}
	});
});

describe('the command', () => {
	let cli = '';
	beforeAll(async () => {
		cli = join(await bundle({ cli: 'server/cli.ts' }), 'cli.js');
	});
	afterAll(() => rmSync(dirname(dirname(cli)), { recursive: true, force: true }));
	it.each([
		['w.inc', '#include "w.inc"\n', /mm\/w\.inc, which the file includes/],
		['gone.inc', '#include "gone.inc"\n', /gone\.inc, which is not found/],
	])('exits with 3 and names %s', (_, text, message) => {
		const path = join(root, 'mm/has.c');
		put(path, text);
		const args = [cli, 'check', '--tree', root, path];
		const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
		expect(stdout + stderr).toMatch(message);
		expect(stdout + stderr).not.toContain('no lockless page-table walk found');
		expect(status).toBe(3);
	});
});
