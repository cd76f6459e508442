/**
 * The script of the trace panel's webview: shows the run the host sends, turns keys and clicks into motions, tells the
 * host where the reader stands. The run and the step are kept with `setState`, so that a reload of the window shows them at once.
 *
 * Invariant: knows nothing of VS Code but `acquireVsCodeApi`; all text goes through `element`.
 */

import type { TracePanelContent } from '../../server/protocol.js';
import { badgeOf } from './badge.js';
import { button, byId, element } from './element.js';
import { type Lanes, lanes } from './lanes.js';
import {
	type FromView,
	type PanelNotice,
	type PanelRun,
	type Standing,
	standingAfter,
	standingOf,
	type ToView,
} from './message.js';
import { type Motion, motionOfKey, move } from './motion.js';
import { stepDetail } from './step_detail.js';
import { matches } from './world_state.js';
import { worldTable } from './world_table.js';

declare function acquireVsCodeApi(): {
	postMessage(message: FromView): void;
	setState(run: PanelRun): void;
	getState(): PanelRun | undefined;
};

const api = acquireVsCodeApi();
const panel = byId('panel');
const noticeBar = element('div', { class: 'notice', role: 'status', hidden: '' });
const stage = element('div', { class: 'stage' });
panel.append(noticeBar, stage);

interface Shown {
	/** The content it was drawn from, as JSON: what is equal is not drawn again. */
	readonly drawn: string;
	readonly cpus: readonly number[];
	readonly search: HTMLInputElement;
	readonly select: (step: number) => void;
}

let run: PanelRun | null = null;
let shown: Shown | null = null;

function show(next: PanelRun): void {
	run = run === null ? next : { ...next, ...standingAfter(run, next) };
	api.setState(run);
	const drawn = JSON.stringify(next.content);
	if (shown?.drawn !== drawn) {
		shown = draw(next, drawn);
		if (document.hasFocus()) byId('steps').focus({ preventScroll: true });
	}
	shown.select(run.step);
}

/** Moves the reader here and says so to the host. */
function go(step: number, options: { readonly open: boolean }): void {
	if (run === null || shown === null) return;
	if (step !== run.step) {
		run = { ...run, step, moves: run.moves + 1 };
		api.setState(run);
		shown.select(step);
	} else if (!options.open) {
		return;
	}
	selected(run, options);
}

function selected(at: Standing, { open }: { readonly open: boolean }): void {
	api.postMessage({ kind: 'selected', ...standingOf(at), open });
}

function goBy(motion: Motion): void {
	if (run !== null && shown !== null) go(move(shown.cpus, run.step, motion), { open: false });
}

function draw({ params, content }: PanelRun, drawn: string): Shown {
	const column = lanes(content, {
		select: (step) => {
			if (run !== null && step === run.step) selected(run, { open: false });
			go(step, { open: false });
		},
		open: (step) => go(step, { open: true }),
	});
	const goTo = (step: number) => go(step, { open: false });
	const world = worldTable(content, goTo);
	const detail = stepDetail(content, {
		open: (place) => api.postMessage({ kind: 'open', place }),
		go: goTo,
	});
	const counter = element('span', { class: 'counter', 'aria-live': 'off' });
	const search = searchBox(content, column);
	const only = element('input', { type: 'checkbox', id: 'only-found' });
	only.addEventListener('change', () => column.only(only.checked));
	stage.replaceChildren(
		header(params.function, content),
		toolbar(counter, search, only),
		element(
			'div',
			{ class: 'split' },
			column.root,
			element('div', { class: 'side' }, detail.root, world.root),
		),
		keys(),
	);
	return {
		drawn,
		cpus: content.steps.map((step) => step.cpu),
		search,
		select: (step) => {
			counter.textContent = `${Math.min(step + 1, content.steps.length)} / ${content.steps.length}`;
			column.select(step);
			world.select(step);
			detail.select(step);
		},
	};
}

function header(name: string, content: TracePanelContent): HTMLElement {
	const against = content.threads.slice(1).join(' and ');
	const badge = badgeOf(content);
	return element(
		'header',
		{ class: 'header' },
		element(
			'h1',
			{},
			element('span', { class: `badge ${badge.kind}` }, badge.text),
			element(
				'span',
				{ class: 'title', title: content.title },
				against === '' ? `${name}()` : `${name}() against ${against}`,
			),
		),
		content.note === undefined
			? null
			: element('p', { class: 'note', title: content.note }, content.note),
		content.finding === null
			? null
			: element('p', { class: 'message', title: content.finding.message }, content.finding.message),
		element('p', { class: 'scenario' }, content.scenario),
	);
}

