/**
 * Where a kernel tree defines a name: a text search first, then the preprocessed outline of the few files that pass it.
 * What was found is remembered per tree root and checked against the text when it is used again.
 */

import type { Spend } from '../../engine/base/budget.js';
import { doubtOf } from '../syntax/doubts.js';
import { named } from '../syntax/named.js';
import { type Environment, preprocess } from '../syntax/preprocess.js';
import { type Source, sourceOf } from '../syntax/source.js';
import { type FileAccess, type TreeFiles, treeFiles } from './tree_files.js';

export interface TreeSymbols {
	/** Sources that define a function, macro, enumerator or global of that name; the best first, at most a few. */
	value(name: string): readonly Source[];
	/** The source that declares the struct or union with members. */
	aggregate(tag: string): Source | null;
	typedef(name: string): Source | null;
	/** Whether the architecture's headers define a macro of that name before generic code asks for it. */
	archDefines(name: string): boolean;
	text(path: string): string | null;
	/** A file of the tree, preprocessed under the configuration; null: there is none. */
	source(path: string): Source | null;
}

export interface TreeRequest {
	readonly root: string;
	readonly access: FileAccess;
	readonly archFolder: string;
	readonly config: ReadonlyMap<string, string>;
	/** The checked file: its includes come first, and it is not looked into. */
	readonly path: string;
	readonly text: string;
	/** Asked for every file that is looked into. */
	readonly spend?: Spend;
}

const sourcesMax = 500;
/** Preprocessed files by path, text and configuration: shared by all trees. */
const sources = new Map<string, { readonly text: string; readonly source: Source }>();
/** Paths a name was found in, by tree and configuration. */
const found = new Map<string, Map<string, string | null>>();
const foundNamesMax = 50_000;
const hitsMax = 12;
const nearbyMax = 40;

export function treeSymbols(request: TreeRequest): TreeSymbols {
	const files = treeFiles(request.access, request);
	const configKey = keyOf(request);
	const environment = environmentOf(request, files, configKey);
	const sourceAt = (path: string): Source | null => {
		const text = files.text(path);
		if (text === null) return null;
		const key = `${configKey}:${path}`;
		const known = sources.get(key);
		if (known !== undefined && known.text === text) return known.source;
		if (sources.size >= sourcesMax) sources.clear();
		const source = sourceOf(path, text, environment);
		sources.set(key, { text, source });
		return source;
	};
	let order: { readonly included: readonly string[]; readonly others: readonly string[] } | null =
		null;
	const isIn = (path: string): boolean => belongs(path, request.config);
	/** What the file includes, mm's own file of that word (`shmem_mapping`: mm/shmem.c), and all others. */
	const paths = (name: string): readonly string[] => {
		if (order === null) {
			const included = files.included(request.path, request.text);
			const seen = new Set([request.path, ...included]);
			const others = files.elsewhere().filter((p) => !seen.has(p) && isIn(p));
			order = { included: included.filter(isIn), others };
		}
		const { included, others } = order;
		const [word] = name.split('_', 1);
		const namesake = others.filter((path) => path === `mm/${word}.c`);
		return [...included, ...namesake, ...others];
	};
	const remembered = rememberedFor(`${request.root}:${configKey}`);
	const search = (
		kind: string,
		name: string,
		pattern: RegExp,
		accepts: (source: Source) => boolean,
	): Source | null => {
		const key = `${kind}:${name}`;
		const before = remembered.get(key);
		// what was found in this very file says nothing now: the text at hand stands for it
		if (before !== undefined && before !== null && before !== request.path) {
			const again = sourceAt(before);
			if (again !== null && accepts(again)) return again;
		}
		let hits = 0;
		// a name nobody defined before: only where people write new definitions
		for (const path of before === null ? files.ownHeaders().slice(0, nearbyMax) : paths(name)) {
			request.spend?.();
			const text = files.text(path);
			if (text === null || !text.includes(name) || !pattern.test(text)) continue;
			const source = sourceAt(path);
			if (source !== null && accepts(source)) {
				remembered.set(key, path);
				return source;
			}
			if (++hits >= hitsMax) break;
		}
		remembered.set(key, null);
		return null;
	};
	return {
		text: files.text,
		source: sourceAt,
		value(name) {
			const pattern = new RegExp(
				`^[ \\t]*#[ \\t]*define[ \\t]+${named(name)}\\b|^[A-Za-z_][^\\n;]*\\b${named(name)}[ \\t]*\\(|^${named(name)}[ \\t]*\\(|^[ \\t]+${named(name)}\\b[ \\t]*[=,}\\n/]|^[A-Za-z_][^\\n(]*\\b${named(name)}\\b[ \\t]*[[=;]|\\b${named(name)}\\b[^\\n]{0,200}__[\\w]{1,80}[;=]|enum[^\\n]{0,400}\\b${named(name)}\\b`,
				'm',
			);
			const source = search('value', name, pattern, (s) => definesValue(s, name));
			return source === null ? [] : [source];
		},
		aggregate: (tag) =>
			search(
				'aggregate',
				tag,
				new RegExp(`\\b(?:struct|union)[ \\t]+${named(tag)}[ \\t]*(?:__\\w+[ \\t]*)?\\{`),
				(s) => doubtOf(s, tag) !== null || s.aggregates.has(tag),
			),
		typedef: (name) =>
			search(
				'typedef',
				name,
				new RegExp(`\\b${named(name)}\\b[^\\n]{0,400};`),
				(s) => doubtOf(s, name) !== null || s.typedefs.has(name),
			),
		archDefines: environment.defined,
	};
}

