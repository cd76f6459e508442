/**
 * Hover, code lens and document symbols: decode, ask the feature, encode. While a newer text is being checked they
 * speak about the lines the edit left alone.
 */
import type { CodeLens, DocumentSymbol, Hover, Location, Position } from 'vscode-languageserver';
import { label } from '../../engine/escape/label.js';
import {
	commandTarget,
	paragraphs,
	prose,
	RULE,
	type Target,
} from '../../engine/escape/markdown.js';
import { about } from '../ide/about.js';
import type { Place } from '../ide/analysis/analysis.js';
import { spanReader } from '../ide/analysis/spans.js';
import { codeLenses, type ShownLens } from '../ide/code_lens.js';
import { configurationsAt } from '../ide/configurations.js';
import { explain, verdictAt } from '../ide/explain.js';
import { type Reason, withoutLine, withReason } from '../ide/guard_words.js';
import { documentSymbols } from '../ide/symbols.js';
import {
	type AboutAnswer,
	type AboutEntry,
	CLIENT_COMMAND_OPEN_TRACE,
	COMMAND_SIMULATE,
	type SimulateParams,
} from '../protocol.js';
import { splitLines } from '../tree/source_lines.js';
import type { Done } from './checks.js';
import { addressesOf } from './document_request.js';
import {
	addressOf,
	encodeRange,
	encodeSaid,
	encodeSymbol,
	lineStart,
	lineTarget,
} from './encode.js';
import { type LineMap, lineMap } from './line_map.js';
import type { WalkSession } from './session.js';

/** The last analysis of a document and how its lines relate to the newest text. */
export function current(
	session: WalkSession,
	uri: string,
): { readonly done: Done; readonly map: LineMap } | null {
	const done = session.checks.state(uri)?.done ?? null;
	const text = session.documents.get(uri)?.getText();
	if (done === null || text === undefined) return null;
	return { done, map: lineMap(done.text, text) };
}

/** A place of an analysis as it stands in the newest text; null: in no file, or in what was changed. */
export function located(
	uri: string,
	{ done, map }: NonNullable<ReturnType<typeof current>>,
	place: Place,
): Location | null {
	const address = addressOf(place.path, addressesOf(uri, done.request));
	if (address === null || place.path.startsWith('racewalk:')) return null;
	if (address !== uri) return { uri: address, range: encodeRange(place) };
	const [line, endLine] = [map.toCurrent(place.line), map.toCurrent(place.endLine)];
	if (line === null || endLine === null) return null;
	return { uri, range: encodeRange({ ...place, line, endLine }) };
}

/** What is said of a place; `isDetailed`: with what the answer rests on. */
export function hover(
	session: WalkSession,
	uri: string,
	{ position, isDetailed }: { readonly position: Position; readonly isDetailed: boolean },
): Hover | null {
	const now = current(session, uri);
	const line = now?.map.toAnalysed(position.line + 1) ?? null;
	if (now === null || line === null) return null;
	const addresses = addressesOf(uri, now.done.request);
	const said = explain(
		now.done.analysis,
		{ line, column: position.character + 1 },
		{
			link: (path, at) => lineTarget(path, at, addresses),
			spanText: spanReader(now.done.text),
			...(session.client.tracePanel ? { simulate: commandLink(uri) } : {}),
		},
	);
	const without = withoutThisLine(session, uri, now.done, { line, column: position.character + 1 });
	if (said === null && without === null) return null;
	const { arch, config } = now.done.request;
	const own = { arch, changed: null, config: new Map(config) };
	const configurations = configurationsAt(now.done.analysis, own, line);
	const verdict = said === null ? verdictAt(now.done.analysis, line) : null;
	const otherwise = verdict === null ? null : { head: verdict, parts: [], details: null };
	const more = configurations === null ? [] : [configurations];
	const { brief, details } = withReason(said ?? otherwise, without, more);
	const kept = session.checks.state(uri)?.unparsed?.[0]?.place.line;
	const before = `The text does not parse from line ${kept}: this is about the text before.`;
	const told = kept === undefined ? [brief] : [prose(before), brief];
	if (details !== null && isDetailed) told.push(RULE, details);
	const { path } = now.done.analysis;
	const place = said?.place ?? { path, line, column: 1, endLine: line, endColumn: 1000 };
	const start = now.map.toCurrent(place.line);
	const end = now.map.toCurrent(place.endLine);
	return {
		contents: encodeSaid(paragraphs(told), session.client),
		...(start === null || end === null
			? {}
			: { range: encodeRange({ ...place, line: start, endLine: end }) }),
	};
}

