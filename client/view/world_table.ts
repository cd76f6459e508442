/**
 * The table of shared locations beside the lanes: their values at the current step, with what the step changed marked.
 *
 * It leaves out, unless asked, locations that no step of the run touches.
 */
import type { TracePanelContent } from '../../server/protocol.js';
import { element } from './element.js';
import { laneClass } from './lanes.js';
import { lastWrite } from './step_links.js';
import { t } from './words.js';
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
		showRow(body.querySelector<HTMLElement>('.wrote'));
	};
	all.addEventListener('change', draw);
	const rest = element(
		'label',
		{ class: 'rest', for: 'all-locations' },
		all,
		t('{0} more that the run does not touch', hidden),
	);
	const table = element(
		'table',
		{ 'aria-label': t('Shared locations at the current step') },
		element(
			'thead',
			{},
			element(
				'tr',
				{},
				element('th', { scope: 'col' }, t('Location')),
				element('th', { scope: 'col' }, t('Value')),
				element('th', { scope: 'col', title: t('CPU that wrote it last') }, t('Writer')),
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

/** Scrolls the table alone: where the page scrolls as a whole, the lanes are what is to be seen. */
function showRow(made: HTMLElement | null): void {
	const scrolled = made?.closest('.world');
	if (made === null || !scrolled || scrolled.scrollHeight <= scrolled.clientHeight) return;
	const [top, bottom] = [made.offsetTop, made.offsetTop + made.offsetHeight];
	const head = 30;
	if (top - head < scrolled.scrollTop) scrolled.scrollTop = top - head;
	else if (bottom > scrolled.scrollTop + scrolled.clientHeight)
		scrolled.scrollTop = bottom - scrolled.clientHeight;
}

function row(state: LocationState, wrote: number | null, go: (step: number) => void): HTMLElement {
	const value = element(
		'td',
		{ class: 'value' },
		state.before === null ? null : element('span', { class: 'before' }, state.before),
		state.before === null ? null : element('span', { class: 'arrow' }, ' → '),
		element('span', { class: 'now' }, state.value ?? t('unknown')),
	);
	const writer =
		state.writer === null
			? element('td', { class: 'writer' })
			: element('td', { class: `writer ${laneClass(state.writer)}` }, wayTo(state, wrote, go));
	const access =
		state.access === null
			? null
			: element('span', { class: 'access' }, state.access === 'read' ? t('read') : t('wrote'));
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
	if (wrote === null) return t('CPU {0}', writer ?? '');
	const title = t('Go to step {0}, which wrote {1} last', wrote + 1, location);
	const link = element(
		'button',
		{ type: 'button', class: 'link', title },
		t('CPU {0}', writer ?? ''),
	);
	link.addEventListener('click', () => go(wrote));
	return link;
}
