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
	const reading = { words: 0, isWhole: true };
	const value = evaluate(condition, scope, { depth: scope.depthMax, reading });
	return reading.isWhole ? value !== 0 : null;
}

/** What one condition has come to, with the macros in it. */
interface Reading {
	words: number;
	isWhole: boolean;
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
	const isSet = (name: string): boolean =>
		name.startsWith('CONFIG_') ? scope.config(name) !== null : scope.defined(name);

	const argument = (): string => {
		if (peek() !== '(') return next();
		next();
		const name = next();
		while (peek() !== ')' && peek() !== '') next();
		next();
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
			argument();
			return 0;
		}
		const value = name.startsWith('CONFIG_') ? scope.config(name) : scope.value(name);
		if (value === null || value === '' || depth === 0) return value === 'y' ? 1 : 0;
		return value === 'y' ? 1 : evaluate(value, scope, { depth: depth - 1, reading });
	};
	const primary = (): number => {
		const word = next();
		switch (word) {
			case '(': {
				const value = ternary();
				if (peek() === ')') next();
				return value;
			}
			case '!':
				return primary() === 0 ? 1 : 0;
			case '~':
				return ~primary();
			case '-':
				return -primary();
			case '+':
				return primary();
			default:
		}
		if (/^\d/.test(word)) return numberOf(word);
		return /^\w/.test(word) ? identifier(word) : 0;
	};
	const binary = (level: number): number => {
		let left = primary();
		for (;;) {
			const operator = peek();
			const own = precedence[operator] ?? 0;
			if (own === 0 || own < level) return left;
			next();
			left = apply(operator, left, binary(own + 1));
		}
	};
	const ternary = (): number => {
		const test = binary(1);
		if (peek() !== '?') return test;
		next();
		const yes = ternary();
		if (peek() === ':') next();
		const no = ternary();
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

function numberOf(word: string): number {
	const digits = word.replace(/(?<![uUlL])[uUlL]+$/, '');
	const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
	return Number.isNaN(value) ? 0 : value;
}

function apply(operator: string, left: number, right: number): number {
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
			return left | right;
		case '^':
			return left ^ right;
		case '&':
			return left & right;
		case '<<':
			return left * 2 ** right;
		case '>>':
			return Math.floor(left / 2 ** right);
		case '+':
			return left + right;
		case '-':
			return left - right;
		case '*':
			return left * right;
		case '/':
			return right === 0 ? 0 : Math.trunc(left / right);
		case '%':
			return right === 0 ? 0 : left % right;
		default:
			return 0;
	}
}
