/**
 * Drawings as text: SVG, and DOT for Graphviz.
 *
 * Invariant: an SVG is well formed, and what is put in is a text node or the value of an attribute in double quotes.
 * Invariant: what is put into DOT is one string of it, without Graphviz's escapes and never HTML.
 */
import { type Escaped, made, template } from './escaped.js';
import { visibleLine } from './visible.js';

export type Svg = Escaped<'svg'>;
export type Dot = Escaped<'dot'>;

const ENTITIES: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/** Noncharacters, which XML forbids, besides what is not seen anyway. */
const FORBIDDEN = /[\uFFFE\uFFFF]/g;

/** A template of SVG or HTML. */
export const svg = template<'svg'>((text) =>
	visibleLine(text)
		.replace(FORBIDDEN, '\uFFFD')
		.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c),
);

/** A template of DOT: what is put in becomes a quoted string, with the quotes. */
export const dot = template<'dot'>(
	(text) =>
		`"${visibleLine(text)
			.replace(/[\\"]/g, '\\$&')
			.replace(/&(?=#?\w{1,32};)/g, '&amp;')}"`,
);

/** The name of a node: as it stands where it is letters, else in quotes. */
export function dotName(name: string): Dot {
	const isWord = /^[a-z]+$/.test(name) && !/^(?:node|edge|(?:sub|di)?graph|strict)$/.test(name);
	return isWord ? made(name) : dot`${name}`;
}
