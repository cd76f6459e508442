/**
 * Every name that a file declares at its top, by declarator: `static int a, (*b)(void);` declares two. The outline names an item by one of
 * its words; here its text is parsed, so that a declaration in force is not passed over.
 *
 * Invariant: in an item that is not read to its end every name is one of which it is not known what it is.
 */
import type { Declaration, Declarator } from './ast.js';
import { type HiddenType, hiddenTypes, whyHidden } from './hidden_types.js';
import type { OutlineItem } from './outline.js';
import { isPunctuator, tokenise } from './preprocess/token.js';
import { isReadWhole } from './snippet.js';
import { declarationsOf, type Source } from './source.js';

export interface DeclaredName {
	readonly item: OutlineItem;
	/** `unclear`: what the item declares is not read. */
	readonly kind: 'function' | 'object' | 'type' | 'unclear';
	readonly declaration: Declaration | null;
	/** Why it is not what it reads as; null: it is. */
	readonly refused: string | null;
}

interface Declared {
	readonly names: ReadonlyMap<string, readonly DeclaredName[]>;
	/** Types by typedef, and tags of structs, unions and enums with a body. */
	readonly types: ReadonlySet<string>;
	/** Assembly outside of functions. */
	readonly hasAssembly: boolean;
	/** Why some declaration leaves open what other text means; null: none does. */
	readonly unread: string | null;
}

const known = new WeakMap<Source, Declared>();

/** What the file declares by that name, but for definitions of functions and enumerators, in order. */
export function declaredNames(source: Source, name: string): readonly DeclaredName[] {
	return declaredIn(source).names.get(name) ?? [];
}

/** What the file declares. */
export function declaredIn(source: Source): Declared {
	let declared = known.get(source);
	if (declared === undefined) {
		declared = read(source);
		known.set(source, declared);
	}
	return declared;
}

function read(source: Source): Declared {
	const found = new Map<string, DeclaredName[]>();
	const types = new Set<string>();
	let hasAssembly = false;
	let unread: string | null = null;
	const add = (name: string, declared: DeclaredName): void => {
		const before = found.get(name);
		if (before === undefined) found.set(name, [declared]);
		else before.push(declared);
	};
	let from = 0;
	for (const item of source.items) {
		for (const hidden of hiddenIn(source, item, from)) {
			if (hidden.tag !== null) types.add(hidden.tag);
			for (const name of hidden.enumerators)
				add(name, { item, kind: 'unclear', declaration: null, refused: whyHidden(hidden) });
		}
		from = item.end;
		const bracketed = bracketedName(source.header(item));
		if (bracketed !== null) unread ??= `the file declares (${bracketed}), its name in brackets`;
		if (item.kind === 'function') continue;
		const { text, problems } = source.piece(item);
		const [problem] = problems;
		hasAssembly ||= /^[\s;]*(?:asm|__asm__|__asm)\b/.test(text);
		if (!isReadWhole(text)) {
			const refused = problem?.message ?? 'a declaration of the file is not understood';
			const names = new Set(
				tokenise(text).flatMap((t) => (t.kind === 'identifier' ? [t.text] : [])),
			);
			for (const name of names) add(name, { item, kind: 'unclear', declaration: null, refused });
			continue;
		}
		for (const declaration of declarationsOf(text)) {
			const { specifier } = declaration;
			if (specifier.kind === 'aggregate' && specifier.members !== null)
				types.add(specifier.tag ?? '');
			if (specifier.kind === 'enum' && specifier.enumerators !== null)
				types.add(specifier.tag ?? '');
			for (const declarator of declaration.declarators) {
				const refused = declarator.isLabelled
					? `${declarator.name} is declared with an asm label`
					: (problem?.message ?? null);
				if (kindOf(declaration, declarator) === 'type') {
					types.add(declarator.name);
					if (problem !== undefined)
						unread ??= `the file has a type ${declarator.name} of its own: ${problem.message}`;
				}
				if (declarator.name !== '')
					add(declarator.name, {
						item,
						kind: kindOf(declaration, declarator),
						declaration,
						refused,
					});
			}
		}
	}
	return { names: found, types, hasAssembly, unread };
}

/** Types that an item declares for the file where none is read; of a function those of its header, parameters among them. */
function hiddenIn(source: Source, item: OutlineItem, from: number): readonly HiddenType[] {
	const { unit } = source.preprocessed;
	if (item.kind !== 'function') return source.piece(item).hidden ?? [];
	return unit === null ? [] : hiddenTypes(unit.text.slice(from, item.body), 'function');
}

/** The name of `int (name)(void)`, which no macro of that name is taken for (C11 6.10.3); null: the item has none. */
function bracketedName(text: string): string | null {
	const tokens = tokenise(text);
	const end = tokens.findIndex((t) => isPunctuator(t, '{') || isPunctuator(t, '='));
	const header = end < 0 ? tokens : tokens.slice(0, end);
	const at = header.findIndex(
		(token, i) =>
			token.kind === 'identifier' &&
			isPunctuator(header[i - 1], '(') &&
			isPunctuator(header[i + 1], ')') &&
			isPunctuator(header[i + 2], '(') &&
			header[i - 2]?.kind === 'identifier',
	);
	return header[at]?.text ?? null;
}

function kindOf({ storage }: Declaration, { shape }: Declarator): 'function' | 'object' | 'type' {
	if (storage.includes('typedef')) return 'type';
	return shape.at(-1)?.kind === 'function' ? 'function' : 'object';
}
