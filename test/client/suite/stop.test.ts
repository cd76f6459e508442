/**
 * A server that is stopped while it is being asked: what was asked is dropped, and nobody is told of an error.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { DocumentSymbolRequest, TransportKind } from 'vscode-languageclient/node';
import { StoppableClient } from '../../../client/language_client.js';
import { enable, openInTree, until } from './workbench.js';

describe('stopping the server', () => {
	before(() => enable(false));
	after(() => enable(undefined));

	it('drops requests without a word', async () => {
		const { document } = await openInTree('mm/gup.c');
		const { extensionUri } = vscode.extensions.getExtension('racewalk.racewalk') ?? {};
		assert.ok(extensionUri);
		const errors: string[] = [];
		const output = vscode.window.createOutputChannel('racewalk: stopping', { log: true });
		const client = new StoppableClient(
			'racewalk-stopping',
			'racewalk: stopping',
			{
				module: vscode.Uri.joinPath(extensionUri, 'dist', 'server.js').fsPath,
				transport: TransportKind.ipc,
			},
			{ documentSelector: [{ language: 'c', scheme: 'file' }], outputChannel: output },
		);
		client.error = (message) => {
			errors.push(message);
		};
		await client.start();
		const outline = await until('the outline', () =>
			client.getFeature(DocumentSymbolRequest.method).getProvider(document),
		);
		const token = new vscode.CancellationTokenSource().token;
		// asked while it runs, sent a moment later, when it no longer does
		const asked = outline.provideDocumentSymbols(document, token);
		const stopped = client.stop();
		const answer = await asked;
		await stopped;
		assert.deepEqual(errors, []);
		assert.ok(answer === null || answer === undefined);
	});
});
