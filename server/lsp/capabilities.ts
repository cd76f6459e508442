/**
 * What the client can do, decoded once, and what this server offers.
 */
import {
	CodeActionKind,
	type InitializeParams,
	type ServerCapabilities,
	TextDocumentSyncKind,
} from 'vscode-languageserver';
import { TOKEN_TYPES } from '../ide/semantic_tokens.js';
import {
	COMMAND_LITMUS_EXPLAIN,
	COMMAND_LITMUS_RUN,
	COMMAND_SIMULATE,
	COMMAND_SIMULATE_AGAINST,
} from '../protocol.js';

export interface ClientFeatures {
	readonly configuration: boolean;
	/** It asks for diagnostics, and again when it is told to. */
	readonly pullDiagnostics: boolean;
	readonly diagnosticRefresh: boolean;
	readonly codeLensRefresh: boolean;
	readonly inlayHintRefresh: boolean;
	readonly semanticTokensRefresh: boolean;
	readonly related: boolean;
	readonly markdownHover: boolean;
	readonly actionLiterals: boolean;
	readonly actionResolve: boolean;
	readonly progress: boolean;
	readonly showDocument: boolean;
	/** It lets the user choose between answers to a message. */
	readonly choosing: boolean;
	readonly versionedEdits: boolean;
	/** It can be asked to tell of changed settings. */
	readonly configurationChanges: boolean;
	/** It tells of changes of files, and of folders opened and closed. */
	readonly watchedFiles: boolean;
	readonly workspaceFolders: boolean;
	/** The client shows runs itself: it opens them with its own command and needs no document. */
	readonly tracePanel: boolean;
}

export function clientFeatures(params: InitializeParams): ClientFeatures {
	const { workspace, textDocument, window } = params.capabilities;
	const options: unknown = params.initializationOptions;
	const hover = textDocument?.hover?.contentFormat;
	return {
		configuration: workspace?.configuration === true,
		// who cannot be told to pull again would never see what is found later: findings are pushed there
		pullDiagnostics:
			textDocument?.diagnostic !== undefined && workspace?.diagnostics?.refreshSupport === true,
		diagnosticRefresh: workspace?.diagnostics?.refreshSupport === true,
		codeLensRefresh: workspace?.codeLens?.refreshSupport === true,
		inlayHintRefresh: workspace?.inlayHint?.refreshSupport === true,
		semanticTokensRefresh: workspace?.semanticTokens?.refreshSupport === true,
		related: textDocument?.publishDiagnostics?.relatedInformation !== false,
		markdownHover: hover === undefined || hover.includes('markdown'),
		actionLiterals: textDocument?.codeAction?.codeActionLiteralSupport !== undefined,
		actionResolve:
			textDocument?.codeAction?.dataSupport === true &&
			textDocument.codeAction.resolveSupport?.properties.includes('edit') === true,
		progress: window?.workDoneProgress === true,
		choosing: window?.showMessage !== undefined,
		showDocument: window?.showDocument?.support === true,
		configurationChanges: workspace?.didChangeConfiguration?.dynamicRegistration === true,
		watchedFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
		workspaceFolders: workspace?.workspaceFolders === true,
		versionedEdits: workspace?.workspaceEdit?.documentChanges === true,
		tracePanel:
			typeof options === 'object' &&
			options !== null &&
			(options as { readonly tracePanel?: unknown }).tracePanel === true,
	};
}

/** What this server offers to such a client. */
export function serverCapabilities({ pullDiagnostics }: ClientFeatures): ServerCapabilities {
	if (pullDiagnostics) return CAPABILITIES;
	const { diagnosticProvider: _, ...rest } = CAPABILITIES;
	return rest;
}

const CAPABILITIES: ServerCapabilities = {
	textDocumentSync: {
		openClose: true,
		change: TextDocumentSyncKind.Incremental,
		save: { includeText: false },
	},
	hoverProvider: true,
	codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix], resolveProvider: true },
	codeLensProvider: { resolveProvider: false },
	documentSymbolProvider: true,
	documentLinkProvider: { resolveProvider: false },
	inlayHintProvider: true,
	semanticTokensProvider: {
		legend: { tokenTypes: [...TOKEN_TYPES], tokenModifiers: [] },
		full: true,
		range: false,
	},
	foldingRangeProvider: true,
	callHierarchyProvider: true,
	referencesProvider: true,
	executeCommandProvider: {
		commands: [
			COMMAND_SIMULATE,
			COMMAND_SIMULATE_AGAINST,
			COMMAND_LITMUS_RUN,
			COMMAND_LITMUS_EXPLAIN,
		],
		workDoneProgress: true,
	},
	diagnosticProvider: {
		identifier: 'racewalk',
		interFileDependencies: false,
		workspaceDiagnostics: false,
	},
	workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
};
