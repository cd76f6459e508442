/**
 * Conditions over final states, in the litmus language: `0:r1=1 /\ (x=2 \/ ~[y]=x)`. `/\` binds tighter than `\/`, `~`
 * tightest; a name on the right is the address of that location.
 */
import type {
	Condition,
	LocationIndex,
	Observable,
} from '../../engine/memory/lkmm/litmus_program.js';
import { exactNumber } from './number.js';
import { LitmusProblem } from './problem.js';
import type { Part } from './shell.js';

/** How names become observables and values. */
export interface Names {
	/** The location of that name, made if there is none; `at` is the name's offset in the file. */
	location(name: string, at: number): Extract<Observable, { kind: 'location' }>;
	/** The location of a thread's local that is memory, or null: it is a register. */
	local(thread: number, name: string): LocationIndex | null;
	/** The address of the location of that name. */
	address(name: string, at: number): number;
	/** True for a thread's number. */
	hasThread(thread: number): boolean;
}

const TOKEN =
	/\s*(\/\\|\\\/|=>|&&|\|\||!=|<>|==|<=|>=|[-+]?0x[0-9a-fA-F]+|[-+]?\d+(?=\s*:)|[-+]?\d+|\.[A-Za-z_]\w*|[A-Za-z_][\w.]*|[()[\]{}=<>~:;,*&!])/y;

/** Parentheses, negations and implications inside each other, at most. */
const NESTED_MAX = 200;

interface Token {
	readonly text: string;
	readonly offset: number;
}

/** A condition; the whole text must be one. */
export function parseCondition(part: Part, names: Names): Condition {
	const parser = new ConditionParser(tokens(part), names, part.offset + part.text.length);
	const condition = parser.implication();
	parser.end();
	return condition;
}

/** `[0:r1; x; 1:r2]`. */
export function parseLocations(part: Part, names: Names): readonly Observable[] {
	const parser = new ConditionParser(tokens(part), names, part.offset + part.text.length);
	return parser.list();
}

function tokens(part: Part): readonly Token[] {
	const out: Token[] = [];
	TOKEN.lastIndex = 0;
	for (let at = 0; part.text.slice(at).trim() !== ''; at = TOKEN.lastIndex) {
		const found = TOKEN.exec(part.text);
		if (found === null) {
			const rest = part.text.slice(at).trimStart();
			const offset = part.offset + part.text.length - rest.length;
			throw new LitmusProblem(`"${rest.slice(0, 10)}" is not understood in a condition`, offset);
		}
		const text = found[1] as string;
		out.push({ text, offset: part.offset + TOKEN.lastIndex - text.length });
	}
	return out;
}

/** A row of operands, as a tree that is as flat as it can be: thousands of them are no nesting. */
function balanced(kind: 'and' | 'or', operands: readonly Condition[]): Condition {
	const [only] = operands;
	if (operands.length === 1 && only !== undefined) return only;
	const middle = Math.ceil(operands.length / 2);
	const left = balanced(kind, operands.slice(0, middle));
	return { kind, left, right: balanced(kind, operands.slice(middle)) };
}

class ConditionParser {
	readonly #tokens: readonly Token[];
	readonly #names: Names;
	readonly #endOffset: number;
	#at = 0;
	#nesting = 0;

	constructor(all: readonly Token[], names: Names, endOffset: number) {
		this.#tokens = all;
		this.#names = names;
		this.#endOffset = endOffset;
	}

