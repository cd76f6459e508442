/**
 * Call hierarchy: decode, ask the feature, encode, on the lines of the newest text. An item carries the document whose analysis
 * it is of, for it may stand in another file.
 */
import {
	type CallHierarchyIncomingCall,
	type CallHierarchyItem,
	type CallHierarchyOutgoingCall,
	type Position,
	type Range,
	SymbolKind,
} from 'vscode-languageserver';
import { label } from '../../engine/escape/label.js';
import type { Place } from '../ide/analysis/analysis.js';
import {
	type HierarchyCall,
	type HierarchyItem,
	hierarchyItem,
	incomingCalls,
	outgoingCalls,
} from '../ide/call_hierarchy.js';
import { addressesOf } from './document_request.js';
import { addressOf, encodeRange } from './encode.js';
import { current } from './requests.js';
import type { WalkSession } from './session.js';

interface ItemData {
	/** The document that was analysed. */
	readonly of: string;
	readonly kind: HierarchyItem['kind'];
	/** As the analysis has it. */
	readonly name: string;
}

export function prepareCalls(
	session: WalkSession,
	uri: string,
	position: Position,
): CallHierarchyItem[] {
	const now = current(session, uri);
	const line = now?.map.toAnalysed(position.line + 1) ?? null;
	if (now === null || line === null) return [];
	const item = hierarchyItem(now.done.analysis, { line, column: position.character + 1 });
	const encoded = item === null ? null : encodeItem(session, uri, item);
	return encoded === null ? [] : [encoded];
}

export function callsTo(
	session: WalkSession,
	{ of, kind, name }: ItemData,
): CallHierarchyIncomingCall[] {
	const now = current(session, of);
	if (now === null || kind === 'writer') return [];
	return incomingCalls(now.done.analysis, name).flatMap((call) => {
		const from = encodeItem(session, of, call.item);
		return from === null ? [] : [{ from, fromRanges: ranges(session, of, call) }];
	});
}

export function callsFrom(
	session: WalkSession,
	{ of, kind, name }: ItemData,
): CallHierarchyOutgoingCall[] {
	const now = current(session, of);
	if (now === null || kind === 'writer') return [];
	return outgoingCalls(now.done.analysis, name).flatMap((call) => {
		const to = encodeItem(session, of, call.item);
		return to === null ? [] : [{ to, fromRanges: ranges(session, of, call) }];
	});
}

/** What an item carries; null: it is of another server. */
export function itemData({ data }: CallHierarchyItem): ItemData | null {
	if (typeof data !== 'object' || data === null) return null;
	const { of, kind, name } = data as Partial<Record<keyof ItemData, unknown>>;
	if (typeof of !== 'string' || typeof name !== 'string') return null;
	return kind === 'function' || kind === 'writer' ? { of, kind, name } : null;
}

function encodeItem(
	session: WalkSession,
	uri: string,
	item: HierarchyItem,
): CallHierarchyItem | null {
	const at = located(session, uri, item.place);
	if (at === null) return null;
	const end = located(session, uri, { ...item.place, line: item.endLine, endLine: item.endLine });
	const data: ItemData = { of: uri, kind: item.kind, name: item.name };
	return {
		name: label(item.name),
		detail: label(item.detail),
		kind: item.kind === 'writer' ? SymbolKind.Event : SymbolKind.Function,
		uri: at.uri,
		range:
			end === null || end.range.end.line <= at.range.end.line
				? at.range
				: { start: at.range.start, end: { line: end.range.end.line, character: 1 } },
		selectionRange: at.range,
		data,
	};
}

function ranges(session: WalkSession, uri: string, { places }: HierarchyCall): Range[] {
	return places.flatMap((place) => located(session, uri, place)?.range ?? []);
}

/** A place of an analysis as it stands in the newest text; null: in no file, or in what was changed. */
function located(
	session: WalkSession,
	uri: string,
	place: Place,
): { readonly uri: string; readonly range: Range } | null {
	const now = current(session, uri);
	if (now === null) return null;
	const address = addressOf(place.path, addressesOf(uri, now.done.request));
	if (address === null || place.path.startsWith('racewalk:')) return null;
	if (address !== uri) return { uri: address, range: encodeRange(place) };
	const [line, endLine] = [now.map.toCurrent(place.line), now.map.toCurrent(place.endLine)];
	if (line === null || endLine === null) return null;
	return { uri, range: encodeRange({ ...place, line, endLine }) };
}
