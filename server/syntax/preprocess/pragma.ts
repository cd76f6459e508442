/**
 * Pragmas: what they say to the preprocessor, which is followed, and what they say of the text behind them to the compiler. What gcc does
 * not know it skips, and so is skipped here.
 */

export type Pragma =
	| { readonly kind: 'once' }
	| { readonly kind: 'push' | 'pop'; readonly name: string }
	/** How members of structs behind it lie. */
	| { readonly kind: 'pack'; readonly what: string }
	| { readonly kind: 'refused'; readonly why: string }
	| { readonly kind: 'other' };

/** Words of pragmas that give a name another function, or a struct another layout. */
const REFUSED: ReadonlySet<string> = new Set([
	'redefine_extname',
	'weak',
	'scalar_storage_order',
	'extern_prefix',
]);

export function readPragma(rest: string): Pragma {
	const [word = ''] = /^\w+/.exec(rest) ?? [];
	if (word === 'once') return { kind: 'once' };
	const [, what, name] = /^(push|pop)_macro\s*\(\s*"\s*(\w+)\s*"\s*\)/.exec(rest) ?? [];
	if (name !== undefined) return { kind: what === 'push' ? 'push' : 'pop', name };
	if (word === 'pack') return { kind: 'pack', what: rest.slice(word.length).trim() };
	if (REFUSED.has(word)) return { kind: 'refused', why: `#pragma ${word} is not followed` };
	return { kind: 'other' };
}

/** Whether members lie closer than the ABI has it, and what `#pragma pack(pop)` goes back to. */
export interface Packing {
	readonly isPacked: boolean;
	readonly kept: readonly boolean[];
}

export const UNPACKED: Packing = { isPacked: false, kept: [] };

/** `(1)`, `()`, `(push, 4)`, `(pop)`. */
export function packed({ isPacked, kept }: Packing, what: string): Packing {
	const words = what
		.replace(/[()]/g, ' ')
		.split(',')
		.map((word) => word.trim());
	if (words[0] === 'push')
		return { isPacked: isPacked || words.length > 1, kept: [...kept, isPacked] };
	if (words[0] === 'pop') return { isPacked: kept.at(-1) ?? false, kept: kept.slice(0, -1) };
	return { isPacked: words.some((word) => word !== ''), kept };
}
