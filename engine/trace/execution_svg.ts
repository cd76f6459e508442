/**
 * Executions of litmus tests as SVG: a column per process, program order downwards, edges as curves. It uses the colours
 * of whatever it stands in (`currentColor`), red for a cycle or a race, so it is readable on light and dark ground.
 *
 * Invariant: text is escaped; the drawing holds no script, style sheet or reference.
 */
import { type Svg, svg } from '../escape/drawing.js';
import type { ShownEvent, ShownExecution } from '../memory/lkmm/explanation.js';
import { drawnEdges, type Highlights } from './execution_dot.js';

const CHARACTER = 7.3;
const ROW = 56;
const BOX = 26;
const MARGIN = 24;
const COLUMN_GAP = 150;
/** Room for edges beside the first column. */
const SIDE = 80;
const RED = '#d1242f';

interface Box {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly column: number;
}

/** One execution as an SVG document. */
export function executionSvg(name: string, execution: ShownExecution, highlights: Highlights): Svg {
	const drawn = drawnEdges(execution, highlights);
	const used = new Set(drawn.flatMap((e) => [e.from, e.to]));
	const racing = new Set(highlights.races.flatMap((r) => [r.first, r.second]));
	const columns = execution.threads.map((_, i) => execution.events.filter((e) => e.thread === i));
	const initial = execution.events.filter((e) => e.thread < 0 && used.has(e.label));
	const boxes = place(columns, initial);
	const parts: Svg[] = [];
	execution.threads.forEach((thread, column) => {
		const box = [...boxes.values()].find((b) => b.column === column);
		if (box !== undefined) parts.push(text(box.x, MARGIN + 12, thread, svg`font-weight="bold"`));
	});
	for (const column of columns) {
		column.slice(1).forEach((event, i) => {
			const above = boxes.get((column[i] as ShownEvent).label) as Box;
			const below = boxes.get(event.label) as Box;
			parts.push(
				svg`<line x1="${above.x}" y1="${above.y + BOX / 2}" x2="${below.x}" y2="${below.y - BOX / 2}" stroke="currentColor" stroke-opacity="0.35"/>`,
			);
		});
	}
	for (const [i, edge] of drawn.entries()) {
		const from = boxes.get(edge.from);
		const to = boxes.get(edge.to);
		if (from === undefined || to === undefined) continue;
		parts.push(curve(from, to, { label: edge.relation, red: edge.inCycle, nudge: i }));
	}
	for (const event of execution.events) {
		const box = boxes.get(event.label);
		if (box !== undefined) parts.push(node(event, box, racing.has(event.label)));
	}
	const width = Math.max(0, ...[...boxes.values()].map((b) => b.x + b.width / 2)) + MARGIN;
	const height = Math.max(0, ...[...boxes.values()].map((b) => b.y)) + BOX + MARGIN;
	return svg`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" font-family="monospace" font-size="12" role="img">
<title>${name}</title>
<defs>${arrow('arrow', 'currentColor')}${arrow('arrow-red', RED)}</defs>
${svg.join(parts, '\n')}
</svg>
`;
}

function place(
	columns: readonly (readonly ShownEvent[])[],
	initial: readonly ShownEvent[],
): ReadonlyMap<string, Box> {
	const boxes = new Map<string, Box>();
	const top = MARGIN + 50 + (initial.length > 0 ? ROW : 0);
	let left = MARGIN + SIDE;
	columns.forEach((events, column) => {
		const width = Math.max(60, ...events.map((e) => shown(e).length * CHARACTER + 16));
		events.forEach((event, row) => {
			boxes.set(event.label, { x: left + width / 2, y: top + row * ROW, width, column });
		});
		left += width + COLUMN_GAP;
	});
	let at = MARGIN + SIDE;
	for (const event of initial) {
		const width = shown(event).length * CHARACTER + 16;
		boxes.set(event.label, { x: at + width / 2, y: MARGIN + 50, width, column: -1 });
		at += width + 40;
	}
	return boxes;
}

function node(event: ShownEvent, box: Box, racing: boolean): Svg {
	const stroke = racing ? RED : 'currentColor';
	const dash = event.thread < 0 ? svg` stroke-dasharray="4 3"` : svg``;
	const frame =
		event.kind === 'fence'
			? svg``
			: svg`<rect x="${round(box.x - box.width / 2)}" y="${round(box.y - BOX / 2)}" width="${round(box.width)}" height="${BOX}" rx="5" fill="none" stroke="${stroke}"${dash}/>`;
	return svg`${frame}${text(box.x, box.y + 4, shown(event), svg``)}`;
}

function shown(event: ShownEvent): string {
	return `${event.label}: ${event.text}${event.line === null ? '' : ` (${event.line})`}`;
}

function curve(
	from: Box,
	to: Box,
	look: { readonly label: string; readonly red: boolean; readonly nudge: number },
): Svg {
	const colour = look.red ? RED : 'currentColor';
	const same = from.column === to.column;
	const rows = Math.round(Math.abs(from.y - to.y) / ROW);
	const bend = same ? Math.min(SIDE + 20, 16 + rows * 28) : 40 + (look.nudge % 4) * 14;
	// Within a column on its left side, else from side to side.
	const side = !same && from.x < to.x ? 1 : -1;
	const x1 = from.x + (side * from.width) / 2;
	const x2 = to.x + ((same ? side : -side) * to.width) / 2;
	const c1 = x1 + side * bend;
	const c2 = x2 + (same ? side : -side) * bend;
	const path = `M ${round(x1)} ${round(from.y)} C ${round(c1)} ${round(from.y)}, ${round(c2)} ${round(to.y)}, ${round(x2)} ${round(to.y)}`;
	// Near the start, so that edges that cross keep their labels apart.
	const t = same ? 0.5 : 0.3;
	const said = text(
		bezier(t, [x1, c1, c2, x2]) - (same ? 14 : 0),
		bezier(t, [from.y, from.y, to.y, to.y]) - 5,
		look.label,
		svg`fill="${colour}" font-size="11"`,
	);
	const marker = look.red ? 'arrow-red' : 'arrow';
	const width = look.red ? 2 : 1;
	return svg`<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}" marker-end="url(#${marker})"/>${said}`;
}

/** A coordinate of a cubic Bézier curve. */
function bezier(t: number, [a, b, c, d]: readonly [number, number, number, number]): number {
	const u = 1 - t;
	return u ** 3 * a + 3 * u * u * t * b + 3 * u * t * t * c + t ** 3 * d;
}

function text(x: number, y: number, content: string, attributes: Svg): Svg {
	const fill = attributes.text.includes('fill=') ? svg`` : svg` fill="currentColor"`;
	return svg`<text x="${round(x)}" y="${round(y)}" text-anchor="middle"${fill} ${attributes}>${content}</text>`;
}

function arrow(id: string, colour: string): Svg {
	return svg`<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M 0 0 L 8 4 L 0 8 z" fill="${colour}"/></marker>`;
}

function round(n: number): number {
	return Math.round(n * 10) / 10;
}
