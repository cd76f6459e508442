/**
 * Agreement with herd7 state by state: the kernel's own tests (their results as the kernel promises them, and herd7's
 * states where the reference is there) and the sample of the public archive.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LITMUS_OPTIONS, runLitmus } from '../../server/litmus/run.js';
import { kernelTree } from '../trees.js';
import { answer, reference, sampleText } from './reference.js';

const tree = kernelTree('6.12');
const folders = [
	'tools/memory-model/litmus-tests',
	'Documentation/litmus-tests/atomic',
	'Documentation/litmus-tests/locking',
	'Documentation/litmus-tests/rcu',
];

test('every test of the kernel has the result that its comment promises', () => {
	const files = folders.flatMap((folder) =>
		readdirSync(join(tree, folder))
			.filter((name) => name.endsWith('.litmus'))
			.map((name) => join(tree, folder, name)),
	);
	const { reports, status } = runLitmus(files, DEFAULT_LITMUS_OPTIONS);
	expect(reports.filter((r) => r.match !== true)).toEqual([]);
	expect(reports.length).toBe(47);
	expect(status).toBe(0);
});

describe("states, witness counts and flags of the kernel's tests are herd7's", () => {
	test.each(reference('kernel-6.12-herd7.json').map((r) => [...r]))('%s', (path, wanted) => {
		expect(answer(readFileSync(join(tree, path), 'utf8'))).toEqual(wanted);
	});
});

describe("states, witness counts and flags of the archive's sample are herd7's", () => {
	test.each(reference('herd7.json').map((r) => [...r]))('%s', (path, wanted) => {
		expect(answer(sampleText(path))).toEqual(wanted);
	});
});
