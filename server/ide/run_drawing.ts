/**
 * A run as a drawing: a lane per CPU, time downwards, and an edge wherever a step reads what another CPU wrote. Text is cut where it
 * would run into the next lane; an SVG has all of it as a title.
 *
 * It leaves out what the two-column drawing leaves out: reads of what no other CPU writes in the run.
 *
 * Invariant: text is escaped; the SVG holds no script, style sheet or reference, and uses the colours of whatever it stands in.
 */
import { type Dot, dot, dotName, type Svg, svg } from '../../engine/escape/drawing.js';
import { raced } from '../../engine/trace/diagram.js';
import type { AnalysedStep, AnalysedTrace } from './analysis/analysis.js';
import { isAround } from './two_column.js';

/** A step reads what a step of another CPU wrote. */
interface Crossing {
	readonly from: number;
	readonly to: number;
	readonly location: string;
}

interface Drawn {
	readonly threads: readonly string[];
	readonly steps: readonly AnalysedStep[];
	readonly crossings: readonly Crossing[];
}

function drawnOf(trace: AnalysedTrace): Drawn {
	const steps = raced(trace.steps.filter((step) => !isAround(step)));
	const last = Math.max(0, ...steps.map((s) => s.cpu));
	return { threads: trace.threads.slice(0, last + 1), steps, crossings: crossingsOf(steps) };
}

function crossingsOf(steps: readonly AnalysedStep[]): readonly Crossing[] {
	const writers = new Map<string, number>();
	const found: Crossing[] = [];
	for (const [to, { cpu, effects }] of steps.entries()) {
		for (const { location, read } of effects) {
			const from = writers.get(location);
			if (read === null || from === undefined || steps[from]?.cpu === cpu) continue;
			found.push({ from, to, location });
		}
		for (const { location, wrote } of effects) if (wrote !== null) writers.set(location, to);
	}
	return found;
}

const LANE = 420;
const ROW = 40;
const TOP = 40;
const LEFT = 24;
/** Characters of a lane's line. */
const LINE_MAX = 52;
const RED = '#d1242f';

/** The run as an SVG document. */
export function runSvg(title: string, trace: AnalysedTrace): Svg {
	const { threads, steps, crossings } = drawnOf(trace);
	const width = LEFT + threads.length * LANE;
	const height = TOP + (steps.length + 1) * ROW;
	const x = (cpu: number): number => LEFT + cpu * LANE;
	const y = (step: number): number => TOP + (step + 1) * ROW;
	const heads = threads.map(
		(name, cpu) =>
			svg`<text x="${x(cpu)}" y="${TOP - 12}" fill="currentColor" font-weight="bold">${cut(`CPU ${cpu} (${name})`)}</text>
<line x1="${x(cpu)}" y1="${TOP}" x2="${x(cpu)}" y2="${height - ROW / 2}" stroke="currentColor" stroke-opacity="0.35"/>`,
	);
	const edges = crossings.map((edge) => {
		const [a, b] = [steps[edge.from], steps[edge.to]];
		const [x1, x2] = [x(a?.cpu ?? 0), x(b?.cpu ?? 0)];
		return svg`<line x1="${x1}" y1="${y(edge.from)}" x2="${x2}" y2="${y(edge.to)}" stroke="currentColor" stroke-opacity="0.5" stroke-dasharray="4 3"><title>reads ${edge.location}</title></line>`;
	});
	const rows = steps.map((step, i) => {
		const colour = step.violation === null ? 'currentColor' : RED;
		const [at, down] = [x(step.cpu), y(i)];
		const [innermost] = step.frames;
		const where = `${innermost.cites?.function ?? innermost.function}()`;
		const said = step.violation === null ? step.what : `${step.what}: ${step.violation}`;
		return svg`<g><title>${where}: ${said}</title><circle cx="${at}" cy="${down}" r="4" fill="${colour}"/><text x="${at + 12}" y="${down - 3}" fill="${colour}">${cut(step.what)}</text><text x="${at + 12}" y="${down + 11}" fill="${colour}" fill-opacity="0.65" font-size="10">${cut(where)}</text></g>`;
	});
	const wrong = steps.find((step) => step.violation !== null)?.violation ?? null;
	const foot =
		wrong === null ? svg`` : svg`<text x="${LEFT}" y="${height - 6}" fill="${RED}">${wrong}</text>`;
	return svg`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="monospace" font-size="12" role="img">
<title>${title}</title>
${svg.join([...heads, ...edges, ...rows, foot], '\n')}
</svg>
`;
}

function cut(text: string): string {
	return text.length <= LINE_MAX ? text : `${text.slice(0, LINE_MAX - 1)}…`;
}

/** The run as DOT: a cluster per CPU, program order downwards, edges for what is read from another CPU. */
export function runDot(title: string, trace: AnalysedTrace): Dot {
	const { threads, steps, crossings } = drawnOf(trace);
	const node = (step: number): Dot => dotName(`s${step}`);
	const clusters = threads.map((name, cpu) => {
		const own = steps.flatMap((step, i) => (step.cpu === cpu ? [i] : []));
		const nodes = own.map((i) => {
			const step = steps[i];
			const [innermost] = step?.frames ?? [];
			const where = innermost?.cites?.function ?? innermost?.function ?? name;
			const wrong = step?.violation == null ? dot`` : dot` color=${RED} fontcolor=${RED}`;
			return dot`    ${node(i)} [label=${`${where}(): ${step?.what ?? ''}`}${wrong}];`;
		});
		const order = own.slice(1).map((to, i) => dot`    ${node(own[i] ?? 0)} -> ${node(to)};`);
		return dot.join(
			[
				dot`  subgraph ${`cluster_${cpu}`} {`,
				dot`    label=${`CPU ${cpu} (${name})`};`,
				...nodes,
				...order,
				dot`  }`,
			],
			'\n',
		);
	});
	const edges = crossings.map(
		({ from, to, location }) =>
			dot`  ${node(from)} -> ${node(to)} [label=${location} style=dashed constraint=false];`,
	);
	return dot.join(
		[
			dot`digraph ${title} {`,
			dot`  node [shape=box fontname=monospace];`,
			...clusters,
			...edges,
			dot`}`,
			'',
		].map((part) => (part === '' ? dot`` : part)),
		'\n',
	);
}
