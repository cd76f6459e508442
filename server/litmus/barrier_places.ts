/**
 * Where a litmus test could be ordered more strongly, as edits of its text: between two statements of a thread by a
 * fence or a grace period, at an access by making it a release, an acquire or a marked one, around a thread by an RCU
 * read-side section.
 *
 * Invariant: a place lists its edits weakest first, and the last one orders all that the others order.
 */
import type * as ast from '../syntax/ast.js';
import type { LitmusTest, ParsedFunction } from './parse.js';
import { placeOf } from './problem.js';

export interface TextEdit {
	/** Offsets into the file; equal for an insertion. */
	readonly start: number;
	readonly end: number;
	readonly text: string;
}

export interface Strengthening {
	/** `smp_wmb()`, `smp_store_release(y, 1)`, `WRITE_ONCE(*x, 1)`. */
	readonly what: string;
	readonly edits: readonly TextEdit[];
	/** What it costs, to compare: more for what is slower on most machines. */
	readonly cost: number;
	readonly thread: string;
	/** 1-based line it changes, or before which it goes. */
	readonly line: number;
	readonly how: 'insert' | 'replace';
}

/** A place with what can be done there. */
export type BarrierPlace = readonly Strengthening[];

export interface PlaceOptions {
	/** Also places that mark plain accesses, which only data races ask for. */
	readonly marks: boolean;
}

const COSTS = {
	once: 1,
	section: 8,
	wmb: 10,
	rmb: 10,
	release: 11,
	acquire: 11,
	mb: 30,
	'grace period': 1000,
} as const;

