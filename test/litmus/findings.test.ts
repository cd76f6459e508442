/**
 * The litmus tests that docs/findings rests on: each says in its first comment what the model allows.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LITMUS_OPTIONS, runText } from '../../server/litmus/run.js';
import { repositoryRoot } from '../trees.js';

const folder = join(repositoryRoot, 'test/fixtures/lkmm/findings');
const names = readdirSync(folder);
const findings = join(repositoryRoot, 'docs/findings');
const pages = readdirSync(findings).map((name) => readFileSync(join(findings, name), 'utf8'));

describe('litmus tests of findings', () => {
	it.each(names)('%s', (name) => {
		const text = readFileSync(join(folder, name), 'utf8');
		const said = /Result: (\w+)/.exec(text)?.[1];
		expect(runText(name, text, DEFAULT_LITMUS_OPTIONS).report.verdict).toBe(said);
		expect(pages.filter((page) => page.includes(`findings/${name})`))).toHaveLength(1);
	});
});
