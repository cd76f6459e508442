/**
 * Diagnostics and verdicts on their way to the client: pushed as they are known, or pulled by clients that prefer it.
 *
 * Invariant: what is pushed names the version it is about, and that version is the newest.
 * Invariant: a document whose diagnostics a client pulls is not pushed to it as well: it would show everything twice.
 */
import {
	type CancellationToken,
	type Diagnostic,
	type DocumentDiagnosticReport,
	DocumentDiagnosticReportKind,
	LSPErrorCodes,
	ResponseError,
} from 'vscode-languageserver';
import { label } from '../../engine/escape/label.js';
import { neverMet } from '../../engine/rules/verdict.js';
import type { AnalysedFinding, Analysis, Place } from '../ide/analysis/analysis.js';
import { changeMarks } from '../ide/change_marks.js';
import {
	diagnostics,
	problems,
	type ShownDiagnostic,
	unparsedProblem,
} from '../ide/diagnostics.js';
import { brokenElsewhere, verdictSentence } from '../ide/verdict_words.js';
import { NOTIFICATION_VERDICTS, type VerdictsParams } from '../protocol.js';
import { causeKey, type DocumentState, type Done } from './checks.js';
import { addressesOf } from './document_request.js';
import { encodeDiagnostic } from './encode.js';
import { lineMap } from './line_map.js';
import type { WalkSession } from './session.js';
import type { Settings } from './settings.js';

export class Publisher {
	readonly #session: WalkSession;
	/** Documents whose diagnostics the client has pulled. */
	readonly #pulled = new Set<string>();
	/** Rules and functions shown last per document: early findings are pushed when one of them is new. */
	readonly #shown = new Map<string, ReadonlySet<string>>();

	constructor(session: WalkSession) {
		this.#session = session;
	}

	async changed(state: DocumentState, what: 'freshness' | 'partial' | 'result'): Promise<void> {
		const { version } = state;
		if (what !== 'partial') this.verdicts(state);
		if (what === 'freshness') return;
		if (what === 'partial') {
			await this.#pushEarly(state, version);
			return;
		}
		if (this.#pulled.has(state.uri)) {
			if (this.#session.client.diagnosticRefresh) {
				await this.#session.connection.languages.diagnostics.refresh();
			}
		} else if (state.freshness === 'fresh') {
			const found = state.done === null ? [] : await this.#encoded(state, state.done);
			if (state.version !== version) return;
			this.#push(state.uri, version, found);
			const findings = state.done?.analysis.findings ?? [];
			this.#shown.set(state.uri, new Set(findings.map(key)));
		} else if (state.freshness === 'failed') {
			this.#push(state.uri, version, []);
		}
		if (this.#session.client.codeLensRefresh) {
			await this.#session.connection.sendRequest('workspace/codeLens/refresh');
		}
		const { inlayHintRefresh, semanticTokensRefresh } = this.#session.client;
		const wanted = await this.#session.settings(state.uri);
		const { languages } = this.#session.connection;
		if (inlayHintRefresh && wanted.inlayHints) await languages.inlayHint.refresh();
		if (semanticTokensRefresh && wanted.semanticTokens) await languages.semanticTokens.refresh();
	}

	closed(uri: string): void {
		this.#pulled.delete(uri);
		this.#shown.delete(uri);
		this.#push(uri, null, []);
	}

