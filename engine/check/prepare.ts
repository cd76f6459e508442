/**
 * A request made ready: how its root is called, with what the what-ifs take away taken away. Plain data, which all scenarios
 * of the request share.
 */
import { takesLocks } from '../mm/actors/headers.js';
import type { SiteIndex } from '../program/op.js';
import { type Calling, callingOf } from './call/calling.js';
import { type ReaderCalling, readerCallingOf } from './call/reader_calling.js';
import type { CheckRequest } from './request.js';
import { sectionUnder, takeAway } from './take_away.js';
import type { Taken, WhatIf } from './what_ifs.js';

/** What all scenarios of one request share. */
export interface PreparedWalk {
	readonly kind: 'ready';
	/** With what the request's what-ifs take away taken away. */
	readonly request: CheckRequest;
	readonly calling: Calling;
	readonly taken: readonly Taken<SiteIndex>[];
	readonly path: string;
	/** The walk takes locks of the adversaries'. */
	readonly takesLocks: boolean;
}

/** Prepares a request; a reason when its root cannot be called. */
export function prepare(
	request: CheckRequest,
): PreparedWalk | { readonly kind: 'unknown'; readonly why: string } {
	const called = request.reader ? readerCalling(request) : callingOf(request.program, request.root);
	if (called.kind === 'unknown') return called;
	const path = request.program.functions[request.root]?.path ?? '';
	const locks = takesLocks(request.program, request.root);
	const shared = { path, takesLocks: locks };
	const { whatIf = [] } = request;
	if (whatIf.length === 0) return { kind: 'ready', request, calling: called, taken: [], ...shared };
	const { program, taken } = takeAway(request);
	const calling = callingUnder(called, whatIf);
	return { kind: 'ready', request: { ...request, program }, calling, taken, ...shared };
}

/** How the root is called where its caller's protection is taken away too. */
function callingUnder(calling: Calling, whatIf: readonly WhatIf[]): Calling {
	const sections = calling.sectionsAtEntry.flatMap((kind) => sectionUnder(kind, whatIf) ?? []);
	return { ...calling, sectionsAtEntry: sections };
}

function readerCalling(request: CheckRequest): ReturnType<typeof callingOf> {
	const reader = readerCallingOf(request.program, request.root);
	if ('why' in reader) return { kind: 'unknown', why: reader.why };
	const { outside } = request;
	const lock = request.reader === 'locked' && reader.lock === null ? true : reader.lock;
	return {
		kind: 'reader',
		levels: [],
		sectionsAtEntry: [],
		countInMemory: false,
		handsOut: false,
		asked: 'flags',
		assumption: reader.rcu && outside ? '' : reader.assumption,
		reader: { ...reader, lock, ...(reader.rcu && outside ? outsideCalling(request, outside) : {}) },
	};
}

/** A caller in the same file breaks what the others keep: the reader is called as that one does. */
function outsideCalling(
	{ program }: CheckRequest,
	{ caller, site }: NonNullable<CheckRequest['outside']>,
): Pick<ReaderCalling, 'rcu' | 'premise'> {
	const line = program.sites[site]?.line ?? 0;
	return {
		rcu: false,
		premise: ` (${caller}() calls it at line ${line}, before it enters its RCU section)`,
	};
}
