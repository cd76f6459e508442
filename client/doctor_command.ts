/** *racewalk: Doctor*: what racewalk has to work with, what is missing and how to mend it, as a text. */
import * as vscode from 'vscode';
import { label, plain } from '../engine/escape/label.js';
import type { DoctorAnswer } from '../server/protocol.js';

/** ASCII: VS Code warns of other signs in a text that nobody trusts. */
const SIGNS = { right: 'ok    ', wrong: 'WRONG ', note: 'note  ' } as const;

/** Shows the answer of the server, or why there is none. */
export async function showDoctor(
	version: string,
	ask: (uri: vscode.Uri | null) => Promise<DoctorAnswer>,
): Promise<void> {
	const document = vscode.window.activeTextEditor?.document ?? null;
	const asked = await ask(document?.uri ?? null).catch((error: unknown): DoctorAnswer => {
		const mend = 'see the output (racewalk: Show Output), then reload the window';
		return {
			findings: [{ what: 'language server', state: 'wrong', detail: `${error}`, mend }],
		};
	});
	const trust = vscode.workspace.isTrusted
		? 'trusted'
		: 'Restricted Mode: settings and adversaries of the workspace are left out';
	const lines = [
		`racewalk ${version}, VS Code ${vscode.version}`,
		`workspace: ${trust}`,
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
