/**
 * What is said of the current step: where it stands, its call stack to click through, and what it did.
 */
import type { SourcePlace, TracePanelContent } from '../../server/protocol.js';
import { bandName, heldAt } from './bands.js';
import { element } from './element.js';
import { functionName, laneClass, placeText } from './lanes.js';
import { linksOf } from './step_links.js';
import { t } from './words.js';

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
	const root = element('section', { class: 'detail', 'aria-label': t('The current step') });
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
				element('span', { class: `cpu ${laneClass(at.cpu)}` }, t('CPU {0}', at.cpu)),
				element('span', { class: 'detail-what' }, at.what),
			);
			const frames = at.stack.length > 0 ? at.stack : [at];
			const stack = frames.map((frame, depth) => {
				const caller = depth > 0 && frame.place.path === frames[depth - 1]?.place.path;
				const link = element(
					'button',
					{ type: 'button', class: 'frame', title: t('Go to {0}', placeText(frame)) },
					element('span', { class: 'frame-function' }, functionName(frame)),
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
				...held(content, step),
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
		const text = t('step {0}, CPU {1}', to + 1, cpu);
		const title = t('Go to step {0}', to + 1);
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
				? line(location, t('still has its initial value'), null)
				: line(location, t('was last written by '), way(to)),
		),
		...overwritten.map(({ location, step: to }) =>
			line(location, t('is next overwritten by '), way(to)),
		),
	];
}

/** What each CPU is in or holds once the step is done. */
function held(content: TracePanelContent, step: number): readonly HTMLElement[] {
	return content.threads.flatMap((_, cpu) => {
		const own = heldAt(content, step).filter((span) => span.cpu === cpu);
		if (own.length === 0) return [];
		const who = element('span', { class: `cpu ${laneClass(cpu)}` }, t('CPU {0}', cpu));
		return [element('div', { class: 'held' }, who, `: ${own.map(bandName).join(', ')}`)];
	});
}
