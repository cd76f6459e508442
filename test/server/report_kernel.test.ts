/**
 * `racewalk report` on real kernels: each fixture names the kernel it is about, the answer, and why that is the answer.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { answerText } from '../../server/cli/kernel_report/answer_text.js';
import { answered } from '../../server/cli/kernel_report/answering.js';
import { paint } from '../../server/cli/paint.js';
import { readPortable } from '../../server/cli/portable_id.js';
import { executorOf } from '../../server/cli/supervised.js';
import { kernelReports } from '../../server/kernel_report/parse.js';
import { openTree } from '../../server/tree/workspace.js';
import { kernelTree, repositoryRoot } from '../trees.js';

const FOLDER = join(repositoryRoot, 'test/fixtures/reports');
const options = {
	...{ arch: [], set: [], actor: [], function: [], memory: 'sc' as const },
	...{ format: 'text', color: 'never' as const },
};
const executor = executorOf({});

afterAll(() => executor.end());

describe('a report of the kernel', () => {
	test.each(readdirSync(FOLDER).sort())('%s', async (name) => {
		const text = readFileSync(join(FOLDER, name), 'utf8');
		const version = /^# Kernel: (6\.12|6\.1)$/m.exec(text)?.[1];
		const [expected = '', also] = /^# Answer: (.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
		const folder = kernelTree(version === '6.1' ? '6.1' : '6.12');
		const [report] = kernelReports(text, null);
		if (report === undefined) throw new Error(`${name} holds no report`);
		const answer = await answered(report, { tree: openTree(folder), folder, options, executor });
		const shown = answerText(answer, name, paint(false)).text;
		expect(answer.outcome, shown).toBe(expected);
		if (also !== undefined) expect([answer.finding?.rule, ...answer.whatIf], shown).toContain(also);
		// what is not decided by exploring has no bounds; all else names them
		if (answer.outcome !== 'not-modelled')
			expect(answer.bounds.join('\n')).toMatch(/^explored: .* against .*adversar/);
		for (const { id } of answer.runs) expect(readPortable(id)).not.toHaveProperty('wrong');
		if (answer.outcome === 'benign') expect(answer.runs).toHaveLength(2);
	});
});
