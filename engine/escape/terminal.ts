/**
 * Text for a terminal or a log: colours are the program's own, everything that is put in is shown and never obeyed.
 *
 * Invariant: of the controls only a line feed, a tab and the colours of `coloured` are written.
 * Invariant: no line is a workflow command of a build service that reads logs for them (`::error::`, `##[error]`).
 */
import { type Escaped, made, type Part, template } from './escaped.js';
import { visible, visibleLine } from './visible.js';

export type Terminal = Escaped<'terminal'>;

/** Puts lines together; a string that is put in stays on its line. */
export const terminal = template<'terminal'>(visibleLine);

/** Text that has lines of its own: drawings, reports. */
export function terminalLines(text: string): Terminal {
	return made(visible(text));
}

/** Text in one of the terminal's own renditions (`31` is red). */
export function coloured(rendition: number, text: Part<'terminal'>): Terminal {
	return made(`\x1b[${rendition}m${terminal`${text}`.text}\x1b[0m`);
}

/** What is written: commands that a build service would find in the lines are broken up. */
export function written(text: Terminal): string {
	return text.text.replace(/^([^\S\n\r\u2028\u2029]*):(?=:)/gm, '$1: ').replace(/##(?=\[)/g, '## ');
}

/** Goes to the start of the terminal's line and empties it. */
export const ERASED_LINE: Terminal = made('\r\x1b[K');
