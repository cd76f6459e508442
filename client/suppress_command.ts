/**
 * *Suppress … with a reason*: asks for the reason and writes the comment that allows a finding, in the text that the finding is of.
 */
import * as vscode from 'vscode';
import { label } from '../engine/escape/label.js';
import type { SuppressParams } from '../server/protocol.js';
import { suppressionComment, whyNoReason } from './suppression_comment.js';
import { t } from './view/words.js';

/** Writes it, or does nothing: the user gave no reason, the text is another, or the argument has not the shape. */
export async function suppress(value: unknown): Promise<void> {
	const { uri, version, line, indent, rule } = (value ?? {}) as Partial<SuppressParams>;
	if (typeof uri !== 'string' || typeof rule !== 'string' || typeof line !== 'number') return;
	const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
	const reason = await vscode.window.showInputBox({
		title: label(t('racewalk: suppress {0}', rule)),
		prompt: t('Why is it right here? The reason goes into the comment.'),
		validateInput: (text) => whyNoReason(text),
		ignoreFocusOut: true,
	});
	if (reason === undefined || whyNoReason(reason) !== null) return;
	if (document.version !== version) {
		void vscode.window.showInformationMessage(
			label(t('racewalk: the text has changed; try it again.')),
		);
		return;
	}
	const edit = new vscode.WorkspaceEdit();
	const text = suppressionComment({ rule, reason, indent: indent ?? '' });
	edit.insert(document.uri, new vscode.Position(line - 1, 0), text);
	await vscode.workspace.applyEdit(edit);
}
