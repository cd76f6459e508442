/**
 * What crosses between the extension host and the trace panel's webview, in both directions, and what the webview
 * keeps for itself across a reload of the window.
 *
 * Invariant: plain data; the host owns the content. Both move through it: a word of one that crosses a later move of the
 * reader in the view loses (`standingAfter`), so both come to stand at the same step.
 */
import type { SimulateParams, SourcePlace, TracePanelContent } from '../../server/protocol.js';

/** A run as the panel holds it: what was asked for, what came back, and where the reader stands. */
export interface PanelRun {
	readonly params: SimulateParams;
	readonly content: TracePanelContent;
	/** Index of the current step in `content.steps`; 0 for a run without steps. */
	readonly step: number;
	/** Counts what the host showed: the same run shown anew is another showing. */
	readonly showing: number;
	/** Moves made in the view during this showing, as far as whoever says this knows of them. */
	readonly moves: number;
	/** The run that it is compared with; absent: none. */
	readonly beside?: TracePanelContent;
}

/** A run that was shown in this session. */
export interface HistoryEntry {
	/** Names it among the others. */
	readonly key: number;
	readonly label: string;
}

/** What can be shown beside a run: what its host looks for (`neighbour`), or one of the session's runs. */
export type CompareWith =
	| { readonly kind: 'neighbour' }
	| { readonly kind: 'entry'; readonly key: number };

/** A line above the run: what is going on, or why the run may no longer be true. */
export interface PanelNotice {
	readonly kind: 'busy' | 'stale' | 'failed';
	readonly text: string;
	/** True when simulating again can help: the view offers it. */
	readonly again: boolean;
}

/** Where the reader stands. */
export type Standing = Pick<PanelRun, 'step' | 'showing' | 'moves'>;

export function standingOf({ step, showing, moves }: Standing): Standing {
	return { step, showing, moves };
}

/** Where the view stands once it is told where the host stands: a host that had not heard of its latest move yields. */
export function standingAfter(mine: Standing, told: Standing): Standing {
	const crossed = told.showing === mine.showing && told.moves < mine.moves;
	return standingOf(crossed ? mine : told);
}

export type ToView =
	| {
			readonly kind: 'show';
			readonly run: PanelRun;
			readonly notice: PanelNotice | null;
			/** The session's runs, the oldest first; the one shown is among them. */
			readonly history: readonly HistoryEntry[];
			/** Which of them is shown. */
			readonly at: number;
			/** English to the reader's language. */
			readonly words: Readonly<Record<string, string>>;
	  }
	| ({ readonly kind: 'select' } & Standing)
	| { readonly kind: 'notice'; readonly notice: PanelNotice | null };

export type FromView =
	/** The script runs and can be shown something. */
	| { readonly kind: 'ready' }
	/** The reader moved; `open`: put the cursor on its source line as well. */
	| ({ readonly kind: 'selected'; readonly open: boolean } & Standing)
	/** A frame of the stack or a place was chosen. */
	| { readonly kind: 'open'; readonly place: SourcePlace }
	/** Another run of the session. */
	| { readonly kind: 'recall'; readonly key: number }
	/** Shows another run beside it; null: none any more. */
	| { readonly kind: 'compare'; readonly with: CompareWith | null }
	/** The run without the guard that saved this one. */
	| { readonly kind: 'without' }
	| { readonly kind: 'copy' }
	| { readonly kind: 'again' };
