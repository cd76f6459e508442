/**
 * Words of an editor's surface: titles, labels, notifications. They are plain text with a notation in it: VS Code draws
 * `$(name)` as an icon in titles and makes `[text](command:…)` of a notification a link. Both are taken apart by a
 * blank, which reads the same in editors that have no such notation.
 *
 * Invariant: a label holds neither; it is one line.
 */
import { visible, visibleLine } from './visible.js';

declare const LABEL: unique symbol;

/** Text of one line without any notation. */
export type Label = string & { readonly [LABEL]: true };

declare const PLAIN: unique symbol;

/** Text of any number of lines for places that know no notation (diagnostics, documents, the clipboard). */
export type Plain = string & { readonly [PLAIN]: true };

/** A label of any text. */
export function label(text: string): Label {
	return visibleLine(text)
		.replace(/\$(?=\()/g, '$ ')
		.replace(/\](?=\()/g, '] ') as Label;
}

/** Plain text of any text. */
export function plain(text: string): Plain {
	return visible(text) as Plain;
}
