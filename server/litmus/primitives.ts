/**
 * What the kernel's primitives mean in a litmus test: tools/memory-model/linux-kernel.def (6.12), and beyond it what
 * litmus tests would use if herd7 knew it: mutexes, preemption and interrupt sections (read-side critical sections of RCU
 * to the model). What is made of several of these is in definitions.ts.
 */
import type {
	AccessOrder,
	Expression,
	Fence,
	RcuMark,
} from '../../engine/memory/lkmm/litmus_program.js';
import { readModifyWrite } from './atomics.js';
import { type CallSite, expression, type Meaning, statement } from './meaning.js';

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
	local_irq_save: 'rcu-lock',
	raw_local_irq_disable: 'rcu-lock',
	raw_local_irq_save: 'rcu-lock',
	preempt_disable: 'rcu-lock',
	preempt_disable_notrace: 'rcu-lock',
	local_bh_disable: 'rcu-lock',
	rcu_read_unlock: 'rcu-unlock',
	rcu_read_unlock_bh: 'rcu-unlock',
	rcu_read_unlock_sched: 'rcu-unlock',
	local_irq_enable: 'rcu-unlock',
	local_irq_restore: 'rcu-unlock',
	raw_local_irq_enable: 'rcu-unlock',
	raw_local_irq_restore: 'rcu-unlock',
	preempt_enable: 'rcu-unlock',
	preempt_enable_no_resched: 'rcu-unlock',
	preempt_enable_notrace: 'rcu-unlock',
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
	return access(name, call) ?? lock(name, call) ?? readModifyWrite(name, call);
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
		case 'rcu_dereference_bh':
		case 'rcu_dereference_sched':
		case 'rcu_dereference_check':
		case 'rcu_dereference_raw':
		case 'rcu_access_pointer':
		case 'rcu_dereference_protected':
		case 'lockless_dereference':
		case 'ACCESS_ONCE':
			return load('once', call.object(0));
		case 'WRITE_ONCE':
		case 'RCU_INIT_POINTER':
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
