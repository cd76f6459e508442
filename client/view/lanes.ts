/**
 * The lanes: a column per CPU and one for memory, a row per step in time order, as a listbox that a screen reader walks like any
 * other. Beside the life lines stand bands of what CPUs hold; before them arrows from who writes to who reads.
 *
 * Invariant: rows are made once per run; moving only changes classes and attributes.
 */
import type { TracePanelContent, TracePanelStep } from '../../server/protocol.js';
import { arrowColumn, arrowsOf } from './arrows.js';
import { type Band, bandName, bandPieces, bandsOf, columnsOf, heldAt, legend } from './bands.js';
import { element } from './element.js';
import { EVERYTHING, type Filter, shownBy } from './filter.js';
import { memoryAt, memoryCell } from './memory_lane.js';
import { linksOf } from './step_links.js';
import { t } from './words.js';

export interface Lanes {
	readonly root: HTMLElement;
	/** Marks step `step` as current, with the steps that touch the same locations, and scrolls to it. */
	select(step: number): void;
	/** Marks the steps a search found. */
	find(steps: readonly number[]): void;
	/** Shows them and the current step alone, or all. */
	only(isOn: boolean): void;
	/** Hides the other steps; the memory lane follows the filter's location. */
	filter(filter: Filter): void;
	/** By step: the filter shows it. */
	readonly shown: () => readonly boolean[];
}

/** What the reader does to a row. */
export interface LanesPressed {
	readonly select: (step: number) => void;
	readonly open: (step: number) => void;
}

export interface LanesOptions {
	/** Begins the ids of its elements: two runs may be shown at once. */
	readonly id: string;
	/** Without memory, beside another run. */
	readonly narrow: boolean;
	/** The first step that the run beside it does not have; null: none. */
	readonly parts: number | null;
}

const ALONE: LanesOptions = { id: '', narrow: false, parts: null };

/** Lanes of `content`. */
export function lanes(
	content: TracePanelContent,
	pressed: LanesPressed,
	{ id, narrow, parts }: LanesOptions = ALONE,
): Lanes {
	const list = element('div', {
		id: `${id}steps`,
		class: 'steps',
		role: 'listbox',
		tabindex: '0',
		'aria-label': t('Steps of the run, {0} in all', content.steps.length),
	});
	const bands = bandsOf(content);
	const rows = content.steps.map((step, index) =>
		row(content, { step, index, bands, id, narrow, parts }),
	);
	for (const [index, made] of rows.entries()) {
		made.addEventListener('click', () => pressed.select(index));
		made.addEventListener('dblclick', () => pressed.open(index));
	}
	const arrows = arrowColumn((step) => {
		const made = rows[step];
		if (made === undefined || made.offsetHeight === 0) return null;
		return made.offsetTop + made.offsetHeight / 2;
	});
	list.append(arrows.root, ...rows);
	const classes = [
		'lanes',
		narrow ? 'narrow' : '',
		content.supposed === undefined ? '' : 'supposed',
	];
	const root = element(
		'section',
		{ class: classes.filter((c) => c !== '').join(' ') },
		head(content, bands, narrow),
		list,
		outcome(content),
	);
	root.style.setProperty('--lanes', String(content.threads.length));
	new ResizeObserver(() => arrows.draw()).observe(list);
	let at = 0;
	let filter = EVERYTHING;
	let shown = shownBy(content.steps, filter);
	const drawArrows = () =>
		arrows.show(arrowsOf(content.relations ?? [], { step: at, location: filter.location }));
	return {
		root,
		select: (step) => {
			at = step;
			select({ list, rows, content, step });
			drawArrows();
		},
		find: (steps) => {
			const found = new Set(steps);
			list.classList.toggle('has-found', found.size > 0);
			for (const [index, made] of rows.entries()) made.classList.toggle('found', found.has(index));
			arrows.draw();
		},
		only: (isOn) => {
			list.classList.toggle('only-found', isOn);
			arrows.draw();
		},
		filter: (next) => {
			const followed = filter.location !== next.location;
			filter = next;
			shown = shownBy(content.steps, filter);
			for (const [index, made] of rows.entries()) {
				made.classList.toggle('filtered', shown[index] === false);
				if (!followed) continue;
				const cells = memoryAt(content, index, filter.location);
				made.querySelector('.memory')?.replaceChildren(...memoryCell(cells, filter.location));
			}
			root.classList.toggle('follows', filter.location !== null);
			const name = root.querySelector('.memory-head .thread');
			if (name !== null) name.textContent = filter.location ?? t('what changes');
			drawArrows();
		},
		shown: () => shown,
	};
}

