/**
 * Executions of litmus tests as text: a column per process, then the edges, a cycle as one line that can be read aloud.
 *
 *     P0                    P1
 *     a: W[once] x=1        d: R[once] y=1
 *     b: [wmb]              e: [rmb]
 *     c: W[once] y=1        f: R[once] x=0
 *
 *     c →rfe d →rmb f →fre a →wmb c
 */
import type { Cycle, ShownEdge, ShownExecution, ShownRace } from '../memory/lkmm/explanation.js';

/** Least blanks between two columns. */
const GAP = 3;

/** The events in columns, with the lines of the file they come from; the lines end in a newline. */
export function executionColumns(execution: ShownExecution): string {
	const columns = execution.threads.map((name, thread) => [
		name,
		...execution.events
			.filter((e) => e.thread === thread)
			.map((e) => `${e.label}: ${e.text}${e.line === null ? '' : `  (line ${e.line})`}`),
	]);
	const height = Math.max(0, ...columns.map((c) => c.length));
	const widths = columns.map((c) => Math.max(...c.map((cell) => cell.length)) + GAP);
	const rows = Array.from({ length: height }, (_, row) =>
		columns
			.map((c, i) => (c[row] ?? '').padEnd(widths[i] as number))
			.join('')
			.trimEnd(),
	);
	const initial = execution.events.filter((e) => e.thread < 0);
	if (initial.length > 0) {
		rows.push('', `initially ${initial.map((e) => `${e.label}: ${e.text}`).join(', ')}`);
	}
	return `${rows.join('\n')}\n`;
}

/** `rf: a → d, c → f` per relation. */
export function executionEdges(edges: readonly ShownEdge[]): string {
	const byRelation = new Map<string, string[]>();
	for (const { relation, from, to } of edges) {
		const list = byRelation.get(relation) ?? [];
		list.push(`${from} → ${to}`);
		byRelation.set(relation, list);
	}
	return [...byRelation].map(([name, pairs]) => `${name}: ${pairs.join(', ')}\n`).join('');
}

/** `c →rfe d →rmb f →fre a →wmb c`. */
export function cycleLine(cycle: Cycle): string {
	const edges = cycle.steps.flatMap((step) => step.edges);
	const first = edges[0]?.from ?? '';
	return first + edges.map((e) => ` →${e.relation} ${e.to}`).join('');
}

/** The steps of the axiom's relation, one per line, with the edges each is made of. */
export function cycleSteps(cycle: Cycle, execution: ShownExecution): string {
	const lineOf = (label: string): string => {
		const line = execution.events.find((e) => e.label === label)?.line ?? null;
		return line === null ? 'initial' : `line ${line}`;
	};
	return cycle.steps
		.map((step) => {
			const made = step.edges.map((e) => `${e.from} →${e.relation} ${e.to}`).join(', ');
			const own = step.edges.length === 1 && step.edges[0]?.relation === step.relation;
			const where = `${lineOf(step.from)} to ${lineOf(step.to)}`;
			return `  ${step.from} →${step.relation} ${step.to}  ${where}${own ? '' : `: ${made}`}\n`;
		})
		.join('');
}

/** `a and d race on x: lines 7 and 14`. */
export function raceLine(race: ShownRace, execution: ShownExecution): string {
	const event = (label: string) => execution.events.find((e) => e.label === label);
	const told = (label: string): string => {
		const e = event(label);
		const where = e?.line == null ? 'initially' : `line ${e.line}`;
		return `${label}: ${e?.text ?? ''} (${where})`;
	};
	return `${told(race.first)} and ${told(race.second)} race on ${race.location}`;
}
