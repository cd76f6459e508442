/**
 * Files get the languages the extension declares. What their grammars mark is tested without a workbench.
 */
import assert from 'node:assert/strict';
import { openScratch } from './workbench.js';

describe('languages', () => {
	for (const [file, text, language] of [
		['walk.c', 'pte_t pte;\n', 'c'],
		['sb.litmus', 'C SB\n\n{}\n', 'litmus'],
		['run.racewalk-trace', 'CPU 0: gup_fast\n', 'racewalk-trace'],
	] as const) {
		it(`${file} is ${language}`, async () => {
			const { document } = await openScratch(file, text);
			assert.equal(document.languageId, language);
		});
	}
});