function definesValue(source: Source, name: string): boolean {
	if (doubtOf(source, name) !== null) return true;
	const macro = source.preprocessed.macros.get(name);
	if (macro !== undefined && macro.body !== name) return true;
	return source.functions.has(name) || source.enumerators().has(name) || source.globals.has(name);
}

function rememberedFor(key: string): Map<string, string | null> {
	let names = found.get(key);
	if (names === undefined || names.size > foundNamesMax) {
		names = new Map();
		found.set(key, names);
	}
	return names;
}

function keyOf(request: TreeRequest): string {
	const set = [...request.config].map(([name, value]) => `${name}=${value}`).sort();
	return `${request.archFolder}:${set.join(',')}`;
}

/** Include guards and words of the build that no header has to define. */
const guard =
	/_H_*$|^__ASSEMBL|^__cplusplus$|^__GENKSYMS__$|^__CHECKER__$|^MODULE$|^__clang__$|^BUILD_VDSO|_H_INCLUDED$/;

function environmentOf(request: TreeRequest, files: TreeFiles, configKey: string): Environment {
	const defines = new Map<string, boolean>();
	const config = (name: string): string | null => request.config.get(name) ?? null;
	return {
		config,
		value: () => null,
		defined(name) {
			if (name === '__KERNEL__') return true;
			if (guard.test(name) || name.startsWith('CONFIG_')) return false;
			let known = defines.get(name);
			if (known === undefined) {
				// while it is being found out, it is not defined: headers ask in circles
				defines.set(name, false);
				known = archDefines(name, files, { config: request.config, configKey });
				defines.set(name, known);
			}
			return known;
		},
	};
}

/** Whether some page-table header of the architecture defines the macro, in an arm that is active. */
function archDefines(name: string, files: TreeFiles, under: Alone): boolean {
	const pattern = new RegExp(`^[ \\t]*#[ \\t]*define[ \\t]+${named(name)}\\b`, 'm');
	for (const path of files.archHeaders()) {
		const text = files.text(path);
		if (text === null || !text.includes(name) || !pattern.test(text)) continue;
		if (!belongs(path, under.config)) continue;
		if (macrosAlone(path, text, under).has(name)) return true;
	}
	return false;
}

/** What a header that is read alone is read under. */
interface Alone {
	readonly config: ReadonlyMap<string, string>;
	readonly configKey: string;
}

/** Macros of headers by configuration, path and text, each header read without any other. */
const alone = new Map<string, { readonly text: string; readonly macros: Macros }>();
const aloneMax = 400;
type Macros = ReadonlyMap<string, unknown>;

function macrosAlone(path: string, text: string, { config, configKey }: Alone): Macros {
	const key = `${configKey}:${path}`;
	const known = alone.get(key);
	if (known !== undefined && known.text === text) return known.macros;
	if (alone.size >= aloneMax) alone.clear();
	const { macros } = preprocess(text, {
		config: (name) => config.get(name) ?? null,
		value: () => null,
		defined: (name) => name === '__KERNEL__',
	});
	alone.set(key, { text, macros });
	return macros;
}

/** Headers of which an architecture includes one or the other: arch/x86/include/asm/pgtable.h. */
export function belongs(path: string, config: ReadonlyMap<string, string>): boolean {
	if (/pgtable(?:_64|-5level|-4level)[\w-]{0,80}\.h$|_64\.h$|_64_types\.h$/.test(path))
		return config.has('CONFIG_64BIT');
	if (/pgtable(?:_32|-2level|-3level)[\w-]{0,80}\.h$|_32\.h$|_32_types\.h$/.test(path)) {
		if (config.has('CONFIG_64BIT')) return false;
		if (/-3level/.test(path)) return config.has('CONFIG_X86_PAE');
		if (/-2level/.test(path)) return !config.has('CONFIG_X86_PAE');
	}
	return true;
}
