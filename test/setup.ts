/**
 * Runs beside every test file: exploration is synchronous, so between two tests the runner gets the moment it needs to be told how
 * far they are; without it a file of many tests is taken for dead after a minute.
 */
import { setImmediate } from 'node:timers/promises';
import { afterEach } from 'vitest';

afterEach(async () => {
	await setImmediate();
});
