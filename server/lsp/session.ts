/**
 * What the request handlers share: the connection, what its client can do, the open documents; for files of C their checks.
 */
import type { Connection, TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Explorer } from '../worker/exploration.js';
import type { ClientFeatures } from './capabilities.js';
import type { Checks } from './checks.js';
import type { Fixes } from './fixes.js';
import type { Settings } from './settings.js';
import type { Workspace } from './workspace.js';

export interface Session {
	readonly connection: Connection;
	readonly client: ClientFeatures;
	readonly documents: TextDocuments<TextDocument>;
	readonly explorer: Explorer;
	/** The folders open in the editor. */
	readonly workspace: Workspace;
	/** Address of the folder with the rules' documentation pages, with a slash at its end. */
	readonly docsBase: string;
	settings(uri: string): Promise<Settings>;
	/** Logs an internal error; the first of a kind is shown to the user. */
	report(where: string, error: unknown): void;
}

/** For files of C. */
export interface WalkSession extends Session {
	readonly checks: Checks;
	readonly fixes: Fixes;
}

/** Runs a handler; an error of racewalk becomes `fallback`, a line in the log and one message. */
export async function guarded<T>(
	session: Session,
	where: string,
	fallback: T,
	body: () => T | Promise<T>,
): Promise<T> {
	try {
		return await body();
	} catch (error) {
		session.report(where, error);
		return fallback;
	}
}
