/**
 * Conditions of `#if` and `#elif`: C integer expressions over `defined`, `IS_ENABLED` and macros. An identifier nobody
 * defines is 0, as in C.
 *
 * Invariant: a condition of which a part was not read has no value.
 */

export interface ConditionScope {
	config(name: string): string | null;
	defined(name: string): boolean;
	value(name: string): string | null;
	/** How deep object-like macros are followed. */
	readonly depthMax: number;
}

/** Words of a condition, and of all that its macros stand for. */
const WORDS_MAX = 2000;
const WORDS_ALL_MAX = 50_000;

/** Whether the condition holds; null: it was not read to its end. Never throws. */
export function evaluateCondition(condition: string, scope: ConditionScope): boolean | null {
	const reading = { words: 0, isWhole: true, settled: 0 };
	const value = evaluate(condition, scope, { depth: scope.depthMax, reading });
	return reading.isWhole ? value !== 0 : null;
}

/** What one condition has come to, with the macros in it. */
interface Reading {
	words: number;
	isWhole: boolean;
	/** Operands around the one at hand whose value is not asked for. */
	settled: number;
}

const tokens = /\s*(\d\w*|[A-Za-z_]\w*|'(?:\\.|[^'])'|&&|\|\||[=!<>]=|<<|>>|[-+*/%&|^~!<>()?:,])/y;

const precedence: Readonly<Record<string, number>> = {
	'||': 1,
	'&&': 2,
	'|': 3,
	'^': 4,
	'&': 5,
	'==': 6,
	'!=': 6,
	'<': 7,
	'<=': 7,
	'>': 7,
	'>=': 7,
	'<<': 8,
	'>>': 8,
	'+': 9,
	'-': 9,
	'*': 10,
	'/': 10,
	'%': 10,
};

function evaluate(
	condition: string,
	scope: ConditionScope,
	{ depth, reading }: { readonly depth: number; readonly reading: Reading },
): number {
	const words = tokenise(condition, reading);
	let at = 0;
	const peek = (): string => words[at] ?? '';
	const next = (): string => words[at++] ?? '';
	const unread = (): number => {
		reading.isWhole = false;
		return 0;
	};
	/** What is not known matters only where its value is asked for. */
	const unknown = (): number => (reading.settled > 0 ? 0 : unread());
	const unasked = (isSettled: boolean, operand: () => number): number => {
		if (isSettled) reading.settled++;
		const value = operand();
		if (isSettled) reading.settled--;
		return value;
	};
	const expect = (word: string): void => {
		if (next() !== word) unread();
	};
	const isSet = (name: string): boolean =>
		name.startsWith('CONFIG_') ? scope.config(name) !== null : scope.defined(name);

	const argument = (): string => {
		if (peek() !== '(') return next();
		next();
		const name = next();
		expect(')');
		return name;
	};
	const identifier = (name: string): number => {
		switch (name) {
			case 'defined':
				return isSet(argument()) ? 1 : 0;
			case 'IS_ENABLED':
			case 'IS_REACHABLE':
				return scope.config(argument()) === null ? 0 : 1;
			case 'IS_BUILTIN':
				return scope.config(argument()) === 'y' ? 1 : 0;
			case 'IS_MODULE':
				return scope.config(argument()) === 'm' ? 1 : 0;
			default:
		}
		if (peek() === '(') {
			// a macro with parameters, or a question to the compiler: not looked into
			for (let open = 0; peek() !== ''; ) {
				const word = next();
				if (word === '(') open++;
				else if (word === ')' && --open === 0) break;
			}
			return unknown();
		}
		const value = name.startsWith('CONFIG_') ? scope.config(name) : scope.value(name);
		if (value === null || value === name) return 0;
		if (value === 'y') return 1;
		return value === '' || depth === 0
			? unknown()
			: evaluate(value, scope, { depth: depth - 1, reading });
	};
	const primary = (): number => {
		const word = next();
		switch (word) {
			case '(': {
				const value = ternary();
				expect(')');
				return value;
			}
			case '!':
				return primary() === 0 ? 1 : 0;
			case '~':
				return -primary() - 1;
			case '-':
				return -primary();
			case '+':
				return primary();
			default:
		}
		if (/^\d/.test(word)) return numberOf(word) ?? unread();
		return /^\w/.test(word) ? identifier(word) : unread();
	};
	const binary = (level: number): number => {
		let left = primary();
		for (;;) {
			const operator = peek();
			const own = precedence[operator] ?? 0;
			if (own === 0 || own < level) return left;
			next();
			const isSettled = (operator === '&&' && left === 0) || (operator === '||' && left !== 0);
			const right = unasked(isSettled, () => binary(own + 1));
			left = apply(operator, left, right) ?? unknown();
		}
	};
	const ternary = (): number => {
		const test = binary(1);
		if (peek() !== '?') return test;
		next();
		const yes = unasked(test === 0, ternary);
		expect(':');
		const no = unasked(test !== 0, ternary);
		return test === 0 ? no : yes;
	};
	const value = ternary();
	if (at < words.length) reading.isWhole = false;
	return value;
}

function tokenise(condition: string, reading: Reading): string[] {
	const words: string[] = [];
	tokens.lastIndex = 0;
	let end = 0;
	for (let match = tokens.exec(condition); match !== null; match = tokens.exec(condition)) {
		end = tokens.lastIndex;
		words.push(match[1] ?? '');
		if (words.length > WORDS_MAX || ++reading.words > WORDS_ALL_MAX) {
			reading.isWhole = false;
			return [];
		}
	}
	if (condition.slice(end).trim() !== '') reading.isWhole = false;
	return words;
}

/** null: it is no integer, or one that is larger than is counted here. */
function numberOf(word: string): number | null {
	const digits = word.replace(/(?<![uUlL])[uUlL]+$/, '');
	if (/^0[0-7]+$/.test(digits)) return exact(Number.parseInt(digits, 8));
	return /^(?:0|[1-9]\d*|0x[\da-f]+|0b[01]+)$/i.test(digits) ? exact(Number(digits)) : null;
}

function exact(value: number): number | null {
	return Number.isSafeInteger(value) ? value : null;
}

/** The value; null: it is none, or one that is larger than is counted here. */
function apply(operator: string, left: number, right: number): number | null {
	switch (operator) {
		case '||':
			return left !== 0 || right !== 0 ? 1 : 0;
		case '&&':
			return left !== 0 && right !== 0 ? 1 : 0;
		case '==':
			return left === right ? 1 : 0;
		case '!=':
			return left !== right ? 1 : 0;
		case '<':
			return left < right ? 1 : 0;
		case '<=':
			return left <= right ? 1 : 0;
		case '>':
			return left > right ? 1 : 0;
		case '>=':
			return left >= right ? 1 : 0;
		case '|':
			return Number(BigInt(left) | BigInt(right));
		case '^':
			return Number(BigInt(left) ^ BigInt(right));
		case '&':
			return Number(BigInt(left) & BigInt(right));
		case '<<':
			return right < 0 ? null : exact(left * 2 ** right);
		case '>>':
			return right < 0 ? null : Math.floor(left / 2 ** right);
		case '+':
			return exact(left + right);
		case '-':
			return exact(left - right);
		case '*':
			return exact(left * right);
		case '/':
			return right === 0 ? null : Math.trunc(left / right);
		case '%':
			return right === 0 ? null : left % right;
		default:
			return null;
	}
}
