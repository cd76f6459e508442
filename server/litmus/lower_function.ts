/**
 * A function of a litmus test as a structured program: every expression and statement of the C that has a meaning
 * there. What has none is a `LitmusProblem` that names the construct and its place.
 *
 * Parameters and locals are registers; an undeclared name is a register that holds 0, as in herd7.
 */
import {
	type Expression,
	type LitmusSite,
	LOCATION_STRIDE,
	type Statement,
	type SwitchCase,
} from '../../engine/memory/litmus_program.js';
import type * as ast from '../syntax/ast.js';
import { leaves } from './jumps.js';
import { type CallSite, primitive } from './primitives.js';
import { LitmusProblem } from './problem.js';

/** What lowering needs to know around the function. */
export interface LoweringContext {
	/** Offset in the file of an offset in the function's parsed text. */
	offset(inText: number): number;
	site(inText: number): LitmusSite;
	/** A helper function of the file by name, to be inlined. */
	helper(
		name: string,
	): { readonly definition: ast.FunctionDefinition; readonly context: LoweringContext } | null;
	/** A number not used before. */
	fresh(): number;
}

const INLINE_DEPTH_MAX = 8;

/** The body of a function. */
export function lowerFunction(
	definition: ast.FunctionDefinition,
	context: LoweringContext,
): Statement {
	return new FunctionLowering(context, '', 0).statement(definition.body);
}

class FunctionLowering {
	readonly #context: LoweringContext;
	/** Put before names of registers, so that inlined functions have their own. */
	readonly #prefix: string;
	readonly #depth: number;

	constructor(context: LoweringContext, prefix: string, depth: number) {
		this.#context = context;
		this.#prefix = prefix;
		this.#depth = depth;
	}

	// Statements.

	statement(s: ast.Statement): Statement {
		switch (s.kind) {
			case 'compound':
				return {
					kind: 'block',
					statements: s.statements.flatMap((inner) => this.#labelled(inner)),
				};
			case 'empty':
				return NOTHING;
			case 'expression':
				return this.#effect(s.expression);
			case 'declaration':
				return this.#declaration(s.declaration);
			case 'if': {
				const then = this.statement(s.then);
				const otherwise = s.otherwise === null ? null : this.statement(s.otherwise);
				const escapes = leaves(then) || (otherwise !== null && leaves(otherwise));
				return { kind: 'if', condition: this.value(s.condition), then, otherwise, escapes };
			}
			case 'while':
				return this.#loop(s, s.condition, s.body, null, true);
			case 'do':
				return this.#loop(s, s.condition, s.body, null, false);
			case 'for': {
				const first = s.initialiser === null ? NOTHING : this.statement(s.initialiser);
				return {
					kind: 'block',
					statements: [first, this.#loop(s, s.condition, s.body, s.update, true)],
				};
			}
			case 'switch':
				return this.#switch(s);
			case 'label':
				return { kind: 'block', statements: this.#labelled(s) };
			case 'goto':
				return { kind: 'goto', label: s.label };
			case 'break':
			case 'continue':
				return { kind: s.kind };
			case 'return':
				return { kind: 'return', value: s.value === null ? null : this.value(s.value) };
			case 'case':
				return this.#fail('"case" outside a switch', s);
			case 'unparsed':
				return this.#fail(s.reason, s);
		}
	}

	/** A statement, with a label before it as a statement of its own, where a goto of the same block finds it. */
	#labelled(s: ast.Statement): readonly Statement[] {
		if (s.kind !== 'label') return [this.statement(s)];
		const label: Statement = { kind: 'label', label: s.name };
		return s.body === null ? [label] : [label, ...this.#labelled(s.body)];
	}

	#loop(
		at: ast.Span,
		condition: ast.Expression | null,
		body: ast.Statement,
		step: ast.Expression | null,
		testFirst: boolean,
	): Statement {
		return {
			kind: 'loop',
			condition: condition === null ? constant(1) : this.value(condition),
			body: this.statement(body),
			step: step === null ? null : this.#effect(step),
			testFirst,
			site: this.#context.site(at.start),
		};
	}

	#switch(s: Extract<ast.Statement, { kind: 'switch' }>): Statement {
		const flat: ast.Statement[] = [];
		const flatten = (inner: ast.Statement): void => {
			if (inner.kind === 'compound' && (inner === s.body || inner.statements[0]?.kind === 'case')) {
				inner.statements.forEach(flatten);
			} else flat.push(inner);
		};
		flatten(s.body);
		const cases: { values: readonly number[] | null; statements: Statement[] }[] = [];
		for (const inner of flat) {
			if (inner.kind !== 'case') {
				cases.at(-1)?.statements.push(this.statement(inner));
				continue;
			}
			const value = inner.value === null ? null : this.value(inner.value);
			if (value !== null && value.kind !== 'constant')
				return this.#fail('case that is not a number', inner);
			cases.push({ values: value === null ? null : [value.value], statements: [] });
		}
		return {
			kind: 'switch',
			value: this.value(s.value),
			cases: cases satisfies readonly SwitchCase[],
		};
	}

	#declaration(d: ast.Declaration): Statement {
		const statements = d.declarators.flatMap((declarator): Statement[] => {
			if (declarator.initialiser === null) return [];
			return [
				{
					kind: 'assign',
					register: this.#name(declarator.name),
					value: this.value(declarator.initialiser),
				},
			];
		});
		return statements.length === 1 ? (statements[0] as Statement) : { kind: 'block', statements };
	}

