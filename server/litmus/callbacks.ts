/**
 * The callbacks of a litmus test's call_rcu(): each call has a word that passes the argument, and a thread that waits for
 * a grace period and runs the callback. rcu_barrier() waits for those that were called for by then.
 *
 * Model: a callback that was called for has run by the end; executions that end before it does are no executions. Loses
 * nothing a test can see, for it may run as late as it likes. Callbacks are not ordered among each other.
 */
import type {
	Condition,
	Expression,
	LitmusSite,
	LitmusThread,
	Statement,
} from '../../engine/memory/lkmm/litmus_program.js';
import type { LocationTable } from './location_table.js';
import { inlined } from './lower_call.js';
import { lowerInlined } from './lower_function.js';
import { CALLED, type Callback, type Callbacks, type Helper } from './lowering_context.js';
import { LitmusProblem } from './problem.js';
import { WORD } from './types.js';

const CALLBACKS_MAX = 8;

export class CallbackList implements Callbacks {
	readonly #locations: LocationTable;
	readonly #all: (Callback & { readonly name: string })[] = [];
	/** Statements of each rcu_barrier(), filled when all calls are known. */
	readonly #barriers: { readonly statements: Statement[]; readonly site: LitmusSite }[] = [];

	constructor(locations: LocationTable) {
		this.#locations = locations;
	}

	any(): boolean {
		return this.#all.length > 0;
	}

	add(helper: Helper, site: LitmusSite): number {
		const at = helper.context.offset(helper.definition.start);
		if (this.#all.length === CALLBACKS_MAX)
			throw new LitmusProblem(`more than ${CALLBACKS_MAX} callbacks`, at);
		const name = `<call_rcu ${this.#all.length}>`;
		this.#locations.declare(name, WORD, at);
		const word = this.#locations.address(name, at);
		const end = `the end of ${helper.definition.name}() of call_rcu() ${this.#all.length}`;
		this.#locations.declare(end, WORD, at);
		const done = this.#locations.address(end, at);
		this.#all.push({ helper, site, word, done, name });
		return word;
	}

	barrier(site: LitmusSite): Statement {
		const statements: Statement[] = [];
		this.#barriers.push({ statements, site });
		return { kind: 'block', statements };
	}

	/** One thread per call; callbacks that call_rcu() again make more. */
	threads(): readonly LitmusThread[] {
		const made: LitmusThread[] = [];
		for (let i = 0; i < this.#all.length; i++) {
			const callback = this.#all[i] as Callback;
			const { name } = callback.helper.definition;
			made.push({ name, registers: new Map(), body: this.#lowered(callback) });
		}
		for (const { statements, site } of this.#barriers)
			statements.push(...barrierStatements(this.#all, site));
		return made;
	}

	/** The callback's thread, which says when it is done if anybody waits for it. */
	#lowered(callback: Callback): Statement {
		const body = lowerCallback(callback);
		// A callback may call rcu_barrier(), too.
		if (this.#barriers.length === 0) return body;
		const condition: Expression = { kind: 'register', name: CALLED };
		const { done, site } = callback;
		const then: Statement = {
			...{ kind: 'store', order: 'release', site },
			...{ address: { kind: 'constant', value: done }, value: { kind: 'constant', value: 1 } },
		};
		const told: Statement = { kind: 'if', condition, then, otherwise: null, escapes: false };
		return { kind: 'block', statements: [body, told] };
	}

	/** The test's filter, and that every callback called for has run; `first` is the thread of the first. */
	filter(first: number, own: Condition | null): Condition | null {
		return this.#all.reduce((rest: Condition | null, { name }, i): Condition => {
			const location = this.#locations.find(name, 0);
			const notCalled: Condition = {
				kind: 'atom',
				left: { kind: 'location', location },
				operator: '=',
				right: 0,
			};
			const hasRun: Condition = {
				kind: 'atom',
				left: { kind: 'register', thread: first + i, name: CALLED },
				operator: '!=',
				right: 0,
			};
			const done: Condition = { kind: 'or', left: notCalled, right: hasRun };
			return rest === null ? done : { kind: 'and', left: rest, right: done };
		}, own);
	}
}

/**
 * The thread that runs a callback of call_rcu(), if it was called: after a grace period, with softirqs off, which makes it a
 * read-side critical section (kernel/rcu/tree.c, rcu_do_batch()).
 */
function lowerCallback({ helper, site, word }: Callback): Statement {
	const head: Expression = { kind: 'register', name: CALLED };
	const port = {
		...{ context: helper.context, depth: 0, isRepeated: false },
		inline: lowerInlined,
		fail: (what: string): never => {
			throw new LitmusProblem(`not understood: ${what}`, helper.context.offset(0));
		},
	};
	const then: Statement = {
		kind: 'block',
		statements: [
			{ kind: 'rcu', mark: 'sync-rcu', site },
			{ kind: 'rcu', mark: 'rcu-lock', site },
			{ kind: 'expression', expression: inlined(helper, [head], port) },
			{ kind: 'rcu', mark: 'rcu-unlock', site },
		],
	};
	const value: Expression = {
		kind: 'load',
		order: 'acquire',
		address: { kind: 'constant', value: word },
		site,
	};
	return {
		kind: 'block',
		statements: [
			{ kind: 'assign', register: CALLED, value },
			{ kind: 'if', condition: head, then, otherwise: null, escapes: false },
		],
	};
}

/**
 * rcu_barrier(): waits for the callbacks whose call_rcu() it finds, and is a full barrier before and after (kernel/rcu/tree.c of
 * 6.12: rcu_seq_snap() and rcu_seq_end(), or smp_mb() where another did the work). It is no grace period by itself.
 */
function barrierStatements(callbacks: readonly Callback[], site: LitmusSite): readonly Statement[] {
	const mb: Statement = { kind: 'fence', fence: 'mb', site };
	const at = (value: number): Expression => ({ kind: 'constant', value });
	const waits = callbacks.map(({ word, done }): Statement => {
		const finished: Expression = { kind: 'load', order: 'acquire', address: at(done), site };
		return {
			kind: 'if',
			condition: { kind: 'load', order: 'once', address: at(word), site },
			then: {
				...{ kind: 'await', address: at(done), blocked: { operator: '!=', value: 1 }, site },
				attempt: { kind: 'binary', operator: '==', left: finished, right: at(1) },
			},
			otherwise: null,
			escapes: false,
		};
	});
	return [mb, ...waits, mb];
}
