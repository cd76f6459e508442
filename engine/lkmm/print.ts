/**
 * Prints a litmus test in the C that herd7 reads: a location becomes a variable with the field's name, big constants small
 * numbers, and each access says which line of the kernel it is.
 */

import * as tag from '../memory/lkmm/event.js';
import type { AccessPair, Ordering } from '../memory/lkmm/pair.js';
import type { EventNote, ProgramRun } from '../memory/lkmm/program_run.js';
import type { Op } from '../program/op.js';
import { blamed, type LkmmCandidate } from './scenario_runs.js';

export interface PrintedOperation {
	/** Indices in the run: one access, fence or mark, or a read-modify-write with its barriers. */
	readonly events: readonly number[];
	readonly run: ProgramRun;
	/** What an access reads or writes. */
	value(index: number): number;
	/** What the outcome says of it. */
	readonly seen: readonly {
		readonly index: number;
		readonly value: number;
		readonly decides: boolean;
	}[];
}

interface PrintOptions {
	readonly operations: readonly (readonly PrintedOperation[])[];
	readonly pair: AccessPair;
	readonly ordering: Ordering;
	readonly path: string;
}

type Rmw = Extract<Op, { kind: 'rmw' }>;

/** The test, or null when herd7 has no word for an operation. */
export function printLitmus(candidate: LkmmCandidate, options: PrintOptions): string | null {
	const variables = new Variables(candidate, options.operations.flat());
	const outcome: string[] = [];
	const bodies: (readonly string[])[] = [];
	for (const [thread, operations] of options.operations.entries()) {
		const lines: string[] = [];
		let registers = 0;
		for (const operation of operations) {
			const isSeen = operation.seen.length > 0;
			const register = isSeen || leavesResult(operation) ? `r${registers++}` : null;
			const said = statement(operation, variables, register);
			if (said === null) return null;
			lines.push(`${said.text} // ${comment(candidate, operation, options.path)}`);
			if (isSeen) outcome.push(`${thread}:${register}=${said.outcome}`);
			if (
				thread === (options.pair.isOther === true ? 1 : 0) &&
				operation.events.includes(options.pair.first)
			)
				lines.push(`// forbidden with: ${options.ordering.text}`);
		}
		const declared = Array.from({ length: registers }, (_, i) => `int r${i};`);
		bodies.push(declared.length > 0 ? [...declared, '', ...lines] : lines);
	}
	const [walk, actor] = candidate.lkmm.scenarioMachine.machine.world.threads.map((t) => t.name);
	const parameters = variables.list.map((v) => `${v.isCount ? 'atomic_t' : 'int'} *${v.name}`);
	return [
		`C ${candidate.broken.rule}`,
		'',
		'(*',
		' * Result: Sometimes',
		' *',
		` * ${walk}() against ${actor}: ${candidate.broken.what}.`,
		` * ${candidate.scenario.title}`,
		...variables.legend().map((line) => ` * ${line}`),
		' *)',
		'',
		'{',
		...variables.list.map((v) => `\t${v.initial}`),
		'}',
		...bodies.flatMap((lines, i) => [
			'',
			`P${i}(${parameters.join(', ')})`,
			'{',
			...lines.map((line) => (line === '' ? '' : `\t${line}`)),
			'}',
		]),
		'',
		`exists (${outcome.join(' /\\ ')})`,
		'',
	].join('\n');
}

function comment(candidate: LkmmCandidate, operation: PrintedOperation, path: string): string {
	const { program } = candidate.lkmm.scenarioMachine;
	const note = operation.run.notes[operation.events[0] as number] as EventNote;
	const frame = blamed(candidate.lkmm, note.frames, path);
	const site = program.sites[frame?.site ?? -1];
	const name = program.functions[frame?.function ?? -1]?.name ?? '';
	if (site === undefined) return name;
	if (site.cites !== null) return `${site.cites.path}: ${site.cites.function}()`;
	return `${site.path}:${site.line} ${name}()`;
}

/** Whether its value must go somewhere: herd7 has no statement that is an exchange, or a sum that is returned. */
function leavesResult({ run, events }: PrintedOperation): boolean {
	const reads = events.filter((i) => run.run.possible.has(i));
	const op = run.notes[reads[0] ?? -1]?.op;
	if (op === undefined || reads.length === 0) return false;
	const isNoreturn = ((run.run.events[reads[0] as number]?.tags ?? 0) & tag.NORETURN) !== 0;
	return op.kind !== 'rmw' || !isNoreturn;
}

interface Said {
	readonly text: string;
	/** What its register holds in the outcome. */
	readonly outcome: string;
}

function statement(
	operation: PrintedOperation,
	variables: Variables,
	register: string | null,
): Said | null {
	const { run, events } = operation;
	const first = run.run.events[events[0] as number];
	const note = run.notes[events[0] as number] as EventNote;
	const into = register === null ? '' : `${register} = `;
	if (note.address === null && note.op.kind !== 'rmw') return mark(first?.tags ?? 0, note.op);
	const accesses = events.filter((i) => run.run.events[i]?.location !== null);
	const index = accesses[0] as number;
	const address = run.notes[index]?.address ?? 0;
	const variable = variables.at(address);
	if (note.op.kind === 'rmw' && accesses.length === 2)
		return rmw(note.op, operation, { variable, into, write: accesses[1] as number });
	const tags = run.run.events[index]?.tags ?? 0;
	const value = variable.print(operation.value(index));
	const star = variable.isCount ? variable.name : `*${variable.name}`;
	if ((tags & tag.W) !== 0) {
		const release = (tags & tag.RELEASE) !== 0;
		if (variable.isCount)
			return {
				text: `${release ? 'atomic_set_release' : 'atomic_set'}(${star}, ${value});`,
				outcome: '',
			};
		return release
			? { text: `smp_store_release(${variable.name}, ${value});`, outcome: '' }
			: { text: `WRITE_ONCE(${star}, ${value});`, outcome: '' };
	}
	const acquire = (tags & tag.ACQUIRE) !== 0;
	if (variable.isCount)
		return {
			text: `${into}${acquire ? 'atomic_read_acquire' : 'atomic_read'}(${star});`,
			outcome: value,
		};
	return acquire
		? { text: `${into}smp_load_acquire(${variable.name});`, outcome: value }
		: { text: `${into}READ_ONCE(${star});`, outcome: value };
}

