/**
 * Which macros of headers the text keeps as names, so that they mean what racewalk's table has: those whose definition is the only one that
 * the headers have of the name, and does what such a primitive does as far as its tokens tell. Every other macro is expanded: the text is
 * then read under what the header says.
 *
 * Model: a primitive that a header defines once, and not as plain C, is taken to do what the kernel's does; a body that no known kernel
 * has is named (known_definitions.ts).
 */
import { evaluateCondition } from '../syntax/preprocess/condition.js';
import type { Macro } from '../syntax/preprocess/definition.js';
import { type ExpansionScope, expand } from '../syntax/preprocess/expand.js';
import type { Kept } from '../syntax/preprocess/render.js';
import { isPunctuator, type Token, tokenise } from '../syntax/preprocess/token.js';
import type { TranslationUnit } from '../syntax/preprocess/translation_unit.js';
import { isHarmless, withoutAttributes } from '../syntax/refused_attributes.js';
import { compileTimeAssertions } from './compile_time.js';
import { declarationWords, itemWords, type PrimitiveNames } from './primitive_names.js';

/** `isComplete`: the headers of every kernel are there, so that a word that none of them defines is no word of declarations. */
export function keptNames(
	unit: TranslationUnit,
	table: PrimitiveNames,
	{ isComplete }: { readonly isComplete: boolean },
): Kept {
	const known = isComplete ? foundBefore(unit, table) : new Map<Macro, boolean>();
	const keeps = (macro: Macro): boolean => {
		const { name, path } = macro;
		if (path === unit.path) return false;
		if (name.startsWith('CONFIG_')) return path === '' || path === CONFIGURATION;
		let kept = known.get(macro);
		if (kept === undefined) {
			kept = isKept(macro, unit, table);
			known.set(macro, kept);
		}
		return kept;
	};
	return {
		keeps,
		refuses(name) {
			if (isComplete && declarationWords.has(name) && !COMPILERS.has(name))
				return `no header defines ${name}`;
			if (!table.known.has(name)) return null;
			const [last, ...before] = [...unit.definitionsOf(name)].reverse();
			const taken = last === null ? before.find((macro) => macro !== null) : undefined;
			if (taken == null || taken.body === name || taken.path === unit.path) return null;
			return `a header undefines ${name}, which ${taken.path} defines`;
		},
	};
}

/** What was found of macros, by the headers that they come from: the same for every text that does the same to macros behind these. */
const found = new WeakMap<object, readonly Found[]>();
/** Of the same headers: texts of different functions, and what is read early. */
const foundMax = 4;

interface Found {
	readonly table: PrimitiveNames;
	readonly changes: string;
	readonly known: Map<Macro, boolean>;
}

/**
 * Nothing but macros at the end of the file, declarations of headers and the table decides about a macro of a header (`isKept`), where
 * headers are complete: else the table stands in for them.
 */
function foundBefore(unit: TranslationUnit, table: PrimitiveNames): Map<Macro, boolean> {
	const macros = unit.macros();
	if (macros === null) return new Map();
	const { headers, changes } = macros;
	const before = found.get(headers) ?? [];
	const same = before.find((f) => f.table === table && f.changes === changes);
	if (same !== undefined) return same.known;
	const known = new Map<Macro, boolean>();
	found.set(headers, [{ table, changes, known }, ...before].slice(0, foundMax));
	return known;
}

/** Words of declarations that gcc knows by itself. */
const COMPILERS: ReadonlySet<string> = new Set([
	...[
		'inline',
		'__inline',
		'__inline__',
		'asm',
		'__asm__',
		'typeof',
		'__extension__',
		'__restrict',
	],
	...['__volatile', '_Noreturn', '__signed', '__attribute__', '__attribute', '_Alignas'],
]);

const CONFIGURATION = 'include/generated/autoconf.h';

