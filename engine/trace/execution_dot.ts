/**
 * Executions of litmus tests and walks for Graphviz: a cluster per process, program order downwards, communication between; the
 * edges of a cycle and the accesses of a race stand out.
 */
import { type Dot, dot, dotName } from '../escape/drawing.js';
import type { Cycle, ShownEdge, ShownExecution, ShownRace } from '../memory/lkmm/explanation.js';

export interface Highlights {
	readonly cycle: Cycle | null;
	readonly races: readonly ShownRace[];
	/** An order that is not there but would have to be: drawn dashed. */
	readonly missing?: ShownEdge;
}

/** All edges to draw: the execution's and those of the cycle that are not among them. */
export function drawnEdges(
	execution: ShownExecution,
	{ cycle }: Highlights,
): readonly (ShownEdge & { readonly inCycle: boolean })[] {
	const key = (e: ShownEdge): string => `${e.from} ${e.relation} ${e.to}`;
	const all = (cycle?.steps ?? []).flatMap((step) => step.edges);
	const cycleEdges = [...new Map(all.map((e) => [key(e), e])).values()];
	const inCycle = new Set(cycleEdges.map(key));
	const others = execution.edges.filter((e) => !inCycle.has(key(e)));
	return [
		...cycleEdges.map((e) => ({ ...e, inCycle: true })),
		...others.map((e) => ({ ...e, inCycle: false })),
	];
}

/** A `digraph` of one execution. */
export function executionDot(name: string, execution: ShownExecution, highlights: Highlights): Dot {
	const lines: Dot[] = [dot`digraph ${name} {`];
	lines.push(dot`\tgraph [splines=true, nodesep=0.6];`);
	lines.push(dot`\tnode [shape=box, style=rounded, fontname="monospace", fontsize=11];`);
	lines.push(dot`\tedge [fontname="monospace", fontsize=10];`);
	const racing = new Set(highlights.races.flatMap((r) => [r.first, r.second]));
	const drawn = drawnEdges(execution, highlights);
	const used = new Set(drawn.flatMap((e) => [e.from, e.to]));
	execution.threads.forEach((thread, index) => {
		const own = execution.events.filter((e) => e.thread === index);
		lines.push(dot`\tsubgraph ${`cluster_${thread}`} {`, dot`\t\tlabel=${thread};`);
		for (const e of own) {
			const where = e.line === null ? '' : ` (${e.line})`;
			const mark = racing.has(e.label) ? dot`, color=red` : dot``;
			lines.push(dot`\t\t${dotName(e.label)} [label=${`${e.label}: ${e.text}${where}`}${mark}];`);
		}
		if (own.length > 1) {
			const inOrder = dot.join(
				own.map((e) => dotName(e.label)),
				' -> ',
			);
			lines.push(dot`\t\t${inOrder} [color=gray, arrowhead=none];`);
		}
		lines.push(dot`\t}`);
	});
	for (const e of execution.events) {
		if (e.thread < 0 && used.has(e.label)) {
			lines.push(dot`\t${dotName(e.label)} [label=${`${e.label}: ${e.text}`}, style=dashed];`);
		}
	}
	for (const e of drawn) {
		const look = e.inCycle ? dot`color=red, fontcolor=red, penwidth=2` : dot`color=gray40`;
		lines.push(
			dot`\t${dotName(e.from)} -> ${dotName(e.to)} [label=${e.relation}, ${look}, constraint=false];`,
		);
	}
	const { missing } = highlights;
	if (missing !== undefined) {
		const look = dot`color=red, fontcolor=red, style=dashed, constraint=false`;
		lines.push(
			dot`\t${dotName(missing.from)} -> ${dotName(missing.to)} [label=${missing.relation}, ${look}];`,
		);
	}
	return dot`${dot.join(lines, '\n')}\n}\n`;
}
