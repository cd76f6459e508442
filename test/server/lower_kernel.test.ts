/**
 * The front end on Debian's kernels, 6.1 and 6.12: everything the walk reaches is lowered, on every architecture's
 * configuration; edits of the protocol, renamings and the actors as well.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ARCHS } from '../../engine/program/arch.js';
import { problemsOf } from '../../engine/program/wellformed.js';
import { ownActors } from '../../server/actors/sources.js';
import { lower } from '../../server/lower/lower.js';
import type { Lowered } from '../../server/lower/request.js';
import { rootNames } from '../../server/lower/roles.js';
import { type Source, sourceOf } from '../../server/syntax/source.js';
import { configuration } from '../../server/tree/configuration.js';
import { openTree } from '../../server/tree/workspace.js';
import { kernelTree } from '../trees.js';

type Version = '6.1' | '6.12';

function gup(version: Version): string {
	return readFileSync(join(kernelTree(version), 'mm/gup.c'), 'utf8');
}

function lowerGup(
	version: Version,
	change: (text: string) => string = (t) => t,
	arch: (typeof ARCHS)[number] = 'x86_64',
	withTree = true,
): Lowered {
	return lower({
		path: 'mm/gup.c',
		text: change(gup(version)),
		tree: withTree ? openTree(kernelTree(version)) : null,
		arch,
		config: configuration({ arch, dotConfig: null, set: new Map() }),
		actors: ownActors(),
	});
}

/** What could not be lowered, in words. */
/** What of the kernel's text could not be lowered; the table of primitives refuses what is never to happen on purpose. */
function gaps({ program }: Lowered): readonly string[] {
	return program.unsupported.flatMap((u) => {
		const site = program.sites[u.site];
		if (site?.path.startsWith('racewalk:primitives/')) return [];
		return [`${site?.path}:${site?.line} ${u.function}: ${u.reason}`];
	});
}

function walks({ program, walks: found }: Lowered) {
	return found.map((w) => ({
		root: program.functions[w.root]?.name,
		functions: w.functions.map((f) => program.functions[f]?.name ?? ''),
	}));
}

const expected = {
	'6.12': {
		root: 'gup_fast',
		pte: 'gup_fast_pte_range',
		leaves: ['gup_fast_pmd_leaf', 'gup_fast_pud_leaf', 'gup_fast_pgd_leaf'],
	},
	'6.1': {
		root: 'lockless_pages_from_mm',
		pte: 'gup_pte_range',
		leaves: ['gup_huge_pmd', 'gup_huge_pud', 'gup_huge_pgd'],
	},
} as const;

/** How many of the leaf functions can be reached: PAE has none above the PMD, s390x none above the PUD. */
const LEAVES_OF = {
	...{ x86_64: 3, arm64: 3, powerpc64: 3, riscv64: 3 },
	...{ s390x: 2, 'i386-pae': 1 },
} as const;

it('Linux 6.1 on riscv64: the walk, which came with 6.9, is not compiled', () => {
	const made = lowerGup('6.1', undefined, 'riscv64');
	expect(walks(made)).toEqual([]);
	expect(gaps(made)[0]).toContain('lockless walk that is not compiled under this configuration');
});

