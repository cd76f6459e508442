/**
 * The extension leaves C alone that has nothing to do with page tables, and wakes up for what has.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { openInTree, openScratch, racewalk, tree, until, windowSeen } from './workbench.js';

describe('activation', () => {
	it('starts no server for plain C', async () => {
		const api = await racewalk();
		await openScratch(
			'hello.c',
			'#include <stdio.h>\n\nint main(void)\n{\n\treturn puts("hello");\n}\n',
		);
		assert.equal(api.serverWanted(), false);
	});

	it('starts no server for kernel C without a walk', async () => {
		const api = await racewalk();
		const editor = await openInTree('mm/maccess.c');
		assert.equal(editor.document.languageId, 'c');
		assert.equal(api.serverWanted(), false);
	});

	it('starts the server for mm/gup.c', async () => {
		const api = await racewalk();
		await openInTree('mm/gup.c');
		await until('the server to be wanted', () => api.serverWanted());
	});

	it('says that it works in an untrusted workspace', () => {
		const { packageJSON } = vscode.extensions.getExtension('racewalk.racewalk') ?? {};
		assert.equal(packageJSON.capabilities.untrustedWorkspaces.supported, true);
	});

	// A desktop's own profile may have switched trust off.
	if (windowSeen) {
		it('does all that this suite looks at in Restricted Mode', () => {
			assert.equal(vscode.workspace.isTrusted, false);
		});
	}

	it('runs on the kernel tree', () => {
		const uri = vscode.Uri.file(join(tree(), 'mm', 'gup.c'));
		assert.ok(vscode.workspace.getWorkspaceFolder(uri), 'the tree is the open folder');
	});
});
