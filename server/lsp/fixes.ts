/**
 * Fixes of findings, searched once per version: asked for when a cursor comes by, known by the time the menu opens.
 *
 * Invariant: a fix that exploration refused is not offered again for that version.
 */

import type { AnalysedFinding } from '../ide/analysis/analysis.js';
import type { FixKind, FixOutcome } from '../ide/quick_fix/fix_kinds.js';
import type { Explorer } from '../worker/exploration.js';
import type { Done } from './checks.js';

export interface KnownFix {
	readonly outcome: Promise<FixOutcome>;
	/** The outcome once it is there. */
	readonly settled: FixOutcome | null;
}

/** Searches remembered; the oldest goes first. */
const KNOWN_MAX = 64;

interface Search {
	outcome: Promise<FixOutcome>;
	settled: FixOutcome | null;
}

export class Fixes {
	readonly #explorer: Explorer;
	readonly #report: (where: string, error: unknown) => void;
	readonly #known = new Map<string, Search>();

	constructor(explorer: Explorer, report: (where: string, error: unknown) => void) {
		this.#explorer = explorer;
		this.#report = report;
	}

	/** The search for a fix of a finding of the document's analysed text, started if it was not yet. */
	search(uri: string, done: Done, finding: AnalysedFinding, kind: FixKind): KnownFix {
		const key = `fix ${uri} ${done.version} ${kind} ${finding.rule} ${finding.trace.id}`;
		const known = this.#known.get(key);
		if (known !== undefined) return known;
		const search: Search = { outcome: this.#start(key, done, finding, kind), settled: null };
		void search.outcome.then((outcome) => {
			search.settled = outcome;
		});
		this.#known.set(key, search);
		for (const oldest of this.#known.keys()) {
			if (this.#known.size <= KNOWN_MAX) break;
			this.#known.delete(oldest);
		}
		return search;
	}

	async #start(
		key: string,
		done: Done,
		finding: AnalysedFinding,
		kind: FixKind,
	): Promise<FixOutcome> {
		const known = done.analysis.findings.map((f) => ({ rule: f.rule, function: f.function }));
		const running = this.#explorer.run(
			key,
			{ kind: 'fix', document: done.request, wanted: { kind, finding, known } },
			{},
		);
		const outcome = await running.outcome;
		if (outcome.kind === 'done') return outcome.result;
		this.#known.delete(key);
		if (outcome.kind === 'failed') this.#report('the search for a fix', outcome.message);
		const why = outcome.kind === 'ended' ? `the search ${outcome.why}` : 'the search was stopped';
		return { kind: 'none', why };
	}
}
