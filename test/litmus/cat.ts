/**
 * A small evaluator of the cat language, as far as linux-kernel.bell and linux-kernel.cat use it: the oracle that holds
 * the engine's axioms to the kernel's own text. Slow, over at most 31 events, and independent of the engine.
 */

/** A set of events as bits, or a relation as a row of bits per event. */
export type CatValue =
	| { readonly kind: 'set'; readonly bits: number }
	| { readonly kind: 'relation'; readonly rows: readonly number[] }
	| {
			readonly kind: 'function';
			readonly parameter: string;
			readonly body: Node;
			readonly scope: Environment;
	  };

export type Environment = ReadonlyMap<string, CatValue>;

/** Broken checks and raised flags, by name. */
export interface CatVerdict {
	readonly broken: readonly string[];
	readonly flags: readonly string[];
}

type Node =
	| { readonly kind: 'name'; readonly name: string }
	| {
			readonly kind: 'binary';
			readonly operator: string;
			readonly left: Node;
			readonly right: Node;
	  }
	| { readonly kind: 'postfix'; readonly operator: string; readonly operand: Node }
	| { readonly kind: 'identity' | 'complement'; readonly operand: Node }
	| { readonly kind: 'apply'; readonly callee: string; readonly argument: Node }
	| {
			readonly kind: 'let';
			readonly bindings: readonly Binding[];
			readonly recursive: boolean;
			readonly body: Node;
	  };

interface Binding {
	readonly name: string;
	readonly parameter: string | null;
	readonly body: Node;
}

export type Instruction =
	| { readonly kind: 'let'; readonly bindings: readonly Binding[]; readonly recursive: boolean }
	| {
			readonly kind: 'check';
			readonly test: string;
			readonly flag: boolean;
			readonly expression: Node;
			readonly name: string;
	  };

const TOKEN = /\s*("[^"]*"|\^-1|\+\+|\|\||[A-Za-z_][\w-]*|'[\w-]+|[()[\]{};|\\&*?~=,+])/y;
const STARTS = new Set([
	'let',
	'flag',
	'empty',
	'acyclic',
	'irreflexive',
	'include',
	'enum',
	'instructions',
	'show',
]);
const PRECEDENCE = ['|', '++', ';', '\\', '&', '*'];

/** The instructions of a model file. Declarations of the language and includes are skipped. */
export function parseCat(text: string): readonly Instruction[] {
	return new CatParser(tokenise(text)).instructions();
}

function tokenise(text: string): readonly string[] {
	const clean = text.replace(/\(\*[\s\S]*?\*\)/g, ' ').replace(/^\s*\/\/.*$/gm, ' ');
	const out: string[] = [];
	TOKEN.lastIndex = 0;
	while (clean.slice(TOKEN.lastIndex).trim() !== '') {
		const at = TOKEN.lastIndex;
		const found = TOKEN.exec(clean);
		if (found === null) throw new Error(`cat: ${clean.slice(at, at + 30)}`);
		out.push(found[1] as string);
	}
	return out;
}

class CatParser {
	readonly #tokens: readonly string[];
	#at = 0;

	constructor(tokens: readonly string[]) {
		this.#tokens = tokens;
	}

