/**
 * What is said of the current step: where it stands, its call stack to click through, and what it did.
 */
import type { SourcePlace, TracePanelContent } from '../../server/protocol.js';
import { element } from './element.js';
import { laneClass, placeText } from './lanes.js';

export interface StepDetail {
	readonly root: HTMLElement;
	select(step: number): void;
}

/** Details of the steps of `content`; `open` goes to a place in the source. */
export function stepDetail(
	content: TracePanelContent,
	open: (place: SourcePlace) => void,
): StepDetail {
	const root = element('section', { class: 'detail', 'aria-label': 'The current step' });
	return {
		root,
		select: (step) => {
			const at = content.steps[step];
			if (at === undefined) {
				root.replaceChildren();
				return;
			}
			const title = element(
				'div',
				{ class: 'detail-title' },
				element('span', { class: `cpu ${laneClass(at.cpu)}` }, `CPU ${at.cpu}`),
				element('span', { class: 'detail-what' }, at.what),
			);
			const frames = at.stack.length > 0 ? at.stack : [{ function: at.function, place: at.place }];
			const stack = frames.map((frame, depth) => {
				const caller = depth > 0 && frame.place.path === frames[depth - 1]?.place.path;
				const link = element(
					'button',
					{ type: 'button', class: 'frame', title: `Go to ${placeText(frame)}` },
					element('span', { class: 'frame-function' }, `${frame.function}()`),
					element('span', { class: 'place' }, caller ? `:${frame.place.line}` : placeText(frame)),
				);
				link.addEventListener('click', () => open(frame.place));
				return link;
			});
			root.replaceChildren(
				title,
				...(at.violation === null || at.violation === content.finding?.message
					? []
					: [element('div', { class: 'detail-violation' }, at.violation)]),
				element('div', { class: 'stack' }, ...stack),
			);
		},
	};
}
