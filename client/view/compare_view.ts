/**
 * Two runs side by side: the one that is shown and another, with the first step at which they part marked in both.
 *
 * Invariant: moving through the one moves through the other, step by step.
 */
import type { TracePanelContent } from '../../server/protocol.js';
import { badgeElement, badgeOfRun } from './badge.js';
import { firstDifference } from './difference.js';
import { element } from './element.js';
import { type Lanes, type LanesPressed, lanes, placeText } from './lanes.js';
import { t } from './words.js';

export interface CompareView {
	readonly root: HTMLElement;
	/** Lanes of the run that is shown. */
	readonly column: Lanes;
	/** The first step that one does otherwise; null: the runs are the same. */
	readonly parts: number | null;
	select(step: number): void;
}

export function compareView(
	{ shown, beside }: { readonly shown: TracePanelContent; readonly beside: TracePanelContent },
	pressed: LanesPressed,
): CompareView {
	const parts = firstDifference(shown, beside);
	const column = lanes(shown, pressed, { id: '', narrow: true, parts });
	const other = lanes(
		beside,
		{ select: (step) => other.select(step), open: (step) => other.select(step) },
		{ id: 'other-', narrow: true, parts },
	);
	const half = (content: TracePanelContent, name: string, of: Lanes): HTMLElement =>
		element(
			'div',
			{ class: `half${content.supposed === undefined ? '' : ' of-supposed'}` },
			element(
				'h2',
				{ title: content.title },
				badgeElement(badgeOfRun(content)),
				element('span', { class: 'title' }, name),
			),
			of.root,
		);
	return {
		root: element(
			'div',
			{ class: 'compare' },
			element('p', { class: 'parting', role: 'note' }, partingText(parts, { shown, beside })),
			element(
				'div',
				{ class: 'halves' },
				half(shown, t('This run'), column),
				half(beside, t('The other run'), other),
			),
		),
		column,
		parts,
		select: (step) => {
			column.select(step);
			other.select(Math.min(step, beside.steps.length - 1));
		},
	};
}

function partingText(
	parts: number | null,
	{ shown, beside }: { readonly shown: TracePanelContent; readonly beside: TracePanelContent },
): string {
	if (parts === null) return t('Both runs are the same, step by step.');
	const said = ({ steps }: TracePanelContent): string => {
		const step = steps[parts];
		if (step === undefined) return t('the run is over');
		return `${t('CPU {0}', step.cpu)}, ${placeText(step)}: ${step.what}`;
	};
	return t(
		'The first {0} steps are the same. Then, at step {1}: left {2}; right {3}.',
		...[parts, parts + 1, said(shown), said(beside)],
	);
}
