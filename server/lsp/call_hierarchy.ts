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
import {
	type HierarchyCall,
	type HierarchyItem,
	hierarchyItem,
	incomingCalls,
	outgoingCalls,
} from '../ide/call_hierarchy.js';
import { current, located } from './requests.js';
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
	const encoded = item === null ? null : encodeItem(uri, now, item);
	return encoded === null ? [] : [encoded];
}

export function callsTo(
	session: WalkSession,
	{ of, kind, name }: ItemData,
): CallHierarchyIncomingCall[] {
	const now = current(session, of);
	if (now === null || kind === 'writer') return [];
	return incomingCalls(now.done.analysis, name).flatMap((call) => {
		const from = encodeItem(of, now, call.item);
		return from === null ? [] : [{ from, fromRanges: ranges(of, now, call) }];
	});
}

export function callsFrom(
	session: WalkSession,
	{ of, kind, name }: ItemData,
): CallHierarchyOutgoingCall[] {
	const now = current(session, of);
	if (now === null || kind === 'writer') return [];
	return outgoingCalls(now.done.analysis, name).flatMap((call) => {
		const to = encodeItem(of, now, call.item);
		return to === null ? [] : [{ to, fromRanges: ranges(of, now, call) }];
	});
}

/** What an item carries; null: it is of another server. */
export function itemData({ data }: CallHierarchyItem): ItemData | null {
	if (typeof data !== 'object' || data === null) return null;
	const { of, kind, name } = data as Partial<Record<keyof ItemData, unknown>>;
	if (typeof of !== 'string' || typeof name !== 'string') return null;
	return kind === 'function' || kind === 'writer' ? { of, kind, name } : null;
}

type Now = Parameters<typeof located>[1];

function encodeItem(uri: string, now: Now, item: HierarchyItem): CallHierarchyItem | null {
	const at = located(uri, now, item.place);
	if (at === null) return null;
	const end = located(uri, now, { ...item.place, line: item.endLine, endLine: item.endLine });
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

function ranges(uri: string, now: Now, { places }: HierarchyCall): Range[] {
	return places.flatMap((place) => located(uri, now, place)?.range ?? []);
}
