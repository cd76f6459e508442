/**
 * `racewalk actors` as a user meets it: the list, JSON by its schema, what has drifted in a tree, and the documented example of
 * an adversary of one's own at work.
 */
import { spawnSync } from 'node:child_process';
import {
	copyFileSync,
	cpSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kernelTree, repositoryRoot as root } from '../trees.js';
import { bundle } from './bundle.js';

let programs = '';
let folder = '';

/** A tree of two files; `mm/here.c` has what `moved` cites elsewhere. */
const TREE: Readonly<Record<string, string>> = {
	'include/linux/mm.h': '#define as_macro(a) (a)\n',
	'mm/here.c':
		'static int older(int a);\n\nstatic int older(int a)\n{\n\treturn folio_lock(a), a;\n}\n\nvoid went_here(void)\n{\n}\n',
	'mm/there.c': 'int unrelated;\n',
};

const DRIFTING = `/*
 * drifting: cites what the tree has, what it has elsewhere and what it does not have.
 *
 * Second paragraph.
 */
static void step_of_both(void)
{
	/* include/linux/mm.h: as_macro() */
	unmap_victim();
}

void actor_drifting(void)
{
	/* mm/here.c: newer(), mm/here.c: older() */
	folio_lock(page_folio(victim_page));
	/* mm/there.c: went_here() */
	step_of_both();
	/* mm/here.c: dropped() */
	folio_unlock(page_folio(victim_page));
	/* lib/not_cloned.c: anything() */
	reuse(victim_page);
}
`;

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-actors-'));
	for (const [path, text] of Object.entries(TREE)) {
		mkdirSync(dirname(join(folder, path)), { recursive: true });
		writeFileSync(join(folder, path), text);
	}
	const own = join(folder, '.racewalk/actors');
	mkdirSync(own, { recursive: true });
	writeFileSync(join(own, 'drifting.c'), DRIFTING);
	copyFileSync(join(root, 'docs/actors/hwpoison.c'), join(own, 'hwpoison.c'));
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

/** `alone`: apart from the adversaries of this test's folder. */
function run(
	args: readonly string[],
	{ alone }: { readonly alone: boolean } = { alone: false },
): { readonly status: number | null; readonly out: string } {
	const ended = spawnSync(process.execPath, [join(programs, 'cli.js'), ...args], {
		encoding: 'utf8',
		cwd: alone ? programs : folder,
		maxBuffer: 64 * 1024 * 1024,
	});
	return { status: ended.status, out: ended.stdout + ended.stderr };
}

/** Drift lines and summary, without the tree's name. */
function verify(args: readonly string[]): readonly string[] {
	const { out } = run(['actors', '--verify', ...args]);
	return out.split('\n').filter((line) => line !== '');
}