const FENCES: Readonly<Record<string, string>> = {
	mb: 'smp_mb();',
	rmb: 'smp_rmb();',
	wmb: 'smp_wmb();',
	barrier: 'barrier();',
	'before-atomic': 'smp_mb__before_atomic();',
	'after-atomic': 'smp_mb__after_atomic();',
	'after-spinlock': 'smp_mb__after_spinlock();',
};

function mark(tags: number, op: Op): Said | null {
	if ((tags & tag.RCU_LOCK) !== 0) return { text: 'rcu_read_lock();', outcome: '' };
	if ((tags & tag.RCU_UNLOCK) !== 0) return { text: 'rcu_read_unlock();', outcome: '' };
	if ((tags & tag.SYNC_RCU) !== 0) return { text: 'synchronize_rcu();', outcome: '' };
	const text = op.kind === 'fence' ? FENCES[op.fence] : undefined;
	return text === undefined ? null : { text, outcome: '' };
}

function rmw(
	op: Rmw,
	operation: PrintedOperation,
	to: { readonly variable: Variable; readonly into: string; readonly write: number },
): Said | null {
	const { variable, into, write } = to;
	const note = operation.run.notes[write] as EventNote;
	if (typeof note.operand !== 'number') return null;
	const read = operation.events.find((i) => operation.run.run.possible.has(i)) as number;
	const old = variable.print(operation.value(read));
	const now = variable.print(operation.value(write));
	const suffix = { full: '', relaxed: '_relaxed', acquire: '_acquire', release: '_release' }[
		op.order
	];
	const amount = String(note.operand);
	const { name } = variable;
	switch (op.operator) {
		case 'add': {
			const isNoreturn = ((operation.run.run.events[read]?.tags ?? 0) & tag.NORETURN) !== 0;
			if (isNoreturn && into === '')
				return { text: `atomic_add(${amount}, ${name});`, outcome: '' };
			if (isNoreturn) return null;
			return { text: `${into}atomic_add_return${suffix}(${amount}, ${name});`, outcome: now };
		}
		case 'add-unless':
			return op.order === 'full'
				? { text: `${into}atomic_add_unless(${name}, ${amount}, ${note.expected});`, outcome: '1' }
				: null;
		case 'xchg': {
			const call = variable.isCount ? `atomic_xchg${suffix}` : `xchg${suffix}`;
			return { text: `${into}${call}(${name}, ${now});`, outcome: old };
		}
		case 'cmpxchg': {
			const call = variable.isCount ? `atomic_cmpxchg${suffix}` : `cmpxchg${suffix}`;
			return { text: `${into}${call}(${name}, ${old}, ${now});`, outcome: old };
		}
		default:
			return null;
	}
}

interface Variable {
	readonly name: string;
	/** Counted with atomics: numbers stay what they are. */
	readonly isCount: boolean;
	readonly initial: string;
	print(value: number): string;
}

/** Locations as the test's variables. */
class Variables {
	readonly list: Variable[] = [];
	readonly #byAddress = new Map<number, Variable>();
	readonly #legend: string[] = [];

	constructor(candidate: LkmmCandidate, operations: readonly PrintedOperation[]) {
		const { scenarioMachine, labels } = candidate.lkmm;
		const counted = new Set<number>();
		const order: number[] = [];
		for (const { run, events } of operations) {
			for (const i of events) {
				const { address, op } = run.notes[i] as EventNote;
				if (address === null) continue;
				if (!order.includes(address)) order.push(address);
				if (op.kind === 'rmw' && /^add/.test(op.operator)) counted.add(address);
			}
		}
		for (const address of order) {
			const start =
				scenarioMachine.machine.valueAt(scenarioMachine.machine.initial(), address) ?? 0;
			const numbers = new Map([[0, 0]]);
			const isCount = counted.has(address);
			const label = labels.location(address) ?? `location ${this.list.length}`;
			const name = this.#nameFor(label);
			this.#legend.push(`${name}: ${label}`);
			const print = (value: number): string => {
				if (isCount) return String(value);
				if (!numbers.has(value)) {
					numbers.set(value, numbers.size);
					this.#legend.push(`${name}=${numbers.get(value)}: ${labels.value(address, value)}`);
				}
				return String(numbers.get(value));
			};
			const initial = isCount
				? `atomic_t ${name} = ATOMIC_INIT(${start});`
				: `int ${name} = ${print(start)};`;
			const variable = { name, isCount, initial, print };
			this.list.push(variable);
			this.#byAddress.set(address, variable);
		}
	}

	at(address: number): Variable {
		return this.#byAddress.get(address) as Variable;
	}

	/** What names and numbers stand for. */
	legend(): readonly string[] {
		return this.#legend;
	}

	#nameFor(label: string): string {
		const bare = ((label.split('.').at(-1) ?? label).split('[', 1)[0] ?? '').replace(/^_+|\W/g, '');
		const taken = this.list.filter((v) => v.name.replace(/(?<!\d)\d+$/, '') === bare).length;
		return taken === 0 ? bare : `${bare}${taken + 1}`;
	}
}
