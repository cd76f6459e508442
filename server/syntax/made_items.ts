/**
 * Items that a macro makes: `DEFINE_FREE(…)`, `DEFINE_PER_CPU(…)`, `DEFINE_STATIC_KEY_FALSE(…)` stand at the top of a file for
 * functions, types and variables. The use is expanded and outlined again; what is found in it stands, for people, where the
 * macro is used.
 *
 * Invariant: an item that expands to the one that it looks like is none of these.
 */
import { type OutlineItem, outline } from './outline.js';
import type { Rendered, SourceMap } from './preprocess/render.js';

/** An item of the expanded text, and its text. */
export interface MadeItem {
	readonly item: OutlineItem;
	readonly piece: Rendered;
}

/** What an item without a body turns out to be once it is expanded; null: itself. */
export function madeItems(item: OutlineItem, expanded: Rendered): readonly MadeItem[] | null {
	if (item.kind === 'function' || item.broken !== null || expanded.map === null) return null;
	if (expanded.problems.length > 0) return null;
	const inner = outline(expanded.text);
	const [only] = inner;
	if (inner.length === 1 && only?.kind === item.kind && only.name === item.name) return null;
	if (inner.length === 0) return null;
	const { start, end, nameStart } = item;
	const map = useOf({ start, end });
	return inner.map((found) => ({
		item: { ...found, start, end, nameStart, body: found.body < 0 ? -1 : end },
		piece: { text: expanded.text.slice(found.start, found.end), map, problems: [] },
	}));
}

/** All of a text stands where its macro is used. */
export function useOf(use: { readonly start: number; readonly end: number }): SourceMap {
	const whole = { start: 0, end: use.end - use.start };
	return { span: () => whole, exact: () => null, definition: () => null };
}
