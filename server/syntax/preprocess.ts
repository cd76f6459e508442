/**
 * The preprocessor of headers and of racewalk's own C: chooses `#if` arms, collects `#define`s, and blanks whatever is not
 * plain C (inactive lines, directives, comments, attribute-like words) with spaces of equal length, so that every offset stays
 * what it was. It does not expand macros: that happens in `server/lower`, on the syntax tree. The checked file goes through
 * `server/syntax/preprocess/` instead, where macros are expanded as tokens.
 *
 * Invariant: `result.text.length === text.length`, and line ends stay where they are. Never throws.
 */

import { attributeCalls, attributeItems, attributeWords } from './attributes.js';
import { named } from './named.js';
import { blank, withoutDigraphs } from './preprocess/logical_lines.js';
import type { Kept } from './preprocess/render.js';
import type { TranslationUnit } from './preprocess/translation_unit.js';
import { unreadIn } from './preprocess/unread_text.js';
import { evaluateCondition } from './preprocess_condition.js';

export interface Macro {
	readonly name: string;
	/** Parameter names of a function-like macro (`...` last when variadic), null for an object-like one. */
	readonly parameters: readonly string[] | null;
	/** Replacement, comments blanked and continuation lines joined. */
	readonly body: string;
	/** Where the directive starts. */
	readonly offset: number;
}

export interface Environment {
	/** Value of a CONFIG_ symbol (`y`, `m`, a number or string), or null when unset. */
	config(name: string): string | null;
	/** Whether some other file has given this macro name a meaning before this one. */
	defined(name: string): boolean;
	/** Replacement of an object-like macro of another file, for `#if NAME > 2`; null when unknown. */
	value(name: string): string | null;
}

export interface Preprocessed {
	/** Same length as the input: plain C and blanks. */
	readonly text: string;
	readonly macros: ReadonlyMap<string, Macro>;
	/** `linux/mm.h`, with the angle brackets or quotes gone; in order. */
	readonly includes: readonly { readonly path: string; readonly quoted: boolean }[];
	/** Conditional directives that do not balance: what is active is then a guess. */
	readonly unbalanced: boolean;
	/** Conditionals whose condition was not read: what is active in them is a guess, and what they define is not known. */
	readonly guesses: readonly Guess[];
	/** The file as a compiler reads it, with what it includes; null: conditionals and definitions only. */
	readonly unit: TranslationUnit | null;
}

/** From the condition that was not read to the end of its conditional. */
export interface Guess {
	readonly start: number;
	readonly end: number;
	readonly why: string;
}

/** One `#if` … `#endif` under evaluation. */
interface Conditional {
	/** Where the first of its conditions stands that was not read; null: all were. */
	unread: number | null;
	/** Whether the lines around it are active. */
	readonly outer: boolean;
	taken: boolean;
	active: boolean;
}

