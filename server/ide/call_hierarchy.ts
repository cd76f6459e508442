/**
 * Who calls a function of a walk and what it calls; among its callers stand the kernel functions in which adversaries write what
 * it reads, for they act while it runs.
 *
 * Invariant: a racing writer says so in its detail; it has no calls of its own.
 */
import {
	type AnalysedFunction,
	type AnalysedWriter,
	type Analysis,
	covers,
	functionAt,
	type Place,
} from './analysis/analysis.js';
import { verdictTitle } from './verdict_words.js';

export interface HierarchyItem {
	readonly kind: 'function' | 'writer';
	readonly name: string;
	readonly detail: string;
	/** The definition's name, or as near as is known. */
	readonly place: Place;
	/** Last line of the definition where it is known. */
	readonly endLine: number;
}

export interface HierarchyCall {
	/** The other end. */
	readonly item: HierarchyItem;
	/** Where the calls, or the writes, stand: in the caller's file, or the writer's. */
	readonly places: readonly Place[];
}

/** The function called or defined at a 1-based position, or the one around it; null: none that racewalk looks at. */
export function hierarchyItem(
	analysis: Analysis,
	at: { readonly line: number; readonly column: number },
): HierarchyItem | null {
	const calls = analysis.functions.flatMap((f) => f.callsAt ?? []);
	const called = calls
		.filter(({ place }) => place.path === analysis.path && covers(place, at.line, at.column))
		.sort((a, b) => lengthOf(a.place) - lengthOf(b.place))[0];
	if (called !== undefined) return itemOf(analysis, called);
	const inside = functionAt(analysis, at.line);
	return inside === null ? null : itemOf(analysis, inside);
}

/** The callers of a function, then who writes what it reads while it runs. */
export function incomingCalls(analysis: Analysis, name: string): readonly HierarchyCall[] {
	const callers = analysis.functions.flatMap((f): readonly HierarchyCall[] => {
		const places = (f.callsAt ?? []).filter((c) => c.name === name).map(({ place }) => place);
		return places.length === 0 ? [] : [{ item: itemOf(analysis, f), places }];
	});
	return [...callers, ...racingWriters(analysis, name)];
}

/** What a function calls, as far as the text of it was found. */
export function outgoingCalls(analysis: Analysis, name: string): readonly HierarchyCall[] {
	const found = new Map<string, { readonly item: HierarchyItem; readonly places: Place[] }>();
	for (const call of analysis.functions.find((f) => f.name === name)?.callsAt ?? []) {
		const known = found.get(call.name);
		if (known === undefined)
			found.set(call.name, { item: itemOf(analysis, call), places: [call.place] });
		else known.places.push(call.place);
	}
	return [...found.values()];
}

function itemOf(
	analysis: Analysis,
	of: { readonly name: string; readonly place: Place; readonly definition?: Place },
): HierarchyItem {
	const checked: AnalysedFunction | undefined = analysis.functions.find((f) => f.name === of.name);
	const place = checked?.place ?? of.definition ?? of.place;
	return {
		kind: 'function',
		name: of.name,
		detail: checked === undefined ? place.path : verdictTitle(checked, analysis),
		place,
		endLine: checked?.endLine ?? place.endLine,
	};
}

/** One item for each kernel function, with what it writes. */
function racingWriters(analysis: Analysis, name: string): readonly HierarchyCall[] {
	const found = new Map<string, { readonly writers: AnalysedWriter[]; readonly read: Place }>();
	for (const site of analysis.sites.filter((one) => one.function === name)) {
		for (const writer of site.writers) {
			const by = writer.cites?.function ?? writer.actor;
			const known = found.get(by);
			if (known === undefined) found.set(by, { writers: [writer], read: site.place });
			else known.writers.push(writer);
		}
	}
	return [...found].map(([by, { writers, read }]): HierarchyCall => {
		const wrote = new Set(writers.map((w) => `${w.location} = ${w.wrote}`));
		const actors = [...new Set(writers.map((w) => w.actor))].join(', ');
		const place = writerPlace(writers) ?? read;
		const detail = `races (${actors}): writes ${[...wrote].slice(0, WRITES_MAX).join(', ')}`;
		const item = { kind: 'writer' as const, name: by, detail, place, endLine: place.endLine };
		return { item, places: [place] };
	});
}

/** Writes that a detail names at most. */
const WRITES_MAX = 3;

/** The kernel function's line; null: no tree has it. */
function writerPlace(writers: readonly AnalysedWriter[]): Place | null {
	for (const { cites } of writers) {
		if (cites?.line == null) continue;
		const { path, line } = cites;
		return { path, line, column: 1, endLine: line, endColumn: 1 };
	}
	return null;
}

function lengthOf(place: Place): number {
	return (place.endLine - place.line) * 1000 + place.endColumn - place.column;
}
