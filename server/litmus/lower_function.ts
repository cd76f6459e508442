/**
 * A function of a litmus test as a structured program: every expression and statement of the C that has a meaning
 * there. What has none is a `LitmusProblem` that names the construct and its place.
 *
 * Parameters and locals are registers, but for those that local_memory.ts tells; an undeclared name is a register that
 * holds 0, as in herd7.
 */
import {
	type Expression,
	type LitmusBinary,
	LOCATION_STRIDE,
	type Statement,
	type SwitchCase,
} from '../../engine/memory/lkmm/litmus_program.js';
import type * as ast from '../syntax/ast.js';
import { pointee, type TypeScope, typeOf } from './expression_type.js';
import { leaves } from './jumps.js';
import { checkedIndex, initialised, shapeOf } from './local_initialiser.js';
import { Locals } from './locals.js';
import { type Around, type CallPort, lowerCall, toldToKcsan } from './lower_call.js';
import type { Helper, LoweringContext } from './lowering_context.js';
import type { Meaning } from './meaning.js';
import { exactNumber } from './number.js';
import { LitmusProblem } from './problem.js';
import { type LitmusType, type Member, sizeOf } from './types.js';

/** The body of a function. */
export function lowerFunction(
	definition: ast.FunctionDefinition,
	context: LoweringContext,
): Statement {
	return new FunctionLowering(context, '', { depth: 0, isRepeated: false }).body(definition);
}

/** The body of a function that is inlined, its registers' names beginning with the prefix. */
export function lowerInlined(helper: Helper, prefix: string, around: Around): Statement {
	return new FunctionLowering(helper.context, prefix, around).body(helper.definition);
}

class FunctionLowering {
	readonly #context: LoweringContext;
	readonly #depth: number;
	readonly #locals: Locals;
	readonly #scope: TypeScope;
	readonly #labels = new Set<string>();
	/** Loops around what is being lowered, those around the call of an inlined function included. */
	#loops: number;

	constructor(context: LoweringContext, prefix: string, around: Around) {
		this.#context = context;
		this.#depth = around.depth;
		this.#loops = around.isRepeated ? 1 : 0;
		this.#locals = new Locals(context, prefix);
		this.#scope = this.#locals.scope;
	}

	body(definition: ast.FunctionDefinition): Statement {
		this.#locals.look(definition);
		for (const { name, type, start } of definition.parameters) {
			if (name === null) continue;
			const known = this.#context.types.typeOf(type, this.#context.offset(start));
			// A parameter that is an array is a pointer.
			const isArray = known.kind === 'array';
			this.#locals.parameter(name, isArray ? { kind: 'pointer', to: known.of } : known);
		}
		return this.statement(definition.body);
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
				if (s.declaration.declarators.length === 0 || s.declaration.storage.includes('typedef'))
					return this.#fail('declaration of a type in a function', s);
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
				if (this.#labels.has(s.label) && this.#context.callbacks.any())
					return this.#fail('goto back over call_rcu()', s);
				return { kind: 'goto', label: s.label };
			case 'break':
			case 'continue':
				return { kind: s.kind };
			case 'return':
				return { kind: 'return', value: s.value === null ? null : this.value(s.value) };
			case 'case':
				return this.#fail('"case" outside a switch', s);
			case 'each':
				return this.#fail('not understood as C', s);
			case 'unparsed':
				return this.#fail(s.reason, s);
		}
	}

