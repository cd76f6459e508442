/**
 * What facts are asked of: the checked file, and the definitions of a tree under the configuration. Where a name is looked
 * for is told by who asks, nearest first; behind these places stand the headers that the checked file includes.
 */
import { doubtOf } from '../../syntax/doubts.js';
import type { Source } from '../../syntax/source.js';
import { definitionIn, type FoundDefinition, mentioning } from './definition.js';
import type { FactPlace } from './fact.js';
import { mentionsWord } from './mentioned.js';
import { type WalkFunction, walkOf } from './walk_facts.js';

/** The files of a tree, preprocessed. */
export interface TreeSources {
	source(path: string): Source | null;
	text(path: string): string | null;
}

export type FactFiles = string | readonly string[];

export interface Ask {
	readonly file: Source;
	/** The functions of the file's walks; of a file without one, all of it. */
	readonly walk: readonly WalkFunction[];
	readonly config: ReadonlyMap<string, string>;
	readonly hasTree: boolean;
	/** Folder of the architecture below arch/. */
	readonly archFolder: string;
	/** Whether the tree has one of these files. */
	has(paths: readonly string[]): boolean;
	/**
	 * The tree's definition of the first of these names that has one, in these files or in what the checked file includes; a list
	 * of files is one place that was called differently.
	 */
	definition(names: readonly string[], paths: readonly FactFiles[]): FoundDefinition | null;
	/** The tree's function or macro, in these files, whose body has one of these names. */
	user(names: readonly string[], paths: readonly string[]): FoundDefinition | null;
	/** Where a file declares a function that others define. */
	declaration(name: string, path: string): FactPlace | null;
	source(path: string): Source | null;
}

/** The same, which tells what a definition could not be looked for in, as the beginning of a sentence. */
export function noting(ask: Ask, lacks: (what: string) => void): Ask {
	const note = (names: readonly string[], places: readonly FactFiles[]): void => {
		if (!ask.hasTree) return;
		for (const place of places) {
			const paths = [place].flat();
			if (!ask.has(paths)) lacks(`the tree has no ${paths[0]}`);
			for (const path of paths) {
				const source = ask.source(path);
				if (source !== null && names.some((name) => doubtOf(source, name) !== null))
					lacks(`what ${path} defines is not known`);
			}
		}
	};
	const noted =
		<P, F>(look: (names: readonly string[], places: readonly P[]) => F) =>
		(names: readonly string[], places: readonly (P & FactFiles)[]): F => {
			note(names, places);
			return look(names, places);
		};
	return {
		...ask,
		definition: noted(ask.definition),
		user: noted(ask.user),
		declaration(name, path) {
			note([name], [path]);
			return ask.declaration(name, path);
		},
	};
}

/** What facts of a file are asked of. `reached` names the functions that its walks reach. */
export function askOf(
	file: Source,
	{
		reached,
		tree,
		config,
		archFolder,
	}: {
		readonly reached: () => ReadonlySet<string>;
		readonly tree: TreeSources | null;
		readonly config: ReadonlyMap<string, string>;
		readonly archFolder: string;
	},
): Ask {
	const source = (path: string): Source | null => tree?.source(path) ?? null;
	const included = file.preprocessed.unit?.files ?? [];
	let walk: readonly WalkFunction[] | null = null;
	return {
		file,
		get walk() {
			walk ??= walkOf(file, reached());
			return walk;
		},
		config,
		archFolder,
		hasTree: tree !== null,
		has: (paths) => paths.some((path) => (tree?.text(path) ?? null) !== null),
		definition(names, paths) {
			if (tree === null) return null;
			for (const places of [paths.flat(), included]) {
				for (const path of places) {
					const text = path === file.path ? null : tree.text(path);
					const named = text === null ? [] : names.filter((name) => mentionsWord(path, text, name));
					const at = named.length === 0 ? null : tree.source(path);
					const [found] = at === null ? [] : named.flatMap((name) => definitionIn(at, name) ?? []);
					if (found !== undefined) return found;
				}
			}
			return null;
		},
		user(names, paths) {
			for (const path of paths) {
				const text = tree?.text(path) ?? '';
				const at = names.some((name) => mentionsWord(path, text, name)) ? source(path) : null;
				const found = at === null ? null : mentioning(at, names);
				if (found !== null) return found;
			}
			return null;
		},
		declaration(name, path) {
			const at = source(path);
			const item = at?.prototypes.get(name) ?? at?.functions.get(name)?.[0];
			if (at === null || item === undefined) return null;
			return { path, line: at.lines.positionAt(item.nameStart).line, name };
		},
		source,
	};
}
