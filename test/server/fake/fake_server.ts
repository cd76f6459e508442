/** The language server as it ships, with workers over the stand-in engine. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { bindServer } from '../../../server/lsp/server.js';
import { Explorer } from '../../../server/worker/exploration.js';

const connection = createConnection(ProposedFeatures.all);
bindServer(connection, {
	explorer: new Explorer(new URL('./fake_worker.js', import.meta.url)),
	docsBase: 'file:///docs/rules/',
	version: '0.0.0',
});
connection.listen();
