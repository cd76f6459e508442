/**
 * The checks of the open files of C, as stages. The most telling scenarios are explored first and answered for; then the other
 * common ones; then what hover rests on, the rarer scenarios, and the other architectures; the guards beside them, once a
 * verdict has stood for a while. Each answer says what is still to come, and is what a check that went no deeper would say: the
 * last is the command line's.
 *
 * Invariant: an analysis is only ever shown for the version it was made from.
 */
import { dirname } from 'node:path';
import { ARCHS } from '../../engine/program/arch.js';
import {
	type AnalysedFinding,
	type Analysis,
	stoppedAnalysis,
	undecidedBecause,
	type VariantAnalysis,
} from '../ide/analysis/analysis.js';
import { type Change, changesBetween } from '../ide/change_marks.js';
import type { KnownGuards } from '../ide/guard_words.js';
import { looksLikeWalk, whyTooLong } from '../ide/recognise.js';
import { configuration } from '../tree/configuration.js';
import { splitLines } from '../tree/source_lines.js';
import type { Explorer } from '../worker/exploration.js';
import type { TaskOutcome } from '../worker/outcome.js';
import type { DocumentRequest } from '../worker/worker_protocol.js';
import { lineMap } from './line_map.js';
import { type OpenDocument, OpenDocuments, type Procedure } from './open_documents.js';
import { type Kept, type Stage, stage } from './stage.js';

export interface DocumentState extends OpenDocument<DocumentRequest> {
	/** The last finished analysis with the text and version it is about; null when there is none. */
	done: Done | null;
	/** Findings of the running check of the newest version. */
	partial: readonly AnalysedFinding[];
	/**
	 * What of the newest checked text does not parse, while `done` is of a text before it in which that did parse; null: `done` is
	 * of that text.
	 */
	unparsed: NonNullable<Analysis['unparsed']> | null;
	/** The last analysis of the text before `done`'s; null: there was none. */
	before: Pick<Done, 'analysis' | 'text'> | null;
	/** Where findings of `done` began, as far as it was seen; by `causeKey`. */
	causes: ReadonlyMap<string, Cause>;
}

/** The changes with which a finding began, and the text whose lines they name. */
export interface Cause {
	readonly changes: readonly Change[];
	readonly text: string;
}

/** A finding over texts: where it stands moves. */
export function causeKey({ rule, function: name }: AnalysedFinding): string {
	return `${rule} ${name}`;
}

export interface Done {
	readonly analysis: Analysis;
	readonly text: string;
	readonly version: number;
	readonly request: DocumentRequest;
	/** What is known of its guards; null: nothing, and nothing is being worked out. */
	readonly guards: KnownGuards | null;
	/** The last analysis that left no scenario out, perhaps of an earlier text: what no run reaches is known from it alone. */
	readonly whole: Pick<Done, 'analysis' | 'text'> | null;
}

/** The open files of C with their checks. */
export type Checks = OpenDocuments<DocumentRequest, DocumentState>;

export interface ChecksHost
	extends Pick<Procedure<DocumentRequest, DocumentState>, 'changed' | 'failed' | 'running'> {
	/** The newest text of an open document. */
	text(uri: string): string;
	/** What to analyse, or null when the user switched racewalk off for it. */
	request(uri: string, text: string): Promise<DocumentRequest | null>;
	/** What the user wants beside the verdicts: the text checked for the other architectures, its guards worked out. */
	wants(uri: string): Promise<{ readonly otherArchitectures: boolean; readonly guards: boolean }>;
	/** What comes beside or behind the verdicts failed. */
	report(where: string, message: string): void;
}

/** The stage that finds out what hover rests on. */
const SITES = 'sites';
/** Milliseconds of quiet after an edit before a check starts. */
const QUIET = 15;
/** Milliseconds a verdict stands before its guards are looked at. */
const GUARDS_QUIET = 1000;
/** Seconds the guards of one document may take. */
const GUARDS_BUDGET = 300;

export function openChecks(host: ChecksHost, explorer: Explorer): Checks {
	const procedure: Procedure<DocumentRequest, DocumentState> = {
		quiet: QUIET,
		stages: [
			firstVerdicts(),
			guards(host),
			deeper(host, 'core'),
			sites(host),
			deeper(host, 'all'),
			elsewhere(host),
		],
		opened: (uri, version) => ({
			...{ uri, version, freshness: 'fresh', request: null },
			...{ done: null, partial: [], unparsed: null, before: null, causes: new Map() },
		}),
		edited(state) {
			const { done } = state;
			state.partial = [];
			if (done?.guards?.complete === false) state.done = { ...done, guards: null };
		},
		async request({ uri }) {
			const text = host.text(uri);
			if (!looksLikeWalk(text)) return null;
			const tooLong = whyTooLong(text);
			if (tooLong !== null) throw new Error(tooLong);
			return host.request(uri, text);
		},
		cleared(state) {
			state.done = null;
			state.partial = [];
			state.unparsed = null;
			state.before = null;
			state.causes = new Map();
		},
		changed: (state, what) => host.changed(state, what),
		failed: (state, message) => host.failed(state, message),
		running: (state, cancel) => host.running(state, cancel),
	};
	return new OpenDocuments(procedure, explorer);
}

