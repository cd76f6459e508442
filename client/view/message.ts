/**
 * What crosses between the extension host and the trace panel's webview, in both directions, and what the webview
 * keeps for itself across a reload of the window.
 *
 * Invariant: plain data; the host owns the content and the current step, the view only shows and asks.
 */
import type { SimulateParams, SourcePlace, TracePanelContent } from '../../server/protocol.js';

/** A run as the panel holds it: what was asked for, what came back, and where the reader stands. */
export interface PanelRun {
	readonly params: SimulateParams;
	readonly content: TracePanelContent;
	/** Index of the current step in `content.steps`; 0 for a run without steps. */
	readonly step: number;
}

/** A line above the run: what is going on, or why the run may no longer be true. */
export interface PanelNotice {
	readonly kind: 'busy' | 'stale' | 'failed';
	readonly text: string;
	/** True when simulating again can help: the view offers it. */
	readonly again: boolean;
}

export type ToView =
	| { readonly kind: 'show'; readonly run: PanelRun; readonly notice: PanelNotice | null }
	| { readonly kind: 'select'; readonly step: number }
	| { readonly kind: 'notice'; readonly notice: PanelNotice | null };

export type FromView =
	/** The script runs and can be shown something. */
	| { readonly kind: 'ready' }
	/** The reader moved; `open`: put the cursor on its source line as well. */
	| { readonly kind: 'selected'; readonly step: number; readonly open: boolean }
	/** A frame of the stack or a place was chosen. */
	| { readonly kind: 'open'; readonly place: SourcePlace }
	| { readonly kind: 'copy' }
	| { readonly kind: 'again' };
