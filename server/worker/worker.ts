/**
 * The script of an exploration worker's process: its main thread serves tasks with the real engine, its other thread listens
 * to the server meanwhile. Each loads what it needs and no more.
 */
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
	const [{ realEngine }, { serve }, { parserLoaded }, { readAhead }, { ownActors }] =
		await Promise.all([
			import('./engine.js'),
			import('./exploration_worker.js'),
			import('../syntax/tree_sitter.js'),
			import('../lower/lower.js'),
			import('../actors/sources.js'),
		]);
	await parserLoaded();
	serve(realEngine, new URL(import.meta.url), () => readAhead('x86_64', ownActors()));
} else {
	const { control } = await import('./control.js');
	control();
}
