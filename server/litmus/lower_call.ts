/**
 * Calls in a litmus test: primitives, then functions of the file, then definitions.ts, the latter two inlined.
 */
import type { Expression, LitmusSite, Statement } from '../../engine/memory/lkmm/litmus_program.js';
import { LOCATION_STRIDE } from '../../engine/memory/lkmm/litmus_program.js';
import type * as ast from '../syntax/ast.js';
import { parseFunction, parseTypeName } from '../syntax/snippet.js';
import { definitionText } from './definitions.js';
import type { Helper, LoweringContext } from './lowering_context.js';
import { type CallSite, expression, type Meaning, statement } from './meaning.js';
import { primitive } from './primitives.js';
import type { LitmusType, Member } from './types.js';

const INLINE_DEPTH_MAX = 8;

/** Where an inlined function is called from. */
export interface Around {
	/** Calls it is inside of. */
	readonly depth: number;
	/** It may run more than once. */
	readonly isRepeated: boolean;
}

/** The function that a call stands in. */
export interface CallPort extends Around {
	readonly context: LoweringContext;
	value(e: ast.Expression): Expression;
	object(e: ast.Expression): Expression;
	registerOf(e: ast.Expression): string | null;
	register(name: string): string;
	member(type: LitmusType, name: string): Member;
	/** The body of a helper whose registers' names begin with the prefix. */
	inline(helper: Helper, prefix: string, around: Around): Statement;
	fail(what: string): never;
}

type Call = Extract<ast.Expression, { kind: 'call' }>;

/** The meaning of a call; `port.fail` when it has none. */
export function lowerCall(e: Call, port: CallPort): Meaning {
	const { context } = port;
	const name = e.callee.kind === 'identifier' ? e.callee.name : null;
	if (name === null) return port.fail('call through a pointer');
	const call = callSite(e, name, port);
	const meaning =
		special(e, { name, call, port }) ??
		(context.isDefinition ? wait(name, call) : null) ??
		primitive(name, call);
	if (meaning !== null) return meaning;
	const helper = context.helper(name) ?? definition(name, context, call.site);
	if (helper === null) return port.fail(`call of ${name}()`);
	return expression(
		inlined(
			helper,
			e.arguments.map((a) => port.value(a)),
			port,
		),
	);
}

function callSite(e: Call, name: string, port: CallPort): CallSite {
	const argument = (i: number): ast.Expression =>
		e.arguments[i] ?? port.fail(`${name}() with ${e.arguments.length} arguments`);
	return {
		site: port.context.site(e.start),
		count: e.arguments.length,
		value: (i) => port.value(argument(i)),
		object: (i) => port.object(argument(i)),
		registerOf: (i) => {
			const given = argument(i);
			return given.kind === 'unary' && given.operator === '&'
				? port.registerOf(given.operand)
				: null;
		},
		register: (register) => port.register(register),
		temporary: () => `<${port.context.fresh()}>`,
	};
}

function definition(name: string, context: LoweringContext, site: LitmusSite): Helper | null {
	const text = definitionText(name);
	const parsed = text === null ? null : parseFunction(text);
	if (parsed === null) return null;
	// What happens in it, happens where it is called.
	return {
		definition: parsed,
		context: { ...context, isDefinition: true, site: () => site, lengthOf: () => null },
	};
}

/** A helper's body with its parameters assigned. */
export function inlined(
	helper: Helper,
	values: readonly Expression[],
	port: Pick<CallPort, 'context' | 'depth' | 'isRepeated' | 'inline' | 'fail'>,
): Expression {
	const { definition: d } = helper;
	if (port.depth >= INLINE_DEPTH_MAX) return port.fail(`recursion through ${d.name}()`);
	const prefix = `${d.name}#${port.context.fresh()}.`;
	const statements = d.parameters.map((parameter, i): Statement => {
		const value = values[i] ?? port.fail(`call of ${d.name}() with too few arguments`);
		return { kind: 'assign', register: prefix + (parameter.name ?? i), value };
	});
	const around = { depth: port.depth + 1, isRepeated: port.isRepeated };
	statements.push(port.inline(helper, prefix, around));
	return { kind: 'call', body: { kind: 'block', statements } };
}

/** What definitions.ts waits with. */
function wait(name: string, call: CallSite): Meaning | null {
	const operator = { __await_equal: '!=', __await_unequal: '==' }[name] as '==' | '!=' | undefined;
	const value = operator === undefined ? null : call.value(1);
	if (operator === undefined || value?.kind !== 'constant') return null;
	const { site } = call;
	const blocked = { operator, value: value.value };
	const address = call.value(0);
	return statement({ kind: 'await', address, blocked, attempt: call.value(2), site });
}

interface Named {
	readonly name: string;
	readonly call: CallSite;
	readonly port: CallPort;
}

/**
 * What stands in data_race(): the macro tells KCSAN that a race is meant and orders nothing (Documentation/access-marking.txt
 * of tools/memory-model), so that the accesses are what they are and race as they do. Null for other calls.
 */
export function toldToKcsan(e: Call): ast.Expression | null {
	const isTold = e.callee.kind === 'identifier' && e.callee.name === 'data_race';
	return isTold && e.arguments.length === 1 ? (e.arguments[0] ?? null) : null;
}

/** Calls whose arguments are no values: types, members, functions. */
function special(e: Call, { name, call, port }: Named): Meaning | null {
	if (name === 'container_of') {
		const [, type, member] = e.arguments;
		const parsed = type?.kind === 'unparsed' ? parseTypeName(type.text) : null;
		if (type === undefined || parsed === null || member?.kind !== 'identifier')
			return port.fail('container_of() of that type');
		const outer = port.context.types.typeOf(parsed, port.context.offset(type.start));
		const { offset } = port.member(outer, member.name);
		const right: Expression = { kind: 'constant', value: offset * LOCATION_STRIDE };
		return expression({ kind: 'binary', operator: '-', left: call.value(0), right });
	}
	if (name === 'rcu_barrier') return statement(port.context.callbacks.barrier(call.site));
	if (name !== 'call_rcu' && name !== 'call_rcu_hurry') return null;
	const callback = e.arguments[1];
	const helper = callback?.kind === 'identifier' ? port.context.helper(callback.name) : null;
	if (helper === null) return port.fail(`${name}() without a function of the test`);
	if (port.isRepeated) return port.fail(`${name}() in a loop`);
	const word = port.context.callbacks.add(helper, call.site);
	// The queue of callbacks: what comes before the call is seen by the callback (kernel/rcu/tree.c, call_rcu()).
	const address: Expression = { kind: 'constant', value: word };
	return statement({
		kind: 'store',
		order: 'release',
		address,
		value: call.value(0),
		site: call.site,
	});
}
