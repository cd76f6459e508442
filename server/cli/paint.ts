/**
 * Colours of a terminal.
 */
import type { VerdictKind } from '../../engine/rules/verdict.js';

/** Wraps text in a terminal's colour, or not. */
export interface Paint {
	red(text: string): string;
	green(text: string): string;
	yellow(text: string): string;
	bold(text: string): string;
	dim(text: string): string;
}

export function paint(coloured: boolean): Paint {
	const code = (n: number) => (text: string) => (coloured ? `\x1b[${n}m${text}\x1b[0m` : text);
	return { red: code(31), green: code(32), yellow: code(33), bold: code(1), dim: code(2) };
}

/** Text in the colour of a verdict; undefined: there is none to give. */
export function inVerdictColour(
	verdict: VerdictKind | undefined,
	text: string,
	colours: Paint,
): string {
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
