/**
 * The workbench as the cases use it: open a file, wait until something is so, find a place by its text, take a picture.
 *
 * Invariant: nothing is written to the kernel tree. Files that a case edits are copies in a tree of hard links, and are
 * not saved even there (a web workbench saves by itself unless told otherwise).
 */
import assert from 'node:assert/strict';
import {
	copyFileSync,
	existsSync,
	linkSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { RacewalkApi } from '../../../client/extension.js';

/** Milliseconds one thing may take to become so; a cold workbench on a busy machine is slow. */
const PATIENCE = 90_000;

/** The kernel tree the suite runs on. */
export function tree(): string {
	const path = process.env['RACEWALK_TREE'];
	assert.ok(path !== undefined && existsSync(join(path, 'mm', 'gup.c')), 'RACEWALK_TREE');
	return path;
}

/** The extension's API, activated. */
export async function racewalk(): Promise<RacewalkApi> {
	const extension = vscode.extensions.getExtension<RacewalkApi>('racewalk.racewalk');
	assert.ok(extension, 'the extension is loaded');
	return extension.activate();
}

/** Resolves to the first value of `probe` that says something: not null, undefined, false or empty. */
export async function until<T>(
	what: string,
	probe: () => T | PromiseLike<T>,
): Promise<Exclude<T, null | undefined | false | ''>> {
	const end = Date.now() + PATIENCE;
	while (Date.now() < end) {
		const value = await probe();
		if (value !== null && value !== undefined && value !== false && value !== '') {
			return value as Exclude<T, null | undefined | false | ''>;
		}
		await pause(100);
	}
	throw new Error(`waited in vain for: ${what}`);
}

export function pause(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Has the workbench save only what it is told to. Before any edit. */
export async function saveNothing(): Promise<void> {
	await vscode.workspace
		.getConfiguration('files')
		.update('autoSave', 'off', vscode.ConfigurationTarget.Global);
}

/** Switches racewalk on or off; undefined takes the setting away. */
export async function enable(value: boolean | undefined): Promise<void> {
	await vscode.workspace
		.getConfiguration('racewalk')
		.update('enable', value, vscode.ConfigurationTarget.Global);
}

const foldersMade: string[] = [];

function makeFolder(prefix: string): string {
	const folder = mkdtempSync(join(tmpdir(), prefix));
	foldersMade.push(folder);
	return folder;
}

/** Removes the overlay (its links, not what they lead to) and the scratch files. */
export function cleanUp(): void {
	for (const folder of foldersMade) rmSync(folder, { recursive: true, force: true });
}

let overlayMade: string | null = null;

/** A tree of its own with the same files: hard links (symbolic ones would lead out of it), but a copy of mm/gup.c. */
export function overlay(): string {
	if (overlayMade !== null) return overlayMade;
	const root = makeFolder('racewalk-tree-');
	for (const path of readdirSync(tree(), { recursive: true, encoding: 'utf8' })) {
		const from = join(tree(), path);
		const to = join(root, path);
		if (!lstatSync(from).isFile()) continue;
		mkdirSync(dirname(to), { recursive: true });
		if (path === join('mm', 'gup.c')) copyFileSync(from, to);
		else linkOrCopy(from, to);
	}
	overlayMade = root;
	return root;
}

/** Another file system takes no hard link. */
function linkOrCopy(from: string, to: string): void {
	try {
		linkSync(from, to);
	} catch {
		copyFileSync(from, to);
	}
}

/** Opens a file of the tree's overlay in the first column. */
export async function openInTree(path: string): Promise<vscode.TextEditor> {
	const document = await vscode.workspace.openTextDocument(join(overlay(), path));
	return vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One });
}

/** Opens a file outside of any tree that holds `text`. */
export async function openScratch(name: string, text: string): Promise<vscode.TextEditor> {
	const path = join(makeFolder('racewalk-scratch-'), name);
	writeFileSync(path, text);
	const document = await vscode.workspace.openTextDocument(path);
	return vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One });
}

/** The range of the first `text` after `anchor` (from the start when there is none). */
export function find(
	document: vscode.TextDocument,
	text: string,
	anchor: string | null = null,
): vscode.Range {
	const all = document.getText();
	const from = anchor === null ? 0 : all.indexOf(anchor);
	assert.ok(from >= 0, `the file has ${anchor}`);
	const start = all.indexOf(text, from);
	assert.ok(start >= 0, `the file has ${text} after ${anchor}`);
	return new vscode.Range(document.positionAt(start), document.positionAt(start + text.length));
}

/** racewalk's diagnostics of a document, with the rule each carries. */
export function findings(
	uri: vscode.Uri,
): readonly { readonly rule: string; readonly diagnostic: vscode.Diagnostic }[] {
	return vscode.languages
		.getDiagnostics(uri)
		.filter(
			({ source, severity }) =>
				source === 'racewalk' && severity !== vscode.DiagnosticSeverity.Hint,
		)
		.map((diagnostic) => {
			const { code } = diagnostic;
			return { rule: String(typeof code === 'object' ? code.value : code), diagnostic };
		});
}

/** The text of every hover at a position. */
export async function hoverAt(uri: vscode.Uri, position: vscode.Position): Promise<string> {
	const hovers = await vscode.commands.executeCommand<readonly vscode.Hover[]>(
		'vscode.executeHoverProvider',
		uri,
		position,
	);
	return hovers
		.flatMap((hover) => hover.contents)
		.map((content) => (typeof content === 'string' ? content : content.value))
		.join('\n');
}

/** Puts the editor at a place, so that a picture shows it. */
export function look(editor: vscode.TextEditor, range: vscode.Range): void {
	editor.selection = new vscode.Selection(range.start, range.start);
	editor.revealRange(range, vscode.TextEditorRevealType.InCenter);
}

/** True in a host whose runner sees the window: it takes pictures and presses keys. */
export const windowSeen =
	process.env['RACEWALK_PICTURES'] !== undefined &&
	process.env['VSCODE_PATH'] === undefined &&
	process.env['VSCODE_DOWNLOAD'] === undefined;

/** Has the runner press keys (blanks between them) and take a picture; nothing happens where no one sees the window. */
export async function picture(name: string, keys = ''): Promise<void> {
	const folder = process.env['RACEWALK_PICTURES'];
	if (folder === undefined || !windowSeen) return;
	const request = join(folder, `${name}.request`);
	await pause(600);
	// Renamed into place, so that the runner never sees half of it.
	writeFileSync(`${request}.part`, keys);
	renameSync(`${request}.part`, request);
	await until(`the picture ${name}`, () => !existsSync(request));
}
