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
}

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
	| { readonly kind: 'show'; readonly run: PanelRun; readonly notice: PanelNotice | null }
	| ({ readonly kind: 'select' } & Standing)
	| { readonly kind: 'notice'; readonly notice: PanelNotice | null };

export type FromView =
	/** The script runs and can be shown something. */
	| { readonly kind: 'ready' }
	/** The reader moved; `open`: put the cursor on its source line as well. */
	| ({ readonly kind: 'selected'; readonly open: boolean } & Standing)
	/** A frame of the stack or a place was chosen. */
	| { readonly kind: 'open'; readonly place: SourcePlace }
	| { readonly kind: 'copy' }
	| { readonly kind: 'again' };
