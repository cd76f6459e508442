/**
 * The open documents of a language: one state per document, moved by edits and by what the workers answer, stage by stage.
 *
 * Invariant: what is shown was made from the version that it is shown for.
 * Invariant: a burst of edits leaves one timer and the work on one text; what is under way for an older text is stopped, and
 * its answers change nothing.
 */
import type { Explorer, Running } from '../worker/exploration.js';
import type { Kept, Stage, StageStart, Work } from './stage.js';

export type Freshness = 'fresh' | 'checking' | 'failed';

export interface OpenDocument<Request> {
	readonly uri: string;
	/** Version of the newest text. */
	version: number;
	freshness: Freshness;
	/** What is asked of the workers for the newest text; null before it is known, and where nothing is. */
	request: Request | null;
}

export interface RunningReport {
	progress(done: number, total: number, scenario: string): void;
	end(): void;
}

/** What is done with the documents of a language. */
export interface Procedure<Request, State extends OpenDocument<Request>> {
	/** Milliseconds of quiet after an edit before the work starts. */
	readonly quiet: number;
	readonly stages: readonly Stage<State>[];
	opened(uri: string, version: number): State;
	/** The text is another: what does not outlive that goes. */
	edited(state: State): void;
	/** What to ask about the newest text; null: nothing. Throws a message for the user where it cannot be asked. */
	request(state: State): Promise<Request | null>;
	/** There is no result: nothing was asked, or it failed. */
	cleared(state: State): void;
	/** Something to show changed; `partial`: only what is told before the answer. */
	changed(state: State, what: 'freshness' | 'partial' | 'result'): void;
	failed(state: State, message: string): void;
	/** A stage is at work whose progress the user sees. */
	running(state: State, cancel: () => void): RunningReport;
}

interface Slot<State> {
	readonly state: State;
	readonly timers: Set<NodeJS.Timeout>;
	readonly running: Set<Running<unknown>>;
	/** Stages whose end is still to come. */
	readonly open: Set<string>;
	/** Counts touches: work on the same text with other settings is other work. */
	generation: number;
	waiters: (() => void)[];
}

export class OpenDocuments<Request, State extends OpenDocument<Request>> {
	readonly #procedure: Procedure<Request, State>;
	readonly #explorer: Explorer;
	readonly #slots = new Map<string, Slot<State>>();

	constructor(procedure: Procedure<Request, State>, explorer: Explorer) {
		this.#procedure = procedure;
		this.#explorer = explorer;
	}

	/** A document was opened or edited, or what its answers depend on changed. */
	touch(uri: string, version: number): void {
		const known = this.#slots.get(uri);
		const slot = known ?? newSlot(this.#procedure.opened(uri, version));
		this.#slots.set(uri, slot);
		const { state } = slot;
		const isIdle = known === undefined || state.freshness !== 'checking';
		state.version = version;
		state.freshness = 'checking';
		slot.generation++;
		stop(slot);
		this.#procedure.edited(state);
		for (const { name } of this.#procedure.stages) slot.open.add(name);
		if (isIdle) this.#procedure.changed(state, 'freshness');
		wake(slot);
		const { generation } = slot;
		const quiet = known === undefined ? 0 : this.#procedure.quiet;
		this.#later(slot, quiet, () => void this.#start(slot, generation));
	}

	close(uri: string): void {
		const slot = this.#slots.get(uri);
		if (slot === undefined) return;
		slot.generation++;
		stop(slot);
		this.#explorer.drop(uri);
		this.#slots.delete(uri);
		wake(slot);
	}

	has(uri: string): boolean {
		return this.#slots.has(uri);
	}

	state(uri: string): State | null {
		return this.#slots.get(uri)?.state ?? null;
	}

	uris(): readonly string[] {
		return [...this.#slots.keys()];
	}

	/** Resolves when the newest text has its result, failed, was closed (null), or has what is `enough`. */
	settled(uri: string, enough: (state: State) => boolean = () => false): Promise<State | null> {
		return this.#until(uri, ({ state }) => state.freshness !== 'checking' || enough(state));
	}

	/** Resolves when a stage of the newest text is past, as far as that text has a result. */
	async past(uri: string, name: string): Promise<void> {
		await this.#until(uri, ({ state, open }) => state.freshness !== 'fresh' || !open.has(name));
	}

	async #until(uri: string, isSo: (slot: Slot<State>) => boolean): Promise<State | null> {
		for (;;) {
			const slot = this.#slots.get(uri);
			if (slot === undefined) return null;
			if (isSo(slot)) return slot.state;
			await new Promise<void>((resolve) => slot.waiters.push(resolve));
		}
	}

	#later(slot: Slot<State>, milliseconds: number, then: () => void): void {
		const timer = setTimeout(() => {
			slot.timers.delete(timer);
			then();
		}, milliseconds);
		slot.timers.add(timer);
	}

	async #start(slot: Slot<State>, generation: number): Promise<void> {
		const { state } = slot;
		const isCurrent = (): boolean =>
			slot.generation === generation && this.#slots.get(state.uri) === slot;
		let request: Request | null;
		try {
			request = await this.#procedure.request(state);
		} catch (error) {
			if (isCurrent()) this.#fail(slot, error instanceof Error ? error.message : String(error));
			return;
		}
		if (!isCurrent()) return;
		state.request = request;
		if (request === null) {
			slot.open.clear();
			this.#procedure.cleared(state);
			this.#finish(slot, 'fresh');
			return;
		}
		for (const stage of this.#procedure.stages) {
			const work = this.#stage(slot, stage, isCurrent);
			if (stage.isBeside === true) continue;
			if (!(await work) || !isCurrent()) return;
		}
	}