	/** A statement, with a label before it as a statement of its own, where a goto of the same block finds it. */
	#labelled(s: ast.Statement): readonly Statement[] {
		if (s.kind !== 'label') return [this.statement(s)];
		this.#labels.add(s.name);
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
		this.#loops++;
		const loop: Statement = {
			kind: 'loop',
			condition: condition === null ? constant(1) : this.value(condition),
			body: this.statement(body),
			step: step === null ? null : this.#effect(step),
			testFirst,
			site: this.#context.site(at.start),
		};
		this.#loops--;
		return loop;
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
		const { specifier } = d;
		if (specifier.kind === 'enum' && specifier.enumerators !== null)
			return this.#fail('enum defined in a function', d);
		const statements = d.declarators.flatMap((declarator): readonly Statement[] => {
			const at = this.#context.offset(declarator.start);
			const shape = shapeOf(declarator);
			const type = this.#context.types.typeOf({ specifier, shape }, at);
			const object = this.#locals.declare(declarator, type);
			if (declarator.initialiser === null) return [];
			if (object !== null)
				return initialised(object, declarator.initialiser, {
					value: (e) => this.value(e),
					site: (e) => this.#context.site(e.start),
					fail: (what, e) => this.#fail(what, e),
				});
			return [
				{
					kind: 'assign',
					register: this.#locals.register(declarator.name),
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
				const told = toldToKcsan(e);
				if (told !== null) return this.#effect(told);
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
		if (typeOf(target, this.#scope)?.kind === 'struct')
			return this.#fail('assignment of a struct', at);
		const register = this.#locals.registerOf(target);
		if (register !== null) return { kind: 'assign', register, value };
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
				return this.#named(e);
			case 'number':
				return constant(this.#number(e.text, e));
			case 'parenthesised':
				return this.value(e.inner);
			case 'cast':
				return this.value(e.operand);
			case 'unary':
				return this.#unary(e);
			case 'binary': {
				const left = typeOf(e.left, this.#scope);
				const element = pointee(left);
				// A pointer to words may be a number, as registers of litmus tests are.
				const isPlace =
					left?.kind === 'array' ||
					(element !== null && element.kind !== 'word' && element.kind !== 'pointer');
				if (isPlace && (e.operator === '+' || e.operator === '-')) {
					const by = this.value(e.right);
					const signed: Expression =
						e.operator === '+' ? by : { kind: 'unary', operator: '-', operand: by };
					return this.#element(this.value(e.left), signed, element);
				}
				return binary(e.operator, this.value(e.left), this.value(e.right));
			}
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
			case 'member': {
				const register = this.#locals.registerOf(e);
				if (register !== null) return { kind: 'register', name: register };
				// An array is the address of its first element.
				if (typeOf(e, this.#scope)?.kind === 'array') return this.object(e);
				const site = this.#context.site(e.start);
				return { kind: 'load', order: 'plain', address: this.#word(e), site };
			}
			case 'call': {
				const told = toldToKcsan(e);
				if (told !== null) return this.value(told);
				const meaning = this.#call(e);
				if (meaning.kind === 'expression') return meaning.expression;
				return this.#fail('call without a value used as one', e);
			}
			default:
				return this.#fail(
					e.kind === 'unparsed' ? (e.reason ?? 'not understood as C') : `${e.kind} expression`,
					e,
				);
		}
	}

	/** The value of a name. */
	#named(e: Extract<ast.Expression, { kind: 'identifier' }>): Expression {
		const type = this.#locals.typeOf(e.name);
		if (type?.kind === 'struct') return this.#fail(`struct ${e.name} as a value`, e);
		const object = this.#locals.objectOf(e.name);
		if (object !== null) {
			const address = constant(object.address);
			// An array is the address of its first element.
			if (type?.kind === 'array') return address;
			return { kind: 'load', order: 'plain', address, site: this.#context.site(e.start) };
		}
		const enumerator = type === null ? this.#context.types.enumerator(e.name) : null;
		if (enumerator !== null) return constant(enumerator);
		return NAMED.get(e.name) ?? { kind: 'register', name: this.#locals.register(e.name) };
	}

	#unary(e: Extract<ast.Expression, { kind: 'unary' }>): Expression {
		switch (e.operator) {
			case '*': {
				const register = this.#locals.registerOf(e);
				if (register !== null) return { kind: 'register', name: register };
				return {
					kind: 'load',
					order: 'plain',
					address: this.#word(e),
					site: this.#context.site(e.start),
				};
			}
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
			case 'identifier': {
				const object = this.#locals.objectOf(e.name);
				if (object !== null) return constant(object.address);
				if (this.#locals.typeOf(e.name)?.kind === 'struct')
					return this.#fail(`address of the local struct ${e.name}`, e);
				return this.value(e);
			}
			case 'cast':
				return this.object(e.operand);
			case 'index':
				return this.#element(this.value(e.base), this.#inside(e), typeOf(e, this.#scope));
			case 'member': {
				const base = typeOf(e.base, this.#scope);
				const struct = e.arrow ? pointee(base) : base;
				const { offset } = this.#memberOf(struct, e, e);
				const address = e.arrow ? this.value(e.base) : this.object(e.base);
				if (offset === 0) return address;
				return binary('+', address, constant(offset * LOCATION_STRIDE));
			}
			default:
				return this.#fail(`${e.kind} expression where memory is meant`, e);
		}
	}

	#call(e: Extract<ast.Expression, { kind: 'call' }>): Meaning {
		const port: CallPort = {
			context: this.#context,
			depth: this.#depth,
			isRepeated: this.#loops > 0,
			value: (x) => this.value(x),
			object: (x) => this.#word(x),
			registerOf: (x) => this.#locals.registerOf(x),
			register: (name) => this.#locals.register(name),
			member: (type, name) => this.#memberOf(type, { name, arrow: false }, e),
			inline: lowerInlined,
			fail: (what) => this.#fail(what, e),
		};
		return lowerCall(e, port);
	}

	/** The address of an lvalue that is read or written as a whole. */
	#word(e: ast.Expression): Expression {
		const type = typeOf(e, this.#scope);
		return type?.kind === 'struct' ? this.#fail('struct as a value', e) : this.object(e);
	}

	/** An index; of a local array the run that leaves the array cannot be followed: what lies behind it is another object. */
	#inside({ base, index, start, end }: Extract<ast.Expression, { kind: 'index' }>): Expression {
		const own = typeOf(base, this.#scope);
		const isLocal = own?.kind === 'array';
		const named = base.kind === 'identifier' ? this.#context.lengthOf(base.name) : null;
		const length = isLocal ? own.length : named;
		const at = this.value(index);
		if (length === null) return at;
		const isKnown = at.kind === 'constant';
		const fits = isKnown ? at.value >= 0 && at.value < length : length > 1;
		const what = base.kind === 'identifier' ? base.name : 'an array';
		if (!fits) return this.#fail(`element of ${what}, which has ${length}`, { start, end });
		if (isKnown || !isLocal) return at;
		return checkedIndex(at, length, `<${this.#context.fresh()}>`);
	}

	/** The element of an array that begins at an address. */
	#element(base: Expression, index: Expression, type: LitmusType | null): Expression {
		const stride = LOCATION_STRIDE * (type === null ? 1 : sizeOf(type));
		return binary('+', base, binary('*', index, constant(stride)));
	}

	#memberOf(
		type: LitmusType | null,
		{ name, arrow }: { readonly name: string; readonly arrow: boolean },
		at: ast.Span,
	): Member {
		const found =
			type?.kind === 'struct'
				? type.struct.members.get(name)
				: type === null || (arrow && type.kind === 'word')
					? this.#context.types.memberNamed(name)
					: null;
		return found ?? this.#fail(`member ${name}`, at);
	}

	#number(text: string, at: ast.Span): number {
		const value = Number(text.replace(/(?<![uUlL])[uUlL]+$/, ''));
		if (Number.isNaN(value)) return this.#fail(`number ${text}`, at);
		return Math.abs(value) <= Number.MAX_SAFE_INTEGER
			? value
			: exactNumber(text, this.#context.offset(at.start));
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

function binary(operator: LitmusBinary, left: Expression, right: Expression): Expression {
	return { kind: 'binary', operator, left, right };
}
