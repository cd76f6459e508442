/**
 * The language server over what the command line names (`--stdio`, `--node-ipc`, …; standard input and output when nothing is
 * named), and a net under everything that throws.
 */

import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { plain } from '../../engine/escape/label.js';
import { terminalLines, written } from '../../engine/escape/terminal.js';
import { headerCheck } from './framing.js';
import { answerRefused, lifecycle } from './lifecycle.js';
import { bindServer, type ServerOptions } from './server.js';

const TRANSPORTS = /^--(?:stdio|node-ipc|socket|pipe)/;

/** Serves the client that started this process. */
export function serveClient(options: ServerOptions): void {
	if (!process.argv.some((argument) => TRANSPORTS.test(argument))) process.argv.push('--stdio');

	const connection = createConnection(ProposedFeatures.all, { messageStrategy: lifecycle() });
	const report = (error: unknown): void => {
		const code = (error as { readonly code?: unknown } | null)?.code;
		// The client is gone: nobody is left to report to, and trying would fail the same way again.
		if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || code === 'ERR_IPC_CHANNEL_CLOSED') {
			process.exit(1);
		}
		const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
		connection.console.error(plain(`internal error: ${what}`));
	};
	process.on('uncaughtException', report);
	process.on('unhandledRejection', report);

	bindServer(connection, options);
	answerRefused(connection);
	connection.listen();

	// who starts it by hand, or gives it nothing to read, would see it end without a word
	let heard = false;
	process.stdin.once('data', () => {
		heard = true;
	});
	if (process.argv.includes('--stdio')) {
		const check = headerCheck();
		process.stdin.on('data', (chunk: Buffer) => {
			const wrong = check(chunk);
			if (wrong === null) return;
			process.stderr.write(
				written(terminalLines(`racewalk lsp: ${wrong}; what follows cannot be read\n`)),
			);
			process.exit(1);
		});
	}
	process.on('exit', () => {
		if (heard || !process.argv.includes('--stdio')) return;
		process.stderr.write(
			'racewalk lsp: standard input ended before a client spoke; an editor starts this and talks to it\n',
		);
		process.exitCode = 2;
	});
}
