/**
 * Conditions of `#if` and `#elif` (C11 6.10.1): `defined` and GNU's `__has_…` first, then macros, then integers of 64 bits,
 * signed unless one side is unsigned; what is left of names is 0.
 *
 * Invariant: never throws; a condition that is no expression is false, and says why.
 */
import { type ExpansionScope, expand } from './expand.js';
import { isPunctuator, type Token, tokenise } from './token.js';

export interface ConditionScope extends ExpansionScope {
	defined(name: string): boolean;
	/** `__has_attribute(x)` and the like; null: no such question. */
	has(question: string, what: string): bigint | null;
}

export interface Condition {
	readonly holds: boolean;
	/** Names nobody defines, which therefore are 0. */
	readonly unknown: readonly string[];
	/** Why it cannot be read. */
	readonly error: string | null;
}

/** Whether the condition holds. */
export function evaluateCondition(text: string, scope: ConditionScope): Condition {
	const unknown = new Set<string>();
	try {
		const answered = answer(tokenise(text), scope);
		const tokens = answer(expand(answered, scope), scope);
		if (tokens.length === 0) return { holds: false, unknown: [], error: 'there is no condition' };
		const reader = new Reader(tokens, unknown);
		const value = reader.conditional(true);
		if (!reader.done) throw new Unreadable(`${reader.word} is not expected`);
		return { holds: value.bits !== 0n, unknown: [...unknown], error: null };
	} catch (problem) {
		if (!(problem instanceof Unreadable)) throw problem;
		return { holds: false, unknown: [...unknown], error: problem.message };
	}
}

class Unreadable extends Error {}

/** `defined X`, `defined(X)` and `__has_…(…)` as numbers. */
function answer(tokens: readonly Token[], scope: ConditionScope): readonly Token[] {
	if (!tokens.some((t) => t.text === 'defined' || t.text.startsWith('__has_'))) return tokens;
	const out: Token[] = [];
	const number = (token: Token, value: bigint): void => {
		out.push({ ...token, kind: 'number', text: String(value) });
	};
	for (let i = 0; i < tokens.length; i++) {
		const token = tokens[i] as Token;
		const next = tokens[i + 1];
		if (token.text === 'defined') {
			const inParentheses = isPunctuator(next, '(');
			const name = inParentheses ? tokens[i + 2] : next;
			const isClosed = !inParentheses || isPunctuator(tokens[i + 3], ')');
			if (name?.kind !== 'identifier' || !isClosed) throw new Unreadable('defined wants a name');
			number(token, scope.defined(name.text) ? 1n : 0n);
			i += inParentheses ? 3 : 1;
			continue;
		}
		if (!token.text.startsWith('__has_') || !isPunctuator(next, '(')) {
			out.push(token);
			continue;
		}
		let end = i + 1;
		for (let depth = 0; end < tokens.length; end++) {
			if (isPunctuator(tokens[end], '(')) depth++;
			else if (isPunctuator(tokens[end], ')') && --depth === 0) break;
		}
		const what = tokens
			.slice(i + 2, end)
			.map((t) => (t.space ? ` ${t.text}` : t.text))
			.join('')
			.trim();
		const value = scope.has(token.text, what);
		if (value === null) out.push(token);
		else {
			number(token, value);
			i = end;
		}
	}
	return out;
}

interface Value {
	/** In the range of its type. */
	readonly bits: bigint;
	readonly unsigned: boolean;
}

const levels: readonly (readonly string[])[] = [
	['||'],
	['&&'],
	['|'],
	['^'],
	['&'],
	['==', '!='],
	['<', '<=', '>', '>='],
	['<<', '>>'],
	['+', '-'],
	['*', '/', '%'],
];

const nestingMax = 500;

class Reader {
	readonly #tokens: readonly Token[];
	readonly #unknown: Set<string>;
	#at = 0;
	#depth = 0;

	constructor(tokens: readonly Token[], unknown: Set<string>) {
		this.#tokens = tokens;
		this.#unknown = unknown;
	}

	get done(): boolean {
		return this.#at >= this.#tokens.length;
	}

	get word(): string {
		return this.#tokens[this.#at]?.text ?? 'the end';
	}

