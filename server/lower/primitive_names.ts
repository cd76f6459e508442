/**
 * Which names the lowering knows by itself: those of the table of primitives, the compile-time questions of builtin.ts, and
 * attribute words. Where a header of the tree defines one of them as a macro, the text keeps the name and has racewalk's meaning
 * of it; where the checked file does, the file means what it says.
 */
import { attributeCalls, attributeItems, attributeWords } from '../syntax/attributes.js';
import type { Macro } from '../syntax/preprocess/definition.js';
import { compileTimeNames } from './compile_time.js';
import type { Unit } from './names.js';

export interface PrimitiveNames {
	/** Whether a macro of that name stays unexpanded. */
	keeps(name: string): boolean;
	/** The primitives' object-like macro of that name, when it is a number made of such; for `#if` without headers. */
	number(name: string): Macro | null;
	/** Whether the other keeps exactly the same names. */
	isSame(other: PrimitiveNames): boolean;
	readonly known: ReadonlySet<string>;
}

const words: ReadonlySet<string> = new Set([
	...attributeWords,
	...attributeCalls,
	...attributeItems,
	...compileTimeNames,
	...[
		'inline',
		'__inline',
		'__inline__',
		'asm',
		'__asm__',
		'fallthrough',
		'typeof',
		'static_assert',
	],
]);

export function primitiveNames(units: readonly Unit[]): PrimitiveNames {
	const known = new Set<string>();
	for (const { source } of units) {
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
			other.known.size === known.size && [...known].every((name) => other.known.has(name)),
		keeps: (name) => known.has(name) || words.has(name) || name.startsWith('CONFIG_'),
		number(name) {
			for (const { source } of units) {
				const macro = source.preprocessed.macros.get(name);
				if (macro === undefined || macro.parameters !== null || /__rw_|[{;]/.test(macro.body))
					continue;
				return { ...macro, path: source.path };
			}
			return null;
		},
	};
}
