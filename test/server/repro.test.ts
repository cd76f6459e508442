/**
 * Kits for real kernels: where delays can stand, programs that compile whatever the run, and a patch that git applies.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RULES } from '../../engine/rules/verdict.js';
import { actorsOf } from '../../server/actors/catalog.js';
import { ownActors } from '../../server/actors/sources.js';
import { identified } from '../../server/cli/identified.js';
import { readInput } from '../../server/cli/options.js';
import { portableText } from '../../server/cli/portable_id.js';
import { replayed } from '../../server/cli/run/replaying.js';
import { ADVERSARIES, MEMORY, SIGNS, WALKS } from '../../server/cli/run/repro/drivers.js';
import { reproKit } from '../../server/cli/run/repro/kit.js';
import { raceProgram } from '../../server/cli/run/repro/program.js';
import { codeLines, isArm, spotBefore, spotInside } from '../../server/cli/run/repro/spots.js';
import { executorOf } from '../../server/cli/supervised.js';
import { repositoryRoot } from '../trees.js';

let folder = '';
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'racewalk-repro-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a delay', () => {
	/** `$` stands where the statement may go, `@` in front of what is delayed. */
	test.each<readonly [string, string]>([
		['before a statement', '\ta();\n$\t@b();'],
		['before a declaration', '\ta();\n$\tint x = @b();'],
		['before all of an if', '\ta();\n$\tif (x &&\n\t    @y)\n\t\tb();'],
		['not between an if and its statement', '\ta();\n$\tif (x)\n\t\t@b();'],
		['behind a label', '\ta();\nagain:\n$\t@b();'],
		['behind a case', '\tswitch (x) {\n\tcase 1:\n$\t\t@b();\n\t}'],
		['inside of a block', '\tif (x) {\n$\t\t@b();\n\t}'],
		['before the end of a do', '\tdo {\n\t\ta();\n$\t} while (@b());'],
		[
			'before a for, not in its head',
			'\ta();\n$\tfor (i = 0;\n\t     i < @n;\n\t     i++)\n\t\tb();',
		],
		['before an initialiser', '\ta();\n$\tstruct s s = {\n\t\t.x = @b(),\n\t};'],
		['before a statement expression', '\ta();\n$\tx = ({ int y = 1;\n\t\t@b(); });'],
		['not before an else', '\tif (x) {\n\t\ta();\n\t} else if (@b()) {\n\t}'],
		['not into a macro', '\ta();\n#define X \\\n\t@b()'],
		['past a comment with a semicolon', '\ta();\n$\tif (x) /* y; */\n\t\t@b();'],
	])('%s', (_, body) => {
		const lines = `void f(void)\n{\n${body}\n}\n`.split('\n');
		const at = lines.findIndex((l) => l.includes('@')) + 1;
		const expected = lines.findIndex((l) => l.startsWith('$')) + 1;
		const code = codeLines(lines.join('\n').replace(/[$@]/g, ''));
		expect(spotBefore(code, at)).toBe(expected === 0 ? null : expected);
	});

	test.each<readonly [boolean, string]>([
		[true, '\tif (x)\n\t\ta();\n\telse\n\t\t@b(1,\n\t\t  2);'],
		[true, '\tif (x && (y || z))\n\t\t@b();'],
		[true, '\tif (x) {\n\t\ta();\n\t} else if (y)\n\t\t@*p = 1;'],
		[true, '\tif (x)\n\t\t@return b();'],
		[false, '\tif (x)\n\t\t@break;'],
		[false, '\tif (x)\n\t\t@if (b())\n\t\t\tc();'],
		[false, '\tif (x)\n\t\ta(1,\n\t\t  @b());'],
		[false, '\tif (x) a(); else if (\n\t\t@b())\n\t\tc();'],
		[false, '\tif (x) a(y)\n\t\t@+ b();'],
		[false, '\ta();\n\t@b();'],
		[false, '\tif (x)\n\t\t@again: b();'],
		[false, '\tif (x)\n#define X \\\n\t\t@b()'],
	])('is a loop around an arm: %s', (expected, body) => {
		const lines = `void f(void)\n{\n${body}\n}\n`.split('\n');
		const at = lines.findIndex((l) => l.includes('@')) + 1;
		expect(isArm(codeLines(lines.join('\n').replace('@', '')), at)).toBe(expected);
	});

	test('at the begin of a function', () => {
		expect(spotInside(['static int f(int a,', '\t\t int b)', '{', '\ta();', '}'], 1)).toBe(4);
		expect(spotInside(['int f(void);', 'int x;'], 1)).toBeNull();
	});
});

/** Adversaries that no system call of one process brings about, with the reason. */
const UNDRIVEN: Readonly<Record<string, string>> = {
	...Object.fromEntries(
		actorsOf(ownActors())
			.filter(({ name }) =>
				/^(?:page_cache|anon_|ksm_|movable_|isolate|hugetlb_demote|recompound|slab_alloc|reuse|split_pmd|unplug|unshare)/.test(
					name,
				),
			)
			.map(({ name }) => [
				name,
				'acts on what a reader outside the walk looks at, or needs a device or another process',
			]),
	),
};