function isKept(macro: Macro, unit: TranslationUnit, table: PrimitiveNames): boolean {
	const { name } = macro;
	const isQuestion = QUESTIONS.has(name);
	const isWord = declarationWords.has(name);
	const isItem = itemWords.has(name);
	const isAssertion = compileTimeAssertions.has(name);
	if (!isQuestion && !isWord && !isItem && !isAssertion && !table.known.has(name)) return false;
	// a function that says that it is there
	if (macro.body === name && macro.parameters === null) return true;
	if (isQuestion) return answersAsKconfig(name, unit);
	const tokens = fullyExpanded(macro, unit);
	if (isWord) return isHarmless(tokens);
	if (isItem) return isOnlyAnItem(tokens, table);
	if (isRedefined(name, unit) || jumps(tokens)) return false;
	if (isAssertion) return isOnlyAsserted(tokens, macro);
	return isPrimitive(macro, tokens, { unit, table });
}

/** What a use of the macro stands for, to the last macro; its arguments are named as its parameters are. */
function fullyExpanded({ name, parameters }: Macro, unit: TranslationUnit): readonly Token[] {
	const given = parameters?.map((p) => (p === '...' ? 'rest' : p.replace(/\.\.\.$/, '')));
	return expand(
		tokenise(given === undefined ? name : `${name}(${given.join(', ')})`),
		scopeOf(unit),
	);
}

function scopeOf(unit: TranslationUnit): ExpansionScope {
	return {
		tokensLeft: EXPANDED_MAX,
		macro: (name) => unit.macroAt(name, Number.POSITIVE_INFINITY),
		special: () => null,
		problem: () => undefined,
	};
}

const EXPANDED_MAX = 20_000;

/** More than one definition that says something else, or one that was taken away and came back as another. */
function isRedefined(name: string, unit: TranslationUnit): boolean {
	const texts = unit
		.definitionsOf(name)
		.flatMap((macro) => (macro === null ? [] : [spelled(macro)]));
	return new Set(texts).size > 1;
}

function spelled({ parameters, body }: Macro): string {
	const tokens = tokenise(body).map(({ text }) => text);
	return `${parameters?.join(',') ?? ''}(${tokens.join(' ')}`;
}

/** Control leaves it. */
function jumps(tokens: readonly Token[]): boolean {
	const labels = new Set(
		tokens.filter((_, i) => isPunctuator(tokens[i + 1], ':')).map(({ text }) => text),
	);
	return tokens.some(({ text }, i) => {
		if (text === 'return') return true;
		return text === 'goto' && !labels.has(tokens[i + 1]?.text ?? '');
	});
}

const QUESTIONS: ReadonlySet<string> = new Set([
	'IS_ENABLED',
	'IS_REACHABLE',
	'IS_BUILTIN',
	'IS_MODULE',
]);

/** Whether the question has the answers that include/linux/kconfig.h gives, for what is set, a module, and unset. */
function answersAsKconfig(name: string, unit: TranslationUnit): boolean {
	const plain = scopeOf(unit);
	const one = (macro: string): Macro => ({
		...{ name: macro, parameters: null, body: '1', offset: 0, path: '' },
	});
	const scope = {
		...plain,
		macro: (asked: string, token: Token) =>
			asked === 'CONFIG_RACEWALK_SET' || asked === 'CONFIG_RACEWALK_MODULE_MODULE'
				? one(asked)
				: plain.macro(asked, token),
		defined: () => false,
		has: () => null,
	};
	const holds = (symbol: string): boolean =>
		evaluateCondition(`${name}(CONFIG_RACEWALK_${symbol})`, { ...scope, tokensLeft: EXPANDED_MAX })
			.holds;
	const [isSet, isModule] = [name !== 'IS_MODULE', name === 'IS_MODULE' || name === 'IS_ENABLED'];
	if (holds('SET') !== isSet || holds('UNSET')) return false;
	// what a module may reach is up to who asks
	return name === 'IS_REACHABLE' || holds('MODULE') === isModule;
}

/** It defines no function and nothing that racewalk knows. */
function isOnlyAnItem(tokens: readonly Token[], table: PrimitiveNames): boolean {
	return !tokens.some(
		(token, i) =>
			(isPunctuator(token, '{') && isPunctuator(tokens[i - 1], ')')) ||
			(table.known.has(token.text) && !TAGGED.has(tokens[i - 1]?.text ?? '')),
	);
}

