/**
 * Plain depth-first search: every enabled step of every state. The oracle the reduced search is held to.
 */
import { type Budget, type Exploration, Graph } from './graph.js';
import type { Model } from './model.js';

/** Explores every interleaving, each state once. */
export function dfs<S, V>(model: Model<S, V>, budget: Budget): Exploration<S, V> {
	const graph = new Graph(model, budget);
	const stack = [0];
	for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
		const state = graph.states[index] as S;
		for (let thread = 0; thread < model.threads; thread++) {
			for (const step of model.moves(state, thread).steps) {
				const next = graph.follow(index, thread, step);
				if (next.isNew) stack.push(next.index);
			}
		}
		if (graph.over) break;
	}
	return graph.result();
}
