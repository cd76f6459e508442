/**
 * Vitest: every `test/<layer>/*.test.ts` but the mocha suite, which runs inside a VS Code extension host.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		setupFiles: ['test/setup.ts'],
		exclude: ['test/client/**', 'node_modules/**'],
		pool: 'forks',
		poolOptions: {
			forks: { maxForks: 2, minForks: 1, execArgv: ['--import', './test/patient.mjs'] },
		},
		// a busy machine is slow; what does not end at all ends here
		testTimeout: 900_000,
		hookTimeout: 900_000,
		passWithNoTests: true,
		allowOnly: false,
	},
});