const tokenPattern =
	/\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\.|[^'\\\n])+'?/g;
const directivePattern = /^[ \t]*#[ \t]*([a-z_]+)\b(.*)$/s;
const expansionDepthMax = 8;

/** What a translation unit makes of the file's own text. */
export function preprocessedBy(unit: TranslationUnit, kept: Kept): Preprocessed {
	const { own, includes, unbalanced } = unit;
	return {
		text: blankAttributes(withoutDigraphs(unit.text), (word, at) => {
			const macro = unit.macroAt(word, at);
			return macro === null || kept.keeps(macro);
		}),
		macros: own,
		includes,
		unbalanced,
		guesses: [],
		unit,
	};
}

export function preprocess(source: string, environment: Environment): Preprocessed {
	const text = source.replace(tokenPattern, (token) =>
		token.startsWith('/') ? blank(token) : token,
	);
	const macros = new Map<string, Macro>();
	// defined, used and undefined again: not defined for conditions any more, but in effect where it stood
	const retired = new Map<string, Macro>();
	const includes: { path: string; quoted: boolean }[] = [];
	const stack: Conditional[] = [];
	const pieces: string[] = [];
	let unbalanced = false;
	const guesses: Guess[] = [];
	const unread = unreadIn(source);
	if (unread !== null) guesses.push({ start: 0, end: text.length, why: unread });
	/** Braces that are open in what is active. */
	let braces = 0;
	/** Macros that are defined, or undefined, where it is a guess what is active. */
	const doubted = new Set<string>();
	let at = 0;
	const holds = (condition: string): boolean | null => {
		let isDoubted = false;
		const known = (name: string): string => {
			isDoubted ||= doubted.has(name);
			return name;
		};
		const truth = evaluateCondition(condition, {
			config: environment.config,
			defined: (name) => macros.has(known(name)) || environment.defined(name),
			value: (name) => standsFor(macros.get(known(name))) ?? environment.value(name),
			depthMax: expansionDepthMax,
		});
		return isDoubted ? null : truth;
	};
	const close = ({ unread }: Conditional, end: number): void => {
		if (unread === null) return;
		const why = `the condition in line ${lineOf(text, unread)} was not read`;
		guesses.push({ start: unread, end, why });
	};
	while (at < text.length) {
		const end = lineEnd(text, at);
		const active = stack.at(-1)?.active ?? true;
		if (!startsDirective(text, at, end)) {
			const line = text.slice(at, end);
			pieces.push(active ? line : blank(line));
			if (active) braces += depthOf(line);
			at = end;
			continue;
		}
		const stop = logicalEnd(text, at, end);
		const whole = text.slice(at, stop);
		const match = directivePattern.exec(whole.replace(/\\\r?\n/g, ' ').trimEnd());
		const rest = (match?.[2] ?? '').trim();
		switch (match?.[1]) {
			case 'if':
			case 'ifdef':
			case 'ifndef': {
				const truth = active && conditionOf(match[1], rest, holds);
				const taken = truth === true;
				const unread = truth === null ? at : null;
				stack.push({ outer: active, taken, active: taken, unread });
				break;
			}
			case 'elif':
			case 'else': {
				const top = stack.at(-1);
				if (top === undefined) unbalanced = true;
				else {
					const isOpen = top.outer && !top.taken;
					const truth = isOpen && (match[1] === 'else' || holds(rest));
					if (truth === null) top.unread ??= at;
					top.active = truth === true;
					top.taken ||= top.active;
				}
				break;
			}
			case 'endif': {
				const top = stack.pop();
				if (top === undefined) unbalanced = true;
				else close(top, stop);
				break;
			}
			case 'define':
			case 'undef':
				if (stack.some(({ unread }) => unread !== null)) doubted.add(/^\w*/.exec(rest)?.[0] ?? '');
				if (!active) break;
				if (match[1] === 'define') define(rest, at, macros);
				else retire(rest, { macros, retired, uses: pieces });
				break;
			case 'include': {
				const path = /^(["<])([^">]+)[">]/.exec(rest);
				if (active && path?.[2] !== undefined)
					includes.push({ path: path[2], quoted: path[1] === '"' });
				if (active && braces > 0) {
					const why = `the #include in line ${lineOf(text, at)}, inside a definition, is not read`;
					guesses.push({ start: at, end: stop, why });
				}
				break;
			}
			default:
		}
		pieces.push(blank(whole));
		at = stop;
	}
	for (const open of stack) close(open, text.length);
	for (const [name, macro] of retired) if (!macros.has(name)) macros.set(name, macro);
	return {
		text: blankAttributes(pieces.join('')),
		macros,
		includes,
		unbalanced: unbalanced || stack.length > 0,
		guesses,
		unit: null,
	};
}

/** Attribute-like words (and their argument lists) blanked, but items whose word is not one of these where it stands. */
export function blankAttributes(
	text: string,
	isItem: (word: string, at: number) => boolean = () => true,
): string {
	return text.replace(attributePattern, (word, at: number) => {
		const [name = ''] = /^\w+/.exec(word) ?? [];
		if (ITEMS.has(name) && !isItem(name, at)) return word;
		// the one attribute that runs code
		return /\b_*cleanup_*\b/.test(word) ? word : blank(word);
	});
}

const ITEMS: ReadonlySet<string> = new Set(attributeItems);

/** A parenthesised list, five levels deep. */
const nested = String.raw`\s*${[1, 2, 3, 4].reduce((inner) => String.raw`\((?:[^()]|${inner})*\)`, String.raw`\([^()]*\)`)}`;
const attributePattern = new RegExp(
	String.raw`\b(?:(?:${attributeItems.join('|')})${nested}\s*;?|(?:${attributeCalls.join('|')})${nested}|(?:${attributeWords.join('|')})\b(?!\s*\())`,
	'g',
);

/** What the name alone stands for: of a macro with parameters, nothing. */
function standsFor(macro: Macro | undefined): string | null {
	return macro === undefined || macro.parameters !== null ? null : macro.body;
}

function conditionOf(
	kind: string,
	rest: string,
	holds: (condition: string) => boolean | null,
): boolean | null {
	if (kind === 'if') return holds(rest);
	const name = /^\w+/.exec(rest)?.[0] ?? '0';
	return holds(kind === 'ifdef' ? `defined(${name})` : `!defined(${name})`);
}

function define(rest: string, offset: number, macros: Map<string, Macro>): void {
	const match = /^([A-Za-z_]\w*)(\(([^)]*)\))?([\s\S]*)$/.exec(rest);
	if (match === null) return;
	const name = match[1] ?? '';
	const parameters =
		match[2] === undefined ? null : (match[3] ?? '').split(',').map((p) => p.trim());
	macros.set(name, {
		name,
		parameters: parameters?.filter((p) => p !== '') ?? null,
		body: (match[4] ?? '').trim(),
		offset,
	});
}

/** Takes a macro out of effect; one that the text before used is kept for those uses. */
function retire(
	name: string,
	state: {
		readonly macros: Map<string, Macro>;
		readonly retired: Map<string, Macro>;
		readonly uses: readonly string[];
	},
): void {
	const macro = state.macros.get(name);
	state.macros.delete(name);
	if (macro === undefined || !/^\w+$/.test(name)) return;
	const since = state.uses.join('').slice(macro.offset);
	if (new RegExp(`\\b${named(name)}\\b`).test(since)) state.retired.set(name, macro);
}

/** By how many braces a line without comments opens more than it closes. */
function depthOf(line: string): number {
	if (!line.includes('{') && !line.includes('}')) return 0;
	const code = line.replace(/"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?/g, '');
	return code.split('{').length - code.split('}').length;
}

function lineOf(text: string, at: number): number {
	return text.slice(0, at).split('\n').length;
}

function lineEnd(text: string, at: number): number {
	const newline = text.indexOf('\n', at);
	return newline < 0 ? text.length : newline + 1;
}

function startsDirective(text: string, at: number, end: number): boolean {
	for (let i = at; i < end; i++) {
		const code = text.charCodeAt(i);
		if (code === 35) return true;
		if (code !== 32 && code !== 9) return false;
	}
	return false;
}

/** End of the line that starts at `at`, continuation lines included. */
function logicalEnd(text: string, at: number, end: number): number {
	let stop = end;
	while (stop < text.length && /\\\r?\n$/.test(text.slice(Math.max(at, stop - 3), stop)))
		stop = lineEnd(text, stop);
	return stop;
}
