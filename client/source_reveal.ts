/**
 * Shows the source of a run's steps in the editor beside the panel.
 *
 * Invariant: the latest place to reveal is the one that is shown in the end, however long an earlier one takes to open.
 */
import * as vscode from 'vscode';
import { label, plain } from '../engine/escape/label.js';
import type { SourcePlace } from '../server/protocol.js';
import { documentOf, rangeOf } from './source_place.js';
import { t } from './view/words.js';

/** `open`: put the cursor there as well. */
interface Wanted {
	readonly place: SourcePlace;
	readonly from: vscode.Uri;
	readonly open: boolean;
}

export class SourceReveal {
	/** Where sources are shown. */
	column: vscode.ViewColumn = vscode.ViewColumn.One;
	private readonly host: { readonly extension: vscode.Uri; readonly log: vscode.LogOutputChannel };
	private revealing: Promise<void> | null = null;
	private wanted: Wanted | null = null;

	constructor(host: SourceReveal['host']) {
		this.host = host;
	}

	/** The document of a place in a run of the file `from`; null: it is not on this machine. */
	documentOf(place: SourcePlace, from: vscode.Uri): vscode.Uri | null {
		return documentOf(place, { extension: this.host.extension, from });
	}

	show(wanted: Wanted): void {
		this.wanted = wanted;
		this.revealing ??= this.showWanted().finally(() => {
			this.revealing = null;
		});
	}

	/** Until what is wanted is shown. */
	async settled(): Promise<void> {
		await this.revealing;
	}

	/** Keeps the checked file's tab: stepping opens other files as previews, which would take its place. */
	async pin(uri: vscode.Uri): Promise<void> {
		const viewColumn = this.column;
		await vscode.window.showTextDocument(uri, { viewColumn, preview: false, preserveFocus: true });
	}

	private async showWanted(): Promise<void> {
		while (this.wanted !== null) {
			const { place, from, open } = this.wanted;
			this.wanted = null;
			const uri = this.documentOf(place, from);
			if (uri === null) {
				if (open) {
					const text = label(t('{0} is not on this machine.', place.path));
					void vscode.window.showInformationMessage(text);
				}
				continue;
			}
			try {
				await this.showSource(uri, { place, open });
			} catch (error) {
				this.host.log.warn(plain(`cannot show ${place.path}: ${String(error)}`));
			}
		}
	}

	private async showSource(uri: vscode.Uri, to: Pick<Wanted, 'place' | 'open'>): Promise<void> {
		const visible = vscode.window.visibleTextEditors.find(
			(editor) => editor.document.uri.toString() === uri.toString(),
		);
		const document = visible?.document ?? (await vscode.workspace.openTextDocument(uri));
		const range = rangeOf(to.place, document);
		const editor =
			visible !== undefined && !to.open
				? visible
				: await vscode.window.showTextDocument(document, {
						viewColumn: visible?.viewColumn ?? this.column,
						preserveFocus: !to.open,
						preview: true,
					});
		if (to.open) editor.selection = new vscode.Selection(range.start, range.start);
		// The line's start: a place far to the right would scroll the text sideways.
		const line = new vscode.Range(range.start.line, 0, range.start.line, 0);
		editor.revealRange(line, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
	}
}
