/**
 * The checked file as its compiler reads it: predefined names and the build's own headers per architecture and
 * configuration, include paths of the kernel's build, headers from the tree.
 *
 * Model: without a tree there are no headers, and the kernel's own are taken to define nothing else; a name that racewalk's primitives define as a number has that number in `#if`.
 */

import type { Macro } from '../syntax/preprocess/definition.js';
import { includeFiles } from '../syntax/preprocess/include_paths.js';
import type {
	IncludeFiles,
	TranslationUnit,
	UnitNote,
} from '../syntax/preprocess/translation_unit.js';
import { translationUnit } from '../syntax/preprocess/unit.js';
import { changingFlag, changingFlagBelow, hasFlag, isCharSigned } from './build_flags.js';
import { BUILT_HEADERS, beside } from './built_headers.js';
import { autoconf, generatedHeaders, madeHeader, versionHeader } from './generated_headers.js';
import { includeFlags } from './include_flags.js';
import { keptReader } from './kept_texts.js';
import { isKernelHeader } from './kernel_headers.js';
import { compilerHas, mayBePredefined, predefinedInBuild } from './predefined.js';

export interface TranslatedTree {
	readonly root: string;
	/** Text of a file, or null. */
	read(path: string): string | null;
	/** Changes whenever the file does; null: there is none; empty, or left out: texts are read again every time. */
	stamp?(path: string): string | null;
	/** Whether anything stands there that may be a folder; left out: it is not known. */
	hasFolder?(folder: string): boolean;
}

export interface TranslationRequest {
	readonly path: string;
	readonly text: string;
	readonly tree: TranslatedTree | null;
	readonly archFolder: string;
	readonly config: ReadonlyMap<string, string>;
	/** What racewalk itself says a name is, where no header does. */
	readonly fallback: (name: string) => Macro | null;
	/** Whether a CONFIG_ symbol decides about more than the text that asks for it. */
	readonly decides: (symbol: string) => boolean;
}

/** A header of every kernel: a tree without it is a part of one. */
export const EVERY_TREE_HAS = 'include/linux/mm.h';

/** The headers of the command line: the top Makefile, scripts/Makefile.lib. */
const before = ['linux/compiler-version.h', 'linux/kconfig.h', 'linux/compiler_types.h'];

export function translate(request: TranslationRequest): TranslationUnit {
	const { path, text, tree, archFolder, config, fallback, decides } = request;
	const set = [...config].map(([name, value]) => `${name}=${value}`).sort();
	const read = tree === null ? () => null : keptReader(tree.root, tree);
	const makefile = read('Makefile');
	const target = predefinedInBuild({
		folder: archFolder,
		wide: isWide(archFolder, config),
		signedChar: isCharSigned(makefile, { isX86: archFolder === 'x86' }),
		gnu89: hasFlag(makefile ?? '', '-std=gnu89'),
	});
	const more = includeFlags(path, read);
	const generated = generatedHeaders({ config, makefile });
	const files = tree === null ? null : treeIncludes(read, { archFolder, generated, more });
	const hasKconfig = files?.text('include/linux/kconfig.h') != null;
	const version = assumedVersion(request, { read, files });
	const isComplete = files?.text(EVERY_TREE_HAS) != null;
	const unit = translationUnit({
		path,
		text,
		predefined: `${target}${hasKconfig ? '' : `${autoconf(config)}${questions}`}${version?.header ?? ''}`,
		before: before.filter((header) => files?.text(`include/${header}`) != null),
		files,
		isKnown: isKernelHeader,
		fallback: (name) => (isComplete || isNoMacro(name) ? null : fallback(name)),
		decides,
		has: compilerHas,
		mayBePredefined,
		madeHeader,
		key: [tree?.root ?? '', archFolder, version?.header ?? '', target, ...more, ...set].join('\n'),
	});
	const everywhere = (why: string) => ({ start: 0, end: Number.POSITIVE_INFINITY, why });
	const built = [...ofBuild(request, files), ...ofHeaders(read)].map(everywhere);
	const notes = version === null ? unit.notes : [...unit.notes, version.note];
	return { ...unit, notes, doubts: [...built, ...unit.doubts] };
}

