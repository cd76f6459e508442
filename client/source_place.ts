/**
 * From a place as the server names it to a document on this machine.
 *
 * Paths are absolute for files on disk, relative to the tree for the kernel's own, `racewalk:actors/zap.c` for the C
 * that ships with racewalk.
 */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import type { SourcePlace } from '../server/protocol.js';
import { treeOf } from './kernel_file.js';

const OWN = 'racewalk:';

/** The document of a place, null when there is none on this machine. `from`: the document whose run it is part of. */
export function documentOf(
	place: SourcePlace,
	where: { readonly extension: vscode.Uri; readonly from: vscode.Uri },
): vscode.Uri | null {
	if (place.path.startsWith(OWN)) {
		const own = vscode.Uri.joinPath(where.extension, 'dist', place.path.slice(OWN.length));
		return existsSync(own.fsPath) ? own : null;
	}
	if (place.path.startsWith('file:')) return vscode.Uri.parse(place.path);
	if (isAbsolute(place.path)) {
		return place.path === where.from.fsPath ? where.from : vscode.Uri.file(place.path);
	}
	// a citation is text: it may name anything
	if (place.path.split('/').includes('..')) return null;
	const end = vscode.workspace.getWorkspaceFolder(where.from)?.uri.fsPath ?? null;
	const roots = [treeOf(where.from.fsPath, undefined, end), dirname(where.from.fsPath)];
	for (const root of roots) {
		if (root === null) continue;
		const path = join(root, place.path);
		if (path === where.from.fsPath) return where.from;
		if (existsSync(path)) return vscode.Uri.file(path);
	}
	return null;
}

/** The range of a place in its document, kept inside it. */
export function rangeOf(place: SourcePlace, document: vscode.TextDocument): vscode.Range {
	return document.validateRange(
		new vscode.Range(place.line - 1, place.column - 1, place.endLine - 1, place.endColumn - 1),
	);
}
