/** A file as its compiler reads it, as data: what is asked, what is answered, what there is to say about it. */
import type { Macro } from './definition.js';

export interface IncludeRequest {
	readonly path: string;
	readonly quoted: boolean;
	/** The file the directive stands in. */
	readonly from: string;
	/** `#include_next`: behind the folder the file was found in. */
	readonly next: boolean;
}

export interface IncludeFiles {
	/** Path and text of what is included; null: there is no such file. */
	resolve(include: IncludeRequest): { readonly path: string; readonly text: string } | null;
	/** Text of a file that was resolved before, as it is now. */
	text(path: string): string | null;
}

export interface UnitRequest {
	readonly path: string;
	readonly text: string;
	/** Definitions that nobody wrote into a file, as `#define` lines. */
	readonly predefined: string;
	/** Headers read before the file (`-include`). */
	readonly before: readonly string[];
	/** null: nothing can be included. */
	readonly files: IncludeFiles | null;
	/** Whether a header that cannot be had defines nothing that the file does not expect of it. */
	readonly isKnown: (include: { readonly path: string; readonly quoted: boolean }) => boolean;
	/** What else may define a name that no directive defines. */
	readonly fallback: ((name: string) => Macro | null) | null;
	/** `__has_attribute`, `__has_builtin`: whether the compiler has it; null: no such question. */
	readonly has: (question: string, what: string) => bigint | null;
	/** Whether a compiler may have defined a name that is not among those predefined. */
	readonly mayBePredefined?: (name: string) => boolean;
	/** What a header that a build makes may define, where that is known: names, and `NAME value` of those that are asked for. */
	readonly madeHeader?: (
		path: string,
	) => { readonly names: RegExp; readonly defines: readonly string[] } | null;
	/** Whether a CONFIG_ symbol decides about more than the text that asks for it. */
	readonly decides?: (symbol: string) => boolean;
	/** What tells this from other requests for the same path: configuration, architecture, tree. */
	readonly key: string;
}

export interface UnitNote {
	readonly kind:
		| 'missing'
		| 'unknown'
		| 'condition'
		| 'error'
		| 'limit'
		| 'unbalanced'
		| 'definition';
	readonly message: string;
	/** Where the directive stands: a file, and where in it. */
	readonly path: string;
	readonly offset: number;
}

/** A header that is not there, by its path. */
export interface Missing extends UnitNote {
	/** Where the file's own directive stands that led to it. */
	readonly behind: number;
}

export interface TranslationUnit {
	readonly path: string;
	/** As long as the text: what is active, with comments and directives blanked and continued tokens in one piece. */
	readonly text: string;
	/** Macros the file itself defines: the last definition of each. */
	readonly own: ReadonlyMap<string, Macro>;
	readonly includes: readonly { readonly path: string; readonly quoted: boolean }[];
	/** Conditional directives that do not balance: what is active is then a guess. */
	readonly unbalanced: boolean;
	/** About the file's own directives. */
	readonly notes: readonly UnitNote[];
	/** Parts of the file in which it is a guess what is active or what a name means, and why. */
	readonly doubts: readonly Doubt[];
	/** Headers that were wanted and are not there, whoever wanted them. */
	readonly missing: readonly Missing[];
	/** Files that were read, in order, the first time each. */
	readonly files: readonly string[];
	/** What the name is at that place of the file: a macro; null: none, or undefined by then. */
	macroAt(name: string, offset: number): Macro | null;
	/** All that the name was, in order; null: undefined. */
	definitionsOf(name: string): readonly (Macro | null)[];
	/**
	 * Where that comes from, but for places in the file: units of which both are the same have the same macros at their ends, and the
	 * same headers. Null: nothing like it is kept.
	 */
	macros(): { readonly headers: object; readonly changes: string } | null;
	/** Files that were read, with their texts and where the file's own directive stands that led to each. */
	headers(): Iterable<{ readonly path: string; readonly text: string; readonly behind: number }>;
	/** How a header was read, every time. */
	readings(path: string): readonly Reading[];
	/** Whether the text of a header has the name. */
	isMentioned(name: string): boolean;
	/** A header whose text declares a function or an enumerator of that name; null: none does. */
	declaredIn(name: string): string | null;
	/** The macro that the name was before the file undefined it; null: it is defined, or never was. */
	undefinedAt(name: string, offset: number): Macro | null;
}

/** A file as it was read, once. */
export interface Reading {
	/** As long as the file, what is not active blanked, and comments and directives. */
	readonly text: string;
	/** What the name was at that place of it. */
	macroAt(name: string, offset: number): Macro | null;
}

export interface Doubt {
	readonly start: number;
	readonly end: number;
	readonly why: string;
}