	/** `live`: its value is wanted; in an arm that is not evaluated, a division by zero is none. */
	conditional(live: boolean): Value {
		if (++this.#depth > nestingMax) throw new Unreadable('it is nested too deep');
		const test = this.#binary(0, live);
		let value = test;
		if (this.#take('?')) {
			const isTrue = test.bits !== 0n;
			const yes = this.#comma(live && isTrue);
			if (!this.#take(':')) throw new Unreadable('? without :');
			const no = this.conditional(live && !isTrue);
			const unsigned = yes.unsigned || no.unsigned;
			value = wrapped((isTrue ? yes : no).bits, unsigned);
		}
		this.#depth--;
		return value;
	}

	#comma(live: boolean): Value {
		let value = this.conditional(live);
		while (this.#take(',')) value = this.conditional(live);
		return value;
	}

	#take(text: string): boolean {
		if (!isPunctuator(this.#tokens[this.#at], text)) return false;
		this.#at++;
		return true;
	}

	#binary(level: number, live: boolean): Value {
		const operators = levels[level];
		if (operators === undefined) return this.#unary(live);
		let left = this.#binary(level + 1, live);
		for (;;) {
			const operator = operators.find((o) => this.#take(o));
			if (operator === undefined) return left;
			const isSettled =
				(operator === '&&' && left.bits === 0n) || (operator === '||' && left.bits !== 0n);
			const right = this.#binary(level + 1, live && !isSettled);
			left = combined(operator, left, right, live);
		}
	}

	#unary(live: boolean): Value {
		if (++this.#depth > nestingMax) throw new Unreadable('it is nested too deep');
		const value = this.#plainUnary(live);
		this.#depth--;
		return value;
	}

	#plainUnary(live: boolean): Value {
		if (this.#take('!')) return truth(this.#unary(live).bits === 0n);
		if (this.#take('-')) return negated(this.#unary(live));
		if (this.#take('+')) return this.#unary(live);
		if (this.#take('~')) {
			const { bits, unsigned } = this.#unary(live);
			return wrapped(~bits, unsigned);
		}
		if (this.#take('(')) {
			const value = this.#comma(live);
			if (!this.#take(')')) throw new Unreadable('( without )');
			return value;
		}
		const token = this.#tokens[this.#at];
		this.#at++;
		switch (token?.kind) {
			case 'number':
				return numberOf(token.text);
			case 'character':
				return characterOf(token.text);
			case 'identifier': {
				if (isPunctuator(this.#tokens[this.#at], '(')) {
					if (live) this.#unknown.add(token.text);
					throw new Unreadable(`nothing defines ${token.text}()`);
				}
				if (live) this.#unknown.add(token.text);
				return { bits: 0n, unsigned: false };
			}
			default:
				throw new Unreadable(
					token === undefined ? 'an operand is missing' : `${token.text} is not expected`,
				);
		}
	}
}

function truth(holds: boolean): Value {
	return { bits: holds ? 1n : 0n, unsigned: false };
}

function wrapped(bits: bigint, unsigned: boolean): Value {
	return { bits: unsigned ? BigInt.asUintN(64, bits) : BigInt.asIntN(64, bits), unsigned };
}

function negated({ bits, unsigned }: Value): Value {
	return wrapped(-bits, unsigned);
}

function combined(operator: string, a: Value, b: Value, live: boolean): Value {
	switch (operator) {
		case '||':
			return truth(a.bits !== 0n || b.bits !== 0n);
		case '&&':
			return truth(a.bits !== 0n && b.bits !== 0n);
		case '<<':
		case '>>':
			return shifted(operator, a, b);
		default:
	}
	const unsigned = a.unsigned || b.unsigned;
	const left = wrapped(a.bits, unsigned).bits;
	const right = wrapped(b.bits, unsigned).bits;
	switch (operator) {
		case '==':
			return truth(left === right);
		case '!=':
			return truth(left !== right);
		case '<':
			return truth(left < right);
		case '<=':
			return truth(left <= right);
		case '>':
			return truth(left > right);
		case '>=':
			return truth(left >= right);
		case '|':
			return wrapped(left | right, unsigned);
		case '^':
			return wrapped(left ^ right, unsigned);
		case '&':
			return wrapped(left & right, unsigned);
		case '+':
			return wrapped(left + right, unsigned);
		case '-':
			return wrapped(left - right, unsigned);
		case '*':
			return wrapped(left * right, unsigned);
		default:
	}
	if (right === 0n) {
		if (live) throw new Unreadable('a division by zero');
		return wrapped(0n, unsigned);
	}
	return wrapped(operator === '/' ? left / right : left % right, unsigned);
}

/** As gcc does it: a negative or a large count shifts the other way, or everything out. */
function shifted(operator: string, a: Value, b: Value): Value {
	const isLeft = (operator === '<<') === (b.unsigned || b.bits >= 0n);
	const count = b.bits < 0n && !b.unsigned ? -b.bits : b.bits;
	if (isLeft) return wrapped(count >= 64n ? 0n : a.bits << count, a.unsigned);
	return wrapped(a.bits >> (count > 64n ? 64n : count), a.unsigned);
}

const integer = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)([uUlLzZ]*)$/;

function numberOf(text: string): Value {
	const match = integer.exec(text);
	const [, digits = '', suffix = ''] = match ?? [];
	if (match === null) throw new Unreadable(`${text} is not an integer`);
	const isOctal = /^0[0-9]+$/.test(digits);
	if (isOctal && /[89]/.test(digits)) throw new Unreadable(`${text} is not an integer`);
	const bits = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
	const isDecimal = /^[1-9]/.test(digits);
	const unsigned = /[uU]/.test(suffix) || (!isDecimal && bits >= 1n << 63n) || bits >= 1n << 63n;
	return wrapped(bits, unsigned);
}

const escapes: Readonly<Record<string, number>> = {
	...{ n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11, e: 27 },
	...{ '\\': 92, "'": 39, '"': 34, '?': 63 },
};

/** gcc -funsigned-char: a character is its code. */
function characterOf(text: string): Value {
	let bits = 0n;
	const inner = text.slice(text.indexOf("'") + 1, -1);
	const characters = [...inner.matchAll(/\\x[0-9a-fA-F]+|\\[0-7]{1,3}|\\[\s\S]|[\s\S]/g)];
	if (characters.length !== 1 || !text.startsWith("'") || !/^[ -~]*$/.test(inner))
		throw new Unreadable(`the character ${text} is not understood`);
	for (const [one] of characters) {
		const code = one.startsWith('\\x')
			? Number.parseInt(one.slice(2), 16)
			: /^\\[0-7]/.test(one)
				? Number.parseInt(one.slice(1), 8)
				: one.startsWith('\\')
					? (escapes[one[1] ?? ''] ?? one.charCodeAt(1))
					: one.charCodeAt(0);
		bits = (bits << 8n) | BigInt(code & 255);
	}
	return { bits, unsigned: false };
}
