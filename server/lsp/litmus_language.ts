/**
 * Litmus tests: their runs, and what is answered about them: diagnostics, hover, lenses, the quick fix, and the commands behind the lenses, which show
 * their result as a document where the client can show one.
 */
import {
	type CancellationToken,
	type CodeAction,
	CodeActionKind,
	type CodeActionParams,
	type CodeLens,
	type Diagnostic,
	type DocumentDiagnosticReport,
	DocumentDiagnosticReportKind,
	type DocumentSymbol,
	type Hover,
	type Position,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { label, plain } from '../../engine/escape/label.js';
import {
	type LitmusFix,
	type LitmusGoal,
	type LitmusPlace,
	litmusDiagnostics,
	litmusHover,
	litmusTitle,
} from '../ide/litmus.js';
import { documentation } from '../ide/rules.js';
import {
	COMMAND_LITMUS_EXPLAIN,
	COMMAND_LITMUS_RUN,
	type LitmusDocument,
	NOTIFICATION_VERDICTS,
	type VerdictsParams,
} from '../protocol.js';
import { filePath } from './document_address.js';
import { encodeRange, encodeSaid, SEVERITIES } from './encode.js';
import type { CommandContext, Language } from './language.js';
import {
	type LitmusState,
	type LitmusTests,
	litmusRequest,
	openLitmusTests,
} from './litmus_runs.js';
import { runningReport } from './progress.js';
import { guarded, type Session } from './session.js';
import { gaveUp, tell } from './tell.js';

/** What an unresolved fix of a litmus test carries. */
interface LitmusFixData {
	readonly uri: string;
	readonly version: number;
	readonly litmus: LitmusGoal;
}

const TITLES: Readonly<Record<LitmusGoal, string>> = {
	forbid: 'Forbid this outcome with the weakest barrier',
	'no race': 'End the data race with the weakest change',
};

export class LitmusLanguage implements Language {
	readonly commands = [COMMAND_LITMUS_RUN, COMMAND_LITMUS_EXPLAIN];
	readonly documents: LitmusTests;
	readonly #session: Session;
	/** Documents whose diagnostics the client has pulled. */
	readonly #pulled = new Set<string>();

	constructor(session: Session) {
		this.#session = session;
		this.documents = openLitmusTests(
			{
				request: (uri) => litmusRequest(session, uri),
				changed: (state, what) => {
					void guarded(session, 'litmus diagnostics', undefined, () => this.#changed(state, what));
				},
				failed: ({ uri }, message) => session.report(`litmus test ${uri}`, message),
				running: ({ uri }, cancel) =>
					runningReport(session, filePath(uri)?.split('/').pop() ?? uri, cancel),
			},
			session.explorer,
		);
	}

	speaks(document: TextDocument): boolean {
		return document.languageId === 'litmus' || document.uri.endsWith('.litmus');
	}

	/** Tells the client that a test is being run, and shows a new result to clients that do not ask. */
	async #changed(state: LitmusState, what: 'freshness' | 'partial' | 'result'): Promise<void> {
		const { connection, client } = this.#session;
		const { uri, version, freshness } = state;
		// a test has no functions with verdicts
		const none = { functions: [], arch: '', memory: 'lkmm', milliseconds: 0 };
		const params: VerdictsParams = { uri, version, freshness, ...none };
		void connection.sendNotification(NOTIFICATION_VERDICTS, params);
		if (what !== 'result') return;
		if (this.#pulled.has(uri)) {
			if (client.diagnosticRefresh) await connection.languages.diagnostics.refresh();
		} else {
			const diagnostics = await this.#diagnostics(state);
			if (state.version !== version || !this.documents.has(uri)) return;
			void connection.sendDiagnostics({ uri, version, diagnostics });
		}
		if (client.codeLensRefresh) await connection.sendRequest('workspace/codeLens/refresh');
	}

	closed(uri: string): void {
		this.documents.close(uri);
		this.#pulled.delete(uri);
		void this.#session.connection.sendDiagnostics({ uri, diagnostics: [] });
	}

	/** Tests rest on the tree's version, which nobody edits in passing. */
	mayRestOn(): boolean {
		return false;
	}

	/** A test has nothing to list. */
	symbols(): DocumentSymbol[] {
		return [];
	}

	async pull(uri: string): Promise<DocumentDiagnosticReport> {
		if (this.#session.client.pullDiagnostics) this.#pulled.add(uri);
		const state = await this.documents.settled(uri);
		const items = state === null ? [] : await this.#diagnostics(state);
		return { kind: DocumentDiagnosticReportKind.Full, items };
	}

	async hover(uri: string, position: Position): Promise<Hover | null> {
		const analysis = (await this.documents.settled(uri))?.analysis ?? null;
		if (analysis === null) return null;
		const at = { line: position.line + 1, column: position.character + 1 };
		const said = litmusHover(analysis, at);
		if (said === null) return null;
		return {
			contents: encodeSaid(said.said, this.#session.client),
			range: encodeRange(said.place),
		};
	}

	// a litmus test is told whole by its hovers
	async about(): Promise<null> {
		return null;
	}

	async hints(): Promise<[]> {
		return [];
	}

	async tokens(): Promise<null> {
		return null;
	}

	folds(): null {
		return null;
	}

	async calls(): Promise<[]> {
		return [];
	}

	callsTo(): null {
		return null;
	}

	callsFrom(): null {
		return null;
	}

	links(): [] {
		return [];
	}

	async references(): Promise<[]> {
		return [];
	}

	lenses(uri: string): CodeLens[] {
		const analysis = this.documents.state(uri)?.analysis ?? null;
		if (analysis === null) return [];
		const range = encodeRange(analysis.header);
		const lens = (title: string, command: string): CodeLens => ({
			range,
			command: { title: label(title), command, arguments: [{ uri }] },
		});
		const run = lens(`Run: ${litmusTitle(analysis)}`, COMMAND_LITMUS_RUN);
		return analysis.problem === null ? [run, lens('Explain', COMMAND_LITMUS_EXPLAIN)] : [run];
	}

	/** Fixes for what stands in the range; their edits are looked for when they are resolved, or at once. */
	async actions(params: CodeActionParams): Promise<CodeAction[]> {
		const { uri } = params.textDocument;
		const state = this.documents.state(uri);
		const analysis = state?.analysis ?? null;
		const { only } = params.context;
		const wanted = only?.some((kind) => CodeActionKind.QuickFix.startsWith(kind)) ?? true;
		if (state === null || analysis === null || !wanted) return [];
		if (!this.#session.client.actionLiterals) return [];
		const touches = (place: LitmusPlace): boolean => {
			const { start, end } = encodeRange(place);
			return start.line <= params.range.end.line && params.range.start.line <= end.line;
		};
		const goals: LitmusGoal[] = [];
		const { condition, expected, quantifier, verdict, header } = analysis;
		const allowed =
			verdict !== 'DEADLOCK' &&
			(quantifier === 'forall' ? verdict !== 'Always' : verdict !== 'Never');
		const asked = [condition, expected?.place ?? null, header];
		if (verdict !== null && allowed && asked.some((place) => place !== null && touches(place))) {
			goals.push('forbid');
		}
		if (analysis.races.some((race) => touches(race.first) || touches(race.second))) {
			goals.push('no race');
		}
		const actions: CodeAction[] = [];
		for (const litmus of goals) {
			const data: LitmusFixData = { uri, version: state.version, litmus };
			const about = params.context.diagnostics.filter(
				(d) => d.code === (litmus === 'forbid' ? 'litmus-result' : 'data-race'),
			);
			const base: CodeAction = {
				title: TITLES[litmus],
				kind: CodeActionKind.QuickFix,
				...(about.length === 0 ? {} : { diagnostics: about }),
			};
			if (this.#session.client.actionResolve) actions.push({ ...base, data });
			else actions.push(...(await this.#fixed(base, data)));
		}
		return actions;
	}

	/** The action with its edit when it is a litmus test's; null when it is another feature's. */
	async resolve(action: CodeAction): Promise<CodeAction | null> {
		const data = fixData(action.data);
		if (data === null) return null;
		const [resolved] = await this.#fixed(action, data);
		return resolved ?? action;
	}

	/** `racewalk.litmus.run` and `racewalk.litmus.explain`. */
	async command(
		name: string,
		argument: unknown,
		context: CommandContext,
	): Promise<LitmusDocument | null> {
		const uri = (argument as { readonly uri?: unknown } | null | undefined)?.uri;
		if (typeof uri !== 'string' || !this.documents.has(uri)) {
			tell(this.#session.connection, 'error', 'racewalk: open the litmus test first');
			return null;
		}
		const made =
			name === COMMAND_LITMUS_RUN ? await this.#states(uri) : await this.#explained(uri, context);
		if (made !== null && this.#session.client.showDocument) {
			// Editors show an SVG as its source: the text says where the drawing is instead.
			const svg = made.svg === '' ? '' : context.documents.writeText(made.svg, 'svg');
			const text = plain(svg === '' ? made.text : `${made.text}\nDrawn: ${svg}\n`);
			const shown = context.documents.writeText(text, 'txt');
			await this.#session.connection.window.showDocument({ uri: shown, takeFocus: true });
		}
		return made;
	}

	async #states(uri: string): Promise<LitmusDocument | null> {
		const analysis = (await this.documents.settled(uri))?.analysis ?? null;
		if (analysis === null) return null;
		const text = analysis.problem === null ? analysis.summary : `${analysis.problem.message}\n`;
		return { uri, title: label(analysis.name), text: plain(text), dot: '', svg: '' };
	}

	async #explained(
		uri: string,
		{ token }: { readonly token: CancellationToken },
	): Promise<LitmusDocument | null> {
		const litmus = await litmusRequest(this.#session, uri);
		if (litmus === null) return null;
		const key = `litmus-explain ${uri}`;
		const running = this.#session.explorer.run(key, { kind: 'litmus-document', litmus }, {});
		token.onCancellationRequested(() => running.cancel());
		const outcome = await running.outcome;
		if (outcome.kind === 'failed') this.#session.report('racewalk.litmus.explain', outcome.message);
		if (outcome.kind === 'ended')
			tell(this.#session.connection, 'information', gaveUp('the explanation', outcome.why));
		if (outcome.kind !== 'done') return null;
		const { title, text, dot, svg } = outcome.result;
		return { uri, title: label(title), text: plain(text), dot, svg };
	}

	async #fixed(action: CodeAction, data: LitmusFixData): Promise<CodeAction[]> {
		const { uri, version } = data;
		const litmus = await litmusRequest(this.#session, uri);
		if (litmus === null || this.documents.state(uri)?.version !== version) return [];
		const key = `litmus-fix ${uri} ${data.litmus}`;
		const task = { kind: 'litmus-fix', litmus, goal: data.litmus } as const;
		const outcome = await this.#session.explorer.run(key, task, {}).outcome;
		if (outcome.kind === 'failed') this.#session.report('litmus fix', outcome.message);
		if (outcome.kind === 'ended')
			tell(this.#session.connection, 'information', gaveUp(`"${action.title}"`, outcome.why));
		if (outcome.kind !== 'done') return [];
		const fix = outcome.result;
		if (!fix.found) {
			tell(this.#session.connection, 'information', `${action.title}: ${fix.title}`);
			return [];
		}
		const edit = this.#edit(uri, version, litmus.text, fix);
		return [{ ...action, title: label(`${TITLES[data.litmus]}: ${fix.title}`), edit }];
	}

	#edit(uri: string, version: number, text: string, fix: LitmusFix) {
		const document = TextDocument.create(uri, 'litmus', version, text);
		const edits = fix.edits.map((edit) => ({
			range: { start: document.positionAt(edit.start), end: document.positionAt(edit.end) },
			newText: edit.text,
		}));
		if (!this.#session.client.versionedEdits) return { changes: { [uri]: edits } };
		return { documentChanges: [{ textDocument: { uri, version }, edits }] };
	}

	async #diagnostics(state: LitmusState): Promise<Diagnostic[]> {
		if (state.analysis === null) return [];
		const { docsBase, client } = this.#session;
		const settings = await this.#session.settings(state.uri);
		return litmusDiagnostics(state.analysis).flatMap((shown): Diagnostic[] => {
			const isRace = shown.code === 'data-race';
			const severity = (isRace ? settings.rules.get('data-race') : undefined) ?? shown.severity;
			if (severity === 'off') return [];
			const { message, code, related } = shown;
			const relatedInformation =
				related === null || !client.related
					? []
					: [
							{
								location: { uri: state.uri, range: encodeRange(related.place) },
								message: plain(related.message),
							},
						];
			return [
				{
					range: encodeRange(shown.place),
					severity: SEVERITIES[severity],
					source: 'racewalk',
					code,
					message: plain(message),
					...(relatedInformation.length === 0 ? {} : { relatedInformation }),
					...(isRace ? { codeDescription: { href: documentation('data-race', docsBase) } } : {}),
				},
			];
		});
	}
}

function fixData(value: unknown): LitmusFixData | null {
	if (typeof value !== 'object' || value === null) return null;
	const { uri, version, litmus } = value as Partial<Record<keyof LitmusFixData, unknown>>;
	if (typeof uri !== 'string' || typeof version !== 'number') return null;
	return litmus === 'forbid' || litmus === 'no race' ? { uri, version, litmus } : null;
}
