/**
 * How long an answer in a hover may be. What does not fit is not lost: it is at the head of the details, which the side view
 * and `racewalk explain` show.
 *
 * Invariant: the first part, the answer, always stands.
 */
import { asPlain, type Markdown } from '../../engine/escape/markdown.js';

/** Words of a hover at most, unless its first part alone has more. */
export const WORDS_MAX = 120;

/** The first parts that have no more than `max` words together, and those after them. */
export function fitting(
	parts: readonly Markdown[],
	max: number = WORDS_MAX,
): { readonly brief: readonly Markdown[]; readonly rest: readonly Markdown[] } {
	let words = 0;
	const over = parts.findIndex((part, i) => {
		words += wordsOf(part);
		return i > 0 && words > max;
	});
	return over < 0
		? { brief: parts, rest: [] }
		: { brief: parts.slice(0, over), rest: parts.slice(over) };
}

/** Words as a reader counts them. */
export function wordsOf(said: Markdown): number {
	return asPlain(said)
		.split(/\s+/)
		.filter((word) => word !== '').length;
}
