/**
 * The run to show for a violation: the shortest one where it can be searched for, else the one that was found, shrunk.
 */
import type { Model } from './model.js';
import type { Path } from './path.js';
import { type ShortestOptions, shortest } from './shortest.js';
import { shrink } from './shrink.js';

/** The easiest run to read that violates `options.key`; `found` is one that does. */
export function easiest<S, V>(model: Model<S, V>, found: Path, options: ShortestOptions): Path {
	return shortest(model, options) ?? shrink(model, found, options.key);
}
