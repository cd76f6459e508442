/**
 * The sample to learn with, as a file of the user's own in the extension's storage: opened by a command, its mistakes switched on
 * by a click.
 */
import * as vscode from 'vscode';
import { label } from '../engine/escape/label.js';
import { mistakesIn, switching } from './sample_text.js';
import { t } from './view/words.js';

const NAME = 'gup_fast.c';

/** The commands and the lenses of the sample. */
export function sampleOf(context: vscode.ExtensionContext): readonly vscode.Disposable[] {
	const folder = vscode.Uri.joinPath(context.globalStorageUri, 'samples');
	const file = vscode.Uri.joinPath(folder, NAME);
	const original = vscode.Uri.joinPath(context.extensionUri, 'samples', NAME);
	const open = async (): Promise<vscode.TextEditor> => {
		const exists = await vscode.workspace.fs.stat(file).then(
			() => true,
			() => false,
		);
		if (!exists) {
			await vscode.workspace.fs.createDirectory(folder);
			await vscode.workspace.fs.copy(original, file);
		}
		const document = await vscode.workspace.openTextDocument(file);
		const inC = await vscode.languages.setTextDocumentLanguage(document, 'c');
		return vscode.window.showTextDocument(inC, vscode.ViewColumn.One);
	};
	const change = async (name: unknown): Promise<void> => {
		const { document } = await open();
		const edit = new vscode.WorkspaceEdit();
		for (const { line, column, digit } of switching(mistakesIn(document.getText()), `${name}`))
			edit.replace(document.uri, new vscode.Range(line, column, line, column + 1), digit);
		await vscode.workspace.applyEdit(edit);
	};
	return [
		vscode.commands.registerCommand('racewalk.openSample', async () => {
			await open();
		}),
		vscode.commands.registerCommand('racewalk.sampleMistake', change),
		vscode.languages.registerCodeLensProvider(
			{ scheme: file.scheme, pattern: new vscode.RelativePattern(folder, NAME) },
			{
				provideCodeLenses: (document) =>
					mistakesIn(document.getText()).map(({ name, line, isOn }) => {
						const title = label(isOn ? t('Switch off this mistake') : t('Switch on this mistake'));
						const command = { title, command: 'racewalk.sampleMistake', arguments: [name] };
						return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), command);
					}),
			},
		),
	];
}
