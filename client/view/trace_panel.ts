/**
 * The script of the trace panel's webview: shows the run the host sends, turns keys and clicks into motions, tells the
 * host where the reader stands. The run and the step are kept with `setState`, so that a reload of the window shows them at once.
 *
 * Invariant: knows nothing of VS Code but `acquireVsCodeApi`; all text goes through `element`.
 */

import type { SourcePlace, TracePanelContent } from '../../server/protocol.js';
import { arrowKey } from './arrows.js';
import { compareView } from './compare_view.js';
import { byId, element } from './element.js';
import { visibleFrom } from './filter.js';
import { header } from './header.js';
import { type Lanes, lanes } from './lanes.js';
import {
	type FromView,
	type HistoryEntry,
	type PanelNotice,
	type PanelRun,
	type Standing,
	standingAfter,
	standingOf,
	type ToView,
} from './message.js';
import { type Motion, motionOfKey, move } from './motion.js';
import { stepDetail } from './step_detail.js';
import { comparePick, filters, findAndCopy, historyPick, motions } from './toolbar.js';
import { setWords, t } from './words.js';
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
	readonly beside: TracePanelContent | undefined;
	/** Where the run beside it does otherwise; null: nowhere. */
	readonly parts: number | null;
	/** By step: the filter shows it. */
	readonly shown: () => readonly boolean[];
	readonly select: (step: number) => void;
}

let run: PanelRun | null = null;
let shown: Shown | null = null;
let history: readonly HistoryEntry[] = [];
let historyAt = 0;

function show(next: PanelRun): void {
	run = run === null ? next : { ...next, ...standingAfter(run, next) };
	api.setState(run);
	const drawn = JSON.stringify([next.content, next.beside ?? null, history, historyAt]);
	if (shown?.drawn !== drawn) {
		const parted = shown?.beside !== next.beside && next.beside !== undefined;
		shown = draw(next, drawn);
		if (parted && shown.parts !== null) go(shown.parts, { open: false });
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
	if (run === null || shown === null) return;
	const { cpus } = shown;
	const to = visibleFrom(shown.shown(), run.step, (step) => move(cpus, step, motion));
	go(to, { open: false });
}

function draw({ params, content, beside }: PanelRun, drawn: string): Shown {
	const goTo = (step: number) => go(step, { open: false });
	const pressed = {
		select: (step: number) => {
			if (run !== null && step === run.step) selected(run, { open: false });
			goTo(step);
		},
		open: (step: number) => go(step, { open: true }),
	};
	const open = (place: SourcePlace) => api.postMessage({ kind: 'open', place });
	const compared = beside === undefined ? null : compareView({ shown: content, beside }, pressed);
	const column = compared?.column ?? lanes(content, pressed);
	const world = worldTable(content, goTo);
	const detail = stepDetail(content, { open, go: goTo });
	const counter = element('span', { class: 'counter', 'aria-live': 'off' });
	const search = searchBox(content, column);
	const only = element('input', { type: 'checkbox', id: 'only-found' });
	only.addEventListener('change', () => column.only(only.checked));
	const sides = element(
		'div',
		{ class: 'side' },
		detail.root,
		compared === null ? world.root : null,
	);
	stage.replaceChildren(
		header(params.function, content, { open, without: () => api.postMessage({ kind: 'without' }) }),
		...toolbars({ content, counter, search, only, column, comparing: compared !== null }),
		element(
			'div',
			{ class: `split${compared === null ? '' : ' comparing'}` },
			compared?.root ?? column.root,
			sides,
		),
		keys(),
	);
	return {
		drawn,
		cpus: content.steps.map((step) => step.cpu),
		search,
		beside,
		parts: compared?.parts ?? null,
		shown: column.shown,
		select: (step) => {
			counter.textContent = `${Math.min(step + 1, content.steps.length)} / ${content.steps.length}`;
			// these take room that the lanes then do not have
			world.select(step);
			detail.select(step);
			if (compared === null) column.select(step);
			else compared.select(step);
		},
	};
}

function toolbars(of: {
	readonly content: TracePanelContent;
	readonly counter: HTMLElement;
	readonly search: HTMLElement;
	readonly only: HTMLElement;
	readonly column: Lanes;
	readonly comparing: boolean;
}): readonly HTMLElement[] {
	const { content, column, comparing } = of;
	const bar = (name: string, label: string, ...parts: readonly (HTMLElement | null)[]) =>
		element('div', { class: `toolbar ${name}`, role: 'toolbar', 'aria-label': label }, ...parts);
	const copy = () => api.postMessage({ kind: 'copy' });
	return [
		bar(
			'moving',
			t('Moving through the run'),
			...motions(goBy, of.counter),
			...findAndCopy(of.search, of.only, copy),
		),
		bar(
			'showing',
			t('What is shown'),
			...filters(content, (filter) => {
				column.filter(filter);
				if (run !== null) shown?.select(run.step);
			}),
			element('span', { class: 'gap' }),
			historyPick(history, historyAt, (key) => api.postMessage({ kind: 'recall', key })),
			comparePick({ content, history, at: historyAt, comparing }, (other) =>
				api.postMessage({ kind: 'compare', with: other }),
			),
		),
	];
}

function searchBox(content: TracePanelContent, column: Lanes): HTMLInputElement {
	const search = element('input', {
		type: 'search',
		class: 'search',
		placeholder: t('Find a location (/)'),
		'aria-label': t('Find steps by location, function or text'),
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
		['j k ↓ ↑', t('step')],
		['n p', t('switch of CPU')],
		['Home End', t('ends')],
		['Enter', t('source')],
		['/', t('find')],
		['c', t('copy')],
	];
	return element(
		'footer',
		{ class: 'keys', 'aria-hidden': 'true' },
		...pairs.map(([key, what]) =>
			element('span', {}, ...key.split(' ').map((k) => element('kbd', {}, k)), ` ${what}`),
		),
		...arrowKey(),
	);
}

function notice(next: PanelNotice | null): void {
	noticeBar.hidden = next === null;
	if (next === null) return;
	noticeBar.className = `notice ${next.kind}`;
	noticeBar.replaceChildren(element('span', {}, next.text));
	if (!next.again) return;
	const again = element('button', { type: 'button', class: 'again' }, t('Simulate again'));
	again.addEventListener('click', () => api.postMessage({ kind: 'again' }));
	noticeBar.append(again);
}

document.addEventListener('keydown', (event) => {
	if (event.ctrlKey || event.metaKey || event.altKey) return;
	const pressed =
		event.target instanceof HTMLButtonElement || event.target instanceof HTMLInputElement;
	if (event.target instanceof HTMLSelectElement) return;
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
			setWords(message.words);
			panel.setAttribute('aria-label', t('Run of a lockless walk'));
			history = message.history;
			historyAt = message.at;
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
