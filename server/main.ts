/**
 * The language server's process. Its first worker is started before all else: it loads on another core while this one loads
 * what speaks to the client.
 */
import { Explorer } from './worker/exploration.js';

const explorer = new Explorer(new URL('./worker.js', import.meta.url));
const [{ serveClient }, { VERSION }] = await Promise.all([
	import('./lsp/serve.js'),
	import('./cli/version.js'),
]);
serveClient({
	explorer,
	docsBase: new URL('../docs/rules/', import.meta.url).href,
	version: VERSION,
});
