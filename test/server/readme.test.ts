/**
 * README's first step, done literally: what it says is on the line, and the change it asks for shows a race.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { analysisOf } from '../analysis.js';
import { kernelTree, repositoryRoot } from '../trees.js';

const STEP = /\(line (\d+) of ([\d.]+)'s `([^`]+)`\), write\s+`([^`]+)` for `([^`]+)`/;

it('shows a stale pin', () => {
	const readme = readFileSync(join(repositoryRoot, 'README.md'), 'utf8');
	const [, number, version, path = '', written = '', replaced = ''] = STEP.exec(readme) ?? [];
	if (version !== '6.12') throw new Error(`README's first step is about ${version}`);
	const tree = kernelTree(version);
	const lines = readFileSync(join(tree, path), 'utf8').split('\n');
	const at = Number(number) - 1;
	expect(lines[at]).toContain(replaced);
	lines[at] = (lines[at] ?? '').replace(replaced, written);
	const analysis = analysisOf({ path, text: lines.join('\n'), tree, depth: 'core' });
	const told = analysis.findings.map((f) => `${f.rule} in ${f.function}`);
	expect(told).toContain('stale-pin in gup_fast_pte_range');
	expect(analysis.unsupported).toEqual([]);
});
