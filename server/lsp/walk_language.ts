/** Files of C: their checks, and what is answered about them. */
import type {
	CallHierarchyIncomingCall,
	CallHierarchyItem,
	CallHierarchyOutgoingCall,
	CancellationToken,
	CodeAction,
	CodeActionParams,
	CodeLens,
	Command,
	DocumentDiagnosticReport,
	DocumentLink,
	DocumentSymbol,
	FoldingRange,
	Hover,
	InlayHint,
	Location,
	Position,
	SemanticTokens,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
	type AboutAnswer,
	COMMAND_SIMULATE,
	COMMAND_SIMULATE_AGAINST,
	type DoctorAnswer,
} from '../protocol.js';
import { actions, resolveAction } from './actions.js';
import { foldingRanges, hints, links, references, tokens } from './annotations.js';
import { callsFrom, callsTo, itemData, prepareCalls } from './call_hierarchy.js';
import { type Checks, learned, mayRestOn, openChecks } from './checks.js';
import { examine } from './doctor.js';
import { filePath } from './document_address.js';
import { documentRequest } from './document_request.js';
import { Fixes } from './fixes.js';
import type { CommandContext, Language } from './language.js';
import { pickAdversary } from './pick_adversary.js';
import { runningReport } from './progress.js';
import { Publisher } from './publish.js';
import { aboutPlace, hover, lenses, symbols } from './requests.js';
import { guarded, type Session, type WalkSession } from './session.js';
import { simulate } from './simulate.js';

export class WalkLanguage implements Language {
	readonly commands = [COMMAND_SIMULATE, COMMAND_SIMULATE_AGAINST];
	readonly documents: Checks;
	readonly #session: WalkSession;
	readonly #publisher: Publisher;

	constructor(session: Session) {
		const { explorer, workspace, report } = session;
		this.documents = openChecks(
			{
				text: (uri) => session.documents.get(uri)?.getText() ?? '',
				async request(uri, text) {
					const settings = await session.settings(uri);
					return settings.enable ? documentRequest(uri, text, settings, workspace) : null;
				},
				wants: (uri) => session.settings(uri),
				changed: (state, what) => {
					if (what === 'result') workspace.tellIgnored(state.done?.analysis.workspaceActors ?? []);
					void guarded(session, 'diagnostics', undefined, () =>
						this.#publisher.changed(state, what),
					);
				},
				failed: (state, message) => report(`check of ${state.uri}`, message),
				report,
				running: (state, cancel) =>
					runningReport(session, filePath(state.uri)?.split('/').pop() ?? state.uri, cancel),
			},
			explorer,
		);
		this.#session = { ...session, checks: this.documents, fixes: new Fixes(explorer, report) };
		this.#publisher = new Publisher(this.#session);
	}

	speaks(document: TextDocument): boolean {
		return document.languageId === 'c' || /\.[ch]$/.test(document.uri);
	}

	closed(uri: string): void {
		this.documents.close(uri);
		this.#publisher.closed(uri);
	}

	mayRestOn(uri: string, saved: string): boolean {
		const state = this.documents.state(uri);
		const path = filePath(saved);
		return state !== null && uri !== saved && (path === null || mayRestOn(state, path));
	}

	async hover(uri: string, position: Position): Promise<Hover | null> {
		await learned(this.documents, uri);
		const { hoverDetails } = await this.#session.settings(uri);
		return hover(this.#session, uri, { position, isDetailed: hoverDetails });
	}

	async about(uri: string, position: Position): Promise<AboutAnswer | null> {
		await learned(this.documents, uri);
		return aboutPlace(this.#session, uri, position);
	}

	lenses(uri: string): CodeLens[] {
		return lenses(this.#session, uri);
	}

	symbols(uri: string): DocumentSymbol[] {
		return symbols(this.#session, uri);
	}

	async hints(uri: string): Promise<InlayHint[]> {
		if (!(await this.#session.settings(uri)).inlayHints) return [];
		await learned(this.documents, uri);
		return hints(this.#session, uri);
	}

	async tokens(uri: string): Promise<SemanticTokens | null> {
		if (!(await this.#session.settings(uri)).semanticTokens) return null;
		await learned(this.documents, uri);
		return tokens(this.#session, uri);
	}

	folds(uri: string): FoldingRange[] | null {
		return foldingRanges(this.#session, uri);
	}

	async calls(uri: string, position: Position): Promise<CallHierarchyItem[]> {
		await learned(this.documents, uri);
		return prepareCalls(this.#session, uri, position);
	}

	callsTo(item: CallHierarchyItem): CallHierarchyIncomingCall[] | null {
		const data = itemData(item);
		return data === null ? null : callsTo(this.#session, data);
	}

	callsFrom(item: CallHierarchyItem): CallHierarchyOutgoingCall[] | null {
		const data = itemData(item);
		return data === null ? null : callsFrom(this.#session, data);
	}

	links(uri: string): DocumentLink[] {
		return links(this.#session, uri);
	}

	async references(uri: string, position: Position): Promise<Location[]> {
		await learned(this.documents, uri);
		return references(this.#session, uri, position);
	}

	actions(params: CodeActionParams): Promise<(CodeAction | Command)[]> {
		return actions(this.#session, params);
	}

	resolve(action: CodeAction): Promise<CodeAction | null> {
		return resolveAction(this.#session, action);
	}

	examine(uri: string | null, version: string): Promise<DoctorAnswer> {
		return examine(this.#session, uri, version);
	}

	pull(uri: string, token: CancellationToken): Promise<DocumentDiagnosticReport> {
		return this.#publisher.pull(uri, token);
	}

	async command(name: string, argument: unknown, context: CommandContext): Promise<unknown> {
		if (name === COMMAND_SIMULATE) return simulate(this.#session, argument, context);
		const picked = await pickAdversary(this.#session, argument);
		return picked === null ? null : simulate(this.#session, picked, context);
	}
}
