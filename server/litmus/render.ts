/**
 * Results of litmus tests as text: states and summaries in herd7's words, so that scripts written for herd7 read them.
 */

import type { Deadlock } from '../../engine/memory/lkmm/deadlock.js';
import {
	type LitmusProgram,
	locationAt,
	type Observable,
} from '../../engine/memory/lkmm/litmus_program.js';
import type { Outcomes, State } from '../../engine/memory/lkmm/outcomes.js';
import { SYMBOLIC_BASE } from '../../engine/memory/lkmm/symbolic.js';

export type Observation = 'Never' | 'Sometimes' | 'Always';

/** `0:r1=1; [x]=2;` */
function renderState(
	program: LitmusProgram,
	observables: readonly Observable[],
	state: State,
): string {
	return observables
		.map((o, i) => {
			const value = renderValue(program, state[i] ?? 0);
			return o.kind === 'register'
				? `${o.thread}:${o.name}=${value};`
				: `${placed(program.locations[o.location]?.name ?? '')}=${value};`;
		})
		.join(' ');
}

/** A location's name; one that belongs to a thread is written like its registers. */
function placed(name: string): string {
	return name.includes(':') ? name : `[${name}]`;
}

function renderValue(program: LitmusProgram, value: number): string {
	if (value >= SYMBOLIC_BASE) return `S${value - SYMBOLIC_BASE}`;
	const location = locationAt(program, value);
	const found = location === null ? undefined : program.locations[location];
	return found === undefined ? String(value) : (found.object ?? found.name);
}

/** All states, sorted with numbers in numeric order. */
export function renderStates(program: LitmusProgram, outcomes: Outcomes): readonly string[] {
	const sorted = [...outcomes.states].sort((a, b) => {
		const at = a.findIndex((value, i) => value !== b[i]);
		return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
	});
	return sorted.map((state) => renderState(program, outcomes.observables, state));
}

/** `P0 waits for b, P1 waits for a`, `P0 waits for a grace period in its own read-side critical section` */
export function renderDeadlock(program: LitmusProgram, deadlock: Deadlock): string {
	return deadlock
		.map(({ thread, lock }) => {
			const what = lock === null ? null : program.locations[lock]?.name;
			return `${program.threads[thread]?.name} waits for ${what ?? 'a grace period in its own read-side critical section'}`;
		})
		.join(', ');
}

/** Executions in which the proposition holds, and in which it does not. */
export interface Counts {
	readonly positive: number;
	readonly negative: number;
}

/** What herd7 calls the observation. */
export function observation({ positive, negative }: Counts): Observation {
	if (positive === 0) return 'Never';
	return negative === 0 ? 'Always' : 'Sometimes';
}

export interface Summary {
	/** The condition as written. */
	readonly condition: string;
	/** Rendered and in order. */
	readonly states: readonly string[];
	readonly outcomes: Outcomes;
	/** What the verdict rests on; null: it is not decided, and no line claims one. */
	readonly observed: Counts | null;
	readonly seconds: number;
}

/** herd7's summary of one test. */
export function renderSummary(program: LitmusProgram, summary: Summary): string {
	const { condition, states, outcomes, observed, seconds } = summary;
	const { positive, negative } = observed ?? outcomes;
	const validated = { exists: positive > 0, '~exists': positive === 0, forall: negative === 0 }[
		program.quantifier
	];
	const kind = { exists: 'Allowed', '~exists': 'Forbidden', forall: 'Required' }[
		program.quantifier
	];
	return [
		`Test ${program.name} ${kind}`,
		`States ${states.length}`,
		...states,
		...(observed === null ? [] : [validated ? 'Ok' : 'No']),
		'Witnesses',
		`Positive: ${positive} Negative: ${negative}`,
		...outcomes.flags.map((flag) => `Flag ${flag}`),
		...(outcomes.deadlock === null
			? []
			: [`Deadlock ${renderDeadlock(program, outcomes.deadlock)}`]),
		`Condition ${program.quantifier} ${condition}`,
		...(observed === null
			? []
			: [`Observation ${program.name} ${observation(observed)} ${positive} ${negative}`]),
		`Time ${program.name} ${seconds.toFixed(2)}`,
		'',
	].join('\n');
}
