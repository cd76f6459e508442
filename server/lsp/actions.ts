/**
 * Code actions. A fix's edit is looked for by exploration when the client resolves the action, or at once for clients
 * that cannot resolve.
 */
import {
	type CodeAction,
	CodeActionKind,
	type CodeActionParams,
	type Command,
	type Diagnostic,
	type TextEdit,
	type WorkspaceEdit,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { label } from '../../engine/escape/label.js';
import { suppressionComment } from '../ide/analysis/suppression.js';
import { claimActions, codeActions, guardActions, type ShownAction } from '../ide/code_actions.js';
import { FIX_KINDS, type FixKind, type FixOutcome } from '../ide/quick_fix/fix_kinds.js';
import type { TextChange } from '../ide/quick_fix/text_change.js';
import {
	CLIENT_COMMAND_PICK_ADVERSARY,
	CLIENT_COMMAND_SUPPRESS,
	COMMAND_SIMULATE_AGAINST,
	type SimulateAgainstParams,
	type SuppressParams,
} from '../protocol.js';
import { splitLines } from '../tree/source_lines.js';
import type { Done } from './checks.js';
import { lineStart } from './encode.js';
import { current, simulateCommand } from './requests.js';
import type { WalkSession } from './session.js';
import { tell } from './tell.js';

/** What an unresolved fix carries. */
interface FixData {
	readonly uri: string;
	readonly version: number;
	readonly fix: FixKind;
	readonly trace: string;
	readonly rule: string;
}

export async function actions(
	session: WalkSession,
	params: CodeActionParams,
): Promise<(CodeAction | Command)[]> {
	const { uri } = params.textDocument;
	const now = current(session, uri);
	const state = session.checks.state(uri);
	if (now === null || state === null || now.done.version !== state.version) return [];
	const { only } = params.context;
	if (only !== undefined && !only.some((kind) => CodeActionKind.QuickFix.startsWith(kind)))
		return [];
	const lines = splitLines(now.done.text);
	const indentOf = (line: number): string => /^[ \t]*/.exec(lines[line - 1] ?? '')?.[0] ?? '';
	const range = { from: params.range.start.line + 1, to: params.range.end.line + 1 };
	const shown = codeActions(now.done.analysis, range, indentOf);
	const claims = claimActions(now.done.analysis.claims ?? [], range.from);
	const encoded: (CodeAction | Command)[] = [];
	const table = now.done.guards?.guards ?? [];
	const without = guardActions(table, range.from);
	const all = [...shown, ...without, ...claims].flatMap((one) => spreadOut(session, one));
	for (const action of all) {
		const one = await encodeAction(session, action, { uri, done: now.done, params });
		if (one !== null) encoded.push(one);
	}
	return encoded;
}

/** Where nobody can ask the user which adversary it is: an entry for each of the first. */
const ADVERSARIES_MAX = 8;

function spreadOut({ client }: WalkSession, action: ShownAction): readonly ShownAction[] {
	if (action.kind !== 'against' || client.tracePanel || client.choosing) return [action];
	return action.choices.slice(0, ADVERSARIES_MAX).map(({ actor }) => ({
		kind: 'simulate',
		title: `Simulate ${action.function}() against ${actor}`,
		function: action.function,
		...{ actor, trace: null, finding: null },
	}));
}

async function encodeAction(
	session: WalkSession,
	action: ShownAction,
	context: { readonly uri: string; readonly done: Done; readonly params: CodeActionParams },
): Promise<CodeAction | Command | null> {
	const { uri, done } = context;
	const literals = session.client.actionLiterals;
	if (action.kind === 'simulate') {
		const title = label(action.title);
		const { whatIf, claim } = action;
		const wanted = {
			uri,
			function: action.function,
			actor: action.actor,
			trace: action.trace,
			...(whatIf === undefined ? {} : { whatIf }),
			...(claim === undefined ? {} : { claim }),
		};
		const command = simulateCommand(session, title, wanted);
		if (!literals) return command;
		const about =
			action.finding === null ? null : matching(context.params, action.finding.trace.id);
		return { title, kind: CodeActionKind.QuickFix, command, ...attached(about) };
	}
	if (action.kind === 'against') {
		const title = label(action.title);
		const choices = action.choices.map(({ actor, verdict }) => ({ actor, verdict }));
		const wanted: SimulateAgainstParams = { uri, function: action.function, choices };
		const name = session.client.tracePanel
			? CLIENT_COMMAND_PICK_ADVERSARY
			: COMMAND_SIMULATE_AGAINST;
		const command: Command = { title, command: name, arguments: [wanted] };
		return literals ? { title, kind: CodeActionKind.QuickFix, command } : command;
	}
	if (!literals) return null;
	const title = label(action.title);
	const { finding } = action;
	const base: CodeAction = {
		title,
		kind: CodeActionKind.QuickFix,
		...attached(matching(context.params, finding.trace.id)),
	};
	if (action.kind === 'suppress') {
		const { line, indent } = action;
		if (session.client.tracePanel) {
			const wanted: SuppressParams = {
				...{ uri, version: done.version, line, indent, rule: finding.rule },
			};
			const command = { title, command: CLIENT_COMMAND_SUPPRESS, arguments: [wanted] };
			return { ...base, command };
		}
		// it allows nothing before the user writes the reason
		const start = lineStart(line);
		const newText = suppressionComment(finding.rule, indent);
		const edits = [{ range: { start, end: start }, newText }];
		return { ...base, edit: workspaceEdit(session, uri, done.version, edits) };
	}
	const data: FixData = {
		uri,
		version: done.version,
		fix: action.fix,
		trace: finding.trace.id,
		rule: finding.rule,
	};
	const search = session.fixes.search(uri, done, finding, action.fix);
	if (session.client.actionResolve && search.settled === null) return { ...base, data };
	const edit = editOf(session, uri, done, await search.outcome);
	return edit === null ? null : { ...base, isPreferred: true, edit };
}

/** The edit a search came to, or null. */
function editOf(
	session: WalkSession,
	uri: string,
	done: Done,
	outcome: FixOutcome,
): WorkspaceEdit | null {
	if (outcome.kind === 'none') return null;
	const document = TextDocument.create(uri, 'c', done.version, done.text);
	const edits = outcome.changes.map((change) => encodeChange(document, change));
	return workspaceEdit(session, uri, done.version, edits);
}

function attached(diagnostic: Diagnostic | null): { diagnostics?: Diagnostic[] } {
	return diagnostic === null ? {} : { diagnostics: [diagnostic] };
}

function matching(params: CodeActionParams, trace: string): Diagnostic | null {
	const found = params.context.diagnostics.find((d) => {
		const data: unknown = d.data;
		return (
			typeof data === 'object' && data !== null && (data as { trace?: unknown }).trace === trace
		);
	});
	return found ?? null;
}

/** `codeAction/resolve`: waits for the edit. Without one the user is told why. Null: the action is of another feature. */
export async function resolveAction(
	session: WalkSession,
	action: CodeAction,
): Promise<CodeAction | null> {
	const data = fixData(action.data);
	if (data === null) return null;
	if (action.edit !== undefined) return action;
	const state = session.checks.state(data.uri);
	const done = state?.done ?? null;
	const finding = done?.analysis.findings.find(
		(f) => f.trace.id === data.trace && f.rule === data.rule,
	);
	if (state === null || done === null || state.version !== data.version || finding === undefined) {
		return action;
	}
	const outcome = await session.fixes.search(data.uri, done, finding, data.fix).outcome;
	const edit = editOf(session, data.uri, done, outcome);
	if (edit !== null) return { ...action, edit };
	const why = outcome.kind === 'none' ? outcome.why : '';
	tell(session.connection, 'information', `${action.title}: ${why}`);
	return action;
}

function fixData(value: unknown): FixData | null {
	if (typeof value !== 'object' || value === null) return null;
	const data = value as Partial<Record<keyof FixData, unknown>>;
	const fix = FIX_KINDS.find((kind) => kind === data.fix);
	const { uri, version, trace, rule } = data;
	if (fix === undefined || typeof uri !== 'string' || typeof version !== 'number') return null;
	if (typeof trace !== 'string' || typeof rule !== 'string') return null;
	return { uri, version, fix, trace, rule };
}

function encodeChange(document: TextDocument, change: TextChange): TextEdit {
	const start = document.positionAt(change.start);
	const end = document.positionAt(change.end);
	return { range: { start, end }, newText: change.text };
}

function workspaceEdit(
	session: WalkSession,
	uri: string,
	version: number,
	edits: TextEdit[],
): WorkspaceEdit {
	if (!session.client.versionedEdits) return { changes: { [uri]: edits } };
	return { documentChanges: [{ textDocument: { uri, version }, edits }] };
}