	/** An expression for its effect. */
	#effect(e: ast.Expression): Statement {
		switch (e.kind) {
			case 'parenthesised':
				return this.#effect(e.inner);
			case 'cast':
				return this.#effect(e.operand);
			case 'comma':
				return { kind: 'block', statements: [this.#effect(e.left), this.#effect(e.right)] };
			case 'block':
				return this.statement(e.body);
			case 'assign':
				return this.#assign(e);
			case 'update':
				return this.#store(e.operand, this.#plus(e.operand, e.operator === '++' ? 1 : -1), e);
			case 'call': {
				const meaning = this.#call(e);
				if (meaning.kind === 'statement') return meaning.statement;
				return { kind: 'expression', expression: meaning.expression };
			}
			default:
				return { kind: 'expression', expression: this.value(e) };
		}
	}

	#assign(e: Extract<ast.Expression, { kind: 'assign' }>): Statement {
		const value = this.value(e.value);
		if (e.operator === null) return this.#store(e.target, value, e);
		return this.#store(
			e.target,
			{ kind: 'binary', operator: e.operator, left: this.value(e.target), right: value },
			e,
		);
	}

	#store(target: ast.Expression, value: Expression, at: ast.Span): Statement {
		const name = registerName(target);
		if (name !== null) return { kind: 'assign', register: this.#name(name), value };
		return {
			kind: 'store',
			order: 'plain',
			address: this.object(target),
			value,
			site: this.#context.site(at.start),
		};
	}

	#plus(e: ast.Expression, by: number): Expression {
		return { kind: 'binary', operator: '+', left: this.value(e), right: constant(by) };
	}

	// Expressions.

	value(e: ast.Expression): Expression {
		switch (e.kind) {
			case 'identifier':
				return NAMED.get(e.name) ?? { kind: 'register', name: this.#name(e.name) };
			case 'number':
				return constant(this.#number(e.text, e));
			case 'parenthesised':
				return this.value(e.inner);
			case 'cast':
				return this.value(e.operand);
			case 'unary':
				return this.#unary(e);
			case 'binary':
				return {
					kind: 'binary',
					operator: e.operator,
					left: this.value(e.left),
					right: this.value(e.right),
				};
			case 'conditional': {
				const condition = this.value(e.condition);
				const whenTrue = e.then === null ? condition : this.value(e.then);
				return { kind: 'conditional', condition, whenTrue, whenFalse: this.value(e.otherwise) };
			}
			case 'assign': {
				const done = this.#assign(e);
				if (done.kind === 'assign')
					return { kind: 'assign', register: done.register, value: done.value };
				return this.#fail('assignment to memory inside an expression', e);
			}
			case 'update': {
				const by = e.operator === '++' ? 1 : -1;
				const done = this.#store(e.operand, this.#plus(e.operand, by), e);
				if (done.kind !== 'assign') return this.#fail('++ or -- of memory inside an expression', e);
				const changed: Expression = { kind: 'assign', register: done.register, value: done.value };
				return e.prefix
					? changed
					: { kind: 'binary', operator: '-', left: changed, right: constant(by) };
			}
			case 'index':
				return {
					kind: 'load',
					order: 'plain',
					address: this.object(e),
					site: this.#context.site(e.start),
				};
			case 'call': {
				const meaning = this.#call(e);
				if (meaning.kind === 'expression') return meaning.expression;
				return this.#fail('call without a value used as one', e);
			}
			default:
				return this.#fail(`${e.kind} expression`, e);
		}
	}

	#unary(e: Extract<ast.Expression, { kind: 'unary' }>): Expression {
		switch (e.operator) {
			case '*':
				return {
					kind: 'load',
					order: 'plain',
					address: this.value(e.operand),
					site: this.#context.site(e.start),
				};
			case '&':
				return this.object(e.operand);
			case '+':
				return this.value(e.operand);
			default: {
				const operand = this.value(e.operand);
				if (operand.kind === 'constant' && e.operator === '-') return constant(-operand.value);
				return { kind: 'unary', operator: e.operator, operand };
			}
		}
	}

	/** The address of an lvalue; a bare name is taken for the pointer it holds, as herd7 does. */
	object(e: ast.Expression): Expression {
		switch (e.kind) {
			case 'parenthesised':
				return this.object(e.inner);
			case 'unary':
				return e.operator === '*' ? this.value(e.operand) : this.value(e);
			case 'identifier':
				return this.value(e);
			case 'cast':
				return this.object(e.operand);
			case 'index': {
				const scaled: Expression = {
					kind: 'binary',
					operator: '*',
					left: this.value(e.index),
					right: constant(LOCATION_STRIDE),
				};
				return { kind: 'binary', operator: '+', left: this.value(e.base), right: scaled };
			}
			default:
				return this.#fail(`${e.kind} expression where memory is meant`, e);
		}
	}

	#call(e: Extract<ast.Expression, { kind: 'call' }>): NonNullable<ReturnType<typeof primitive>> {
		const name = e.callee.kind === 'identifier' ? e.callee.name : null;
		if (name === null) return this.#fail('call through a pointer', e);
		const argument = (i: number): ast.Expression => {
			const found = e.arguments[i];
			return found ?? this.#fail(`${name}() with ${e.arguments.length} arguments`, e);
		};
		const call: CallSite = {
			site: this.#context.site(e.start),
			count: e.arguments.length,
			value: (i) => this.value(argument(i)),
			object: (i) => this.object(argument(i)),
			registerOf: (i) => {
				const given = argument(i);
				if (given.kind !== 'unary' || given.operator !== '&') return null;
				const register = registerName(given.operand);
				return register === null ? null : this.#name(register);
			},
			register: (name) => this.#name(name),
			temporary: () => `<${this.#context.fresh()}>`,
		};
		const meaning = primitive(name, call);
		if (meaning !== null) return meaning;
		const helper = this.#context.helper(name);
		if (helper === null) return this.#fail(`call of ${name}()`, e);
		if (this.#depth >= INLINE_DEPTH_MAX) return this.#fail(`recursion through ${name}()`, e);
		const values = e.arguments.map((a) => this.value(a));
		return { kind: 'expression', expression: this.#inline(helper, values, e) };
	}

	#inline(
		helper: NonNullable<ReturnType<LoweringContext['helper']>>,
		values: readonly Expression[],
		at: ast.Span,
	): Expression {
		const { definition, context } = helper;
		const prefix = `${definition.name}#${this.#context.fresh()}.`;
		const inner = new FunctionLowering(context, prefix, this.#depth + 1);
		const statements = definition.parameters.map((parameter, i): Statement => {
			const value =
				values[i] ?? this.#fail(`call of ${definition.name}() with too few arguments`, at);
			return { kind: 'assign', register: prefix + (parameter.name ?? i), value };
		});
		statements.push(inner.statement(definition.body));
		return { kind: 'call', body: { kind: 'block', statements } };
	}

	#number(text: string, at: ast.Span): number {
		const value = Number(text.replace(/[uUlL]+$/, ''));
		return Number.isNaN(value) ? this.#fail(`number ${text}`, at) : value;
	}

	#name(name: string): string {
		return this.#prefix + name;
	}

	#fail(what: string, at: ast.Span): never {
		throw new LitmusProblem(`not understood: ${what}`, this.#context.offset(at.start));
	}
}

const NOTHING: Statement = { kind: 'block', statements: [] };
const NAMED = new Map<string, Expression>([
	['NULL', { kind: 'constant', value: 0 }],
	['true', { kind: 'constant', value: 1 }],
	['false', { kind: 'constant', value: 0 }],
]);

function constant(value: number): Expression {
	return { kind: 'constant', value };
}

function registerName(e: ast.Expression): string | null {
	if (e.kind === 'parenthesised') return registerName(e.inner);
	return e.kind === 'identifier' ? e.name : null;
}
