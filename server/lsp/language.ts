/**
 * A language of the documents that racewalk checks: what the server asks of it, whichever it is. Files of C with walks and
 * readers are one (`walk_language.ts`), litmus tests the other (`litmus_language.ts`).
 */
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
import type { AboutAnswer } from '../protocol.js';
import type { OpenDocument, OpenDocuments } from './open_documents.js';
import type { TraceDocuments } from './trace_documents.js';

/** What an open document is known by, whatever its language. */
type Documents = Pick<OpenDocuments<never, OpenDocument<never>>, 'touch' | 'has' | 'uris'>;

export interface CommandContext {
	readonly token: CancellationToken;
	/** Where a client without a panel is shown a document. */
	readonly documents: TraceDocuments;
}

export interface Language {
	/** A document is of this language. */
	speaks(document: TextDocument): boolean;
	readonly documents: Documents;
	closed(uri: string): void;
	/** Whether what is said of a document may rest on a file that was saved. */
	mayRestOn(uri: string, saved: string): boolean;
	hover(uri: string, position: Position): Promise<Hover | null>;
	/** All that is known of a position; null: nothing. */
	about(uri: string, position: Position): Promise<AboutAnswer | null>;
	lenses(uri: string): CodeLens[];
	symbols(uri: string): DocumentSymbol[];
	/** Words at the ends of lines, where the user wants them. */
	hints(uri: string): Promise<InlayHint[]>;
	/** How runs show the reads, where the user wants it; null: nothing to show. */
	tokens(uri: string): Promise<SemanticTokens | null>;
	/** Null: as without a server. */
	folds(uri: string): FoldingRange[] | null;
	links(uri: string): DocumentLink[];
	/** Who touches what is touched at a position. */
	references(uri: string, position: Position): Promise<Location[]>;
	/** The function at a position. */
	calls(uri: string, position: Position): Promise<CallHierarchyItem[]>;
	/** Who calls it and who races with it; null: the item is not of this language. */
	callsTo(item: CallHierarchyItem): CallHierarchyIncomingCall[] | null;
	/** What it calls. */
	callsFrom(item: CallHierarchyItem): CallHierarchyOutgoingCall[] | null;
	actions(params: CodeActionParams): Promise<(CodeAction | Command)[]>;
	/** The action with its edit; null when it is not of this language. */
	resolve(action: CodeAction): Promise<CodeAction | null>;
	/** The diagnostics of the newest text, once there are any. */
	pull(uri: string, token: CancellationToken): Promise<DocumentDiagnosticReport>;
	/** Names of its commands. */
	readonly commands: readonly string[];
	command(name: string, argument: unknown, context: CommandContext): Promise<unknown>;
}
