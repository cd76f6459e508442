/**
 * The script of an exploration worker's process: its main thread serves tasks with the real engine, its other thread listens
 * to the server meanwhile. Each loads what it needs and no more.
 */
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
	const [{ realEngine }, { serve }, { parserLoaded }] = await Promise.all([
		import('./engine.js'),
		import('./exploration_worker.js'),
		import('../syntax/tree_sitter.js'),
	]);
	await parserLoaded();
	serve(realEngine, new URL(import.meta.url));
} else {
	const { control } = await import('./control.js');
	control();
}
