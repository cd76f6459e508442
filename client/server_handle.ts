/**
 * The one language server of a window: started when a file first needs it, stopped with the setting or the extension.
 *
 * It leaves restarting after a crash to the client library.
 */
import * as vscode from 'vscode';
import { label, plain } from '../engine/escape/label.js';
import type { RunningServer } from './language_client.js';
import type { VerdictStore } from './verdict_store.js';
import { t } from './view/words.js';

export interface ServerParts {
	readonly extension: vscode.Uri;
	readonly log: vscode.LogOutputChannel;
	readonly verdicts: VerdictStore;
}

/** The server, started on demand and at most once at a time. */
export class ServerHandle implements vscode.Disposable {
	private readonly parts: ServerParts;
	private starting: Promise<RunningServer> | null = null;

	constructor(parts: ServerParts) {
		this.parts = parts;
	}

	get wanted(): boolean {
		return this.starting !== null;
	}

	/** Starts it if it does not run; a failure is shown once, and the next call tries again. */
	want(): void {
		this.get().catch((error: unknown) => {
			this.parts.log.error(plain(`the language server did not start: ${String(error)}`));
			void vscode.window.showErrorMessage(
				label(t('racewalk: the language server did not start; see the output.')),
			);
		});
	}

	get(): Promise<RunningServer> {
		this.starting ??= this.start().catch((error: unknown) => {
			this.starting = null;
			throw error;
		});
		return this.starting;
	}

	async stop(): Promise<void> {
		const starting = this.starting;
		this.starting = null;
		await (await starting)?.stop();
		this.parts.verdicts.clear();
	}

	dispose(): Promise<void> {
		return this.stop();
	}

	private async start(): Promise<RunningServer> {
		const { extension, log, verdicts } = this.parts;
		const { startServer } = await import('./language_client.js');
		return startServer({
			extension,
			log,
			verdicts: (params) => verdicts.answer(params),
			gone: () => verdicts.clear(),
		});
	}
}