	end(): void {
		if (this.#at < this.#tokens.length) this.#fail('end of the condition');
	}

	implication(): Condition {
		return this.#nested(() => {
			const left = this.#or();
			return this.#take('=>') ? { kind: 'implies', left, right: this.implication() } : left;
		});
	}

	#or(): Condition {
		const operands = [this.#and()];
		while (this.#take('\\/') || this.#take('||')) operands.push(this.#and());
		return balanced('or', operands);
	}

	#and(): Condition {
		const operands = [this.#not()];
		while (this.#take('/\\') || this.#take('&&')) operands.push(this.#not());
		return balanced('and', operands);
	}

	/** Reads what stands inside something. */
	#nested<Read>(read: () => Read): Read {
		if (this.#nesting === NESTED_MAX) {
			const offset = this.#peek()?.offset ?? this.#endOffset;
			throw new LitmusProblem(`the condition is nested more than ${NESTED_MAX} deep`, offset);
		}
		this.#nesting++;
		const found = read();
		this.#nesting--;
		return found;
	}

	#not(): Condition {
		if (this.#take('~') || this.#take('!') || this.#take('not'))
			return { kind: 'not', operand: this.#nested(() => this.#not()) };
		if (this.#take('true')) return { kind: 'true' };
		if (this.#take('false')) return { kind: 'false' };
		if (this.#take('(')) {
			const inner = this.implication();
			this.#expect(')');
			return inner;
		}
		const left = this.#observable();
		const operators = {
			'=': '=',
			'==': '=',
			'!=': '!=',
			'<>': '!=',
			'<': '<',
			'<=': '<=',
			'>': '>',
			'>=': '>=',
		} as const;
		const word = this.#peek()?.text ?? '';
		const operator = Object.entries(operators).find(([text]) => text === word)?.[1];
		if (operator === undefined) return this.#fail('a comparison');
		this.#at++;
		return { kind: 'atom', operator, left, right: this.#value() };
	}

	list(): readonly Observable[] {
		this.#expect('[');
		const out: Observable[] = [];
		while (!this.#take(']')) {
			out.push(this.#observable());
			if (!this.#take(';')) this.#take(',');
		}
		this.end();
		return out;
	}

	#observable(): Observable {
		const token = this.#peek();
		if (token !== undefined && /^\d+$/.test(token.text)) {
			this.#at++;
			this.#expect(':');
			const thread = Number(token.text);
			if (!this.#names.hasThread(thread))
				throw new LitmusProblem(`there is no P${thread}`, token.offset);
			const at = this.#peek()?.offset ?? this.#endOffset;
			const name = this.#place();
			const location = this.#names.local(thread, name);
			if (location !== null) return { kind: 'location', location };
			if (name.includes('[')) throw new LitmusProblem(`there is no ${thread}:${name}`, at);
			return { kind: 'register', thread, name };
		}
		this.#take('*');
		const bracket = this.#take('[');
		const at = this.#peek()?.offset ?? this.#endOffset;
		const name = this.#place();
		if (bracket) this.#expect(']');
		return this.#names.location(name, at);
	}

	/** `x`, `a[1]`, `s.next`, `a[1].next`. */
	#place(): string {
		let place = this.#name();
		for (;;) {
			const next = this.#peek()?.text ?? '';
			if (next === '[') {
				this.#at++;
				place += `[${this.#peek()?.text ?? ''}]`;
				this.#at++;
				this.#expect(']');
			} else if (/^\.\w/.test(next)) {
				this.#at++;
				place += next;
			} else return place;
		}
	}

	#value(): Observable | number {
		const token = this.#peek();
		if (token === undefined) return this.#fail('a value');
		if (/^[-+]?(0x)?[0-9a-fA-F]+$/.test(token.text) && /^[-+\d]/.test(token.text)) {
			if (this.#tokens[this.#at + 1]?.text === ':') return this.#observable();
			this.#at++;
			return exactNumber(token.text, token.offset);
		}
		if (this.#take('(')) {
			// A cast, or parentheses around the value.
			if (/^[A-Za-z_]/.test(this.#peek()?.text ?? '') && this.#tokens[this.#at + 1]?.text === '*') {
				while (!this.#take(')')) {
					if (this.#peek() === undefined) return this.#fail('")"');
					this.#at++;
				}
				return this.#nested(() => this.#value());
			}
			const inner = this.#nested(() => this.#value());
			this.#expect(')');
			return inner;
		}
		this.#take('&');
		const at = this.#peek()?.offset ?? this.#endOffset;
		return this.#names.address(this.#place(), at);
	}

	#name(): string {
		const token = this.#peek();
		if (token === undefined || !/^[A-Za-z_]/.test(token.text)) return this.#fail('a name');
		this.#at++;
		return token.text;
	}

	#peek(): Token | undefined {
		return this.#tokens[this.#at];
	}

	#take(text: string): boolean {
		if (this.#peek()?.text !== text) return false;
		this.#at++;
		return true;
	}

	#expect(text: string): void {
		if (!this.#take(text)) this.#fail(`"${text}"`);
	}

	#fail(wanted: string): never {
		const token = this.#peek();
		const found = token === undefined ? 'the end' : `"${token.text}"`;
		throw new LitmusProblem(`${wanted} expected, found ${found}`, token?.offset ?? this.#endOffset);
	}
}