/** What Makefiles give the compiler for the file that is not followed: its folder's, and those above it for all below. */
function* ofBuild({ path }: TranslationRequest, files: IncludeFiles | null): Generator<string> {
	const parts = path.split('/').slice(0, -1);
	if (parts.length === 0) return;
	for (let length = parts.length; length >= 0; length--)
		for (const name of ['Makefile', 'Kbuild']) {
			const at = [...parts.slice(0, length), name].join('/');
			const text = files?.text(at) ?? '';
			const flag = length === parts.length ? changingFlag(text, path) : changingFlagBelow(text);
			if (flag !== null) yield `it is compiled with what is not followed: in ${at}, ${flag}`;
		}
}

/** What headers that a build left in the tree do beside what racewalk takes them to do. */
function* ofHeaders(read: Read): Generator<string> {
	for (const path of BUILT_HEADERS) {
		const text = read(path);
		if (text === null) continue;
		const more = beside(text);
		if (more !== null) yield `${path}, which a build made, has ${more}, which is not followed`;
	}
}

/** What no header makes a macro: the configuration has symbols of its own, and truth is an enumeration (include/linux/stddef.h). */
function isNoMacro(name: string): boolean {
	return name.startsWith('CONFIG_') || name === 'true' || name === 'false';
}

/** Whether longs have 64 bits: only i386 of the architectures here has not, and says so. */
export function isWide(archFolder: string, config: ReadonlyMap<string, string>): boolean {
	return archFolder !== 'x86' || !config.has('CONFIG_X86_32') || config.has('CONFIG_64BIT');
}

const asksVersion = /^[ \t]*#[ \t]*(?:el)?if\b[^\n]*\bLINUX_VERSION_CODE\b/m;

/** What the file asks of LINUX_VERSION_CODE where no Makefile says the version: that of the generation it is written for. */
function assumedVersion(
	{ path, text }: TranslationRequest,
	{ read, files }: { readonly read: Read; readonly files: IncludeFiles | null },
): { readonly header: string; readonly note: UnitNote } | null {
	const asked = asksVersion.exec(text);
	if (asked === null || files?.text('include/generated/uapi/linux/version.h') != null) return null;
	const walk = read('mm/gup.c') ?? text;
	const version = /\bgup_fast\(/.test(walk) ? [6, 12, 0] : [6, 1, 0];
	const message = `LINUX_VERSION_CODE is taken as that of ${version.slice(0, 2).join('.')}: no Makefile says the version`;
	return {
		header: versionHeader([version[0] ?? 0, version[1] ?? 0, version[2] ?? 0]),
		note: { kind: 'unknown', message, path, offset: asked.index },
	};
}

/** IS_ENABLED() and the like where no tree has include/linux/kconfig.h: a set symbol is 1, an unset one is its own name. */
const questions = `#define RACEWALK_SET_1 0,
#define RACEWALK_SECOND(first, second, ...) second
#define RACEWALK_CHOSEN(sign) RACEWALK_SECOND(sign 1, 0)
#define RACEWALK_JOINED(value) RACEWALK_CHOSEN(RACEWALK_SET_##value)
#define RACEWALK_IS_SET(symbol) RACEWALK_JOINED(symbol)
#define IS_BUILTIN(symbol) RACEWALK_IS_SET(symbol)
#define IS_MODULE(symbol) RACEWALK_IS_SET(symbol##_MODULE)
#define IS_ENABLED(symbol) (RACEWALK_IS_SET(symbol) || RACEWALK_IS_SET(symbol##_MODULE))
#define IS_REACHABLE(symbol) (RACEWALK_IS_SET(symbol) || RACEWALK_IS_SET(symbol##_MODULE))
`;

/** Text of a file of the tree, or null. */
type Read = (path: string) => string | null;

function treeIncludes(
	read: Read,
	parts: Omit<Parameters<typeof includeFiles>[0], 'text'>,
): IncludeFiles {
	const now = new Map<string, string | null>();
	return includeFiles({
		...parts,
		text(path) {
			let found = now.get(path);
			if (found === undefined) {
				found = read(path);
				now.set(path, found);
			}
			return found;
		},
	});
}