/** Resolves when hover has what it rests on, as far as the newest text goes. */
export function learned(checks: Checks, uri: string): Promise<void> {
	return checks.past(uri, SITES);
}

/** Whether what is known of a document may rest on a file that was saved; `path`: of the file. */
export function mayRestOn({ done, request }: DocumentState, path: string): boolean {
	if (request === null) return false;
	const { tree } = request;
	const files = done?.request === request ? done.analysis.files : undefined;
	// a path that leads into the tree by another way, adversaries, and what is still being read
	if (files === undefined || tree === null || !path.startsWith(`${tree}/`)) return true;
	if (path.includes('/.racewalk/')) return true;
	const inTree = path.slice(tree.length + 1);
	return files.includes(inTree) || files.includes(dirname(inTree));
}

/** The verdicts of the most telling scenarios. */
function firstVerdicts(): Stage<DocumentState> {
	return stage({
		name: 'first verdicts',
		isShown: true,
		ask: ({ uri, request }) =>
			request === null
				? []
				: [{ key: uri, task: { kind: 'analyse', document: { ...request, depth: 'first' } } }],
		heard: (state) => ({
			found(finding) {
				// a check that gave way to another begins anew
				if (state.partial.some((known) => isSameFinding(known, finding))) return;
				state.partial = [...state.partial, finding];
			},
		}),
		keep(state, [outcome], byUser) {
			const { request } = state;
			if (outcome === undefined || request === null) return 'over';
			switch (outcome.kind) {
				case 'done':
					return answered(state, explained(outcome.result, request, byUser));
				case 'ended': {
					const { phase, why } = outcome;
					return answered(state, stoppedAnalysis(request, { phase, why: `the check ${why}` }));
				}
				case 'refused':
				case 'failed':
					return { failed: outcome.message };
				case 'superseded':
					// nothing newer came: the user stopped it before it began
					return byUser ? 'stopped' : 'over';
			}
		},
	});
}

function isSameFinding(a: AnalysedFinding, b: AnalysedFinding): boolean {
	const key = ({ rule, place }: AnalysedFinding): string => `${rule} ${JSON.stringify(place)}`;
	return key(a) === key(b);
}

function answered(state: DocumentState, analysis: Analysis): Kept {
	const { request, version } = state;
	if (request === null) return 'over';
	if (isBeingTyped(state.done, analysis)) {
		state.partial = [];
		state.unparsed = analysis.unparsed ?? [];
		return 'last';
	}
	state.unparsed = null;
	const { text } = request;
	const whole = analysis.left === undefined ? { analysis, text } : (state.done?.whole ?? null);
	state.partial = [];
	if (state.done !== null && state.done.text !== text) state.before = state.done;
	state.done = { analysis, text, version, request, guards: null, whole };
	state.causes = causesOf(state);
	return 'shown';
}

/**
 * Where the findings began: what was known of them stays; of the others, the changes since the text before, if as much had been
 * explored of that text and they were not there.
 */
function causesOf({ done, before, causes }: DocumentState): DocumentState['causes'] {
	if (done === null) return new Map();
	const { analysis, text } = done;
	const isSame =
		before !== null &&
		before.analysis.path === analysis.path &&
		before.analysis.arch === analysis.arch;
	const isAsDeep =
		before !== null && (before.analysis.left === undefined || analysis.left !== undefined);
	const allowed = (before?.analysis.suppressed ?? []).map(({ finding }) => finding);
	const known = new Set([...(before?.analysis.findings ?? []), ...allowed].map(causeKey));
	const wasExplored = (name: string): boolean =>
		before?.analysis.functions.some(
			(f) => f.name === name && (f.verdict === 'holds' || f.verdict === 'violated'),
		) === true;
	let changes: readonly Change[] | null = null;
	const found = new Map<string, Cause>();
	for (const finding of analysis.findings) {
		const key = causeKey(finding);
		const cause = causes.get(key);
		if (cause !== undefined) found.set(key, cause);
		else if (before !== null && isSame && isAsDeep && !known.has(key)) {
			if (!wasExplored(finding.function)) continue;
			changes ??= changesBetween(
				{ lines: splitLines(before.text), analysis: before.analysis },
				{ lines: splitLines(text), analysis },
				lineMap(before.text, text),
			);
			if (changes.length > 0) found.set(key, { changes, text });
		}
	}
	return found;
}

/** A function does not parse that did in the text before: what was said of that text stays until it does again. */
function isBeingTyped(before: Done | null, { unparsed = [], path }: Analysis): boolean {
	if (before === null || before.analysis.path !== path || !hasFunctions(before)) return false;
	const known = new Set((before.analysis.unparsed ?? []).map((one) => one.function));
	return unparsed.some((one) => !known.has(one.function));
}

