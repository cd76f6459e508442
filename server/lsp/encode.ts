/**
 * From the features' plain data to LSP types: the only place where 1-based places become 0-based ranges. The other way round is
 * its callers': a position of the client becomes a line and a column where the request is decoded.
 */
import { pathToFileURL } from 'node:url';
import {
	type Diagnostic,
	type DiagnosticRelatedInformation,
	DiagnosticSeverity,
	type DocumentSymbol,
	type MarkupContent,
	type Position,
	type Range,
	SymbolKind,
} from 'vscode-languageserver';
import { label, plain } from '../../engine/escape/label.js';
import {
	asMarkdown,
	asPlain,
	type Markdown,
	type Target,
	webTarget,
} from '../../engine/escape/markdown.js';
import type { Place } from '../ide/analysis/analysis.js';
import type { ShownDiagnostic, ShownSeverity } from '../ide/diagnostics.js';
import { documentation } from '../ide/rules.js';
import type { ShownSymbol } from '../ide/symbols.js';

/** How paths of an analysis become addresses. */
export interface Addresses {
	/** The analysed document. */
	readonly uri: string;
	/** Its path inside the analysis. */
	readonly path: string;
	readonly tree: string | null;
}

export function encodeRange(place: Omit<Place, 'path'>): Range {
	const start = { line: place.line - 1, character: place.column - 1 };
	const end = { line: place.endLine - 1, character: place.endColumn - 1 };
	return { start, end };
}

/** Where a line begins. */
export function lineStart(line: number): Position {
	return { line: line - 1, character: 0 };
}

/** Absolute path of a path of the analysis; racewalk's own sources keep their name. */
export function absolutePath(path: string, addresses: Addresses): string {
	if (path.startsWith('racewalk:') || path.startsWith('/') || addresses.tree === null) return path;
	return `${addresses.tree}/${path}`;
}

/** Address of a path, or null when it is no file. */
export function addressOf(path: string, addresses: Addresses): string | null {
	if (path === addresses.path) return addresses.uri;
	// a citation is text: it may name anything
	if (path.split('/').includes('..')) return null;
	const absolute = absolutePath(path, addresses);
	return absolute.startsWith('/') ? pathToFileURL(absolute).href : null;
}

/** Target of a link to a line of a path, or null when it is no file. */
export function lineTarget(path: string, line: number, addresses: Addresses): Target | null {
	const address = addressOf(path, addresses);
	return address === null ? null : webTarget(`${address}#L${line}`);
}

/** What is said, as the client can show it. */
export function encodeSaid(
	said: Markdown,
	client: { readonly markdownHover: boolean },
): MarkupContent {
	return client.markdownHover
		? { kind: 'markdown', value: asMarkdown(said) }
		: { kind: 'plaintext', value: asPlain(said) };
}

export const SEVERITIES: Readonly<Record<ShownSeverity, DiagnosticSeverity>> = {
	error: DiagnosticSeverity.Error,
	warning: DiagnosticSeverity.Warning,
	information: DiagnosticSeverity.Information,
	hint: DiagnosticSeverity.Hint,
};

export function encodeDiagnostic(
	shown: ShownDiagnostic,
	addresses: Addresses,
	options: { readonly docsBase: string; readonly related: boolean },
): Diagnostic {
	return {
		range: encodeRange(shown.place),
		severity: SEVERITIES[shown.severity],
		...(shown.rule === null
			? { code: 'not-decided' }
			: {
					code: shown.rule,
					codeDescription: { href: documentation(shown.rule, options.docsBase) },
				}),
		source: 'racewalk',
		message: plain(shown.message),
		data: { rule: shown.rule, trace: shown.trace, function: shown.function },
		...(options.related ? { relatedInformation: related(shown, addresses) } : {}),
	};
}

function related(shown: ShownDiagnostic, addresses: Addresses): DiagnosticRelatedInformation[] {
	return shown.related.map(({ place, message }) => {
		const uri = addressOf(place.path, addresses);
		// An adversary without a kernel line has no file to open: it is told at the finding itself.
		return uri === null
			? {
					location: { uri: addresses.uri, range: encodeRange(shown.place) },
					message: plain(message),
				}
			: { location: { uri, range: encodeRange(place) }, message: plain(message) };
	});
}

export function encodeSymbol(symbol: ShownSymbol): DocumentSymbol {
	const selectionRange = encodeRange(symbol.place);
	const start = lineStart(symbol.place.line);
	const range = { start, end: { line: symbol.endLine - 1, character: 1 } };
	const held = range.end.line > selectionRange.end.line;
	return {
		name: label(symbol.name),
		detail: label(symbol.detail),
		kind: SymbolKind.Function,
		range: held ? range : { start, end: selectionRange.end },
		selectionRange,
	};
}
