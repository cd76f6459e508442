/**
 * The debugger in VS Code: F5 on a walk's function and *Debug this run* start the adapter that the command line has; *choose what
 * happens next* asks it for the moves there are.
 *
 * Invariant: the adapter is racewalk's own program, run by the Node that runs the extension; a configuration names files to read.
 */
import * as vscode from 'vscode';
import { label } from '../engine/escape/label.js';
import type { SimulateParams } from '../server/protocol.js';
import { t } from './view/words.js';

export const DEBUG_TYPE = 'racewalk';

/** The part of a session's answer to `racewalk/moves` that is shown. */
interface Move {
	readonly id: number;
	readonly label: string;
	readonly isOwn: boolean;
}

/** `atCursor`: the walk's function that the cursor is in. */
export function debuggerOf(
	extension: vscode.Uri,
	atCursor: (editor: vscode.TextEditor) => Promise<SimulateParams | null>,
): readonly vscode.Disposable[] {
	const program = vscode.Uri.joinPath(extension, 'dist', 'cli.js').fsPath;
	return [
		vscode.debug.registerDebugAdapterDescriptorFactory(DEBUG_TYPE, {
			createDebugAdapterDescriptor: () =>
				new vscode.DebugAdapterExecutable(process.execPath, [program, 'dap', '--stdio'], {
					env: { ELECTRON_RUN_AS_NODE: '1' },
				}),
		}),
		vscode.debug.registerDebugConfigurationProvider(DEBUG_TYPE, {
			async resolveDebugConfiguration(_folder, given) {
				if (typeof given['program'] === 'string') return completed(given);
				const editor = vscode.window.activeTextEditor;
				const params = editor?.document.languageId === 'c' ? await atCursor(editor) : null;
				if (params !== null) return completed(configurationOf(params));
				void vscode.window.showInformationMessage(
					label(t('racewalk: the cursor is not in a function of a lockless walk.')),
				);
				return undefined;
			},
		}),
	];
}

/** Starts a session on a run, or on the run of a function that `simulate` would show. */
export async function debugRun(params: SimulateParams): Promise<boolean> {
	return vscode.debug.startDebugging(undefined, configurationOf(params));
}

/** Lets the user pick one of the moves that there are where the session stands. */
export async function chooseNext(): Promise<void> {
	const session = vscode.debug.activeDebugSession;
	if (session?.type !== DEBUG_TYPE) return;
	const { moves } = (await session.customRequest('racewalk/moves')) as {
		readonly moves: readonly Move[];
	};
	const items = moves.map(({ id, label: words, isOwn }) => ({
		label: label(words),
		description: isOwn ? t('what the run does') : '',
		id,
	}));
	const picked = await vscode.window.showQuickPick(items, {
		title: t('racewalk: what happens next'),
		placeHolder: items.length === 0 ? t('The run is over') : t('The run goes on from there'),
	});
	if (picked !== undefined) await session.customRequest('racewalk/choose', { id: picked.id });
}

function configurationOf(params: SimulateParams): vscode.DebugConfiguration {
	const uri = vscode.Uri.parse(params.uri);
	return {
		type: DEBUG_TYPE,
		request: 'launch',
		name: label(`${params.function}()`),
		program: uri.fsPath,
		function: params.function,
		...(params.trace === null ? {} : { trace: params.trace }),
		...(params.actor === null ? {} : { actor: [params.actor] }),
	};
}

/** With what the settings say, and the text as it stands in the editor. */
function completed(given: vscode.DebugConfiguration): vscode.DebugConfiguration {
	const file = /^(.+?)(?::[A-Za-z_]\w*)?$/s.exec(String(given['program']))?.[1] ?? '';
	const uri = vscode.Uri.file(file);
	const settings = vscode.workspace.getConfiguration('racewalk', uri);
	const open = vscode.workspace.textDocuments.find((d) => d.uri.fsPath === uri.fsPath);
	const tree = settings.get<string>('kernelTree', '');
	const actors = settings.get<readonly string[]>('actors', []);
	return {
		arch: [settings.get('arch', 'x86_64')],
		...(tree === '' ? {} : { tree }),
		...(actors.length === 0 ? {} : { actor: actors }),
		...(open?.isDirty === true ? { text: open.getText() } : {}),
		...given,
	};
}