	verdicts(state: DocumentState): void {
		const params = verdictsParams(state, this.#session.documents.get(state.uri)?.getText() ?? null);
		void this.#session.connection.sendNotification(NOTIFICATION_VERDICTS, params);
	}

	/** Answers `textDocument/diagnostic`: waits for the newest text's result. */
	async pull(uri: string, token: CancellationToken): Promise<DocumentDiagnosticReport> {
		if (this.#session.client.pullDiagnostics && !this.#pulled.has(uri)) {
			this.#pulled.add(uri);
			if (this.#shown.has(uri)) this.#push(uri, null, []);
		}
		const early = this.#session.client.diagnosticRefresh;
		const state = await Promise.race([
			this.#session.checks.settled(uri, ({ partial }) => early && partial.length > 0),
			cancelled(token),
		]);
		if (token.isCancellationRequested) {
			throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
		}
		if (state === null) return { kind: DocumentDiagnosticReportKind.Full, items: [] };
		const { version, freshness, done } = state;
		const isEarly = freshness === 'checking';
		const items = isEarly
			? await this.#encodedPartial(state)
			: done === null
				? []
				: await this.#encoded(state, done);
		// in the meantime there may be a newer text, or the result instead of what was told before it
		if (state.version !== version || state.freshness !== freshness) return this.pull(uri, token);
		const identified = isEarly ? {} : { resultId: `${version}` };
		return { kind: DocumentDiagnosticReportKind.Full, items, ...identified };
	}

	async #pushEarly(state: DocumentState, version: number): Promise<void> {
		if (this.#pulled.has(state.uri)) return;
		const before = this.#shown.get(state.uri) ?? new Set();
		if (!state.partial.some((f) => !before.has(key(f)))) return;
		const found = await this.#encodedPartial(state);
		if (state.version !== version || state.freshness !== 'checking') return;
		this.#push(state.uri, version, found);
		this.#shown.set(state.uri, new Set(state.partial.map(key)));
	}

	#push(uri: string, version: number | null, found: Diagnostic[]): void {
		const versioned = version === null ? {} : { version };
		void this.#session.connection.sendDiagnostics({ uri, diagnostics: found, ...versioned });
	}

	async #encoded(state: DocumentState, done: Done): Promise<Diagnostic[]> {
		const settings = await this.#session.settings(state.uri);
		const addresses = addressesOf(state.uri, done.request);
		const { docsBase, client } = this.#session;
		const found = [...diagnostics(done.analysis, settings), ...this.#marks(state, done, settings)];
		return (state.unparsed === null ? found : this.#beforeTyping(state, done, settings)).map(
			(shown) => encodeDiagnostic(shown, addresses, { docsBase, related: client.related }),
		);
	}

	/** Hints where findings began. */
	#marks(
		{ uri, causes }: DocumentState,
		{ analysis, text }: Done,
		{ rules }: Settings,
	): readonly ShownDiagnostic[] {
		return analysis.findings.flatMap((finding) => {
			const cause = causes.get(causeKey(finding));
			if (cause === undefined || rules.get(finding.rule) === 'off') return [];
			const map = lineMap(cause.text, this.#session.documents.get(uri)?.getText() ?? text);
			const { path } = analysis;
			return changeMarks(finding, cause.changes, { path, lineOf: (line) => map.toCurrent(line) });
		});
	}

	/** What was said of the text before, where it stands now, and one message about what does not parse. */
	#beforeTyping(
		{ uri, unparsed }: DocumentState,
		{ analysis, text }: Done,
		settings: Settings,
	): readonly ShownDiagnostic[] {
		const map = lineMap(text, this.#session.documents.get(uri)?.getText() ?? text);
		const placed = (place: Place): Place | null => {
			if (place.path !== analysis.path) return place;
			const [line, endLine] = [map.toCurrent(place.line), map.toCurrent(place.endLine)];
			return line === null || endLine === null ? null : { ...place, line, endLine };
		};
		const kept = diagnostics(analysis, settings).flatMap((shown) => {
			const place = placed(shown.place);
			const related = shown.related.flatMap((one) => {
				const at = placed(one.place);
				return at === null ? [] : [{ ...one, place: at }];
			});
			return place === null ? [] : [{ ...shown, place, related }];
		});
		const severity = settings.rules.get('reached-unsupported') ?? 'information';
		if (unparsed === null || severity === 'off') return kept;
		return [...kept, ...unparsedProblem({ unparsed }, severity, true)];
	}

	/** Findings of the check that is still running. */
	async #encodedPartial(state: DocumentState): Promise<Diagnostic[]> {
		const settings = await this.#session.settings(state.uri);
		const { docsBase, client } = this.#session;
		const request = state.request;
		if (request === null) return [];
		const addresses = addressesOf(state.uri, request);
		const unique = state.partial.filter(
			(f, i) => state.partial.findIndex((g) => key(g) === key(f) && samePlace(f, g)) === i,
		);
		return problems(unique, settings, request.path).map((shown) =>
			encodeDiagnostic(shown, addresses, { docsBase, related: client.related }),
		);
	}
}

