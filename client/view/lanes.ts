/**
 * The lanes: a column per CPU, a row per step in time order, as a listbox that a screen reader walks like any other.
 *
 * Invariant: rows are made once per run; moving only changes classes and attributes.
 */
import type { TracePanelContent, TracePanelStep } from '../../server/protocol.js';
import { element } from './element.js';
import { linksOf } from './step_links.js';

export interface Lanes {
	readonly root: HTMLElement;
	/** Marks step `step` as current, with the steps that touch the same locations, and scrolls to it. */
	select(step: number): void;
	/** Marks the steps a search found. */
	find(steps: readonly number[]): void;
	/** Shows them and the current step alone, or all. */
	only(isOn: boolean): void;
}

/** What the reader does to a row. */
export interface LanesPressed {
	readonly select: (step: number) => void;
	readonly open: (step: number) => void;
}

/** Lanes of `content`; null when there is nothing to list. */
export function lanes(content: TracePanelContent, pressed: LanesPressed): Lanes {
	const list = element('div', {
		id: 'steps',
		class: 'steps',
		role: 'listbox',
		tabindex: '0',
		'aria-label': `Steps of the run, ${content.steps.length} in all`,
	});
	const rows = content.steps.map((step, index) => row(content, step, index));
	for (const [index, made] of rows.entries()) {
		made.addEventListener('click', () => pressed.select(index));
		made.addEventListener('dblclick', () => pressed.open(index));
	}
	list.append(...rows);
	const root = element('section', { class: 'lanes' }, head(content), list, outcome(content));
	root.style.setProperty('--lanes', String(content.threads.length));
	return {
		root,
		select: (step) => select({ list, rows, steps: content.steps, step }),
		find: (steps) => {
			const found = new Set(steps);
			list.classList.toggle('has-found', found.size > 0);
			for (const [index, made] of rows.entries()) made.classList.toggle('found', found.has(index));
		},
		only: (isOn) => list.classList.toggle('only-found', isOn),
	};
}

function head(content: TracePanelContent): HTMLElement {
	const names = content.threads.map((thread, cpu) =>
		element(
			'div',
			{ class: `lane-name ${laneClass(cpu)}` },
			element('span', { class: 'cpu' }, `CPU ${cpu}`),
			element('span', { class: 'thread', title: thread }, thread),
		),
	);
	return element(
		'div',
		{ class: 'lane-head', 'aria-hidden': 'true' },
		element('div', { class: 'number' }),
		...names,
	);
}

function row(content: TracePanelContent, step: TracePanelStep, index: number): HTMLElement {
	const before = content.steps[index - 1];
	const switched = before !== undefined && before.cpu !== step.cpu;
	const entered = before === undefined || switched || before.function !== step.function;
	const cells = content.threads.map((_, cpu) =>
		element(
			'div',
			{ class: `lane ${laneClass(cpu)}${cpu === step.cpu ? ' busy' : ''}` },
			cpu === step.cpu ? cell(step, entered) : null,
		),
	);
	const classes = ['step', switched ? 'switched' : '', step.violation === null ? '' : 'violates'];
	return element(
		'div',
		{
			id: `step-${index}`,
			class: classes.filter((c) => c !== '').join(' '),
			role: 'option',
			'aria-selected': 'false',
			'aria-label': spoken(step, index),
		},
		element('div', { class: 'number' }, String(index + 1)),
		...cells,
	);
}

function cell(step: TracePanelStep, entered: boolean): HTMLElement {
	return element(
		'div',
		{ class: 'cell' },
		entered
			? element('div', { class: 'function', title: `${step.function}()` }, `${step.function}()`)
			: null,
		element('div', { class: 'what' }, step.what),
		element(
			'div',
			{ class: 'source' },
			element('code', { class: 'text', title: step.text }, step.text),
			element('span', { class: 'place', title: placeText(step) }, `:${step.place.line}`),
		),
	);
}

/** What a run in which nothing goes wrong ends with; `said`: what its last telling step showed. */
function fineOutcome({ claim }: TracePanelContent, said: string | null): string {
	if (claim !== 'true') return 'Nothing goes wrong in this run.';
	return said ?? 'No explored run breaks the claim; this is one of them.';
}

function outcome(content: TracePanelContent): HTMLElement {
	const broken = content.finding;
	const said = content.steps.findLast((step) => step.violation !== null)?.violation ?? null;
	if (broken === null) {
		return element(
			'div',
			{ class: 'outcome fine', role: 'note' },
			element('strong', {}, fineOutcome(content, said)),
		);
	}
	return element(
		'div',
		{ class: 'outcome broken', role: 'note' },
		element('strong', {}, broken.rule),
		element('span', {}, ` ${broken.message}`),
		said === null || said === broken.message ? null : element('div', { class: 'said' }, said),
	);
}

function select(at: {
	readonly list: HTMLElement;
	readonly rows: readonly HTMLElement[];
	readonly steps: readonly TracePanelStep[];
	readonly step: number;
}): void {
	const here = new Set(at.steps[at.step]?.effects.map((e) => e.location));
	const { from, overwritten } = linksOf({ steps: at.steps }, at.step);
	const sources = new Set(from.map(({ step }) => step));
	const overwriting = new Set(overwritten.map(({ step }) => step));
	for (const [index, made] of at.rows.entries()) {
		const current = index === at.step;
		const shares = !current && at.steps[index]?.effects.some((e) => here.has(e.location)) === true;
		made.classList.toggle('current', current);
		made.classList.toggle('later', index > at.step);
		made.classList.toggle('shares', shares);
		made.classList.toggle('source-of', sources.has(index));
		made.classList.toggle('overwrites', overwriting.has(index));
		made.setAttribute('aria-selected', String(current));
	}
	const current = at.rows[at.step];
	if (current === undefined) {
		at.list.removeAttribute('aria-activedescendant');
		return;
	}
	at.list.setAttribute('aria-activedescendant', current.id);
	current.scrollIntoView({ block: 'nearest' });
	// What went wrong is said below the last step.
	if (at.step === at.rows.length - 1) at.list.nextElementSibling?.scrollIntoView({ block: 'end' });
}

/** `mm/gup.c:2949`: the last folders of the path are enough to tell files apart. */
export function placeText(step: Pick<TracePanelStep, 'place'>): string {
	const path = step.place.path.split('/').slice(-2).join('/');
	return `${path}:${step.place.line}`;
}

/** The class that gives a CPU its colour; colours repeat after the fourth. */
export function laneClass(cpu: number): string {
	return `cpu-${cpu % 4}`;
}

function spoken(step: TracePanelStep, index: number): string {
	const place = `${step.function}, line ${step.place.line}`;
	const wrong = step.violation === null ? '' : `. Violation: ${step.violation}`;
	return `Step ${index + 1}, CPU ${step.cpu}, ${step.what}. ${place}: ${step.text}${wrong}`;
}
