/**
 * Which names the table of primitives has, and words about declarations. What of them a header of the tree may define is decided in
 * `kept.ts`.
 */
import { attributeCalls, attributeItems, attributeWords } from '../syntax/attributes.js';
import type { Macro } from '../syntax/preprocess/definition.js';
import type { Source } from '../syntax/source.js';
import type { Unit } from './names.js';

export interface PrimitiveNames {
	/** Racewalk's own text of that name; null: it has none. */
	text(name: string): string | null;
	/** The primitives' object-like macro of that name, when it is a number made of such; for `#if` without headers. */
	number(name: string): Macro | null;
	/** Whether the other keeps exactly the same names. */
	isSame(other: PrimitiveNames): boolean;
	readonly known: ReadonlySet<string>;
}

/** Words about declarations, which the text keeps. */
export const declarationWords: ReadonlySet<string> = new Set([
	...attributeWords,
	...attributeCalls,
	...['inline', '__inline', '__inline__', 'asm', '__asm__', 'fallthrough', 'typeof'],
]);

/** Words that are items of their own. */
export const itemWords: ReadonlySet<string> = new Set(attributeItems);

/** Tables by the sources that they are made of, which seldom change; the newest first. */
let tables: readonly { readonly sources: readonly Source[]; readonly table: PrimitiveNames }[] = [];
const tablesMax = 8;

/** Equal sources have one table. */
export function primitiveNames(units: readonly Unit[]): PrimitiveNames {
	const sources = units.map(({ source }) => source);
	const same = tables.find(
		(one) => one.sources.length === sources.length && one.sources.every((s, i) => s === sources[i]),
	);
	if (same !== undefined) return same.table;
	const table = namesOf(sources);
	tables = [{ sources, table }, ...tables].slice(0, tablesMax);
	return table;
}

function namesOf(sources: readonly Source[]): PrimitiveNames {
	const known = new Set<string>();
	for (const source of sources) {
		for (const table of [
			source.functions,
			source.preprocessed.macros,
			source.prototypes,
			source.globals,
		])
			for (const name of table.keys()) known.add(name);
		for (const name of source.enumerators().keys()) known.add(name);
	}
	return {
		known,
		isSame: (other) =>
			other.known === known ||
			(other.known.size === known.size && [...known].every((name) => other.known.has(name))),
		text(name) {
			for (const source of sources) {
				const macro = source.preprocessed.macros.get(name);
				if (macro !== undefined) return macro.body;
				const [item] = source.functions.get(name) ?? [];
				if (item !== undefined) return source.preprocessed.text.slice(item.body, item.end);
			}
			return null;
		},
		number(name) {
			for (const source of sources) {
				const macro = source.preprocessed.macros.get(name);
				if (macro === undefined || macro.parameters !== null || /__rw_|[{;]/.test(macro.body))
					continue;
				return { ...macro, path: source.path };
			}
			return null;
		},
	};
}
