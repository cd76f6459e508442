/**
 * Arrows between steps: from who wrote to who reads (`rf`), from who read to who overwrites (`fr`), from a write to the next
 * (`co`). They lie in a column of their own beside the lanes, and are drawn anew where the rows have moved.
 *
 * Invariant: they are the run's relations; screen readers are told the same in words by `step_detail.ts`.
 */
import type { TracePanelRelation } from '../../server/protocol.js';
import { element } from './element.js';
import { t } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';

export interface Arrow {
	readonly kind: TracePanelRelation['kind'];
	readonly location: string;
	readonly from: number;
	readonly to: number;
	/** It begins or ends at the current step. */
	readonly current: boolean;
}

/** Arrows of the current step, and all of one location where one is followed. */
export function arrowsOf(
	relations: readonly TracePanelRelation[],
	{ step, location }: { readonly step: number; readonly location: string | null },
): readonly Arrow[] {
	return relations.flatMap((relation) => {
		const { from, to } = relation;
		if (from === null) return [];
		const current = from === step || to === step;
		if (location === null ? !current : relation.location !== location) return [];
		return [{ kind: relation.kind, location: relation.location, from, to, current }];
	});
}

export interface Arrows {
	readonly root: SVGSVGElement;
	show(arrows: readonly Arrow[]): void;
	/** Draws them where the rows are now. */
	draw(): void;
}

/** `top`: the middle of a step's row within the list, null while it is hidden. */
export function arrowColumn(top: (step: number) => number | null): Arrows {
	const root = document.createElementNS(SVG, 'svg');
	root.setAttribute('class', 'arrows');
	root.setAttribute('aria-hidden', 'true');
	let shown: readonly Arrow[] = [];
	const draw = (): void => {
		const drawn = shown.flatMap((arrow) => {
			const [y1, y2] = [top(arrow.from), top(arrow.to)];
			return y1 === null || y2 === null ? [] : [{ arrow, y1, y2 }];
		});
		const bottom = Math.max(0, ...drawn.map(({ y1, y2 }) => Math.max(y1, y2)));
		root.setAttribute('height', String(bottom + 8));
		root.replaceChildren(...drawn.map(({ arrow, y1, y2 }, i) => lineOf(arrow, { y1, y2, i })));
	};
	return {
		root,
		show: (arrows) => {
			shown = arrows;
			draw();
		},
		draw,
	};
}

/** Width of the column (`lanes.css` has the same). */
const WIDTH = 30;
const RIGHT = WIDTH - 6;

function lineOf(
	{ kind, location, current }: Arrow,
	{ y1, y2, i }: { readonly y1: number; readonly y2: number; readonly i: number },
): SVGGElement {
	const group = document.createElementNS(SVG, 'g');
	group.setAttribute('class', `arrow arrow-${kind}${current ? ' of-current' : ''}`);
	// arrows that begin together fan out
	const bend = Math.max(2, 14 - (i % 4) * 4);
	const line = document.createElementNS(SVG, 'path');
	line.setAttribute('class', 'arrow-line');
	line.setAttribute('d', `M${RIGHT} ${y1}C${bend} ${y1} ${bend} ${y2} ${RIGHT} ${y2}`);
	const head = document.createElementNS(SVG, 'path');
	head.setAttribute('class', 'arrow-head');
	head.setAttribute('d', `M${RIGHT + 5} ${y2}l-6 -3.5v7z`);
	const title = document.createElementNS(SVG, 'title');
	title.textContent = `${kind} ${location}`;
	group.append(title, line, head);
	return group;
}

/** What each kind of arrow means. */
export function arrowKey(): readonly HTMLElement[] {
	const kinds: readonly (readonly [Arrow['kind'], string])[] = [
		['rf', t('read from')],
		['fr', t('overwritten by')],
		['co', t('next write')],
	];
	return kinds.map(([kind, name]) => {
		const svg = document.createElementNS(SVG, 'svg');
		svg.setAttribute('class', `arrow-sample arrow of-current arrow-${kind}`);
		svg.setAttribute('viewBox', '0 0 30 8');
		svg.setAttribute('aria-hidden', 'true');
		const line = document.createElementNS(SVG, 'path');
		line.setAttribute('class', 'arrow-line');
		line.setAttribute('d', 'M1 4H22');
		const head = document.createElementNS(SVG, 'path');
		head.setAttribute('class', 'arrow-head');
		head.setAttribute('d', 'M29 4l-6 -3.5v7z');
		svg.append(line, head);
		return element('span', {}, svg, ` ${name}`);
	});
}
