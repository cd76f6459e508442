/**
 * The open litmus tests: one state per document, moved by edits and by what the workers answer.
 *
 * Invariant: what is shown was made from the newest text, or nothing is.
 */

import { type LitmusAnalysis, undecidedLitmus } from '../ide/litmus.js';
import { NOTIFICATION_VERDICTS, type VerdictsParams } from '../protocol.js';
import { placeLater } from '../tree/workspace.js';
import type { Running } from '../worker/exploration.js';
import type { Task } from '../worker/worker_protocol.js';
import { filePath } from './document_address.js';
import type { Session } from './session.js';

export type LitmusRequest = Extract<Task, { readonly kind: 'litmus' }>['litmus'];

export interface LitmusState {
	readonly uri: string;
	version: number;
	freshness: 'checking' | 'fresh' | 'failed';
	/** Null while it is checking, after a failure, and when the user switched racewalk off. */
	analysis: LitmusAnalysis | null;
}

interface Slot {
	readonly state: LitmusState;
	timer: NodeJS.Timeout | null;
	running: Running<LitmusAnalysis> | null;
	/** Counts touches. */
	generation: number;
	waiters: (() => void)[];
}

/** Milliseconds of quiet after an edit before a test is run. */
const QUIET = 30;

export class LitmusDocuments {
	readonly #session: Session;
	readonly #changed: (state: LitmusState) => void;
	readonly #slots = new Map<string, Slot>();

	/** `changed` is called when a document has a result, or has none any more. */
	constructor(session: Session, changed: (state: LitmusState) => void) {
		this.#session = session;
		this.#changed = changed;
	}

	has(uri: string): boolean {
		return this.#slots.has(uri);
	}

	uris(): readonly string[] {
		return [...this.#slots.keys()];
	}

	state(uri: string): LitmusState | null {
		return this.#slots.get(uri)?.state ?? null;
	}

	/** A document was opened or edited, or what its analysis depends on changed. */
	touch(uri: string, version: number): void {
		const known = this.#slots.get(uri);
		const slot = known ?? newSlot(uri, version);
		this.#slots.set(uri, slot);
		slot.state.version = version;
		slot.state.freshness = 'checking';
		slot.state.analysis = null;
		slot.generation++;
		slot.running?.cancel();
		this.#tell(slot.state);
		if (slot.timer !== null) clearTimeout(slot.timer);
		slot.timer = setTimeout(() => void this.#start(slot), known === undefined ? 0 : QUIET);
	}

	close(uri: string): void {
		const slot = this.#slots.get(uri);
		if (slot === undefined) return;
		if (slot.timer !== null) clearTimeout(slot.timer);
		slot.generation++;
		slot.running?.cancel();
		this.#session.explorer.drop(uri);
		this.#slots.delete(uri);
		wake(slot);
	}

	/** Resolves when the newest text has its result, failed, or was closed. */
	async settled(uri: string): Promise<LitmusState | null> {
		for (;;) {
			const slot = this.#slots.get(uri);
			if (slot === undefined) return null;
			if (slot.state.freshness !== 'checking') return slot.state;
			await new Promise<void>((resolve) => slot.waiters.push(resolve));
		}
	}

	/** What a worker is asked about the newest text; null when racewalk is switched off for it. */
	async request(uri: string): Promise<LitmusRequest | null> {
		const text = this.#session.documents.get(uri)?.getText() ?? '';
		const settings = await this.#session.settings(uri);
		if (!settings.enable) return null;
		const place = await placeLater(filePath(uri) ?? 'untitled.litmus', {
			tree: settings.kernelTree,
			as: null,
			folders: this.#session.workspace.folders,
		});
		return { text, tree: place.tree, budgetSeconds: settings.budgetSeconds };
	}

	async #start(slot: Slot): Promise<void> {
		slot.timer = null;
		const { generation, state } = slot;
		const { uri } = state;
		const current = (): boolean => slot.generation === generation && this.#slots.get(uri) === slot;
		try {
			const litmus = await this.request(uri);
			if (!current()) return;
			if (litmus === null) return this.#finish(slot, 'fresh', null);
			slot.running = this.#session.explorer.run(uri, { kind: 'litmus', litmus }, {});
			const outcome = await slot.running.outcome;
			if (!current() || outcome.kind === 'superseded') return;
			if (outcome.kind === 'done') return this.#finish(slot, 'fresh', outcome.result);
			if (outcome.kind === 'ended')
				return this.#finish(
					slot,
					'fresh',
					undecidedLitmus(`the run ${outcome.why}; the next edit is run again`),
				);
			this.#session.report(`litmus test ${uri}`, outcome.message);
		} catch (error) {
			if (!current()) return;
			this.#session.report(`litmus test ${uri}`, error);
		}
		this.#finish(slot, 'failed', null);
	}

	#finish(slot: Slot, freshness: 'fresh' | 'failed', analysis: LitmusAnalysis | null): void {
		slot.state.freshness = freshness;
		slot.state.analysis = analysis;
		this.#tell(slot.state);
		this.#changed(slot.state);
		wake(slot);
	}

	/** A test has no functions with verdicts; whether it is being run is told all the same. */
	#tell({ uri, version, freshness }: LitmusState): void {
		const params: VerdictsParams = {
			uri,
			version,
			freshness,
			functions: [],
			arch: '',
			memory: 'lkmm',
			milliseconds: 0,
		};
		void this.#session.connection.sendNotification(NOTIFICATION_VERDICTS, params);
	}
}

function newSlot(uri: string, version: number): Slot {
	return {
		state: { uri, version, freshness: 'checking', analysis: null },
		timer: null,
		running: null,
		generation: 0,
		waiters: [],
	};
}

function wake(slot: Slot): void {
	const { waiters } = slot;
	slot.waiters = [];
	for (const resolve of waiters) resolve();
}