function head(content: TracePanelContent, bands: readonly Band[], narrow: boolean): HTMLElement {
	const names = content.threads.map((thread, cpu) => {
		const made = element(
			'div',
			{ class: `lane-name ${laneClass(cpu)}` },
			element('span', { class: 'cpu' }, t('CPU {0}', cpu)),
			element('span', { class: 'thread', title: thread }, thread),
			legend(bands, cpu),
		);
		return made;
	});
	const memory = element(
		'div',
		{ class: 'lane-name memory-head' },
		element('span', { class: 'cpu' }, t('Memory')),
		element('span', { class: 'thread' }, t('what changes')),
	);
	return element(
		'div',
		{ class: 'lane-head', 'aria-hidden': 'true' },
		element('div', { class: 'number' }),
		element('div', { class: 'arrow-space' }),
		...names,
		narrow ? null : memory,
	);
}

interface RowOf extends LanesOptions {
	readonly step: TracePanelStep;
	readonly index: number;
	readonly bands: readonly Band[];
}

function row(content: TracePanelContent, of: RowOf): HTMLElement {
	const { step, index, bands, narrow, parts } = of;
	const before = content.steps[index - 1];
	const switched = before !== undefined && before.cpu !== step.cpu;
	const entered = before === undefined || switched || before.function !== step.function;
	const cells = content.threads.map((_, cpu) =>
		element(
			'div',
			{
				class: `lane ${laneClass(cpu)} bands-${columnsOf(bands, cpu)}${cpu === step.cpu ? ' busy' : ''}`,
			},
			...bandPieces(bands, { cpu, step: index }),
			cpu === step.cpu ? cell(step, entered) : null,
		),
	);
	const memory = memoryCell(memoryAt(content, index, null), null);
	const classes = [
		'step',
		switched ? 'switched' : '',
		step.violation === null ? '' : 'violates',
		index === parts ? 'parts' : '',
	];
	return element(
		'div',
		{
			id: `${of.id}step-${index}`,
			class: classes.filter((c) => c !== '').join(' '),
			role: 'option',
			'aria-selected': 'false',
			'aria-label': spoken(content, index),
		},
		element('div', { class: 'number' }, String(index + 1)),
		element('div', { class: 'arrow-space' }),
		...cells,
		narrow ? null : element('div', { class: 'memory' }, ...memory),
	);
}

function cell(step: TracePanelStep, entered: boolean): HTMLElement {
	return element(
		'div',
		{ class: 'cell' },
		entered
			? element('div', { class: 'function', title: functionName(step) }, functionName(step))
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
	if (claim !== 'true') return t('Nothing goes wrong in this run.');
	return said ?? t('No explored run breaks the claim; this is one of them.');
}

function outcome(content: TracePanelContent): HTMLElement {
	const broken = content.finding;
	const said = content.steps.findLast((step) => step.violation !== null)?.violation ?? null;
	if (broken === null) {
		return element(
			'div',
			{ class: 'outcome fine', role: 'note' },
			element('strong', {}, fineOutcome(content, said)),
			content.saved === undefined ? null : element('div', { class: 'said' }, content.saved.text),
		);
	}
	return element(
		'div',
		{ class: `outcome ${content.supposed === undefined ? 'broken' : 'supposed'}`, role: 'note' },
		content.supposed === undefined
			? null
			: element('div', { class: 'if' }, t('Not a finding: {0}', content.supposed)),
		element('strong', {}, broken.rule),
		element('span', {}, ` ${broken.message}`),
		said === null || said === broken.message ? null : element('div', { class: 'said' }, said),
	);
}

function select(at: {
	readonly list: HTMLElement;
	readonly rows: readonly HTMLElement[];
	readonly content: TracePanelContent;
	readonly step: number;
}): void {
	const { steps } = at.content;
	const here = new Set(steps[at.step]?.effects.map((e) => e.location));
	const { from, overwritten } = linksOf(at.content, at.step);
	const sources = new Set(from.map(({ step }) => step));
	const overwriting = new Set(overwritten.map(({ step }) => step));
	for (const [index, made] of at.rows.entries()) {
		const current = index === at.step;
		const shares = !current && steps[index]?.effects.some((e) => here.has(e.location)) === true;
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
	const path = step.place.path
		.replace(/^racewalk:/, '')
		.split('/')
		.slice(-2)
		.join('/');
	return `${path}:${step.place.line}`;
}

/** `gup_fast()`, or what a step of the model stands for. */
export function functionName(of: Pick<TracePanelStep, 'function' | 'model'>): string {
	return of.model ?? `${of.function}()`;
}

/** The class that gives a CPU its colour; colours repeat after the fourth. */
export function laneClass(cpu: number): string {
	return `cpu-${cpu % 4}`;
}

function spoken(content: TracePanelContent, index: number): string {
	const step = content.steps[index];
	if (step === undefined) return '';
	const place = t('{0}, line {1}', functionName(step), step.place.line);
	const held = heldAt(content, index).filter(({ cpu }) => cpu === step.cpu);
	const said = [
		`${t('Step {0}, CPU {1}', index + 1, step.cpu)}, ${step.what}`,
		`${place}: ${step.text}`,
		...(held.length === 0 ? [] : [held.map(bandName).join(', ')]),
		...(step.violation === null ? [] : [t('Violation: {0}', step.violation)]),
	];
	return said.join('. ');
}
