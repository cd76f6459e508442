/**
 * The table rules × generations on the kernels that are fetched for the tests, printed and compared with what is argued;
 * other trees: `npm run trees`. docs/generations.md is written from the arguments (`npm run golden`).
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../engine/rules/verdict.js';
import { ARGUED, arguedFor, GENERATIONS } from '../generations/argued.js';
import { page, printed } from '../generations/print.js';
import { rowOf } from '../generations/row.js';
import { kernelTree, repositoryRoot } from '../trees.js';

describe('kernels as they are', () => {
	const rows = (['6.1', '6.12'] as const).map((version) => rowOf(kernelTree(version), 'x86_64'));
	process.stdout.write(
		`\nrules × generations (npm run trees -- DIR... for others)\n${printed(rows)}\n`,
	);

	it.each(rows.map((row) => [row.version, row] as const))(
		'%s: every finding is argued',
		(_, row) => {
			expect(row.differences).toEqual([]);
			expect(row.undecided).toEqual([]);
			expect(row.functions.holds).toBeGreaterThan(0);
		},
	);
});

describe('the arguments', () => {
	it('are about generations and rules there are, once each', () => {
		const versions = GENERATIONS.map((g) => g.version);
		expect(ARGUED.flatMap((a) => a.versions).filter((v) => !versions.includes(v))).toEqual([]);
		expect(ARGUED.map((a) => a.rule).filter((rule) => !RULES.includes(rule))).toEqual([]);
		for (const version of versions) {
			const { allowed } = arguedFor(version, 's390x');
			expect(allowed).toEqual([...new Set(allowed)]);
		}
	});

	it('stand in docs/generations.md', async () => {
		await expect(page()).toMatchFileSnapshot(join(repositoryRoot, 'docs/generations.md'));
	});
});
