/**
 * Executions of litmus tests and walks for Graphviz: a cluster per process, program order downwards, communication between; the
 * edges of a cycle and the accesses of a race stand out.
 */
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
export function executionDot(
	name: string,
	execution: ShownExecution,
	highlights: Highlights,
): string {
	const lines: string[] = [`digraph ${quoted(name)} {`];
	lines.push('\tgraph [splines=true, nodesep=0.6];');
	lines.push('\tnode [shape=box, style=rounded, fontname="monospace", fontsize=11];');
	lines.push('\tedge [fontname="monospace", fontsize=10];');
	const racing = new Set(highlights.races.flatMap((r) => [r.first, r.second]));
	const drawn = drawnEdges(execution, highlights);
	const used = new Set(drawn.flatMap((e) => [e.from, e.to]));
	execution.threads.forEach((thread, index) => {
		const own = execution.events.filter((e) => e.thread === index);
		lines.push(`\tsubgraph ${quoted(`cluster_${thread}`)} {`, `\t\tlabel=${quoted(thread)};`);
		for (const e of own) {
			const where = e.line === null ? '' : ` (${e.line})`;
			const mark = racing.has(e.label) ? ', color=red' : '';
			lines.push(`\t\t${e.label} [label=${quoted(`${e.label}: ${e.text}${where}`)}${mark}];`);
		}
		if (own.length > 1) {
			lines.push(`\t\t${own.map((e) => e.label).join(' -> ')} [color=gray, arrowhead=none];`);
		}
		lines.push('\t}');
	});
	for (const e of execution.events) {
		if (e.thread < 0 && used.has(e.label)) {
			lines.push(`\t${e.label} [label=${quoted(`${e.label}: ${e.text}`)}, style=dashed];`);
		}
	}
	for (const e of drawn) {
		const look = e.inCycle ? 'color=red, fontcolor=red, penwidth=2' : 'color=gray40';
		lines.push(`\t${e.from} -> ${e.to} [label=${quoted(e.relation)}, ${look}, constraint=false];`);
	}
	const { missing } = highlights;
	if (missing !== undefined) {
		const look = 'color=red, fontcolor=red, style=dashed, constraint=false';
		lines.push(`\t${missing.from} -> ${missing.to} [label=${quoted(missing.relation)}, ${look}];`);
	}
	return `${lines.join('\n')}\n}\n`;
}

function quoted(text: string): string {
	return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
