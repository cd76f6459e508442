/**
 * What a watch in C is worth at a moment: names of locals and locations, `a->b`, `a.b`, `*p`, `&x`, `!x`, `x == y`, `x != y`, and
 * the kernel's words that only read (`pte_val(pte)`, `READ_ONCE(*ptep)`). Values are the world's words, not numbers of a machine.
 *
 * Leaves out: everything else of C; it is said, not guessed.
 */

/** Where names are looked up. */
export interface Names {
	readonly locals: readonly { readonly name: string; readonly value: string }[];
	/** Locals whose values are not kept. */
	readonly unkept?: readonly string[];
	readonly world: ReadonlyMap<string, string>;
}

export type Evaluated =
	| { readonly kind: 'value'; readonly value: string; readonly location: string | null }
	| { readonly kind: 'unknown'; readonly why: string };

/** Words that give what they are given, as far as values are told. */
const READERS =
	/^(?:READ_ONCE|p(?:te|md|ud|4d|gd)_val|p(?:te|md|ud|4d|gd)p_get(?:_lockless)?|ptep_get(?:_lockless)?|data_race|smp_load_acquire|atomic_read)$/;

/** Characters of an expression at most. */
const EXPRESSION_MAX = 500;
/** Nested parentheses at most. */
const NESTED_MAX = 20;

/** The value of an expression, or why there is none. */
export function evaluate(text: string, names: Names): Evaluated {
	const exact = names.world.get(text.trim());
	if (exact !== undefined) return { kind: 'value', value: exact, location: text.trim() };
	return parsed(text, lookupIn(names));
}

/** Why an expression has no value at any moment; null: at some it may have one. The same words and limits as `evaluate`'s. */
export function misread(text: string): string | null {
	const found = parsed(text, ANYTHING);
	return found.kind === 'unknown' ? found.why : null;
}

function parsed(text: string, lookup: Lookup): Evaluated {
	if (text.length > EXPRESSION_MAX) return unknown('the expression is too long');
	const parser = new Parser(tokensOf(text), lookup);
	const value = parser.comparison(0);
	if (value.kind === 'value' && !parser.isOver) return unknown(`not understood: ${text}`);
	return value;
}

/** What an expression asks of a moment. */
interface Lookup {
	/** The value of a location. */
	world(location: string): string | undefined;
	named(name: string): Evaluated;
}

/** A moment at which every name and every location has a value. */
const ANYTHING: Lookup = { world: () => '?', named: (name) => given('?', name) };

function lookupIn(names: Names): Lookup {
	return {
		world: (location) => names.world.get(location),
		named(name) {
			const local = names.locals.find((one) => one.name === name);
			if (local !== undefined) return given(local.value);
			// an object of the world: what follows is its field
			const isObject = [...names.world.keys()].some((key) => key.startsWith(`${name}.`));
			if (isObject) return given(name);
			if (names.unkept?.includes(name) === true)
				return unknown(`${name} is not needed any more here (or not yet): its value is not kept`);
			return unknown(`there is no ${name} here`);
		},
	};
}

/** True, false, or null where it has no value. */
export function isTrue(text: string, names: Names): boolean | null {
	const found = evaluate(text, names);
	return found.kind === 'value' ? !isNothing(found.value) : null;
}

function isNothing(value: string): boolean {
	return value === '0' || value === 'none' || value === 'NULL';
}

function unknown(why: string): Evaluated {
	return { kind: 'unknown', why };
}

function given(value: string, location: string | null = null): Evaluated {
	return { kind: 'value', value, location };
}

/** Names (with the world's numbers in them), strings in quotes, signs; whatever else there is, a character at a time. */
function tokensOf(text: string): readonly string[] {
	return text.match(/"[^"]*"|[A-Za-z_]\w*(?:#\d+)?|\d+|->|==|!=|\S/g) ?? [];
}

class Parser {
	readonly #tokens: readonly string[];
	readonly #lookup: Lookup;
	#at = 0;

	constructor(tokens: readonly string[], lookup: Lookup) {
		this.#tokens = tokens;
		this.#lookup = lookup;
	}

	get isOver(): boolean {
		return this.#at >= this.#tokens.length;
	}

