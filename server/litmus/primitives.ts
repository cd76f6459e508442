/**
 * What the kernel's primitives mean in a litmus test: tools/memory-model/linux-kernel.def (6.12), and beyond it what
 * litmus tests would use if herd7 knew it: bit operations, refcounts, try_cmpxchg, mutexes, preemption and interrupt
 * sections (read-side critical sections of RCU to the model).
 *
 * Names of atomics are read by their parts (`atomic_` `fetch_` `add` `_relaxed`), as the kernel generates them.
 */
import type {
	AccessOrder,
	Expression,
	Fence,
	LitmusSite,
	RcuMark,
	RmwOrder,
	RmwReturns,
	RmwUpdate,
	Statement,
} from '../../engine/memory/litmus_program.js';

/** What a call can be lowered from: its arguments as values, or as the object they denote (`READ_ONCE(*x)`). */
export interface CallSite {
	readonly site: LitmusSite;
	readonly count: number;
	value(argument: number): Expression;
	/** Address of the lvalue an argument is. */
	object(argument: number): Expression;
	/** Name of the register whose address an argument is (`&old`), or null. */
	registerOf(argument: number): string | null;
	/** A register of the function by its name in the source. */
	register(name: string): string;
	/** A fresh register. */
	temporary(): string;
}

export type Meaning =
	| { readonly kind: 'expression'; readonly expression: Expression }
	| { readonly kind: 'statement'; readonly statement: Statement };

const FENCE_OF: Readonly<Record<string, Fence>> = {
	smp_mb: 'mb',
	mb: 'mb',
	smp_rmb: 'rmb',
	rmb: 'rmb',
	smp_wmb: 'wmb',
	wmb: 'wmb',
	barrier: 'barrier',
	smp_mb__before_atomic: 'before-atomic',
	smp_mb__after_atomic: 'after-atomic',
	smp_mb__after_spinlock: 'after-spinlock',
	smp_mb__after_unlock_lock: 'after-unlock-lock',
	smp_mb__after_srcu_read_unlock: 'after-srcu-read-unlock',
};

/**
 * Model: sections that keep interrupts or preemption off are RCU read-side critical sections (RCU flavours are one
 * since Linux 5.0) and order nothing else.
 */
const RCU_OF: Readonly<Record<string, RcuMark>> = {
	rcu_read_lock: 'rcu-lock',
	rcu_read_lock_bh: 'rcu-lock',
	rcu_read_lock_sched: 'rcu-lock',
	local_irq_disable: 'rcu-lock',
	preempt_disable: 'rcu-lock',
	local_bh_disable: 'rcu-lock',
	rcu_read_unlock: 'rcu-unlock',
	rcu_read_unlock_bh: 'rcu-unlock',
	rcu_read_unlock_sched: 'rcu-unlock',
	local_irq_enable: 'rcu-unlock',
	preempt_enable: 'rcu-unlock',
	local_bh_enable: 'rcu-unlock',
	synchronize_rcu: 'sync-rcu',
	synchronize_rcu_expedited: 'sync-rcu',
	synchronize_rcu_bh: 'sync-rcu',
	synchronize_sched: 'sync-rcu',
	synchronize_rcu_tasks: 'sync-rcu',
};

/** Meaning of a call, or null when it is not a primitive. */
export function primitive(name: string, call: CallSite): Meaning | null {
	const fence = FENCE_OF[name];
	if (fence !== undefined) return statement({ kind: 'fence', fence, site: call.site });
	const mark = RCU_OF[name];
	if (mark !== undefined) return statement({ kind: 'rcu', mark, site: call.site });
	return (
		access(name, call) ??
		lock(name, call) ??
		exchange(name, call) ??
		atomic(name, call) ??
		bit(name, call)
	);
}