/** The same and all the rest, in sections. */
export function aboutPlace(
	session: WalkSession,
	uri: string,
	position: Position,
): AboutAnswer | null {
	const now = current(session, uri);
	const line = now?.map.toAnalysed(position.line + 1) ?? null;
	if (now === null || line === null) return null;
	const { done, map } = now;
	const addresses = addressesOf(uri, done.request);
	const sections = about(
		done.analysis,
		{ line, column: position.character + 1 },
		{ spanText: spanReader(done.text), guards: done.guards },
	);
	if (sections === null) return null;
	const placed = (place: Place): Pick<AboutEntry, 'at'> => {
		const address = addressOf(place.path, addresses);
		const own = address === uri ? map.toCurrent(place.line) : place.line;
		return address === null || own === null ? {} : { at: { uri: address, line: own - 1 } };
	};
	return {
		sections: sections.map(({ title, items }) => ({
			title,
			items: items.map(({ text, place, run }) => ({
				text,
				...(place === undefined ? {} : placed(place)),
				...(run === undefined ? {} : { run: { uri, ...run } }),
			})),
		})),
		stale: isStale(session, uri),
	};
}

/** What is known is about a text before the newest. */
function isStale(session: WalkSession, uri: string): boolean {
	const state = session.checks.state(uri);
	return state?.freshness !== 'fresh' || state.unparsed !== null;
}

/** What would break without the line, as far as it is known. */
function withoutThisLine(
	session: WalkSession,
	uri: string,
	{ text, guards: known }: Done,
	at: { readonly line: number; readonly column: number },
): Reason | null {
	if (known === null) return null;
	const link = session.client.tracePanel ? commandLink(uri) : null;
	return withoutLine(known, at, {
		text: splitLines(text)[at.line - 1] ?? '',
		run: (name, trace) => (link === null ? null : link(name, null, trace)),
	});
}

/** A link of Markdown that opens the client's panel. */
function commandLink(uri: string): (name: string, actor: string | null, trace?: string) => Target {
	return (name, actor, trace) => {
		const params: SimulateParams = { uri, function: name, actor, trace: trace ?? null };
		return commandTarget(CLIENT_COMMAND_OPEN_TRACE, params);
	};
}

export function lenses(session: WalkSession, uri: string): CodeLens[] {
	const now = current(session, uri);
	if (now === null) return [];
	const before = session.checks.state(uri)?.unparsed == null ? '' : ' · before the last edits';
	return codeLenses(now.done.analysis).flatMap((lens) => {
		const line = now.map.toCurrent(lens.line);
		if (line === null) return [];
		const at = lineStart(line);
		const command = lensCommand(session, uri, { ...lens, title: `${lens.title}${before}` });
		return [{ range: { start: at, end: at }, command }];
	});
}

function lensCommand(session: WalkSession, uri: string, lens: ShownLens) {
	const params = { uri, function: lens.function, actor: null, trace: lens.trace };
	return simulateCommand(session, lens.title, params);
}

/** The command behind lenses and actions: the client's panel when it has one, else the server's own. */
export function simulateCommand(session: WalkSession, title: string, params: SimulateParams) {
	const command = session.client.tracePanel ? CLIENT_COMMAND_OPEN_TRACE : COMMAND_SIMULATE;
	return { title: label(title), command, arguments: [params] };
}

export function symbols(session: WalkSession, uri: string): DocumentSymbol[] {
	const now = current(session, uri);
	if (now === null) return [];
	return documentSymbols(now.done.analysis).flatMap((symbol) => {
		const line = now.map.toCurrent(symbol.place.line);
		const endLine = now.map.toCurrent(symbol.endLine);
		if (line === null || endLine === null) return [];
		const place = { ...symbol.place, line, endLine: line };
		return [encodeSymbol({ ...symbol, place, endLine })];
	});
}
