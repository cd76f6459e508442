/**
 * Who needs each guard of the open documents, worked out behind everything else: in a worker of its own, once a verdict has
 * stood for a while, stopped by the next edit.
 *
 * Invariant: what is kept is of the text that is shown; nobody waits for it.
 */

import type { KnownGuards } from '../ide/guard_words.js';
import type { Explorer, Running } from '../worker/exploration.js';
import type { DocumentState } from './checks.js';
import type { Settings } from './settings.js';

/** Milliseconds a verdict stands before its guards are looked at. */
const QUIET = 1000;
/** Seconds the table of one document may take. */
const BUDGET = 300;

interface Entry {
	readonly version: number;
	timer: NodeJS.Timeout | null;
	running: Running<unknown> | null;
	/** Null until it is begun. */
	known: KnownGuards | null;
}

export class GuardTables {
	readonly #explorer: Explorer;
	readonly #settings: (uri: string) => Promise<Settings>;
	readonly #failed: (uri: string, message: string) => void;
	readonly #entries = new Map<string, Entry>();

	constructor(
		explorer: Explorer,
		host: {
			settings(uri: string): Promise<Settings>;
			failed(uri: string, message: string): void;
		},
	) {
		this.#explorer = explorer;
		this.#settings = host.settings;
		this.#failed = host.failed;
	}

	/** What is known of the guards of a document's version; null: nothing, and nothing is being worked out. */
	of(uri: string, version: number): KnownGuards | null {
		const entry = this.#entries.get(uri);
		return entry?.version === version ? entry.known : null;
	}

	/** A document's state changed: its guards are wanted, or no longer. */
	changed(state: DocumentState): void {
		const { uri, done, freshness } = state;
		const before = this.#entries.get(uri);
		if (freshness !== 'fresh' || done === null || done.analysis.functions.length === 0) {
			if (freshness !== 'checking' || before?.version !== state.version) this.drop(uri);
			return;
		}
		if (before?.version === done.version) return;
		this.drop(uri);
		const entry: Entry = { version: done.version, timer: null, running: null, known: null };
		this.#entries.set(uri, entry);
		entry.timer = setTimeout(() => void this.#start(uri, entry, done.request), QUIET);
		entry.timer.unref();
	}

	drop(uri: string): void {
		const entry = this.#entries.get(uri);
		if (entry === undefined) return;
		if (entry.timer !== null) clearTimeout(entry.timer);
		entry.running?.cancel();
		this.#entries.delete(uri);
	}

	async #start(
		uri: string,
		entry: Entry,
		request: NonNullable<DocumentState['request']>,
	): Promise<void> {
		entry.timer = null;
		const { guards: wanted } = await this.#settings(uri);
		if (this.#entries.get(uri) !== entry) return;
		if (!wanted) {
			this.#entries.delete(uri);
			return;
		}
		entry.known = { guards: [], complete: false };
		const document = { ...request, memory: 'sc' as const, budgetSeconds: BUDGET };
		const running = this.#explorer.run(
			uri,
			{ kind: 'guards', document },
			{
				guards: (guards) => {
					entry.known = { guards, complete: false };
				},
			},
		);
		entry.running = running;
		const outcome = await running.outcome;
		entry.running = null;
		if (this.#entries.get(uri) !== entry) return;
		if (outcome.kind === 'done') entry.known = { guards: outcome.result, complete: true };
		else this.#entries.delete(uri);
		if (outcome.kind === 'failed') this.#failed(uri, outcome.message);
	}
}
