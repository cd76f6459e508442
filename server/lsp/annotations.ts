/**
 * Inlay hints, semantic tokens, folds, links in comments, and references of a location: decode, ask the feature, encode, on the
 * lines of the newest text.
 */
import {
	type DocumentLink,
	type FoldingRange,
	FoldingRangeKind,
	type InlayHint,
	type Location,
	type Position,
	type SemanticTokens,
	SemanticTokensBuilder,
} from 'vscode-languageserver';
import { label } from '../../engine/escape/label.js';
import { documentLinks } from '../ide/document_links.js';
import { folds } from '../ide/folding.js';
import { inlayHints } from '../ide/inlay_hints.js';
import { locationReferences } from '../ide/references.js';
import { semanticTokens, TOKEN_TYPES } from '../ide/semantic_tokens.js';
import { splitLines } from '../tree/source_lines.js';
import { current, located } from './requests.js';
import type { WalkSession } from './session.js';

export function hints(session: WalkSession, uri: string): InlayHint[] {
	const now = current(session, uri);
	const lines = splitLines(session.documents.get(uri)?.getText() ?? '');
	if (now === null) return [];
	return inlayHints(now.done.analysis).flatMap(({ line, text }) => {
		const at = now.map.toCurrent(line);
		if (at === null) return [];
		const position = { line: at - 1, character: (lines[at - 1] ?? '').length };
		return [{ position, label: label(text), paddingLeft: true }];
	});
}

/** Null: there are none, so that an editor asks another server. */
export function tokens(session: WalkSession, uri: string): SemanticTokens | null {
	const now = current(session, uri);
	if (now === null) return null;
	const shown = semanticTokens(now.done.analysis, splitLines(now.done.text)).flatMap((token) => {
		const line = now.map.toCurrent(token.line);
		return line === null ? [] : [{ ...token, line }];
	});
	if (shown.length === 0) return null;
	const builder = new SemanticTokensBuilder();
	for (const { line, column, length, type } of shown)
		builder.push(line - 1, column - 1, length, TOKEN_TYPES.indexOf(type), 0);
	return builder.build();
}

/** Null where nothing is analysed: the editor folds as it does without a server. */
export function foldingRanges(session: WalkSession, uri: string): FoldingRange[] | null {
	const text = session.documents.get(uri)?.getText();
	if (text === undefined || current(session, uri) === null) return null;
	return folds(text).map(({ line, endLine, kind }) => ({
		startLine: line - 1,
		endLine: endLine - 1,
		...(kind === 'comment' ? { kind: FoldingRangeKind.Comment } : {}),
		...(kind === 'directive' ? { kind: FoldingRangeKind.Region } : {}),
	}));
}

export function links(session: WalkSession, uri: string): DocumentLink[] {
	const text = session.documents.get(uri)?.getText() ?? '';
	return documentLinks(splitLines(text)).map(({ line, column, endColumn, target }) => ({
		range: {
			start: { line: line - 1, character: column - 1 },
			end: { line: line - 1, character: endColumn - 1 },
		},
		target,
	}));
}

export function references(session: WalkSession, uri: string, position: Position): Location[] {
	const now = current(session, uri);
	const line = now?.map.toAnalysed(position.line + 1) ?? null;
	if (now === null || line === null) return [];
	const at = { line, column: position.character + 1 };
	return locationReferences(now.done.analysis, at).flatMap(
		(place) => located(uri, now, place) ?? [],
	);
}
