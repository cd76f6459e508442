/**
 * Attributes that change what a declaration means, not only what a compiler says or how fast its code is: another symbol (`alias`,
 * an asm label), another width (`mode`), reads that are put together (`const`, `pure`), code that is left out (`noreturn`, and tests that a promise such as
 * `returns_nonnull` makes needless). They are not
 * blanked in silence: what has one is not understood.
 *
 * Invariant: an attribute that is not known to be harmless is refused.
 */
import { attributeWords } from './attributes.js';
import { isPunctuator, type Token, tokenise } from './preprocess/token.js';

/** Of gcc and sparse, without the underscores around them. Layout (`packed`, `aligned`) and `cleanup` are read elsewhere. */
const HARMLESS: ReadonlySet<string> = new Set(
	(
		'access address_space aligned alloc_size always_inline annotate artificial bitwise ' +
		'btf_decl_tag btf_type_tag cleanup cold constructor context copy counted_by counted_by_ptr deprecated ' +
		'designated_init destructor diagnose_as_builtin error externally_visible fallthrough fd_arg flatten force ' +
		'format format_arg function_return gnu_inline hot indirect_branch latent_entropy leaf maybe_unused ' +
		'may_alias model no_address_safety_analysis no_caller_saved_registers no_icf no_instrument_function ' +
		'no_profile_instrument_function no_randomize_layout no_reorder no_sanitize no_sanitize_address ' +
		'no_sanitize_coverage no_sanitize_memory no_sanitize_thread no_sanitize_undefined no_split_stack ' +
		'no_stack_limit no_stack_protector nocast nocf_check noclone noderef nodiscard noinit noinline noipa ' +
		'nonstring noplt nothrow overloadable packed patchable_function_entry persistent ' +
		'preserve_most randomize_layout regparm retain safe section sized_by stack_protect ' +
		'syscall_linkage target unavailable uninitialized unsequenced unused used user visibility ' +
		'warn_if_not_aligned warn_unused_result warning zero_call_used_regs'
	).split(' '),
);

/** Words that are such an attribute where no header says what they are (include/linux/compiler_attributes.h). */
const WORDS: Readonly<Record<string, string>> = {
	__weak: 'weak',
	__pure: 'pure',
	__attribute_pure__: 'pure',
	__attribute_const__: 'const',
	__noreturn: 'noreturn',
	_Noreturn: 'noreturn',
	__alias: 'alias',
	__naked: 'naked',
	_Alignas: 'aligned',
};

/** An attribute, and where it stands. */
export interface Attribute {
	readonly name: string;
	readonly at: number;
}

/** The attributes of a text without comments: GNU's, C23's, and the words for them. */
export function attributesIn(text: string): readonly Attribute[] {
	return mayHaveSome.test(text) ? attributesOf(tokenise(text)) : [];
}

