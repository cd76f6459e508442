/**
 * Plain depth-first search: every enabled step of every state. The oracle the reduced search is held to.
 */
import { type Exploration, Graph, type SearchLimits } from './graph.js';
import type { Model } from './model.js';

/** Explores every interleaving, each state once. */
export function dfs<S, V>(model: Model<S, V>, limits: SearchLimits): Exploration<S, V> {
	const graph = new Graph(model, limits);
	const stack = [0];
	for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
		for (const [thread, moves] of graph.moves(index).entries()) {
			for (const step of moves.steps) {
				const next = graph.follow(index, thread, step);
				if (next >= 0) stack.push(next);
			}
		}
		if (graph.over) break;
	}
	return graph.result();
}