/** All places of a test, threads in order. */
export function barrierPlaces(
	text: string,
	test: LitmusTest,
	options: PlaceOptions,
): readonly BarrierPlace[] {
	const threads = test.functions.filter((f) => /^P\d+$/.test(f.name));
	const hasSections = /\brcu_read_lock\s*\(/.test(text);
	const hasGracePeriods = /\bsynchronize_rcu/.test(text);
	return threads.flatMap((f) => {
		const finder = new PlaceFinder(text, f, { ...options, hasSections });
		finder.statement(f.definition.body);
		const around = hasGracePeriods ? [finder.section()].filter((p) => p !== null) : [];
		return [...finder.places, ...around];
	});
}

class PlaceFinder {
	readonly places: BarrierPlace[] = [];
	readonly #text: string;
	readonly #function: ParsedFunction;
	readonly #options: PlaceOptions & { readonly hasSections: boolean };
	/** Accesses so far. */
	#accesses = 0;
	/** Read-side sections that are open by the text. */
	#sections = 0;

	constructor(
		text: string,
		f: ParsedFunction,
		options: PlaceOptions & { readonly hasSections: boolean },
	) {
		this.#text = text;
		this.#function = f;
		this.#options = options;
	}

	statement(s: ast.Statement): void {
		if (s.kind !== 'compound') {
			this.#inside(s);
			return;
		}
		for (const inner of s.statements) {
			const gap = this.#gap(inner);
			// A fence orders something only between accesses.
			if (this.#accesses > 0 && touchesMemory(inner)) this.places.push(gap);
			this.statement(inner);
		}
	}

	/** The thread's body as one read-side section, unless it is RCU's already. */
	section(): BarrierPlace | null {
		const { definition, name } = this.#function;
		const { body } = definition;
		if (body.kind !== 'compound') return null;
		const [first] = body.statements.filter((s) => s.kind !== 'declaration' || touchesMemory(s));
		const last = body.statements.at(-1);
		const own = this.#text.slice(this.#at(definition.start), this.#at(definition.end));
		if (first === undefined || last === undefined || /\brcu_|\bsynchronize_/.test(own)) return null;
		const start = this.#at(first.start);
		const end = this.#at(last.end);
		const indent = this.#indent(start);
		return [
			{
				what: 'rcu_read_lock() … rcu_read_unlock()',
				edits: [
					{ start, end: start, text: `rcu_read_lock();\n${indent}` },
					{ start: end, end, text: `\n${indent}rcu_read_unlock();` },
				],
				cost: COSTS.section,
				thread: name,
				line: placeOf(this.#text, start).line,
				how: 'insert',
			},
		];
	}

	#inside(s: ast.Statement): void {
		for (const child of children(s)) {
			if (isStatement(child)) this.statement(child);
			else this.#expression(child, 'value');
		}
	}

	/** `role`: what stands there; an argument is marked by its call, if it is. */
	#expression(e: ast.Expression, role: 'value' | 'target' | 'argument'): void {
		for (const child of children(e)) {
			if (isStatement(child)) this.statement(child);
			else this.#expression(child, roleIn(e, child));
		}
		if (e.kind === 'call' && e.callee.kind === 'identifier') {
			this.#accesses++;
			if (/^s?rcu_read_lock/.test(e.callee.name)) this.#sections++;
			if (/^s?rcu_read_unlock/.test(e.callee.name)) this.#sections--;
			const made = this.#ordered(e, e.callee.name);
			if (made !== null) this.places.push([made]);
		}
		if (isObject(e) && role !== 'argument') {
			this.#accesses++;
			if (this.#options.marks && role === 'value') this.#mark(e, `READ_ONCE(${this.#source(e)})`);
		}
		if (this.#options.marks && e.kind === 'assign' && e.operator === null && isObject(e.target)) {
			this.#mark(e, `WRITE_ONCE(${this.#source(e.target)}, ${this.#source(e.value)})`);
		}
	}

	#mark(e: ast.Span, what: string): void {
		this.places.push([this.#replace(e, what, COSTS.once)]);
	}

	/** Fences before a statement. */
	#gap(s: ast.Statement): BarrierPlace {
		const start = this.#at(s.start);
		const isFirst = /^\s*$/.test(
			this.#text.slice(this.#text.lastIndexOf('\n', start - 1) + 1, start),
		);
		const separator = isFirst ? `\n${this.#indent(start)}` : ' ';
		const insert = (what: string, cost: number): Strengthening => ({
			what,
			edits: [{ start, end: start, text: `${what};${separator}` }],
			cost,
			thread: this.#function.name,
			line: placeOf(this.#text, start).line,
			how: 'insert',
		});
		return [
			insert('smp_wmb()', COSTS.wmb),
			insert('smp_rmb()', COSTS.rmb),
			insert('smp_mb()', COSTS.mb),
			...(this.#options.hasSections && this.#sections <= 0
				? [insert('synchronize_rcu()', COSTS['grace period'])]
				: []),
		];
	}

	/** A marked access or relaxed atomic as a release or an acquire. */
	#ordered(e: Extract<ast.Expression, { kind: 'call' }>, name: string): Strengthening | null {
		const [first, second] = e.arguments.map((a) => this.#source(a));
		if (first === undefined) return null;
		if (name === 'WRITE_ONCE' && second !== undefined) {
			return this.#replace(e, `smp_store_release(${addressOf(first)}, ${second})`, COSTS.release);
		}
		if (name === 'READ_ONCE') {
			return this.#replace(e, `smp_load_acquire(${addressOf(first)})`, COSTS.acquire);
		}
		if (name === 'atomic_set' && second !== undefined) {
			return this.#replace(e, `atomic_set_release(${first}, ${second})`, COSTS.release);
		}
		if (name === 'atomic_read') {
			return this.#replace(e, `atomic_read_acquire(${first})`, COSTS.acquire);
		}
		return null;
	}

	#replace(e: ast.Span, what: string, cost: number): Strengthening {
		const start = this.#at(e.start);
		return {
			what,
			edits: [{ start, end: this.#at(e.end), text: what }],
			cost,
			thread: this.#function.name,
			line: placeOf(this.#text, start).line,
			how: 'replace',
		};
	}

	#at(inText: number): number {
		return this.#function.offset(inText);
	}

	#source(e: ast.Span): string {
		return this.#text.slice(this.#at(e.start), this.#at(e.end));
	}

	#indent(offset: number): string {
		const line = this.#text.lastIndexOf('\n', offset - 1) + 1;
		return /^[ \t]*/.exec(this.#text.slice(line))?.[0] ?? '';
	}
}

/** `*x` as `x`, `a[i]` as `&a[i]`. */
function addressOf(object: string): string {
	const pointer = /^\*\s*(\w+)$/.exec(object.trim())?.[1];
	return pointer ?? (/^\w+$/.test(object.trim()) ? object.trim() : `&${object.trim()}`);
}

function roleIn(parent: ast.Expression, child: ast.Expression): 'value' | 'target' | 'argument' {
	if (parent.kind === 'call') return 'argument';
	return parent.kind === 'assign' && parent.target === child ? 'target' : 'value';
}

function isObject(e: ast.Expression): boolean {
	return (e.kind === 'unary' && e.operator === '*') || e.kind === 'index';
}

function touchesMemory(node: ast.Statement | ast.Expression): boolean {
	if (node.kind === 'call' || (!isStatement(node) && isObject(node))) return true;
	return children(node).some(touchesMemory);
}

const STATEMENTS = new Set<string>([
	...['compound', 'declaration', 'if', 'while', 'do', 'for', 'switch', 'case', 'label', 'goto'],
	...['return', 'break', 'continue', 'empty'],
]);

function isStatement(node: ast.Statement | ast.Expression): node is ast.Statement {
	return STATEMENTS.has(node.kind) || (node.kind === 'expression' && 'expression' in node);
}

/** Statements and expressions directly inside, in order of the text. */
function children(
	node: ast.Statement | ast.Expression,
): readonly (ast.Statement | ast.Expression)[] {
	const found: (ast.Statement | ast.Expression)[] = [];
	const look = (value: unknown): void => {
		if (Array.isArray(value)) value.forEach(look);
		else if (typeof value === 'object' && value !== null) {
			if ('kind' in value && 'start' in value) found.push(value as ast.Expression);
			else Object.values(value).forEach(look);
		}
	};
	Object.values(node).forEach(look);
	return found.sort((a, b) => a.start - b.start);
}
