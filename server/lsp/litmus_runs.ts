/**
 * The open litmus tests, as stages: there is one, the run.
 *
 * Invariant: what is shown was made from the newest text, or nothing is.
 */
import { type LitmusAnalysis, undecidedLitmus } from '../ide/litmus.js';
import { placeLater } from '../tree/workspace.js';
import type { Explorer } from '../worker/exploration.js';
import type { Task } from '../worker/worker_protocol.js';
import { filePath } from './document_address.js';
import { type OpenDocument, OpenDocuments, type Procedure } from './open_documents.js';
import type { Session } from './session.js';
import { stage } from './stage.js';

export type LitmusRequest = Extract<Task, { readonly kind: 'litmus-analyse' }>['litmus'];

export interface LitmusState extends OpenDocument<LitmusRequest> {
	/** Null while it is checking, after a failure, and when the user switched racewalk off. */
	analysis: LitmusAnalysis | null;
}

/** The open litmus tests with their results. */
export type LitmusTests = OpenDocuments<LitmusRequest, LitmusState>;

/** Milliseconds of quiet after an edit before a test is run. */
const QUIET = 30;

export interface LitmusHost
	extends Pick<Procedure<LitmusRequest, LitmusState>, 'changed' | 'failed' | 'running'> {
	/** What a worker is asked about the newest text; null when racewalk is switched off for it. */
	request(uri: string): Promise<LitmusRequest | null>;
}

export function openLitmusTests(host: LitmusHost, explorer: Explorer): LitmusTests {
	const run = stage<LitmusState, 'litmus-analyse'>({
		name: 'run',
		isShown: true,
		ask: ({ uri, request }) =>
			request === null ? [] : [{ key: uri, task: { kind: 'litmus-analyse', litmus: request } }],
		keep(state, [outcome], byUser) {
			if (outcome === undefined) return 'over';
			switch (outcome.kind) {
				case 'done':
					state.analysis = outcome.result;
					return 'shown';
				case 'ended':
					state.analysis = undecidedLitmus(`the run ${outcome.why}; the next edit is run again`);
					return 'shown';
				case 'refused':
				case 'failed':
					return { failed: outcome.message };
				case 'superseded':
					return byUser ? 'stopped' : 'over';
			}
		},
	});
	const cleared = (state: LitmusState): void => {
		state.analysis = null;
	};
	const procedure: Procedure<LitmusRequest, LitmusState> = {
		quiet: QUIET,
		stages: [run],
		opened: (uri, version) => ({
			...{ uri, version, freshness: 'fresh', request: null, analysis: null },
		}),
		edited: cleared,
		cleared,
		request: ({ uri }) => host.request(uri),
		changed: (state, what) => host.changed(state, what),
		failed: (state, message) => host.failed(state, message),
		running: (state, cancel) => host.running(state, cancel),
	};
	return new OpenDocuments(procedure, explorer);
}

/** What a worker is asked about a litmus test's newest text; null when racewalk is switched off for it. */
export async function litmusRequest(session: Session, uri: string): Promise<LitmusRequest | null> {
	const text = session.documents.get(uri)?.getText() ?? '';
	const settings = await session.settings(uri);
	if (!settings.enable) return null;
	const place = await placeLater(filePath(uri) ?? 'untitled.litmus', {
		tree: settings.kernelTree,
		as: null,
		folders: session.workspace.folders,
	});
	return { text, tree: place.tree, budgetSeconds: settings.budgetSeconds };
}