describe.each(['6.12', '6.1'] as const)('Linux %s', (version) => {
	const compiled = ARCHS.filter((arch) => version === '6.12' || arch !== 'riscv64');
	it.each(compiled)('%s: the whole walk is lowered', (arch) => {
		const made = lowerGup(version, undefined, arch);
		expect(gaps(made)).toEqual([]);
		expect(problemsOf(made.program)).toEqual([]);
		const [walk, ...more] = walks(made);
		expect(more).toEqual([]);
		expect(walk?.root).toBe(expected[version].root);
		const { pte, leaves } = expected[version];
		const there = leaves.filter((_, i) => i < LEAVES_OF[arch]);
		expect(walk?.functions.filter((f) => f === pte || leaves.some((l) => l === f)).sort()).toEqual(
			[pte, ...there].sort(),
		);
	});
	it('without a tree bodies are assumed, and said to be', () => {
		const made = lowerGup(version, undefined, 'x86_64', false);
		expect(gaps(made)).toEqual([]);
		const assumed = made.program.assumptions.filter((a) =>
			a.what.endsWith('body assumed (no tree)'),
		);
		expect(assumed.length).toBeGreaterThan(0);
		expect(
			lowerGup(version).program.assumptions.filter((a) => a.what.includes('body assumed')),
		).toEqual([]);
	});
	it('with every function of the file renamed', () => {
		const names = new Set(gup(version).match(/(?<=^static [\w *]*?\b)\w+(?=\()/gm));
		const made = lowerGup(version, (text) =>
			text.replace(/\b\w+\b/g, (word) => (names.has(word) ? `q_${word}` : word)),
		);
		expect(gaps(made)).toEqual([]);
		expect(walks(made).map((w) => w.root)).toEqual([`q_${expected[version].root}`]);
	});
	it('with carriage returns: the same program at the same places', () => {
		expect(lowerGup(version, (text) => text.replaceAll('\n', '\r\n')).program).toEqual(
			lowerGup(version).program,
		);
	});
	it('both definitions under #ifdef are understood', () => {
		const { program, walks: found } = lower({
			path: 'mm/gup.c',
			text: gup(version),
			tree: openTree(kernelTree(version)),
			arch: 'x86_64',
			actors: [],
			config: configuration({
				arch: 'x86_64',
				dotConfig: null,
				set: new Map([['CONFIG_ARCH_HAS_PTE_SPECIAL', 'n']]),
			}),
		});
		const stub = program.functions.find((f) => f.name === expected[version].pte);
		expect(stub?.ops.map((op) => op.kind)).toEqual(['return']);
		expect(found.length).toBe(1);
	});
	it('any single line gone: never a throw, and never a function of the walk elsewhere', () => {
		const lines = gup(version).split('\n');
		const from = lines.findIndex((l) => l.includes(`int ${expected[version].pte}(`));
		const names = new Set(walks(lowerGup(version))[0]?.functions);
		expect(from).toBeGreaterThan(0);
		expect(names.size).toBeGreaterThan(0);
		for (let at = from - 1; at < from + 95; at += 3) {
			const made = lowerGup(version, () => lines.filter((_, i) => i !== at).join('\n'));
			expect(problemsOf(made.program)).toEqual([]);
			for (const f of made.program.functions)
				if (f.origin === 'walk' && names.has(f.name)) expect(f.path).toBe('mm/gup.c');
			const reached = new Set(walks(made).flatMap((w) => w.functions));
			const lost = [...names].filter((name) => !reached.has(name));
			if (lost.length > 0) expect([at, gaps(made).length]).not.toEqual([at, 0]);
		}
	});
	it('any line with a brace gone: every function keeps its name, and the walk its root', () => {
		const lines = gup(version).split('\n');
		const names = [...outlined(lines.join('\n')).functions.keys()];
		for (const [at, line] of lines.entries()) {
			if (!/^[{}]|\{\s*$|^\s*\}/.test(line) || at % 4 !== 0) continue;
			const source = outlined(lines.filter((_, i) => i !== at).join('\n'));
			const lost = names.filter((n) => !source.functions.has(n) && !source.brokenNames.has(n));
			expect([at + 1, lost]).toEqual([at + 1, []]);
			const roots = rootNames({ source, origin: 'walk', assumed: false, checked: true });
			expect([at + 1, roots]).toEqual([at + 1, expect.arrayContaining([expected[version].root])]);
		}
	});
	it('no other file of mm/ holds a walk', () => {
		const tree = openTree(kernelTree(version));
		const found = tree
			.list('mm')
			.filter((path) => path.endsWith('.c') && path !== 'mm/gup.c')
			.map((path) => {
				const source = outlined(tree.read(path) ?? '', path);
				return [
					path,
					rootNames({ source, origin: 'walk', assumed: false, checked: true }),
				] as const;
			});
		expect(found.length).toBeGreaterThan(80);
		expect(found.filter(([, roots]) => roots.length > 0)).toEqual([]);
	});
});

function outlined(text: string, path = 'mm/gup.c'): Source {
	const config = configuration({ arch: 'x86_64', dotConfig: null, set: new Map() });
	return sourceOf(path, text, {
		config: (name) => config.get(name) ?? null,
		defined: () => false,
		value: () => null,
	});
}
