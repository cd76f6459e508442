/** What is asked of an editor is what it says it can be asked. */
import { describe, expect, it } from 'vitest';
import type { ClientCapabilities } from 'vscode-languageserver';
import { clientFeatures } from '../../server/lsp/capabilities.js';

const featuresOf = (workspace: ClientCapabilities['workspace'] & object) =>
	clientFeatures({ processId: null, rootUri: null, capabilities: { workspace } });

describe('an editor that answers for its settings', () => {
	it('is asked to tell of changes only where that can be registered', () => {
		const asked = (dynamicRegistration: boolean | undefined) =>
			featuresOf({
				configuration: true,
				didChangeConfiguration: dynamicRegistration === undefined ? {} : { dynamicRegistration },
			}).configurationChanges;
		expect([asked(true), asked(false), asked(undefined)]).toEqual([true, false, false]);
		expect(featuresOf({ configuration: true }).configurationChanges).toBe(false);
		expect(featuresOf({ configuration: true }).configuration).toBe(true);
	});
});
