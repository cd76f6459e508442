/**
 * The checks of the open documents: one state per document, moved by edits and by what the workers answer.
 *
 * Invariant: an analysis is only ever shown for the version it was made from.
 * Invariant: a burst of edits leaves one timer and at most one running check per document.
 *
 * The most telling scenarios are explored first and answered for; then the other common ones; then what hover rests on,
 * the rarer scenarios, and the other architectures. Each answer says what is still to come, and is what a check that
 * went no deeper would say: the last is the command line's.
 */

import { ARCHS } from '../../engine/program/arch.js';
import {
	type AnalysedFinding,
	type Analysis,
	stoppedAnalysis,
	type VariantAnalysis,
} from '../ide/analysis/analysis.js';
import { looksLikeWalk, whyTooLong } from '../ide/recognise.js';
import { configuration } from '../tree/configuration.js';
import type { Explorer, Running } from '../worker/exploration.js';
import type { DocumentRequest } from '../worker/worker_protocol.js';

export type Freshness = 'fresh' | 'checking' | 'failed';

export interface DocumentState {
	readonly uri: string;
	/** Version of the newest text. */
	version: number;
	freshness: Freshness;
	/** The last finished analysis with the text and version it is about; null when there is none. */
	done: Done | null;
	/** What was last asked of a worker for this document; null before. */
	request: DocumentRequest | null;
	/** Findings of the running check of the newest version. */
	partial: readonly AnalysedFinding[];
}

export interface Done {
	readonly analysis: Analysis;
	readonly text: string;
	readonly version: number;
	readonly request: DocumentRequest;
}

export interface ChecksHost {
	/** The newest text of an open document, or null when it is closed. */
	text(uri: string): { readonly text: string; readonly version: number } | null;
	/** What to analyse, or null when the user switched racewalk off for it. */
	request(uri: string, text: string): Promise<DocumentRequest | null>;
	/** Whether the user wants the text checked for the other architectures too. */
	compares(uri: string): Promise<boolean>;
	/** Something to show changed; `partial`: only `partial` did. */
	changed(state: DocumentState, what: 'freshness' | 'partial' | 'result'): void;
	failed(state: DocumentState, message: string): void;
	/** A check runs: where its progress goes. `cancel` is for the user. */
	running(state: DocumentState, cancel: () => void): RunningReport;
}

export interface RunningReport {
	progress(done: number, total: number, scenario: string): void;
	end(): void;
}

/** Milliseconds of quiet after an edit before a check starts. */
const QUIET = 15;

interface Slot {
	readonly state: DocumentState;
	timer: NodeJS.Timeout | null;
	running: Running<unknown> | null;
	/** What runs behind everything else. */
	behind: readonly Running<unknown>[];
	/** Counts touches: a check of the same text with other settings is another check. */
	generation: number;
	/** The sites of the version that is shown are being learned, or are to be. */
	learning: boolean;
	cancelledByUser: boolean;
	waiters: (() => void)[];
}

export class Checks {
	readonly #host: ChecksHost;
	readonly #explorer: Explorer;
	readonly #slots = new Map<string, Slot>();

	constructor(host: ChecksHost, explorer: Explorer) {
		this.#host = host;
		this.#explorer = explorer;
	}

