/**
 * Colours of a terminal.
 */

import { coloured, type Terminal, terminal } from '../../engine/escape/terminal.js';
import type { VerdictKind } from '../../engine/rules/verdict.js';

/** Shows text in a terminal's colour, or without. */
export interface Paint {
	red(text: string | Terminal): Terminal;
	green(text: string | Terminal): Terminal;
	yellow(text: string | Terminal): Terminal;
	bold(text: string | Terminal): Terminal;
	dim(text: string | Terminal): Terminal;
}

export function paint(isColoured: boolean): Paint {
	const code = (rendition: number) => (text: string | Terminal) =>
		isColoured ? coloured(rendition, text) : terminal`${text}`;
	return { red: code(31), green: code(32), yellow: code(33), bold: code(1), dim: code(2) };
}

/** Text in the colour of a verdict; undefined: there is none to give. */
export function inVerdictColour(
	verdict: VerdictKind | undefined,
	text: string | Terminal,
	colours: Paint,
): Terminal {
	switch (verdict) {
		case undefined:
			return colours.dim(text);
		case 'holds':
			return colours.green(text);
		case 'violated':
			return colours.red(text);
		case 'inconclusive':
		case 'unsupported':
			return colours.yellow(text);
	}
}