/** What the answer so far left out; the result takes the place of that answer. */
function deeper(host: ChecksHost, depth: 'core' | 'all'): Stage<DocumentState> {
	return stage({
		name: depth === 'core' ? 'the other common scenarios' : 'all scenarios',
		ask({ uri, request, done }) {
			if (request === null || done?.analysis.left === undefined || done.analysis.cancelled)
				return [];
			const document = depth === 'core' ? { ...request, depth } : request;
			return [{ key: uri, task: { kind: 'analyse', document } }];
		},
		keep(state, [outcome], byUser) {
			const { done } = state;
			if (outcome?.kind === 'failed') host.report(`check of ${state.uri}`, outcome.message);
			if (outcome?.kind !== 'done' || done === null) return 'kept';
			const { sites, elsewhere, files } = done.analysis;
			const analysis = {
				...explained(outcome.result, done.request, byUser),
				sites,
				...(files === undefined ? {} : { files }),
				...(elsewhere === undefined ? {} : { elsewhere }),
			};
			const whole = analysis.left === undefined ? { analysis, text: done.text } : done.whole;
			state.done = { ...done, analysis, whole };
			state.causes = causesOf(state);
			return 'shown';
		},
	});
}

/** What hover rests on comes after the verdicts. */
function sites(host: ChecksHost): Stage<DocumentState> {
	return stage({
		name: SITES,
		ask: ({ uri, request, done }) =>
			request === null || !hasFunctions(done)
				? []
				: [{ key: uri, task: { kind: 'sites', document: request } }],
		keep(state, [outcome]) {
			const { done } = state;
			if (outcome?.kind === 'failed') host.report(`check of ${state.uri}`, outcome.message);
			if (outcome?.kind === 'done' && done !== null)
				state.done = { ...done, analysis: { ...done.analysis, sites: outcome.result } };
			return 'kept';
		},
	});
}

/** Who needs each guard: in a worker of its own, for nobody waits for it. */
function guards(host: ChecksHost): Stage<DocumentState> {
	const know = (state: DocumentState, known: KnownGuards | null): void => {
		if (state.done !== null && state.unparsed === null)
			state.done = { ...state.done, guards: known };
	};
	return stage({
		name: 'guards',
		quiet: GUARDS_QUIET,
		isBeside: true,
		async ask(state) {
			const { uri, request, done } = state;
			if (request === null || !hasFunctions(done) || state.unparsed !== null) return [];
			if (!(await host.wants(uri)).guards) return [];
			const document = { ...request, memory: 'sc' as const, budgetSeconds: GUARDS_BUDGET };
			return [{ key: uri, task: { kind: 'guards', document } }];
		},
		asked: (state) => know(state, { guards: [], complete: false }),
		heard: (state) => ({ guards: (known) => know(state, { guards: known, complete: false }) }),
		keep(state, [outcome]) {
			if (outcome?.kind === 'failed') host.report(`guards of ${state.uri}`, outcome.message);
			know(state, outcome?.kind === 'done' ? { guards: outcome.result, complete: true } : null);
			return 'kept';
		},
	});
}

/** The same text on the other architectures, as Debian configures them: hover tells where a finding exists. */
function elsewhere(host: ChecksHost): Stage<DocumentState> {
	const othersOf = (request: DocumentRequest): readonly VariantAnalysis['variant'][] =>
		ARCHS.filter((a) => a !== request.arch).map((arch) => ({
			...{ arch, changed: null },
			config: configuration({ arch, dotConfig: null, set: new Map() }),
		}));
	return stage({
		name: 'other architectures',
		async ask({ uri, request, done }) {
			if (request === null || !hasFunctions(done)) return [];
			if (request.whatIf !== undefined || request.memory !== 'sc') return [];
			if (!(await host.wants(uri)).otherArchitectures) return [];
			return othersOf(request).map(({ arch, config }) => {
				const document = { ...request, arch, config: [...config], depth: 'core' } as const;
				return { key: `${uri} ${arch}`, task: { kind: 'analyse', document }, behind: true };
			});
		},
		keep(state, outcomes) {
			const { done } = state;
			if (done === null) return 'kept';
			const found = othersOf(done.request).flatMap((variant, i): VariantAnalysis[] => {
				const outcome: TaskOutcome<Analysis> | undefined = outcomes[i];
				if (outcome?.kind !== 'done' || outcome.result.cancelled) return [];
				return [{ variant, analysis: outcome.result }];
			});
			if (found.length === outcomes.length)
				state.done = { ...done, analysis: { ...done.analysis, elsewhere: found } };
			return 'kept';
		},
	});
}

function hasFunctions(done: Done | null): boolean {
	return done !== null && done.analysis.functions.length > 0;
}

/** Why a check that was stopped did not decide. */
function explained(analysis: Analysis, request: DocumentRequest, byUser: boolean): Analysis {
	if (!analysis.cancelled) return analysis;
	const why = byUser
		? 'the check was cancelled'
		: `the budget of ${request.budgetSeconds} s ran out`;
	return undecidedBecause(analysis, why);
}
