/**
 * What CPUs are in or hold, as bands beside their life lines: a column for each, so that none hides another.
 *
 * Invariant: it goes by the spans that the run has.
 */
import type { TracePanelContent, TracePanelSpan } from '../../server/protocol.js';
import { element } from './element.js';
import { t } from './words.js';

type Run = Pick<TracePanelContent, 'spans' | 'steps'>;

/** A span with the column in which it is drawn. */
export interface Band {
	readonly span: TracePanelSpan;
	/** 0-based, of its CPU. */
	readonly column: number;
}

/** Bands of a run: each takes the first column of its CPU that is free for as long as it lasts. */
export function bandsOf({ spans = [], steps }: Run): readonly Band[] {
	const bands: Band[] = [];
	for (const span of spans) {
		const taken = new Set(
			bands
				.filter(({ span: other }) => other.cpu === span.cpu && meet(other, span, steps.length))
				.map(({ column }) => column),
		);
		let column = 0;
		while (taken.has(column)) column++;
		bands.push({ span, column });
	}
	return bands;
}

/** True if the band covers the row of a step, that of its end included. */
export function covers({ from, to }: TracePanelSpan, step: number): boolean {
	return (from ?? -1) <= step && (to === null || step <= to);
}

function meet(a: TracePanelSpan, b: TracePanelSpan, steps: number): boolean {
	return (a.from ?? -1) <= (b.to ?? steps) && (b.from ?? -1) <= (a.to ?? steps);
}

/** What a CPU is in or holds once a step is done. */
export function heldAt({ spans = [] }: Run, step: number): readonly TracePanelSpan[] {
	return spans.filter(({ from, to }) => (from ?? -1) <= step && (to === null || step < to));
}

export function bandName({ kind, what }: TracePanelSpan): string {
	switch (kind) {
		case 'irq':
			return t('interrupts off');
		case 'rcu':
			return t('RCU read side');
		case 'preempt':
			return t('preemption off');
		case 'lock':
			return t('lock {0}', what);
		case 'reference':
			return t('reference on {0}', what);
	}
}

/** One letter, for those who cannot go by colours. */
const LETTERS: Readonly<Record<TracePanelSpan['kind'], string>> = {
	irq: 'I',
	rcu: 'R',
	preempt: 'P',
	lock: 'L',
	reference: 'F',
};

/** The pieces of the bands of a CPU in the row of a step. */
export function bandPieces(
	bands: readonly Band[],
	{ cpu, step }: { readonly cpu: number; readonly step: number },
): readonly HTMLElement[] {
	return bands
		.filter(({ span }) => span.cpu === cpu && covers(span, step))
		.map(({ span, column }) => {
			const begins = (span.from ?? 0) === step;
			const classes = ['band', `band-${span.kind}`, `band-at-${Math.min(column, COLUMNS_MAX - 1)}`];
			if (span.from === step) classes.push('begins');
			if (span.to === step) classes.push('ends');
			const letter = begins ? element('span', { class: 'letter' }, LETTERS[span.kind]) : null;
			return element('span', { class: classes.join(' '), title: bandName(span) }, letter);
		});
}

/** Columns that the style sheet has places for; more lie over the last. */
export const COLUMNS_MAX = 5;

/** Columns that the bands of a CPU take. */
export function columnsOf(bands: readonly Band[], cpu: number): number {
	const own = bands.filter(({ span }) => span.cpu === cpu).map(({ column }) => column + 1);
	return Math.min(COLUMNS_MAX, Math.max(0, ...own));
}

/** What the bands of a CPU are, each kind once. */
export function legend(bands: readonly Band[], cpu: number): HTMLElement | null {
	const own = bands.filter(({ span }) => span.cpu === cpu).map(({ span }) => span);
	const names = [...new Map(own.map((span) => [bandName(span), span])).entries()];
	if (names.length === 0) return null;
	return element(
		'span',
		{ class: 'legend' },
		...names.map(([name, { kind }]) =>
			element(
				'span',
				{ class: 'legend-entry' },
				element('span', { class: `swatch band-${kind}` }, LETTERS[kind]),
				` ${name}`,
			),
		),
	);
}