const mayHaveSome = /__|_Noreturn|_Alignas|\[\s*\[|<:\s*<:/;

/**
 * Names of `__attribute__((a, b(c)))` and `[[a, gnu::b(c)]]`, and the words, in one pass: lists that stand in each other, as in text
 * whose brackets do not match, are read once.
 */
function attributesOf(tokens: readonly Token[]): readonly Attribute[] {
	const found: Attribute[] = [];
	/** At which depth each open list began, innermost last. */
	const lists: number[] = [];
	let depth = 0;
	tokens.forEach((token, i) => {
		const isBracket = token.kind !== 'identifier';
		if (isBracket && (isPunctuator(token, '(') || isPunctuator(token, '['))) {
			if (isPunctuator(token, '[') && isPunctuator(tokens[i + 1], '[')) lists.push(depth);
			depth++;
		} else if (isBracket && (isPunctuator(token, ')') || isPunctuator(token, ']'))) {
			depth--;
			while (lists.length > 0 && depth <= (lists.at(-1) as number)) lists.pop();
		} else if (token.kind === 'identifier') {
			const isName = depth - (lists.at(-1) ?? depth) === 2 && !isPunctuator(tokens[i + 1], ':');
			if (isName) found.push({ name: bare(token.text), at: token.start });
			const word = WORDS[token.text];
			if (word !== undefined) found.push({ name: word, at: token.start });
			const isList = isGnu(token) && isPunctuator(tokens[i + 1], '(');
			if (isList) lists.push(depth);
		}
	});
	return found;
}

function isGnu(token: Token): boolean {
	return token.text === '__attribute__' || token.text === '__attribute';
}

/** The name of an attribute without the underscores that it may be written with. */
function bare(name: string): string {
	return /^__(\w+?)__$/.exec(name)?.[1] ?? name;
}

/** The first attribute of a text that is refused; null: there is none. */
export function refusedAttribute(text: string): Attribute | null {
	return attributesIn(text).find(({ name }) => !HARMLESS.has(name)) ?? null;
}

/** Words of a declaration that may move members: include/linux/compiler_attributes.h, cache.h, compiler_types.h. */
const moving =
	/__attribute|__packed|__aligned|_Alignas|cacheline|randomi[sz]e|__counted_by|mode\s*\(|#\s*pragma/;

/** Whether the text of a declaration asks for what may move members. */
export function movesMembers(text: string): boolean {
	return moving.test(text);
}

/** Whether macros of a text ask for it that is not written there. */
export function movesHidden(written: string, expanded: string): boolean {
	return !moving.test(written) && attributesIn(expanded).some(({ name }) => MOVING.has(name));
}

const MOVING: ReadonlySet<string> = new Set(['packed', 'aligned', 'randomize_layout']);

/** A word of declarations that stands where a value does, so that it is a variable's name; null: there is none. */
export function wordAsValue(text: string): string | null {
	if (!text.includes('__')) return null;
	const tokens = tokenise(text);
	const found = tokens.find((token, i) => {
		if (!words.has(token.text) || token.kind !== 'identifier') return false;
		const [before, behind] = [tokens[i - 1]?.text ?? '', tokens[i + 1]?.text ?? ''];
		const isAlone = before === '(' && behind === ')';
		return (
			!isAlone && !isBehindLabel(tokens, i) && BEFORE_VALUE.has(before) && BEHIND_VALUE.has(behind)
		);
	});
	return found?.text ?? null;
}

/** `out: __maybe_unused;` says something of the label. */
function isBehindLabel(tokens: readonly Token[], at: number): boolean {
	const isName = tokens[at - 2]?.kind === 'identifier';
	return (
		isName && isPunctuator(tokens[at - 1], ':') && BEFORE_LABEL.has(tokens[at - 3]?.text ?? '')
	);
}

const BEFORE_LABEL: ReadonlySet<string> = new Set([';', '{', '}']);
const words: ReadonlySet<string> = new Set(attributeWords);
const OPERATORS = ['+', '-', '/', '%', '^', '|', '||', '&&', '==', '!=', '<', '>', '<=', '>='];
const BEFORE_VALUE: ReadonlySet<string> = new Set([
	...OPERATORS,
	...['(', '[', '=', ',', '!', '~', '?', ':', '<<', '>>', 'return', '+=', '-=', '|=', '&='],
]);
const BEHIND_VALUE: ReadonlySet<string> = new Set([
	...OPERATORS,
	...[')', ']', ';', ',', '&', '*', '?', ':', '=', '.', '->', '<<', '>>', '++', '--', '['],
]);

/** Whether all that a word of a declaration stands for are attributes that are harmless, and words that go with them. */
export function isHarmless(tokens: readonly Token[]): boolean {
	let i = 0;
	while (i < tokens.length) {
		const { text } = tokens[i] as Token;
		if (isGnu(tokens[i] as Token)) {
			const behind = behindList(tokens, i + 1);
			if (attributesOf(tokens.slice(i, behind)).some(({ name }) => !HARMLESS.has(name)))
				return false;
			i = behind;
		} else if (LISTED.test(text)) i = behindList(tokens, i + 1);
		else if (PLAIN_WORDS.has(text)) i++;
		else {
			const nothing = NOTHING.find((words) =>
				words.every((word, k) => tokens[i + k]?.text === word),
			);
			if (nothing === undefined) return false;
			i += nothing.length;
		}
	}
	return true;
}

/** The tokens that are in no attribute. */
export function withoutAttributes(tokens: readonly Token[]): readonly Token[] {
	const kept: Token[] = [];
	for (let i = 0; i < tokens.length; ) {
		const token = tokens[i] as Token;
		const isOne = isGnu(token);
		if (!isOne) kept.push(token);
		i = isOne ? behindList(tokens, i + 1) : i + 1;
	}
	return kept;
}

/** Words of a declaration that change nothing of what it means here. */
const PLAIN_WORDS: ReadonlySet<string> = new Set([
	...['inline', '__inline', '__inline__', '__extension__', '__restrict', '__signed', '__volatile'],
	...['__asm__', 'asm', '__asm', '__typeof__', 'typeof', ';'],
]);
/** Words with a list behind them that only a compiler looks at. */
const LISTED = /^(?:_Static_assert|__diag\w*|_Pragma|__context__)$/;
/** What does nothing, as the kernel's headers write it. */
const NOTHING: readonly (readonly string[])[] = [
	['do', '{', '}', 'while', '(', '0', ')'],
	['(', 'void', ')', '0'],
];

function behindList(tokens: readonly Token[], from: number): number {
	if (!isPunctuator(tokens[from], '(')) return from;
	let depth = 0;
	for (let i = from; i < tokens.length; i++) {
		if (isPunctuator(tokens[i], '(')) depth++;
		else if (isPunctuator(tokens[i], ')') && --depth === 0) return i + 1;
	}
	return tokens.length;
}