function access(name: string, call: CallSite): Meaning | null {
	const { site } = call;
	const load = (order: AccessOrder, address: Expression): Meaning =>
		expression({ kind: 'load', order, address, site });
	const store = (order: AccessOrder, address: Expression): Meaning =>
		statement({ kind: 'store', order, address, value: call.value(1), site });
	switch (name) {
		case 'READ_ONCE':
		case 'rcu_dereference':
		case 'rcu_dereference_protected':
		case 'lockless_dereference':
		case 'ACCESS_ONCE':
			return load('once', call.object(0));
		case 'WRITE_ONCE':
			return store('once', call.object(0));
		case 'smp_load_acquire':
			return load('acquire', call.value(0));
		case 'smp_store_release':
			return store('release', call.value(0));
		// linux-kernel.def gives rcu_assign_pointer() a release store to *X, so its argument may be written `x` or `*x`.
		case 'rcu_assign_pointer':
			return store('release', call.object(0));
		case 'smp_store_mb':
			return statement({
				kind: 'block',
				statements: [
					{ kind: 'store', order: 'once', address: call.object(0), value: call.value(1), site },
					{ kind: 'fence', fence: 'mb', site },
				],
			});
		case 'smp_cond_load_acquire':
		case 'atomic_cond_read_acquire':
			return expression(conditionalLoad(call, 'acquire'));
		case 'smp_cond_load_relaxed':
		case 'atomic_cond_read_relaxed':
			return expression(conditionalLoad(call, 'once'));
		// A control dependency orders stores, smp_rmb() adds the loads: together acquire, as asm-generic/barrier.h has it.
		case 'smp_acquire__after_ctrl_dep':
			return statement({ kind: 'fence', fence: 'rmb', site });
		case 'smp_read_barrier_depends':
		case 'cpu_relax':
		case 'cond_resched':
			return statement({ kind: 'block', statements: [] });
		default:
			return null;
	}
}

/** `smp_cond_load_*(p, condition on VAL)`: reads until the condition holds. */
function conditionalLoad(call: CallSite, order: AccessOrder): Expression {
	const { site } = call;
	const seen = call.register('VAL');
	const load: Expression = { kind: 'load', order, address: call.value(0), site };
	return {
		kind: 'call',
		body: {
			kind: 'block',
			statements: [
				{
					kind: 'loop',
					condition: { kind: 'unary', operator: '!', operand: call.value(1) },
					body: { kind: 'assign', register: seen, value: load },
					step: null,
					testFirst: false,
					site,
				},
				{ kind: 'return', value: { kind: 'register', name: seen } },
			],
		},
	};
}

function lock(name: string, call: CallSite): Meaning | null {
	const { site } = call;
	switch (name) {
		case 'spin_lock':
		case 'raw_spin_lock':
		case 'mutex_lock':
			return statement({ kind: 'lock', address: call.value(0), site });
		case 'spin_unlock':
		case 'raw_spin_unlock':
		case 'mutex_unlock':
			return statement({ kind: 'unlock', address: call.value(0), site });
		case 'spin_trylock':
		case 'raw_spin_trylock':
		case 'mutex_trylock':
			return expression({ kind: 'trylock', address: call.value(0), site });
		case 'spin_is_locked':
		case 'raw_spin_is_locked':
		case 'mutex_is_locked':
			return expression({ kind: 'is-locked', address: call.value(0), site });
		case 'srcu_read_lock':
		case 'srcu_down_read':
			return expression({ kind: 'srcu-lock', address: call.value(0), site });
		case 'srcu_read_unlock':
		case 'srcu_up_read':
			return statement({ kind: 'srcu-unlock', address: call.value(0), value: call.value(1), site });
		case 'synchronize_srcu':
		case 'synchronize_srcu_expedited':
			return statement({ kind: 'sync-srcu', address: call.value(0), site });
		default:
			return null;
	}
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
	/^(?:atomic|atomic64|atomic_long|refcount)_(fetch_)?(add|sub|inc|dec|and|or|xor|andnot|read|set)(_return|_and_test|_negative|_unless|_not_zero)?(_relaxed|_acquire|_release)?$/;

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

function expression(made: Expression): Meaning {
	return { kind: 'expression', expression: made };
}

function statement(made: Statement): Meaning {
	return { kind: 'statement', statement: made };
}