	instructions(): readonly Instruction[] {
		const out: Instruction[] = [];
		while (this.#at < this.#tokens.length) {
			const token = this.#next();
			if (token === 'let') out.push({ kind: 'let', ...this.#bindings() });
			else if (token === 'flag') out.push(this.#check(this.#next(), true));
			else if (['~', 'empty', 'acyclic', 'irreflexive'].includes(token))
				out.push(this.#check(token, false));
			else while (this.#at < this.#tokens.length && !STARTS.has(this.#peek())) this.#at++;
		}
		return out;
	}

	#check(first: string, flag: boolean): Instruction {
		const test = first === '~' ? `~${this.#next()}` : first;
		const expression = this.#expression(0);
		this.#expect('as');
		return { kind: 'check', test, flag, expression, name: this.#next() };
	}

	#bindings(): { readonly bindings: readonly Binding[]; readonly recursive: boolean } {
		const recursive = this.#take('rec');
		const bindings: Binding[] = [];
		do {
			const name = this.#next();
			let parameter: string | null = null;
			if (this.#take('(')) {
				parameter = this.#next();
				this.#expect(')');
			}
			this.#expect('=');
			bindings.push({ name, parameter, body: this.#expression(0) });
		} while (this.#take('and'));
		return { bindings, recursive };
	}

	#expression(level: number): Node {
		if (this.#take('let')) {
			const bound = this.#bindings();
			this.#expect('in');
			return { kind: 'let', ...bound, body: this.#expression(0) };
		}
		const operator = PRECEDENCE[level];
		if (operator === undefined) return this.#postfix();
		let left = this.#expression(level + 1);
		while (this.#peek() === operator) {
			this.#at++;
			left = { kind: 'binary', operator, left, right: this.#expression(level + 1) };
		}
		return left;
	}

	#postfix(): Node {
		let operand = this.#primary();
		for (;;) {
			const token = this.#peek();
			const star = token === '*' && !/^[\w([{~']/.test(this.#tokens[this.#at + 1] ?? ';');
			const keyword =
				STARTS.has(this.#tokens[this.#at + 1] ?? '') || this.#tokens[this.#at + 1] === 'in';
			if (token !== '?' && token !== '^-1' && token !== '+' && !star && !(token === '*' && keyword))
				return operand;
			this.#at++;
			operand = { kind: 'postfix', operator: token, operand };
		}
	}

	#primary(): Node {
		const token = this.#next();
		if (token === '(') {
			const inner = this.#expression(0);
			this.#expect(')');
			return inner;
		}
		if (token === '[') {
			const operand = this.#expression(0);
			this.#expect(']');
			return { kind: 'identity', operand };
		}
		if (token === '~') return { kind: 'complement', operand: this.#postfix() };
		if (this.#take('(')) {
			const argument = this.#expression(0);
			this.#expect(')');
			return { kind: 'apply', callee: token, argument };
		}
		return { kind: 'name', name: token };
	}

	#peek(): string {
		return this.#tokens[this.#at] ?? '';
	}

	#next(): string {
		return this.#tokens[this.#at++] ?? '';
	}

	#take(token: string): boolean {
		if (this.#peek() !== token) return false;
		this.#at++;
		return true;
	}

	#expect(token: string): void {
		if (!this.#take(token)) throw new Error(`cat: ${token} expected, found ${this.#peek()}`);
	}
}

/** Runs instructions over `size` events. */
export function runCat(
	instructions: readonly Instruction[],
	base: Environment,
	size: number,
): CatVerdict {
	const machine = new CatMachine(size);
	let scope: Environment = base;
	const broken: string[] = [];
	const flags: string[] = [];
	for (const instruction of instructions) {
		if (instruction.kind === 'let') {
			scope = machine.bind(instruction.bindings, instruction.recursive, scope);
			continue;
		}
		const value = machine.evaluate(instruction.expression, scope);
		const holds = machine.test(instruction.test, value);
		if (instruction.flag && holds) flags.push(instruction.name);
		if (!instruction.flag && !holds) broken.push(instruction.name);
	}
	return { broken, flags };
}

class CatMachine {
	readonly #size: number;
	readonly #all: number;

	constructor(size: number) {
		if (size > 31) throw new Error('cat: more than 31 events');
		this.#size = size;
		this.#all = size === 31 ? 0x7fffffff : (1 << size) - 1;
	}

	bind(bindings: readonly Binding[], recursive: boolean, outer: Environment): Environment {
		const scope = new Map(outer);
		if (!recursive) {
			for (const { name, parameter, body } of bindings) {
				scope.set(
					name,
					parameter === null
						? this.evaluate(body, outer)
						: { kind: 'function', parameter, body, scope: outer },
				);
			}
			return scope;
		}
		for (const { name } of bindings) scope.set(name, EMPTY);
		for (let stable = false; !stable; ) {
			stable = true;
			for (const { name, body } of bindings) {
				const value = this.evaluate(body, scope);
				if (!this.#equal(value, scope.get(name) ?? EMPTY)) stable = false;
				scope.set(name, value);
			}
		}
		return scope;
	}

	evaluate(node: Node, scope: Environment): CatValue {
		switch (node.kind) {
			case 'name': {
				const found = scope.get(node.name);
				if (found === undefined) throw new Error(`cat: no ${node.name}`);
				return found;
			}
			case 'identity': {
				const bits = this.#set(this.evaluate(node.operand, scope));
				return this.#relation((i) => bits & (1 << i));
			}
			case 'complement': {
				const value = this.evaluate(node.operand, scope);
				if (value.kind === 'set') return { kind: 'set', bits: this.#all & ~value.bits };
				return this.#relation((i) => this.#all & ~(this.#rows(value)[i] ?? 0));
			}
			case 'postfix':
				return this.#postfix(node.operator, this.#rows(this.evaluate(node.operand, scope)));
			case 'binary':
				return this.#binary(
					node.operator,
					this.evaluate(node.left, scope),
					this.evaluate(node.right, scope),
				);
			case 'apply':
				return this.#apply(node.callee, this.evaluate(node.argument, scope), scope);
			case 'let':
				return this.evaluate(node.body, this.bind(node.bindings, node.recursive, scope));
		}
	}

	test(kind: string, value: CatValue): boolean {
		const empty =
			value.kind === 'set' ? value.bits === 0 : this.#rows(value).every((row) => row === 0);
		if (kind === 'empty') return empty;
		if (kind === '~empty') return !empty;
		const rows = kind === 'acyclic' ? this.#closure(this.#rows(value)) : this.#rows(value);
		return rows.every((row, i) => ((row >>> i) & 1) === 0);
	}

	#apply(callee: string, argument: CatValue, scope: Environment): CatValue {
		switch (callee) {
			case 'domain':
				return {
					kind: 'set',
					bits: this.#rows(argument).reduce(
						(bits, row, i) => (row !== 0 ? bits | (1 << i) : bits),
						0,
					),
				};
			case 'range':
				return { kind: 'set', bits: this.#rows(argument).reduce((bits, row) => bits | row, 0) };
			case 'fencerel': {
				const po = this.#rows(scope.get('po') ?? EMPTY);
				const bits = this.#set(argument);
				return this.#relation((i) => this.#image((po[i] ?? 0) & bits, po));
			}
			// Values of SRCU locks are the engine's by construction.
			case 'different-values':
				return this.#relation(() => 0);
			default: {
				const found = scope.get(callee);
				if (found?.kind !== 'function') throw new Error(`cat: no function ${callee}`);
				return this.evaluate(found.body, new Map([...found.scope, [found.parameter, argument]]));
			}
		}
	}

	#postfix(operator: string, rows: readonly number[]): CatValue {
		switch (operator) {
			case '?':
				return this.#relation((i) => (rows[i] ?? 0) | (1 << i));
			case '+':
				return { kind: 'relation', rows: this.#closure(rows) };
			case '*': {
				const closed = this.#closure(rows);
				return this.#relation((i) => (closed[i] ?? 0) | (1 << i));
			}
			default:
				return this.#relation((i) =>
					rows.reduce((bits, row, j) => ((row >>> i) & 1 ? bits | (1 << j) : bits), 0),
				);
		}
	}

	#binary(operator: string, left: CatValue, right: CatValue): CatValue {
		if (operator === ';') {
			const after = this.#rows(right);
			const before = this.#rows(left);
			return this.#relation((i) => this.#image(before[i] ?? 0, after));
		}
		if (operator === '*') {
			const [from, to] = [this.#set(left), this.#set(right)];
			return this.#relation((i) => ((from >>> i) & 1 ? to : 0));
		}
		const combine = (a: number, b: number): number =>
			operator === '|' ? a | b : operator === '&' ? a & b : a & ~b;
		if (left.kind === 'set' && right.kind === 'set' && (left !== EMPTY || right !== EMPTY)) {
			return { kind: 'set', bits: combine(left.bits, right.bits) };
		}
		const [a, b] = [this.#rows(left), this.#rows(right)];
		return this.#relation((i) => combine(a[i] ?? 0, b[i] ?? 0));
	}

	#image(bits: number, rows: readonly number[]): number {
		return rows.reduce((out, row, i) => ((bits >>> i) & 1 ? out | row : out), 0);
	}

	#closure(rows: readonly number[]): readonly number[] {
		const out = [...rows];
		for (let k = 0; k < this.#size; k++) {
			for (let i = 0; i < this.#size; i++) {
				if (((out[i] ?? 0) >>> k) & 1) out[i] = (out[i] ?? 0) | (out[k] ?? 0);
			}
		}
		return out;
	}

	#relation(row: (event: number) => number): CatValue {
		return { kind: 'relation', rows: Array.from({ length: this.#size }, (_, i) => row(i)) };
	}

	#rows(value: CatValue): readonly number[] {
		if (value.kind === 'relation') return value.rows;
		if (value === EMPTY) return Array.from({ length: this.#size }, () => 0);
		throw new Error(`cat: relation expected, found ${value.kind}`);
	}

	#set(value: CatValue): number {
		if (value.kind === 'set') return value.bits;
		throw new Error(`cat: set expected, found ${value.kind}`);
	}

	#equal(a: CatValue, b: CatValue): boolean {
		if (a.kind === 'set' && b.kind === 'set' && a !== EMPTY && b !== EMPTY)
			return a.bits === b.bits;
		if (a.kind === 'set' && a !== EMPTY) return b === EMPTY && a.bits === 0;
		const [left, right] = [this.#rows(a), this.#rows(b)];
		return left.every((row, i) => row === right[i]);
	}
}

/** Empty set and empty relation at once: where recursion starts. */
const EMPTY: CatValue = { kind: 'set', bits: 0 };
