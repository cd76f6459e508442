/**
 * What is said of the current step: where it stands, its call stack to click through, and what it did.
 */
import type { SourcePlace, TracePanelContent } from '../../server/protocol.js';
import { element } from './element.js';
import { laneClass, placeText } from './lanes.js';
import { linksOf } from './step_links.js';

export interface StepDetail {
	readonly root: HTMLElement;
	select(step: number): void;
}

/** Details of the steps of `content`; `open` goes to a place in the source, `go` to another step. */
export function stepDetail(
	content: TracePanelContent,
	{
		open,
		go,
	}: { readonly open: (place: SourcePlace) => void; readonly go: (step: number) => void },
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
				...links(content, step, go),
			);
		},
	};
}

/** Who wrote last what the step reads, and who overwrites what it touched, each a way there. */
function links(
	content: TracePanelContent,
	step: number,
	go: (step: number) => void,
): readonly HTMLElement[] {
	const { from, overwritten } = linksOf(content, step);
	const way = (to: number): HTMLElement => {
		const cpu = content.steps[to]?.cpu ?? 0;
		const text = `step ${to + 1}, CPU ${cpu}`;
		const title = `Go to step ${to + 1}`;
		const link = element(
			'button',
			{ type: 'button', class: `link ${laneClass(cpu)}`, title },
			text,
		);
		link.addEventListener('click', () => go(to));
		return link;
	};
	const line = (location: string, words: string, to: HTMLElement | null): HTMLElement =>
		element('div', { class: 'step-link' }, element('code', {}, location), ` ${words}`, to);
	return [
		...from.map(({ location, step: to }) =>
			to === null
				? line(location, 'still has its initial value', null)
				: line(location, 'was last written by ', way(to)),
		),
		...overwritten.map(({ location, step: to }) =>
			line(location, 'is next overwritten by ', way(to)),
		),
	];
}
