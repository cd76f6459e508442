/** What is said of a line that no run reaches: the condition in the words of the text, also where a macro has computed with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { analysisOf } from '../analysis.js';
import { repositoryRoot } from '../trees.js';

const WALK = readFileSync(join(repositoryRoot, 'test/fixtures/holds/fork-pin.c'), 'utf8');
/** Called only once fork() has been noticed: no run without an adversary comes here. */
const BACK = 'static void give_back(struct page **out, int got, unsigned int how)\n{\n';

it.each([
	['WARN_ON(got > 4000)', 'got > 4000'],
	['WARN_ON(!(got < 4000))', 'got >= 4000'],
	['WARN_ON(got > 4000 || !how)', 'got > 4000 || !how'],
])('if (%s) return;', (condition, words) => {
	const text = WALK.replace(BACK, `${BACK}\tif (${condition})\n\t\treturn;\n`);
	expect(text).not.toBe(WALK);
	const line = text.slice(0, text.indexOf(condition)).split('\n').length + 1;
	const { functions, findings } = analysisOf({ text });
	expect(findings).toEqual([]);
	expect(functions.find(({ name }) => name === 'give_back')?.why).toBe(
		`line ${line} is never reached: ${words} is false in every explored run`,
	);
});