function key(finding: AnalysedFinding): string {
	return `${finding.rule} ${finding.function}`;
}

function samePlace(a: AnalysedFinding, b: AnalysedFinding): boolean {
	return a.place.line === b.place.line && a.place.column === b.place.column;
}

function cancelled(token: CancellationToken): Promise<null> {
	return new Promise((resolve) => {
		if (token.isCancellationRequested) resolve(null);
		else token.onCancellationRequested(() => resolve(null));
	});
}

/** The verdicts of a document as the client's gutter wants them, on the lines of its newest text. */
function verdictsParams(state: DocumentState, text: string | null): VerdictsParams {
	const { done } = state;
	const analysis: Analysis | null = done?.analysis ?? null;
	const map = done === null ? null : lineMap(done.text, text ?? done.text);
	const functions = (analysis?.functions ?? []).flatMap((f) => {
		const line = map === null ? null : map.toCurrent(f.place.line);
		if (line === null || analysis === null || f.place.path !== analysis.path) return [];
		return [
			{
				name: label(f.name),
				line,
				verdict: f.verdict,
				why: label(verdictSentence(f, analysis)),
				...(state.freshness === 'fresh' && state.unparsed === null
					? { against: f.byActor.map((by) => ({ actor: label(by.actor), verdict: by.verdict })) }
					: {}),
			},
		];
	});
	const elsewhere =
		analysis === null
			? []
			: [
					...new Set(
						analysis.functions.flatMap((f) => brokenElsewhere(f, analysis)).map((e) => e.arch),
					),
				];
	const unreached = done?.whole == null ? [] : unreachedLines(done.whole, text);
	return {
		uri: state.uri,
		version: state.version,
		freshness: state.freshness,
		functions,
		...(unreached.length === 0 ? {} : { unreached }),
		...(state.unparsed?.[0] === undefined ? {} : { unparsed: state.unparsed[0].place.line }),
		findings: analysis?.findings.length ?? 0,
		...(elsewhere.length === 0 ? {} : { elsewhere }),
		arch: analysis?.arch ?? '',
		memory: analysis?.memory ?? '',
		milliseconds: Math.round(
			(analysis?.milliseconds.lower ?? 0) + (analysis?.milliseconds.check ?? 0),
		),
		...(analysis?.left === undefined ? {} : { left: analysis.left }),
	};
}

/** What no explored run came to, by lines of the newest text; null: it is the one that was analysed. */
function unreachedLines(
	{ analysis: { path, functions }, text }: NonNullable<Done['whole']>,
	newest: string | null,
): NonNullable<VerdictsParams['unreached']> {
	const map = lineMap(text, newest ?? text);
	const found = new Map<number, string>();
	for (const never of functions.flatMap((f) => f.coverage?.never ?? [])) {
		const { place, lines } = never;
		if (place.path !== path || never.ofSection === true) continue;
		for (const line of lines.length === 0 ? [place.line] : lines) {
			const now = map.toCurrent(line);
			const what = lines.length === 0 ? 'always the same' : 'never reached';
			if (now != null && !found.has(now)) found.set(now, label(`${what}: ${neverMet(never)}`));
		}
	}
	return [...found].map(([line, why]) => ({ line, why }));
}
