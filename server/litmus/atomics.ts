/**
 * Read-modify-writes by name in a litmus test: xchg() and cmpxchg(), atomics, bit operations. Their names are read by
 * their parts (`atomic_` `fetch_` `add` `_relaxed`), as scripts/atomic generates them for the kernel.
 */
import type {
	Expression,
	RmwOrder,
	RmwReturns,
	RmwUpdate,
} from '../../engine/memory/lkmm/litmus_program.js';
import { type CallSite, expression, type Meaning, statement } from './meaning.js';

/** Meaning of a call of a read-modify-write, or null when it is none. */
export function readModifyWrite(name: string, call: CallSite): Meaning | null {
	return exchange(name, call) ?? atomic(name, call) ?? bit(name, call);
}

function exchange(name: string, call: CallSite): Meaning | null {
	const parts =
		/^(?:atomic_|atomic64_|atomic_long_)?(try_)?(xchg|cmpxchg)(_relaxed|_acquire|_release)?$/.exec(
			name,
		);
	if (parts === null) return null;
	const order = orderOf(parts[3]);
	if (parts[2] === 'xchg')
		return expression(rmw(call, 'xchg', order, call.value(0), call.value(1), 'old', null));
	const update = 'xchg';
	if (parts[1] === undefined) {
		const unless = { operator: '==', value: call.value(1) } as const;
		return expression(rmw(call, update, order, call.value(0), call.value(2), 'old', unless));
	}
	const expected = call.registerOf(1);
	if (expected === null) return null;
	// bool try_cmpxchg(p, &old, new): on failure `old` becomes what was found.
	const seen = call.temporary();
	const old: Expression = { kind: 'register', name: expected };
	const unless = { operator: '==', value: old } as const;
	const attempt = rmw(call, update, order, call.value(0), call.value(2), 'old', unless);
	return expression({
		kind: 'conditional',
		condition: {
			kind: 'binary',
			operator: '==',
			left: { kind: 'assign', register: seen, value: attempt },
			right: old,
		},
		whenTrue: { kind: 'constant', value: 1 },
		whenFalse: {
			kind: 'binary',
			operator: '*',
			left: { kind: 'assign', register: expected, value: { kind: 'register', name: seen } },
			right: { kind: 'constant', value: 0 },
		},
	});
}

const ATOMIC =
	/^(?:atomic|atomic64|atomic_long)_(fetch_)?(add|sub|inc|dec|and|or|xor|andnot|read|set)(_return|_and_test|_negative|_unless|_not_zero)?(_relaxed|_acquire|_release)?$/;

function atomic(name: string, call: CallSite): Meaning | null {
	const parts = ATOMIC.exec(name);
	if (parts === null) return null;
	const { site } = call;
	const [, fetch, operation, suffix, ordering] = parts;
	if (operation === 'read') {
		const order = ordering === '_acquire' ? 'acquire' : 'once';
		return expression({ kind: 'load', order, address: call.value(0), site });
	}
	if (operation === 'set') {
		const order = ordering === '_release' ? 'release' : 'once';
		return statement({ kind: 'store', order, address: call.value(0), value: call.value(1), site });
	}
	const unary = operation === 'inc' || operation === 'dec';
	// atomic_add_unless(v, a, u), atomic_fetch_add_unless(v, a, u), atomic_inc_not_zero(v).
	if (suffix === '_unless' || suffix === '_not_zero') {
		const operand: Expression =
			suffix === '_unless' ? call.value(1) : { kind: 'constant', value: 1 };
		const value: Expression = suffix === '_unless' ? call.value(2) : { kind: 'constant', value: 0 };
		const returns = fetch === undefined ? 'success' : 'old';
		return expression(
			rmw(call, '+', orderOf(ordering), call.value(0), operand, returns, { operator: '!=', value }),
		);
	}
	const operand: Expression = unary ? { kind: 'constant', value: 1 } : call.value(0);
	const address = call.value(unary ? 0 : 1);
	const updates: Readonly<Record<string, RmwUpdate>> = {
		add: '+',
		inc: '+',
		sub: '-',
		dec: '-',
		and: '&',
		or: '|',
		xor: '^',
		andnot: 'andnot',
	};
	const update = updates[operation ?? ''] as RmwUpdate;
	if (fetch === undefined && suffix === undefined) {
		return statement({
			kind: 'expression',
			expression: rmw(
				call,
				update,
				ordering === undefined ? 'noreturn' : orderOf(ordering),
				address,
				operand,
				'old',
				null,
			),
		});
	}
	const result = rmw(
		call,
		update,
		orderOf(ordering),
		address,
		operand,
		fetch === undefined ? 'new' : 'old',
		null,
	);
	if (suffix === '_and_test') return expression(compare('==', result));
	return expression(suffix === '_negative' ? compare('<', result) : result);
}

/** test_and_set_bit(nr, addr) and its like; unordered set_bit() and clear_bit(). */
function bit(name: string, call: CallSite): Meaning | null {
	const parts = /^(test_and_)?(set|clear|change)_bit(_lock|_unlock)?$/.exec(name);
	if (name === 'test_bit') {
		const loaded: Expression = {
			kind: 'load',
			order: 'once',
			address: call.value(1),
			site: call.site,
		};
		return expression(
			compare('!=', { kind: 'binary', operator: '&', left: loaded, right: mask(call) }),
		);
	}
	if (parts === null) return null;
	const update = parts[2] === 'set' ? '|' : parts[2] === 'clear' ? 'andnot' : '^';
	const test = parts[1] !== undefined;
	const order: RmwOrder =
		parts[3] === '_lock'
			? 'acquire'
			: parts[3] === '_unlock'
				? 'release'
				: test
					? 'mb'
					: 'noreturn';
	const old = rmw(call, update, order, call.value(1), mask(call), 'old', null);
	if (!test) return statement({ kind: 'expression', expression: old });
	return expression(compare('!=', { kind: 'binary', operator: '&', left: old, right: mask(call) }));
}

function mask(call: CallSite): Expression {
	return {
		kind: 'binary',
		operator: '<<',
		left: { kind: 'constant', value: 1 },
		right: call.value(0),
	};
}

function compare(operator: '==' | '!=' | '<', left: Expression): Expression {
	return { kind: 'binary', operator, left, right: { kind: 'constant', value: 0 } };
}

function orderOf(suffix: string | undefined): RmwOrder {
	switch (suffix) {
		case '_relaxed':
			return 'once';
		case '_acquire':
			return 'acquire';
		case '_release':
			return 'release';
		default:
			return 'mb';
	}
}

function rmw(
	call: CallSite,
	update: RmwUpdate,
	order: RmwOrder,
	address: Expression,
	operand: Expression,
	returns: RmwReturns,
	unless: Extract<Expression, { kind: 'rmw' }>['unless'],
): Expression {
	return { kind: 'rmw', update, order, address, operand, returns, unless, site: call.site };
}