	/** A document was opened or edited, or what its analysis depends on changed. */
	touch(uri: string, version: number): void {
		const slot = this.#slot(uri, version);
		const first = slot.state.done === null && slot.running === null;
		slot.state.version = version;
		slot.generation++;
		slot.state.partial = [];
		if (slot.state.freshness !== 'checking') {
			slot.state.freshness = 'checking';
			this.#host.changed(slot.state, 'freshness');
		}
		stop(slot);
		slot.learning = false;
		this.#wake(slot);
		if (slot.timer !== null) clearTimeout(slot.timer);
		slot.timer = setTimeout(() => this.#start(slot), first ? 0 : QUIET);
	}

	close(uri: string): void {
		const slot = this.#slots.get(uri);
		if (slot === undefined) return;
		if (slot.timer !== null) clearTimeout(slot.timer);
		stop(slot);
		this.#explorer.drop(uri);
		this.#slots.delete(uri);
		for (const wake of slot.waiters) wake();
	}

	state(uri: string): DocumentState | null {
		return this.#slots.get(uri)?.state ?? null;
	}

	uris(): readonly string[] {
		return [...this.#slots.keys()];
	}

	/** Resolves when the newest text has its result, failed, was closed, or `early` findings are known. */
	async settled(uri: string, options: { readonly early: boolean }): Promise<DocumentState | null> {
		for (;;) {
			const slot = this.#slots.get(uri);
			if (slot === undefined) return null;
			const { state } = slot;
			if (state.freshness !== 'checking') return state;
			if (options.early && state.partial.length > 0) return state;
			await new Promise<void>((wake) => slot.waiters.push(wake));
		}
	}

	#slot(uri: string, version: number): Slot {
		const known = this.#slots.get(uri);
		if (known !== undefined) return known;
		const state: DocumentState = {
			uri,
			version,
			freshness: 'fresh',
			done: null,
			request: null,
			partial: [],
		};
		const slot: Slot = {
			state,
			timer: null,
			running: null,
			behind: [],
			generation: 0,
			learning: false,
			cancelledByUser: false,
			waiters: [],
		};
		this.#slots.set(uri, slot);
		return slot;
	}

	async #start(slot: Slot): Promise<void> {
		slot.timer = null;
		const { uri, version } = slot.state;
		const { generation } = slot;
		const now = this.#host.text(uri);
		if (now === null || now.version !== version) return;
		let request: DocumentRequest | null;
		try {
			const isWalk = looksLikeWalk(now.text);
			const tooLong = isWalk ? whyTooLong(now.text) : null;
			if (tooLong !== null) {
				this.#fail(slot, tooLong);
				return;
			}
			request = isWalk ? await this.#host.request(uri, now.text) : null;
		} catch (error) {
			this.#fail(slot, error instanceof Error ? error.message : String(error));
			return;
		}
		if (slot.generation !== generation || !this.#slots.has(uri)) return;
		slot.state.request = request;
		if (request === null) {
			slot.state.done = null;
			this.#finish(slot, 'fresh');
			return;
		}
		await this.#explore(slot, request, version);
	}

	async #explore(slot: Slot, request: DocumentRequest, version: number): Promise<void> {
		const { state } = slot;
		const { generation } = slot;
		const current = (): boolean =>
			slot.generation === generation && this.#slots.get(state.uri) === slot;
		slot.cancelledByUser = false;
		const report = this.#host.running(state, () => {
			slot.cancelledByUser = true;
			running.cancel();
		});
		const running = this.#explorer.run(
			state.uri,
			{ kind: 'analyse', document: { ...request, depth: 'first' } },
			{
				progress: (done, total, scenario) => report.progress(done, total, scenario),
				found: (finding) => {
					if (!current()) return;
					state.partial = [...state.partial, finding];
					this.#host.changed(state, 'partial');
					this.#wake(slot);
				},
			},
		);
		slot.running = running;
		const outcome = await running.outcome;
		report.end();
		if (slot.running === running) slot.running = null;
		if (!current()) return;
		switch (outcome.kind) {
			case 'done': {
				const { text } = request;
				const analysis = this.#explained(slot, outcome.result, request);
				state.done = { analysis, text, version, request };
				slot.learning = analysis.functions.length > 0;
				this.#finish(slot, 'fresh');
				await this.#deepen(slot, { ...request, depth: 'core' }, version);
				if (current()) await this.#learnSites(slot, request, version);
				if (current()) await this.#deepen(slot, request, version);
				if (current()) await this.#compare(slot, request, version);
				return;
			}
			case 'ended': {
				const { phase, why } = outcome;
				const analysis = stoppedAnalysis(request, { phase, why: `the check ${why}` });
				state.done = { analysis, text: request.text, version, request };
				this.#finish(slot, 'fresh');
				return;
			}
			case 'refused':
			case 'failed':
				this.#fail(slot, outcome.message);
				return;
			case 'superseded':
				// nothing newer came: the user stopped it before it began
				if (slot.cancelledByUser) this.#finish(slot, 'failed');
				return;
		}
	}

	/** What hover rests on comes after the verdicts; an edit stops it like a check. */
	async #learnSites(slot: Slot, request: DocumentRequest, version: number): Promise<void> {
		const { state } = slot;
		if (state.done === null || state.done.analysis.functions.length === 0) return;
		const running = this.#explorer.run(state.uri, { kind: 'sites', document: request }, {});
		slot.running = running;
		const outcome = await running.outcome;
		if (slot.running === running) {
			slot.running = null;
			slot.learning = false;
		}
		if (outcome.kind === 'failed') this.#host.failed(state, outcome.message);
		if (outcome.kind === 'done' && state.done?.version === version) {
			const analysis = { ...state.done.analysis, sites: outcome.result };
			state.done = { ...state.done, analysis };
		}
		this.#wake(slot);
	}

	/** What the answer so far left out; the result takes the place of that answer. An edit stops it. */
	async #deepen(slot: Slot, request: DocumentRequest, version: number): Promise<void> {
		const { state } = slot;
		const { generation } = slot;
		const first = state.done?.analysis;
		if (first === undefined || first.left === undefined || first.cancelled) return;
		const running = this.#explorer.run(state.uri, { kind: 'analyse', document: request }, {});
		slot.running = running;
		const outcome = await running.outcome;
		if (slot.running === running) slot.running = null;
		if (slot.generation !== generation || this.#slots.get(state.uri) !== slot) return;
		if (outcome.kind === 'failed') this.#host.failed(state, outcome.message);
		if (outcome.kind !== 'done' || state.done?.version !== version) return;
		const { sites, elsewhere } = state.done.analysis;
		const analysis = {
			...this.#explained(slot, outcome.result, request),
			sites,
			...(elsewhere === undefined ? {} : { elsewhere }),
		};
		state.done = { ...state.done, analysis };
		this.#finish(slot, 'fresh');
	}

	/**
	 * The same text on the other architectures, as Debian configures them: hover tells where a finding exists. In the worker
	 * behind everything else; an edit stops it.
	 */
	async #compare(slot: Slot, request: DocumentRequest, version: number): Promise<void> {
		const { state, generation } = slot;
		if (state.done === null || state.done.analysis.functions.length === 0) return;
		if (request.whatIf !== undefined || request.memory !== 'sc') return;
		const current = (): boolean =>
			slot.generation === generation && this.#slots.get(state.uri) === slot;
		if (!(await this.#host.compares(state.uri)) || !current()) return;
		const variants = ARCHS.filter((a) => a !== request.arch).map((arch) => ({
			...{ arch, changed: null },
			config: configuration({ arch, dotConfig: null, set: new Map() }),
		}));
		const runs = variants.map(({ arch, config }) => {
			const document = { ...request, arch, config: [...config], depth: 'core' } as const;
			const task = { kind: 'analyse', document } as const;
			return this.#explorer.run(`${state.uri} ${arch}`, task, {}, { behind: true });
		});
		slot.behind = runs;
		const outcomes = await Promise.all(runs.map((run) => run.outcome));
		if (!current() || state.done?.version !== version) return;
		slot.behind = [];
		const elsewhere = outcomes.flatMap((outcome, i): VariantAnalysis[] => {
			const variant = variants[i];
			if (variant === undefined || outcome.kind !== 'done' || outcome.result.cancelled) return [];
			return [{ variant, analysis: outcome.result }];
		});
		if (elsewhere.length < variants.length) return;
		state.done = { ...state.done, analysis: { ...state.done.analysis, elsewhere } };
	}

	/** Resolves when hover has what it rests on, as far as the newest text goes. */
	async learned(uri: string): Promise<void> {
		for (;;) {
			const slot = this.#slots.get(uri);
			if (slot === undefined || !slot.learning || slot.state.freshness !== 'fresh') return;
			await new Promise<void>((wake) => slot.waiters.push(wake));
		}
	}

	/** Why a check that was stopped did not decide. */
	#explained(slot: Slot, analysis: Analysis, request: DocumentRequest): Analysis {
		if (!analysis.cancelled) return analysis;
		const why = slot.cancelledByUser
			? 'the check was cancelled'
			: `the budget of ${request.budgetSeconds} s ran out`;
		const functions = analysis.functions.map((f) =>
			f.verdict === 'inconclusive' ? { ...f, why } : f,
		);
		if (analysis.stopped === undefined) return { ...analysis, functions };
		const { phase } = analysis.stopped;
		return { ...analysis, functions, stopped: { phase, why: `${why} in ${phase}` } };
	}

	#finish(slot: Slot, freshness: Freshness): void {
		slot.state.partial = [];
		slot.state.freshness = freshness;
		this.#host.changed(slot.state, 'result');
		this.#wake(slot);
	}

	#fail(slot: Slot, message: string): void {
		slot.state.done = null;
		this.#host.failed(slot.state, message);
		this.#finish(slot, 'failed');
	}

	#wake(slot: Slot): void {
		const { waiters } = slot;
		slot.waiters = [];
		for (const wake of waiters) wake();
	}
}

function stop(slot: Slot): void {
	slot.running?.cancel();
	for (const running of slot.behind) running.cancel();
	slot.behind = [];
}
