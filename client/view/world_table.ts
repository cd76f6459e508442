/**
 * The table of shared locations beside the lanes: their values at the current step, with what the step changed marked.
 *
 * It leaves out, unless asked, locations that no step of the run touches.
 */
import type { TracePanelContent } from '../../server/protocol.js';
import { element } from './element.js';
import { laneClass } from './lanes.js';
import { lastWrite } from './step_links.js';
import { type LocationState, worldAt } from './world_state.js';

export interface WorldTable {
	readonly root: HTMLElement;
	select(step: number): void;
}

/** The table for `content`; `go` leads to another step. */
export function worldTable(content: TracePanelContent, go: (step: number) => void): WorldTable {
	const body = element('tbody', {});
	const all = element('input', { type: 'checkbox', id: 'all-locations' });
	const hidden = worldAt(content, 0).filter((state) => !state.touched).length;
	let at = 0;
	const draw = () => {
		const states = worldAt(content, at).filter((state) => state.touched || all.checked);
		body.replaceChildren(
			...states.map((state) => row(state, lastWrite(content, state.location, at), go)),
		);
		body.querySelector('.wrote')?.scrollIntoView({ block: 'nearest' });
	};
	all.addEventListener('change', draw);
	const rest = element(
		'label',
		{ class: 'rest', for: 'all-locations' },
		all,
		`${hidden} more that the run does not touch`,
	);
	const table = element(
		'table',
		{ 'aria-label': 'Shared locations at the current step' },
		element(
			'thead',
			{},
			element(
				'tr',
				{},
				element('th', { scope: 'col' }, 'Location'),
				element('th', { scope: 'col' }, 'Value'),
				element('th', { scope: 'col', title: 'CPU that wrote it last' }, 'Writer'),
			),
		),
		body,
	);
	return {
		root: element('section', { class: 'world' }, table, hidden === 0 ? null : rest),
		select: (step) => {
			at = step;
			draw();
		},
	};
}

function row(state: LocationState, wrote: number | null, go: (step: number) => void): HTMLElement {
	const value = element(
		'td',
		{ class: 'value' },
		state.before === null ? null : element('span', { class: 'before' }, state.before),
		state.before === null ? null : element('span', { class: 'arrow' }, ' → '),
		element('span', { class: 'now' }, state.value ?? 'unknown'),
	);
	const writer =
		state.writer === null
			? element('td', { class: 'writer' })
			: element('td', { class: `writer ${laneClass(state.writer)}` }, wayTo(state, wrote, go));
	const access = state.access === null ? null : element('span', { class: 'access' }, state.access);
	return element(
		'tr',
		{ class: state.access ?? 'still' },
		element('th', { scope: 'row' }, state.location, access),
		value,
		writer,
	);
}

/** Who wrote it last, and the way to that step. */
function wayTo(
	{ writer, location }: LocationState,
	wrote: number | null,
	go: (step: number) => void,
): HTMLElement | string {
	if (wrote === null) return `CPU ${writer}`;
	const title = `Go to step ${wrote + 1}, which wrote ${location} last`;
	const link = element('button', { type: 'button', class: 'link', title }, `CPU ${writer}`);
	link.addEventListener('click', () => go(wrote));
	return link;
}
