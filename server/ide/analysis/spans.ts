/**
 * The text of a span, by 1-based places.
 */

import { splitLines } from '../../tree/source_lines.js';
import type { Place } from './analysis.js';

/** A function from places of the text to the text that stands there. */
export function spanReader(text: string): (place: Place) => string {
	const lines = splitLines(text);
	return (place) => {
		if (place.line === place.endLine) {
			return (lines[place.line - 1] ?? '').slice(place.column - 1, place.endColumn - 1);
		}
		const first = (lines[place.line - 1] ?? '').slice(place.column - 1);
		const middle = lines.slice(place.line, place.endLine - 1);
		const last = (lines[place.endLine - 1] ?? '').slice(0, place.endColumn - 1);
		return [first, ...middle, last].join('\n');
	};
}

/** Characters of a span that are shown on one line. */
const SHOWN_MAX = 80;

/** A span's text on one line, cut where it is long. */
export function oneLine(text: string): string {
	const line = text.replace(/\s+/g, ' ').trim();
	return line.length <= SHOWN_MAX ? line : `${line.slice(0, SHOWN_MAX - 1)}…`;
}