describe('racewalk actors', () => {
	it('lists what each does, where, and its steps in order with their lines', () => {
		const { status, out } = run(['actors', '--actor', 'drifting']);
		expect(status).toBe(0);
		const lines = out.split('\n');
		expect(lines[0]).toBe(
			'drifting (yours): cites what the tree has, what it has elsewhere and what it does not have.',
		);
		expect(lines[1]).toBe('  in: every world in which an adversary acts');
		expect(lines.slice(2, 7)).toEqual([
			'  steps: the kernel function, then the C that stands for it in the model',
			'  mm/here.c:3: older()  folio_lock(page_folio(victim_page));',
			'  mm/there.c: went_here()  step_of_both();',
			'  include/linux/mm.h:1: as_macro()  unmap_victim();',
			expect.stringMatching(/^ {2}include\/linux\/mm\.h: pmd_lock\(\) {2}spin_lock\(/),
		]);
	});

	it('says where racewalk’s own act and what they need', () => {
		const { out } = run(['actors', '--actor', 'unshare']);
		expect(out).toContain('  in: pmd leaf, hugetlb page in a shared PMD table\n');
		expect(out).toContain('  needs: CONFIG_ARCH_WANT_HUGE_PMD_SHARE\n');
		expect(out).not.toContain('(yours)');
	});

	it.each([
		['a list', ['actors']],
		['a verified list', ['actors', '--verify', '--actor', 'drifting']],
	])('prints JSON by its schema: %s', (_, args) => {
		const { out } = run([...args, '--format', 'json']);
		const schema = readFileSync(join(root, 'schema/actors.schema.json'), 'utf8');
		const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(
			JSON.parse(schema) as object,
		);
		expect(validate(JSON.parse(out)), JSON.stringify(validate.errors)).toBe(true);
	});

	it('refuses an adversary it does not know', () => {
		expect(run(['actors', '--actor', 'nobody'])).toMatchObject({ status: 2 });
		expect(run(['actors', '--tree', 'mm/here.c'])).toMatchObject({ status: 2 });
	});
});

describe('racewalk actors --verify', () => {
	it('says what is gone and where it went, once for each place', () => {
		const { status } = run(['actors', '--verify', '--actor', 'drifting']);
		expect(status).toBe(1);
		const own = verify(['--actor', 'drifting']).filter((l) => l.startsWith('.racewalk'));
		expect(own).toEqual([
			'.racewalk/actors/drifting.c:17: mm/there.c: went_here() is now in mm/here.c:8 [drifting]',
			'.racewalk/actors/drifting.c:19: mm/here.c: dropped() is gone [drifting]',
		]);
	});

	it('does not take a part of a tree for drift', () => {
		const note = 'note: lib/ is not in the tree: 1 steps not looked up';
		expect(verify(['--actor', 'drifting'])).toContain(note);
	});

	it('says which steps the cited functions do not make', () => {
		const copy = mkdtempSync(join(tmpdir(), 'racewalk-steps-'));
		cpSync(folder, copy, { recursive: true });
		const here = readFileSync(join(copy, 'mm/here.c'), 'utf8');
		writeFileSync(join(copy, 'mm/here.c'), here.replace('folio_lock(a), ', ''));
		const { out } = run(['actors', '--verify', '--actor', 'drifting', '--tree', copy]);
		rmSync(copy, { recursive: true, force: true });
		expect(out.split('\n')).toContain(
			'.racewalk/actors/drifting.c:15: mm/here.c:3: older() no longer takes the lock folio [drifting]',
		);
	});

	it('has nothing to say of 6.12', () => {
		const asked = ['actors', '--verify', '--tree', kernelTree('6.12')];
		const { status, out } = run(asked, { alone: true });
		expect(out.split('\n').filter((l) => / is (?:gone|now in )/.test(l))).toEqual([]);
		expect(out).toContain(", 0 not as the kernel's function does them in ");
		expect(status).toBe(0);
	});

	it('finds in 6.1 all but UFFDIO_MOVE, which came with 6.8', () => {
		const asked = ['actors', '--verify', '--tree', kernelTree('6.1')];
		const lines = run(asked, { alone: true }).out.split('\n');
		const drift = lines.filter((l) => / is (?:gone|now in )/.test(l));
		expect(drift).not.toEqual([]);
		expect(drift.filter((line) => !line.endsWith(' is gone [anon_move]'))).toEqual([]);
		expect(lines.join('\n')).toContain(", 0 not as the kernel's function does them in ");
	});
});

describe('the documented example', () => {
	it.each([
		['violated', 1, ['stale-pin']],
		['holds', 0, []],
	])('acts beside the others: %s', (kind, status, rules) => {
		const fixture = join(root, `test/fixtures/${kind}/stale-pin.c`);
		const { status: ended, out } = run(['check', fixture, '--actor', 'hwpoison']);
		expect(ended).toBe(status);
		expect([...out.matchAll(/: error: .*\[([a-z-]+)\]$/gm)].map((m) => m[1])).toEqual(rules);
		if (rules.length > 0) expect(out).toMatch(/CPU 1 \(hwpoison\)/);
	});

	it.each(['6.12', '6.1'] as const)('stands for what %s does', (version) => {
		const { status } = run([
			'actors',
			'--verify',
			'--actor',
			'hwpoison',
			'--tree',
			kernelTree(version),
		]);
		expect(status).toBe(0);
	});
});
