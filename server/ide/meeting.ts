/**
 * Runs in which an access of a walk and a step of an adversary meet, asked for by what a report of the kernel knows: functions, and
 * lines of the source. `engine/questions/meeting.ts` looks for them.
 */

import type { SiteIndex } from '../../engine/program/op.js';
import type { Program } from '../../engine/program/program.js';
import type { Meeting } from '../../engine/questions/meeting.js';
import { checkRequest, nameOf, type Prepared, type prepare } from './analysis/analyse.js';
import type { AnalysedTrace, AnalysisObserver, AnalysisRequest } from './analysis/analysis.js';
import type { EnginePort } from './analysis/engine_port.js';

/** A frame of a stack: a function, and where in it, if that is known. */
export interface AskedFrame {
	readonly function: string;
	readonly path: string;
	/** Null: it is not known. */
	readonly line: number | null;
}

export interface MeetingRequest {
	/** Innermost first; the first that a walk has counts. */
	readonly frames: readonly AskedFrame[];
	/** Kernel functions that adversaries cite; empty: any step of any adversary. */
	readonly adversary: readonly string[];
	readonly warns: boolean;
}

export interface FoundMeeting
	extends Omit<Meeting, 'walkFirst' | 'adversaryFirst' | 'warned' | 'behind'> {
	readonly frame: AskedFrame;
	/** Root of the walk. */
	readonly root: string;
	/** Lines of which the accesses count; empty: the line is not known, or has none: all of the function. */
	readonly lines: readonly {
		readonly path: string;
		readonly line: number;
		readonly endLine: number;
	}[];
	/** Why nothing was decided of the function; absent: it is explored. */
	readonly unsupported?: string;
	readonly walkFirst: AnalysedTrace | null;
	readonly adversaryFirst: AnalysedTrace | null;
	readonly warned: AnalysedTrace | null;
	readonly behind: AnalysedTrace | null;
}

/** Null: no walk and no reader of the text has any of the frames. */
export function meetingIn(
	engine: EnginePort,
	request: AnalysisRequest,
	wanted: MeetingRequest,
	{
		observer,
		preparedBy,
	}: { readonly observer: AnalysisObserver; readonly preparedBy: typeof prepare },
): FoundMeeting | null {
	const prepared = preparedBy(engine, request, null, observer);
	observer.enter?.('exploring');
	const { program, walks, undecided } = prepared.lowered;
	for (const frame of wanted.frames) {
		const reader = undecided.find((r) => r.name === frame.function);
		if (reader !== undefined) return nothing(frame, reader.why);
		const walk = walks.find((w) => w.functions.some((f) => nameOf(program, f) === frame.function));
		if (walk === undefined) continue;
		const place = placed(prepared, wanted.frames, frame);
		const question = {
			walk: place.sites,
			adversary: citing(program, wanted.adversary),
			warns: wanted.warns,
		};
		const watcher = { cancelled: () => observer.cancelled(), progress: () => {} };
		const found = engine.meeting(checkRequest(program, walk, request), question, watcher);
		const told = (trace: Meeting['walkFirst']): AnalysedTrace | null =>
			trace === null ? null : prepared.resolve.trace(trace);
		return {
			...found,
			...{ frame, root: nameOf(program, walk.root), lines: place.lines },
			walkFirst: told(found.walkFirst),
			adversaryFirst: told(found.adversaryFirst),
			warned: told(found.warned),
			behind: told(found.behind),
		};
	}
	return null;
}

function nothing(frame: AskedFrame, unsupported: string): FoundMeeting {
	return {
		...{ frame, unsupported, root: frame.function, lines: [], locations: [] },
		...{ walkFirst: null, adversaryFirst: null, warned: null, behind: null },
		...{ isReached: false, isActing: false, runs: 0, isComplete: false },
	};
}

/** Sites of the innermost frame that has any on its line: one inlined from a header counts where it is inlined. */
function placed(
	{ lowered: { program } }: Prepared,
	frames: readonly AskedFrame[],
	of: AskedFrame,
): { readonly sites: ReadonlySet<SiteIndex>; readonly lines: FoundMeeting['lines'] } {
	const own = sitesOf(program, (f) => f.origin === 'walk');
	for (const { path, line } of frames.slice(0, frames.indexOf(of) + 1)) {
		if (line === null) continue;
		const there = own.filter((index) => {
			const site = program.sites[index];
			return site?.path === path && site.line <= line && line <= site.endLine;
		});
		if (there.length === 0) continue;
		// an expression of several lines lies in statements that are longer
		const lines = there.flatMap((index) => {
			const site = program.sites[index];
			return site === undefined ? [] : [{ path, line: site.line, endLine: site.endLine }];
		});
		const shortest = Math.min(...lines.map((l) => l.endLine - l.line));
		const kept = lines.map((l) => l.endLine - l.line === shortest);
		return {
			sites: new Set(there.filter((_, i) => kept[i])),
			lines: lines.filter((l, i) => kept[i] && lines.findIndex((m) => m.line === l.line) === i),
		};
	}
	const all = sitesOf(program, (f) => f.origin === 'walk' && f.name === of.function);
	return { sites: new Set(all), lines: [] };
}

function sitesOf(
	program: Program,
	wanted: (f: Program['functions'][number]) => boolean,
): readonly SiteIndex[] {
	const sites = program.functions.filter(wanted).flatMap((f) => f.ops.map((op) => op.site));
	return [...new Set(sites)];
}

/** Steps of adversaries that stand for one of the functions. */
function citing(program: Program, names: readonly string[]): ReadonlySet<SiteIndex> {
	const acts = sitesOf(program, (f) => f.origin === 'actor');
	if (names.length === 0) return new Set(acts);
	return new Set(
		acts.filter((index) => {
			const cites = program.sites[index]?.cites ?? null;
			if (cites === null) return false;
			return [cites, ...(cites.otherwise ?? [])].some((c) => names.includes(c.function));
		}),
	);
}
