/** *racewalk: Doctor*: what racewalk has to work with, what is missing and how to mend it, as a text. */
import * as vscode from 'vscode';
import { label, plain } from '../engine/escape/label.js';
import type { DoctorAnswer } from '../server/protocol.js';
import { t } from './view/words.js';

/** ASCII: VS Code warns of other signs in a text that nobody trusts. */
const SIGNS = { right: 'ok    ', wrong: 'WRONG ', note: 'note  ' } as const;

/** Shows the answer of the server, or why there is none. */
export async function showDoctor(
	version: string,
	ask: (uri: vscode.Uri | null) => Promise<DoctorAnswer>,
): Promise<void> {
	const document = vscode.window.activeTextEditor?.document ?? null;
	const asked = await ask(document?.uri ?? null).catch((error: unknown): DoctorAnswer => {
		const mend = t('see the output (racewalk: Show Output), then reload the window');
		return {
			findings: [{ what: t('language server'), state: 'wrong', detail: `${error}`, mend }],
		};
	});
	const trust = vscode.workspace.isTrusted
		? t('trusted')
		: t('Restricted Mode: settings and adversaries of the workspace are left out');
	const lines = [
		t('racewalk {0}, VS Code {1}', version, vscode.version),
		t('workspace: {0}', trust),
		'',
		...asked.findings.flatMap(({ what, state, detail, mend }) => [
			`${SIGNS[state]}${label(what)}: ${label(detail)}`,
			...(mend === undefined ? [] : [`      ${label(mend)}`]),
		]),
		'',
	];
	const content = plain(lines.join('\n'));
	const shown = await vscode.workspace.openTextDocument({ language: 'plaintext', content });
	await vscode.window.showTextDocument(shown, { preview: true });
}
