/**
 * The runs that the panel has shown in this session, the newest last.
 *
 * Invariant: at most `RUNS_MAX`, each run once; one of a text that has changed since says so.
 */
import type { HistoryEntry, PanelRun } from './view/message.js';

const RUNS_MAX = 20;

interface Kept {
	readonly run: PanelRun;
	readonly isStale: boolean;
}

export class RunHistory {
	private kept: readonly Kept[] = [];

	/** A run that is shown now; the same run of before goes. */
	add(run: PanelRun): void {
		const others = this.kept.filter((kept) => nameOf(kept.run) !== nameOf(run));
		this.kept = [...others, { run, isStale: false }].slice(-RUNS_MAX);
	}

	/** Where the reader stands in it now. */
	update(run: PanelRun): void {
		this.kept = this.kept.map((kept) =>
			kept.run.showing === run.showing ? { ...kept, run } : kept,
		);
	}

	/** The text of a file has changed. */
	changed(isOf: (uri: string) => boolean): void {
		this.kept = this.kept.map((kept) =>
			isOf(kept.run.content.uri) ? { ...kept, isStale: true } : kept,
		);
	}

	/** Null: it is there no more. */
	of(key: number): Kept | null {
		return this.kept.find(({ run }) => run.showing === key) ?? null;
	}

	entries(what: (run: PanelRun) => string): readonly HistoryEntry[] {
		return this.kept.map(({ run }) => ({ key: run.showing, label: what(run) }));
	}
}

/** Two runs of that name are the same. */
function nameOf({ content }: PanelRun): string {
	return JSON.stringify([content.uri, content.id, content.supposed ?? null]);
}
