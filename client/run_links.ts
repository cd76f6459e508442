/**
 * Links to runs: copied from the panel, and followed when VS Code is given one. VS Code asks the user before it hands over a link.
 *
 * Invariant: a link opens files of open folders only.
 */
import * as vscode from 'vscode';
import { label } from '../engine/escape/label.js';
import type { SimulateParams } from '../server/protocol.js';
import { linkedRun, runLink } from './run_link.js';
import type { PanelRun } from './view/message.js';
import { t } from './view/words.js';

/** The command that copies a link, and who follows one. */
export function runLinks(parts: {
	readonly id: string;
	readonly shown: () => PanelRun | null;
	readonly open: (params: SimulateParams) => Promise<void>;
}): readonly vscode.Disposable[] {
	const copy = async (): Promise<void> => {
		const run = parts.shown();
		if (run === null) return;
		const uri = vscode.Uri.parse(run.params.uri);
		const folder = vscode.workspace.getWorkspaceFolder(uri);
		if (folder === undefined) {
			const why = t('racewalk: a link leads to files of an open folder, and this one is in none.');
			void vscode.window.showInformationMessage(label(why));
			return;
		}
		const file = vscode.workspace.asRelativePath(uri, false);
		const link = runLink(
			{ file, function: run.params.function, trace: run.content.id },
			{ scheme: vscode.env.uriScheme, id: parts.id },
		);
		await vscode.env.clipboard.writeText(link);
		void vscode.window.showInformationMessage(label(t('racewalk: the link is on the clipboard.')));
	};
	const follow = async (link: vscode.Uri): Promise<void> => {
		const run = linkedRun(link);
		if (run === null) {
			void vscode.window.showWarningMessage(label(t('racewalk: this is no link to a run.')));
			return;
		}
		for (const folder of vscode.workspace.workspaceFolders ?? []) {
			const uri = vscode.Uri.joinPath(folder.uri, run.file);
			const document = await vscode.workspace.openTextDocument(uri).then(
				(opened) => opened,
				() => null,
			);
			if (document === null) continue;
			await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
			const { function: name, trace } = run;
			return parts.open({ uri: uri.toString(), function: name, actor: null, trace });
		}
		const text = t('racewalk: no open folder has {0}: open the kernel tree first.', run.file);
		void vscode.window.showWarningMessage(label(text));
	};
	return [
		vscode.commands.registerCommand('racewalk.trace.copyLink', copy),
		vscode.window.registerUriHandler({ handleUri: follow }),
	];
}