describe('what drives a run', () => {
	test('is known of each adversary, or left open', () => {
		const names = actorsOf(ownActors()).map(({ name }) => name);
		expect(names.filter((n) => ADVERSARIES[n] === undefined && UNDRIVEN[n] === undefined)).toEqual(
			[],
		);
		expect(Object.keys(ADVERSARIES).filter((n) => !names.includes(n))).toEqual([]);
		expect(Object.keys(SIGNS).filter((r) => !RULES.some((known) => known === r))).toEqual([]);
	});

	const worlds = [...MEMORY.map((m) => m.words.join(' ')), 'nothing that is known'];
	const walks = [...WALKS, { flags: ['none'] as const, rules: undefined }];
	const cases = [
		...Object.keys(ADVERSARIES).map(
			(name) => [name, 'anon page', 'FOLL_PIN|FOLL_WRITE', 'stale-pin'] as const,
		),
		...worlds.map((world) => ['zap', world, 'FOLL_GET', 'stale-pin'] as const),
		...walks.map(
			({ flags, rules }) =>
				['fork+zap', 'anon page, read-only', flags.join('|'), rules?.[0] ?? 'stale-pin'] as const,
		),
	];
	test.each(cases)('%s, %s, %s, %s is C', (name, world, f, rule) => {
		const trace = {
			...{ id: '0', steps: [], initial: [] },
			threads: ['gup_fast', ...name.split('+')],
			scenario: `${world}; ${f}; ${name}`,
		};
		const made = { path: 'mm/gup.c', function: 'gup_fast' };
		const program = raceProgram({
			made,
			run: { trace, finding: { rule } },
		} as unknown as Parameters<typeof raceProgram>[0]);
		const ended = spawnSync(
			'gcc',
			['-fsyntax-only', '-Wall', '-Wextra', '-Werror', '-pthread', '-xc', '-'],
			{ input: program.text, encoding: 'utf8' },
		);
		expect(ended.stderr).toBe('');
		expect(ended.status).toBe(0);
	});
});

describe('a kit', () => {
	test('is a patch that git applies, with a delay where the run leaves the walk', async () => {
		const tree = join(folder, 'tree');
		mkdirSync(join(tree, 'mm'), { recursive: true });
		mkdirSync(join(tree, 'include/linux'), { recursive: true });
		cpSync(join(repositoryRoot, 'test/fixtures/violated/stale-pin.c'), join(tree, 'mm/walk.c'));
		const file = join(tree, 'mm/walk.c');
		const options = { tree, color: 'never' as const };
		const [request] = readInput(file, {
			...{
				...options,
				arch: [],
				set: [],
				actor: [],
				function: [],
				memory: 'sc' as const,
				format: 'text',
			},
		}).requests;
		if (request === undefined) throw new Error('the fixture has no request');
		const executor = executorOf({});
		const wanted = { function: 'walk_ptes', rule: 'stale-pin', trace: null };
		const found = await executor.sessionFor(request).run({ kind: 'simulate', wanted });
		await executor.end();
		if (found.kind !== 'done' || found.result.trace === null) throw new Error('there is no run');
		const { trace } = found.result;
		const id = portableText(identified(request, { function: 'walk_ptes', trace, set: [] }));
		const shown = await replayed(id, undefined, options);
		if (shown.run === null) throw new Error(shown.why);
		const kit = reproKit({ ...shown, run: shown.run, later: new Map() });
		if ('why' in kit) throw new Error(kit.why);
		const git = (...args: readonly string[]) =>
			spawnSync('git', ['-C', tree, ...args], { input: kit.patch, encoding: 'utf8' });
		expect(git('init', '-q').status).toBe(0);
		expect(git('apply', '-').stderr).toBe('');
		const before = readFileSync(join(repositoryRoot, 'test/fixtures/violated/stale-pin.c'), 'utf8');
		const after = readFileSync(file, 'utf8').split('\n');
		const added = after.filter((line) => !before.split('\n').includes(line));
		expect(added).toEqual([
			'#include <linux/racewalk_delay.h>',
			expect.stringContaining('racewalk_delay("rw-walk");'),
			'unsigned int racewalk_ms;',
			'core_param(racewalk_ms, racewalk_ms, uint, 0644);',
		]);
		// behind the read of the entry, before the reference is taken
		const at = after.findIndex((line) => line.includes('racewalk_delay("'));
		expect(after.slice(0, at).join('\n')).toContain('ptep_get_lockless(');
		expect(after.slice(0, at).join('\n')).not.toContain('get_page_unless_zero(');
		const readme = readFileSync(join(tree, 'tools/testing/racewalk/README'), 'utf8');
		expect(readme).toContain(`racewalk show '${id}'`);
		expect(readme).toContain('Assert where pages[] is filled');
	});
});