	comparison(depth: number): Evaluated {
		const left = this.#unary(depth);
		const sign = this.#peek();
		if (left.kind === 'unknown' || (sign !== '==' && sign !== '!=')) return left;
		this.#at++;
		const right = this.#unary(depth);
		if (right.kind === 'unknown') return right;
		const isSame = left.value === right.value || (isNothing(left.value) && isNothing(right.value));
		return given(isSame === (sign === '==') ? '1' : '0');
	}

	#peek(): string | undefined {
		return this.#tokens[this.#at];
	}

	#take(sign: string): boolean {
		if (this.#peek() !== sign) return false;
		this.#at++;
		return true;
	}

	#unary(depth: number): Evaluated {
		if (depth > NESTED_MAX) return unknown('the expression is nested too deeply');
		if (this.#take('!')) {
			const of = this.#unary(depth + 1);
			return of.kind === 'value' ? given(isNothing(of.value) ? '1' : '0') : of;
		}
		if (this.#take('*')) {
			const of = this.#unary(depth + 1);
			return of.kind === 'value' ? this.#pointed(of.value) : of;
		}
		if (this.#take('&')) {
			const of = this.#unary(depth + 1);
			if (of.kind === 'unknown') return of;
			return of.location === null ? unknown('it has no address here') : given(`&${of.location}`);
		}
		return this.#postfix(depth);
	}

	/** What a pointer leads to. */
	#pointed(pointer: string): Evaluated {
		if (isNothing(pointer)) return unknown('the pointer is NULL');
		const location = pointer.replace(/^&/, '');
		const value = this.#lookup.world(location);
		return value === undefined
			? unknown(`what ${pointer} points to is not shown`)
			: given(value, location);
	}

	#postfix(depth: number): Evaluated {
		let value = this.#primary(depth);
		for (;;) {
			const isArrow = this.#peek() === '->';
			if (!isArrow && this.#peek() !== '.') return value;
			this.#at++;
			const field = this.#peek() ?? '';
			this.#at++;
			if (value.kind === 'unknown') return value;
			value = this.#member(value, field);
		}
	}

	#member(of: Evaluated & { readonly kind: 'value' }, field: string): Evaluated {
		// an atomic_t is its counter, an embedded struct its owner's fields
		if (field === 'counter' && of.location !== null) return of;
		const object = of.value.replace(/^&/, '');
		if (isNothing(object)) return unknown('the pointer is NULL');
		const location = `${object}.${field}`;
		const value = this.#lookup.world(location);
		if (value !== undefined) return given(value, location);
		return unknown(`${location} is not shown`);
	}

	#primary(depth: number): Evaluated {
		const token = this.#peek();
		this.#at++;
		if (token === undefined) return unknown('the expression ends early');
		if (token === '(') {
			const inner = this.comparison(depth + 1);
			return this.#take(')') || inner.kind === 'unknown' ? inner : unknown('a ) is missing');
		}
		if (token.startsWith('"')) return given(token.slice(1, -1));
		if (/^\d/.test(token)) return given(token);
		if (token === 'NULL' || token === 'none') return given(token);
		if (!/^[A-Za-z_]/.test(token)) return unknown(`${token} is not understood here`);
		if (this.#peek() === '(') return this.#call(token, depth);
		if (this.#peek() === '[') return this.#element(token);
		return this.#lookup.named(token);
	}

	#call(name: string, depth: number): Evaluated {
		this.#at++;
		const inner = this.comparison(depth + 1);
		if (inner.kind === 'unknown') return inner;
		if (!this.#take(')')) return unknown('a ) is missing');
		if (!READERS.test(name)) return unknown(`${name}() is not evaluated`);
		const isOfPointer = /get|atomic_read|acquire/.test(name) && inner.value.startsWith('&');
		return isOfPointer ? this.#pointed(inner.value) : inner;
	}

	/** `pages[0]`, `pte[1]`: a location of that name. */
	#element(name: string): Evaluated {
		const index = this.#tokens[this.#at + 1] ?? '';
		if (this.#tokens[this.#at + 2] !== ']') return unknown(`${name}[…] is not understood`);
		this.#at += 3;
		const location = `${name}[${index}]`;
		const value = this.#lookup.world(location);
		return value === undefined ? unknown(`${location} is not shown`) : given(value, location);
	}
}
