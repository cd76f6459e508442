/**
 * Asking for a run: of the function under the cursor, or of what a code lens, code action or hover link names.
 */
import * as vscode from 'vscode';
import { label } from '../engine/escape/label.js';
import type { SimulateAgainstParams, SimulateParams } from '../server/protocol.js';
import { functionAt } from './verdict_lines.js';
import type { VerdictStore } from './verdict_store.js';
import { t } from './view/words.js';

/** The run to search for at the cursor of `editor`: the walker function around it, null when there is none. */
export async function simulateAtCursor(
	editor: vscode.TextEditor,
	verdicts: VerdictStore,
): Promise<SimulateParams | null> {
	const { document, selection } = editor;
	const shown = verdicts.of(document.uri);
	const known = shown?.functions ?? [];
	const around = await functionAround(document.uri, selection.active);
	const byLine = functionAt(known, selection.active.line)?.name ?? null;
	const name = around ?? byLine;
	return name === null
		? null
		: { uri: document.uri.toString(), function: name, actor: null, trace: null };
}

/** The parameters a lens, an action or a link carries, null when they are not of that shape. */
export function asSimulateParams(value: unknown): SimulateParams | null {
	const params = value as Partial<SimulateParams> | null | undefined;
	if (typeof params?.uri !== 'string' || typeof params.function !== 'string') return null;
	const text = (it: unknown) => (typeof it === 'string' ? it : null);
	const claim = text(params.claim);
	const names = (it: unknown) =>
		Array.isArray(it) ? it.filter((name) => typeof name === 'string') : null;
	return {
		uri: params.uri,
		function: params.function,
		actor: text(params.actor),
		trace: text(params.trace),
		...(claim === null ? {} : { claim }),
		...(params.nearest === true ? { nearest: true as const } : {}),
		...(names(params.whatIf) === null ? {} : { whatIf: names(params.whatIf) ?? [] }),
	};
}

/** Lets the user pick an adversary; null: none was, or the argument has not that shape. */
export async function pickAdversary(value: unknown): Promise<SimulateParams | null> {
	const { uri, function: name, choices } = (value ?? {}) as Partial<SimulateAgainstParams>;
	if (typeof uri !== 'string' || typeof name !== 'string' || !Array.isArray(choices)) return null;
	const items = (choices as SimulateAgainstParams['choices']).map(({ actor, verdict }) => ({
		label: label(`${actor}`),
		description: label(`${verdict}`),
		actor: `${actor}`,
	}));
	const picked = await vscode.window.showQuickPick(items, {
		title: label(t('racewalk: simulate {0}()', name)),
		placeHolder: t('Against which adversary?'),
		matchOnDescription: true,
	});
	return picked === undefined ? null : { uri, function: name, actor: picked.actor, trace: null };
}

async function functionAround(uri: vscode.Uri, position: vscode.Position): Promise<string | null> {
	const symbols = await vscode.commands.executeCommand<
		readonly (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined
	>('vscode.executeDocumentSymbolProvider', uri);
	const found = (symbols ?? []).find((symbol) => {
		const range = symbol instanceof vscode.SymbolInformation ? symbol.location.range : symbol.range;
		return symbol.kind === vscode.SymbolKind.Function && range.contains(position);
	});
	return found === undefined ? null : (/^[A-Za-z_]\w*/.exec(found.name)?.[0] ?? null);
}