	/** Works on one stage; false: what follows is not wanted. */
	async #stage(slot: Slot<State>, stage: Stage<State>, isCurrent: () => boolean): Promise<boolean> {
		const { state } = slot;
		const { quiet } = stage;
		if (quiet !== undefined) await new Promise<void>((on) => this.#later(slot, quiet, on));
		if (!isCurrent()) return false;
		try {
			const begin = await stage.begin(state, this.#explorer);
			if (!isCurrent()) return false;
			const kept = begin === null ? 'kept' : await this.#under(slot, stage, begin, isCurrent);
			return isCurrent() ? this.#kept(slot, stage, kept) : false;
		} catch (error) {
			if (!isCurrent()) return false;
			const message = error instanceof Error ? error.message : String(error);
			if (stage.isBeside !== true) return this.#kept(slot, stage, { failed: message });
			this.#procedure.failed(state, message);
			return this.#kept(slot, stage, 'kept');
		}
	}

	/** Asks, waits for the answers, which a touch and where they are shown the user can stop, and keeps them. */
	async #under(
		slot: Slot<State>,
		stage: Stage<State>,
		begin: StageStart,
		isCurrent: () => boolean,
	): Promise<Kept> {
		let work: Work | null = null;
		let byUser = false;
		const report =
			stage.isShown !== true
				? null
				: this.#procedure.running(slot.state, () => {
						byUser = true;
						for (const running of work?.running ?? []) running.cancel();
					});
		const heard = (change: () => void): void => {
			if (!isCurrent()) return;
			change();
			this.#procedure.changed(slot.state, 'partial');
			wake(slot);
		};
		work = begin((...of) => report?.progress(...of), heard);
		const { running, answered } = work;
		for (const one of running) slot.running.add(one);
		const keep = await answered;
		for (const one of running) slot.running.delete(one);
		report?.end();
		return isCurrent() ? keep(byUser) : 'over';
	}

	/** A stage is past; false: what follows is not wanted. */
	#kept(slot: Slot<State>, { name }: Stage<State>, kept: Kept): boolean {
		slot.open.delete(name);
		if (typeof kept === 'object') this.#fail(slot, kept.failed);
		else if (kept === 'shown') this.#finish(slot, 'fresh');
		else if (kept !== 'kept') slot.open.clear();
		if (kept === 'last') this.#finish(slot, 'fresh');
		if (kept === 'stopped') this.#finish(slot, 'failed');
		wake(slot);
		return kept === 'shown' || kept === 'kept';
	}

	#finish(slot: Slot<State>, freshness: Freshness): void {
		slot.state.freshness = freshness;
		this.#procedure.changed(slot.state, 'result');
		wake(slot);
	}

	#fail(slot: Slot<State>, message: string): void {
		slot.open.clear();
		this.#procedure.cleared(slot.state);
		this.#procedure.failed(slot.state, message);
		this.#finish(slot, 'failed');
	}
}

function newSlot<State>(state: State): Slot<State> {
	return {
		...{ state, timers: new Set<NodeJS.Timeout>(), running: new Set<Running<unknown>>() },
		...{ open: new Set<string>(), generation: 0, waiters: [] },
	};
}

/** Stops all that is under way for a text. */
function stop<State>(slot: Slot<State>): void {
	for (const timer of slot.timers) clearTimeout(timer);
	for (const running of slot.running) running.cancel();
	slot.timers.clear();
	slot.running.clear();
	slot.open.clear();
}

function wake<State>(slot: Slot<State>): void {
	const { waiters } = slot;
	slot.waiters = [];
	for (const resolve of waiters) resolve();
}