const TAGGED: ReadonlySet<string> = new Set(['struct', 'union', 'enum']);

/** It is left to the compiler: nothing is assigned, and nothing is called but what asserts. */
function isOnlyAsserted(given: readonly Token[], { parameters }: Macro): boolean {
	const tokens = withoutAttributes(given);
	return tokens.every((token, i) => {
		if (token.kind === 'punctuator') return !ASSIGNING.has(token.text);
		const isCalled = token.kind === 'identifier' && isPunctuator(tokens[i + 1], '(');
		if (!isCalled || parameters?.includes(token.text) === true) return true;
		return PLAIN_CALLS.has(token.text) || /^_*compiletime_assert|^__builtin_/.test(token.text);
	});
}

const ASSIGNING: ReadonlySet<string> = new Set([
	...['=', '++', '--', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>='],
]);

/** Words before a `(` that call nothing. */
const PLAIN_CALLS: ReadonlySet<string> = new Set([
	...['if', 'while', 'for', 'switch', 'sizeof', 'typeof', '__typeof__', '__typeof', '_Generic'],
	...['_Static_assert', '__attribute__', '__builtin_expect', '__builtin_constant_p', 'void'],
	...['__builtin_choose_expr', '__builtin_types_compatible_p', '_Alignof', '__alignof__'],
]);

function isPrimitive(
	macro: Macro,
	tokens: readonly Token[],
	{ unit, table }: { readonly unit: TranslationUnit; readonly table: PrimitiveNames },
): boolean {
	const { name, parameters, path } = macro;
	const declared = unit.declaredIn(name);
	// a macro over a function of another header
	if (declared !== null && declared !== path && !BOTH.has(name)) return false;
	if (!isPlain(tokens, macro) || MAY_BE_NOTHING.test(name)) return true;
	if (parameters === null) return isNumberAlike(tokens, table.text(name), unit);
	const words = new Set(tokens.map(({ text }) => text));
	const isWhole = parameters.every((p) => p.includes('...') || words.has(p));
	return isWhole && !hasEffect(name, table);
}

/** No assembly, no volatile access and no call: what is there is all that it does. */
function isPlain(tokens: readonly Token[], { parameters }: Macro): boolean {
	return tokens.every((token, i) => {
		if (token.kind !== 'identifier') return true;
		if (NOT_PLAIN.test(token.text)) return false;
		if (!isPunctuator(tokens[i + 1], '(')) return true;
		return PLAIN_CALLS.has(token.text) || parameters?.includes(token.text) === true;
	});
}

const NOT_PLAIN = /^_*(?:asm|volatile)_*$/;

/** Functions of one header that another one has a macro of, in kernels as they are. */
const BOTH: ReadonlySet<string> = new Set([
	'prefetch',
	// include/linux/fortify-string.h
	...['memcpy', 'memmove', 'memset', 'memcmp', 'memchr', 'strlen', 'strcmp'],
]);

/**
 * Primitives that kernels of 6.1 and 6.12 define as nothing, or as a constant whatever their arguments are: levels that are folded,
 * checks that are not compiled, barriers beside what orders by itself.
 */
const MAY_BE_NOTHING =
	/^(?:p(?:gd|4d|ud|md)_(?:leaf|large|huge|addr_end)|is_hugepd|ZERO_PAGE|pte_unmap|VM_(?:BUG|WARN)_ON\w*|might_\w+|lockdep_\w+|smp_mb__(?:before|after)_\w+)$/;

/** A number that is zero where racewalk's is not is another. */
function isNumberAlike(
	tokens: readonly Token[],
	own: string | null,
	unit: TranslationUnit,
): boolean {
	const scope = { ...scopeOf(unit), defined: () => false, has: () => null };
	const value = evaluateCondition(tokens.map(({ text }) => text).join(' '), scope);
	if (value.error !== null || value.unknown.length > 0 || value.holds) return true;
	return own === null || !/[1-9]/.test(own);
}

/** Whether racewalk's primitive, or what it calls of the table, accesses memory, orders accesses or opens a section. */
function hasEffect(name: string, table: PrimitiveNames): boolean {
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