function toolbar(
	counter: HTMLElement,
	search: HTMLInputElement,
	only: HTMLInputElement,
): HTMLElement {
	return element(
		'div',
		{ class: 'toolbar', role: 'toolbar', 'aria-label': 'Moving through the run' },
		button({ label: 'First step (Home)', path: 'M3 3v10M13 3 6 8l7 5z' }, () => goBy('first')),
		button({ label: 'Previous switch of CPU (p)', path: 'M8 3 3 8l5 5M13 3 8 8l5 5' }, () =>
			goBy('previousSwitch'),
		),
		button({ label: 'Previous step (k)', path: 'M10 3 5 8l5 5' }, () => goBy('previous')),
		counter,
		button({ label: 'Next step (j)', path: 'm6 3 5 5-5 5' }, () => goBy('next')),
		button({ label: 'Next switch of CPU (n)', path: 'm3 3 5 5-5 5M8 3l5 5-5 5' }, () =>
			goBy('nextSwitch'),
		),
		button({ label: 'Last step (End)', path: 'M13 3v10M3 3l7 5-7 5z' }, () => goBy('last')),
		search,
		element('label', { class: 'only', for: 'only-found' }, only, 'only found'),
		button(
			{
				label: 'Copy as the two-column text of kernel commit messages (c)',
				path: 'M5 5h8v9H5zM3 11V2h8',
				text: 'Copy',
			},
			() => api.postMessage({ kind: 'copy' }),
		),
	);
}

function searchBox(content: TracePanelContent, column: Lanes): HTMLInputElement {
	const search = element('input', {
		type: 'search',
		class: 'search',
		placeholder: 'Find a location (/)',
		'aria-label': 'Find steps by location, function or text',
	});
	search.addEventListener('input', () => column.find(matches(content, search.value)));
	search.addEventListener('keydown', (event) => {
		if (event.key === 'Escape') {
			search.value = '';
			column.find([]);
			byId('steps').focus({ preventScroll: true });
		} else if (event.key === 'Enter' && run !== null) {
			const found = matches(content, search.value);
			const from = run.step;
			const next = event.shiftKey
				? (found.findLast((step) => step < from) ?? found.at(-1))
				: (found.find((step) => step > from) ?? found[0]);
			if (next !== undefined) go(next, { open: false });
		} else {
			event.stopPropagation();
			return;
		}
		event.preventDefault();
		event.stopPropagation();
	});
	return search;
}

function keys(): HTMLElement {
	const pairs: readonly (readonly [string, string])[] = [
		['j k ↓ ↑', 'step'],
		['n p', 'switch of CPU'],
		['Home End', 'ends'],
		['Enter', 'source'],
		['/', 'find'],
		['c', 'copy'],
	];
	return element(
		'footer',
		{ class: 'keys', 'aria-hidden': 'true' },
		...pairs.map(([key, what]) =>
			element('span', {}, ...key.split(' ').map((k) => element('kbd', {}, k)), ` ${what}`),
		),
	);
}

function notice(next: PanelNotice | null): void {
	noticeBar.hidden = next === null;
	if (next === null) return;
	noticeBar.className = `notice ${next.kind}`;
	noticeBar.replaceChildren(element('span', {}, next.text));
	if (!next.again) return;
	const again = element('button', { type: 'button', class: 'again' }, 'Simulate again');
	again.addEventListener('click', () => api.postMessage({ kind: 'again' }));
	noticeBar.append(again);
}

document.addEventListener('keydown', (event) => {
	if (event.ctrlKey || event.metaKey || event.altKey) return;
	const pressed =
		event.target instanceof HTMLButtonElement || event.target instanceof HTMLInputElement;
	const motion = motionOfKey(event.key);
	if (motion !== null) goBy(motion);
	else if (event.key === 'Enter' && !pressed && run !== null) go(run.step, { open: true });
	else if (event.key === '/') shown?.search.focus();
	else if (event.key === 'c') api.postMessage({ kind: 'copy' });
	else return;
	event.preventDefault();
});

window.addEventListener('message', (event: MessageEvent<ToView>) => {
	const message = event.data;
	switch (message.kind) {
		case 'show':
			show(message.run);
			notice(message.notice);
			return;
		case 'select':
			if (run === null || shown === null) return;
			run = { ...run, ...standingAfter(run, message) };
			api.setState(run);
			shown.select(run.step);
			return;
		case 'notice':
			notice(message.notice);
			return;
	}
});

const kept = api.getState();
if (kept !== undefined) show(kept);
api.postMessage({ kind: 'ready' });
