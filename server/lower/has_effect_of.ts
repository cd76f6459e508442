/** What primitives of the table do, by the text of their bodies. */
import type { PrimitiveNames } from './primitive_names.js';

/** Whether racewalk's primitive, or what it calls of the table, accesses memory, orders accesses or opens a section. */
export function hasEffect(name: string, table: PrimitiveNames): boolean {
	const seen = new Set([name]);
	for (const each of seen) {
		const text = table.text(each);
		if (text === null) continue;
		if (EFFECTS.test(text)) return true;
		for (const [word] of text.matchAll(/[A-Za-z_]\w*/g)) if (table.known.has(word)) seen.add(word);
	}
	return false;
}

const EFFECTS = /\b__rw_(?:load|store|rmw|fence|enter|leave|intrinsic)\b/;
