/** What directives leave of a file's text, and small questions about where they stand. */
import { blank, type Directive } from './logical_lines.js';
import type { Token } from './token.js';

/** What holds behind a directive of the file. */
export interface After {
	readonly time: number;
	readonly active: boolean;
}

/** How many of the sorted numbers are below or at `limit`. */
export function countBelow(sorted: readonly number[], limit: number): number {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** The text with directives and what they switch off blanked. */
export function activeText(
	plain: string,
	directives: readonly Directive[],
	after: readonly After[],
): string {
	const pieces: string[] = [];
	let from = 0;
	let active = true;
	for (const [index, directive] of directives.entries()) {
		const text = plain.slice(from, directive.start);
		pieces.push(active ? text : blank(text), blank(plain.slice(directive.start, directive.end)));
		from = directive.end;
		active = after[index]?.active ?? true;
	}
	const rest = plain.slice(from);
	pieces.push(active ? rest : blank(rest));
	return pieces.join('');
}

/** `< linux/mm.h >`, as expansion leaves it, without blanks but those that stand between its tokens. */
export function tightened(tokens: readonly Token[]): string {
	const spec = tokens
		.filter(({ kind }) => kind !== 'placemarker')
		.map(({ space, text }) => (space ? ` ${text}` : text))
		.join('')
		.trim();
	const text = spec.startsWith('<') ? `<${spec.slice(1).trimStart()}` : spec;
	return text.endsWith('>') ? `${text.slice(0, -1).trimEnd()}>` : text;
}
