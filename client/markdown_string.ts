/**
 * Markdown as VS Code takes it: with its icons, without HTML, and no link of it runs a command.
 *
 * Invariant: nothing else of the extension makes a MarkdownString.
 */
import * as vscode from 'vscode';
import { asMarkdown, type Markdown } from '../engine/escape/markdown.js';

export function markdownString(said: Markdown): vscode.MarkdownString {
	const made = new vscode.MarkdownString(asMarkdown(said), true);
	made.isTrusted = false;
	made.supportHtml = false;
	return made;
}
