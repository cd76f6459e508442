/**
 * The verdicts of the open documents as the editor shows them: the server's answers, moved along with edits, dropped
 * when a document closes. The gutter and the status bar listen to it.
 */
import * as vscode from 'vscode';
import type { VerdictsParams } from '../server/protocol.js';
import { answered, type DocumentVerdicts, edited } from './verdict_lines.js';

export class VerdictStore implements vscode.Disposable {
	private readonly shown = new Map<string, DocumentVerdicts>();
	private readonly changed = new vscode.EventEmitter<vscode.Uri>();
	private readonly listeners: vscode.Disposable[];

	/** Fires with the document whose verdicts to show differently. */
	readonly onDidChange = this.changed.event;

	constructor() {
		this.listeners = [
			vscode.workspace.onDidChangeTextDocument((event) => this.edit(event)),
			vscode.workspace.onDidCloseTextDocument(({ uri }) => this.drop(uri)),
		];
	}

	/** What to show for a document; null when nothing is known of it. */
	of(uri: vscode.Uri): DocumentVerdicts | null {
		return this.shown.get(uri.toString()) ?? null;
	}

	/** Takes the server's answer, for whichever version of the text it is. */
	answer(params: VerdictsParams): void {
		const uri = vscode.Uri.parse(params.uri);
		const key = uri.toString();
		const document = vscode.workspace.textDocuments.find((d) => d.uri.toString() === key);
		if (document === undefined) return;
		const next = answered(this.of(uri), params, document.version);
		if (next.functions.length === 0 && next.freshness === 'fresh') this.shown.delete(key);
		else this.shown.set(key, next);
		this.changed.fire(uri);
	}

	/** Forgets everything: the server is gone. */
	clear(): void {
		const uris = [...this.shown.keys()];
		this.shown.clear();
		for (const uri of uris) this.changed.fire(vscode.Uri.parse(uri));
	}

	dispose(): void {
		for (const listener of this.listeners) listener.dispose();
		this.changed.dispose();
	}

	private edit(event: vscode.TextDocumentChangeEvent): void {
		const old = this.of(event.document.uri);
		if (old === null || event.contentChanges.length === 0) return;
		const changes = event.contentChanges.map(({ range, text }) => ({
			line: range.start.line,
			endLine: range.end.line,
			newlines: text.split('\n').length - 1,
		}));
		this.shown.set(event.document.uri.toString(), edited(old, changes));
		this.changed.fire(event.document.uri);
	}

	private drop(uri: vscode.Uri): void {
		if (this.shown.delete(uri.toString())) this.changed.fire(uri);
	}
}
