/**
 * The folders open in the editor: what they bring in `.racewalk/actors`, read once and again when a watched file changes, and
 * how far they are trusted.
 *
 * Invariant: nobody says that a workspace is trusted but the editor, or the user where the editor has no such notion: without
 * either it is not.
 */
import type { InitializeParams } from 'vscode-languageserver';
import { type WorkspaceActors, workspaceActorsLater } from '../actors/sources.js';
import type { WorkspaceActor } from '../lower/request.js';
import type { TrustParams } from '../protocol.js';
import { filePath } from './document_address.js';
import type { Settings } from './settings.js';

/** Sets of folders whose adversaries are remembered. */
const REMEMBERED_MAX = 64;

/** What to watch: the files, and the folders, for these go as one. */
export const WATCHED: readonly string[] = [
	...['**/.racewalk/actors/*.c', '**/.racewalk/actors', '**/.racewalk'],
];

export class Workspace {
	#folders: readonly string[];
	/** What the editor says; null: it has no notion of trust. */
	#trusted: boolean | null;
	readonly #actors = new Map<string, Promise<WorkspaceActors>>();
	readonly #told = new Set<string>();
	readonly #tell: (message: string) => void;

	/** `tell` shows the user a message. */
	constructor(params: InitializeParams, tell: (message: string) => void) {
		this.#folders = foldersOf(params);
		this.#trusted = trustIn(params.initializationOptions);
		this.#tell = tell;
	}

	/** Paths of the folders. */
	get folders(): readonly string[] {
		return this.#folders;
	}

	change(added: readonly string[], removed: readonly string[]): void {
		const gone = new Set(removed.flatMap((uri) => filePath(uri) ?? []));
		const kept = this.#folders.filter((folder) => !gone.has(folder));
		this.#folders = [...kept, ...added.flatMap((uri) => filePath(uri) ?? [])];
	}

	trust(params: unknown): void {
		this.#trusted = trustIn(params);
		this.#told.clear();
	}

	/** What becomes of adversaries that would replace racewalk's own. */
	replacements(settings: Settings): 'trusted' | 'ignored' {
		return (this.#trusted ?? settings.trustWorkspaceActors === true) ? 'trusted' : 'ignored';
	}

	/** The adversaries of the folders. */
	actors(folders: readonly string[]): Promise<WorkspaceActors> {
		const key = folders.join('\0');
		let read = this.#actors.get(key);
		if (read === undefined) {
			if (this.#actors.size >= REMEMBERED_MAX) this.#actors.clear();
			read = workspaceActorsLater(folders);
			this.#actors.set(key, read);
		}
		return read;
	}

	/** Something may have changed on disk. */
	forget(): void {
		this.#actors.clear();
	}

	/** Tells the user about adversaries that are ignored; about each once. */
	tellIgnored(actors: readonly WorkspaceActor[]): void {
		const how =
			this.#trusted === null
				? 'racewalk.trustWorkspaceActors in your settings takes them'
				: 'trust the workspace to take it';
		for (const { name, path, acts } of actors) {
			const what = `${path} would replace the built-in adversary ${name} and is ignored`;
			if (!acts) this.tellOnce(`racewalk: ${what}: ${how}`);
		}
	}

	/** Shows a message that was not shown before. */
	tellOnce(message: string): void {
		if (this.#told.has(message)) return;
		this.#told.add(message);
		this.#tell(message);
	}
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
	const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri === null ? [] : [rootUri]);
	return uris.flatMap((uri) => (typeof uri === 'string' ? (filePath(uri) ?? []) : []));
}

function trustIn(value: unknown): boolean | null {
	const { workspaceTrusted } = (value ?? {}) as Partial<Record<keyof TrustParams, unknown>>;
	return typeof workspaceTrusted === 'boolean' ? workspaceTrusted : null;
}
