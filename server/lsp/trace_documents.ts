/** Runs that are shown as documents, in editors without a panel. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { traceMarkdown } from '../ide/trace_content.js';
import type { TracePanelContent } from '../protocol.js';

/** Signals that ask a process to end, and their numbers. */
const ENDING = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** Runs shown as documents are kept in one folder of mode 700, removed when the server ends, by a signal too. */
export class TraceDocuments {
	#folder: string | null = null;
	#count = 0;

	/** Address of a new document with the run. */
	write(content: TracePanelContent): string {
		return this.writeText(traceMarkdown(content), 'md');
	}

	/** Address of a new document with a text. */
	writeText(text: string, extension: 'md' | 'txt' | 'svg'): string {
		this.#folder ??= this.#make();
		const file = join(this.#folder, `run-${++this.#count}.${extension}`);
		writeFileSync(file, text);
		return pathToFileURL(file).href;
	}

	#make(): string {
		process.once('exit', () => this.dispose());
		for (const [signal, number] of Object.entries(ENDING)) {
			process.once(signal, () => process.exit(128 + number));
		}
		return mkdtempSync(join(tmpdir(), 'racewalk-'));
	}

	dispose(): void {
		if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
		this.#folder = null;
	}
}
