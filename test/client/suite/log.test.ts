/**
 * After everything else: the output channel tells of no error.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { racewalk } from './workbench.js';

describe('output', () => {
	it('holds no error', async () => {
		const { logFile } = await racewalk();
		assert.ok(existsSync(logFile), logFile);
		const errors = readFileSync(logFile, 'utf8')
			.split('\n')
			.filter((line) => /\[error\]/i.test(line));
		assert.deepEqual(errors, []);
	});
});
