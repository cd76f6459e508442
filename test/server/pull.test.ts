/**
 * A pull that is answered while the check comes to its end: what was told before the result is never answered empty.
 */

import { expect, test } from 'vitest';
import type { CancellationToken } from 'vscode-languageserver';
import type { AnalysedFinding, Analysis } from '../../server/ide/analysis/analysis.js';
import type { DocumentState } from '../../server/lsp/checks.js';
import { Publisher } from '../../server/lsp/publish.js';
import type { WalkSession } from '../../server/lsp/session.js';
import type { DocumentRequest } from '../../server/worker/worker_protocol.js';

const URI = 'file:///walk.c';
const REQUEST = { path: 'walk.c', text: '', options: {} } as unknown as DocumentRequest;
const FINDING = {
	...{
		rule: 'stale-pin',
		function: 'walk',
		message: 'm',
		severity: 'error',
		related: [],
		actors: [],
	},
	...{
		place: { path: 'walk.c', line: 1, column: 1, endLine: 1, endColumn: 4 },
		trace: { steps: [] },
		edit: null,
	},
} as unknown as AnalysedFinding;

const NEVER: CancellationToken = {
	isCancellationRequested: false,
	onCancellationRequested: () => ({ dispose: () => {} }),
};

test('a result that comes while early findings are put together is what is answered', async () => {
	const state: DocumentState = {
		...{ uri: URI, version: 1, request: REQUEST },
		...{ freshness: 'checking', done: null, partial: [FINDING], unparsed: null },
		...{ before: null, causes: new Map() },
	};
	const analysis = { findings: [FINDING], unsupported: [] } as unknown as Analysis;
	let asked = 0;
	const session = {
		client: { pullDiagnostics: true, diagnosticRefresh: true, related: false },
		docsBase: 'file:///docs/',
		checks: { settled: async () => state },
		settings: async () => {
			if (asked++ === 0) {
				state.freshness = 'fresh';
				state.partial = [];
				state.done = {
					analysis,
					text: '',
					version: 1,
					request: REQUEST,
					guards: null,
					whole: null,
				};
			}
			return { rules: new Map() };
		},
	} as unknown as WalkSession;
	const report = await new Publisher(session).pull(URI, NEVER);
	expect(report).toMatchObject({ resultId: '1', items: [{ code: 'stale-pin' }] });
});
